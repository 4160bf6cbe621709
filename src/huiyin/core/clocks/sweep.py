"""What a clock does when its time comes: warn, breach, escalate; and when to look again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from huiyin.core.because import Reason
from huiyin.core.clocks.calendar import ALWAYS, Calendar
from huiyin.core.clocks.count import due
from huiyin.core.clocks.duration import Duration, parse_duration
from huiyin.core.clocks.explain import length_words


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """A running clock: its due and warning time, what was already told, and its ladder.

    ``ladder`` holds (length after the due time as ISO 8601, rank) in ascending order. Its exact
    lengths count on ``calendar``, so that nobody is called in the night for a clock of office
    hours. ``zone`` is the zone in which people are told times; without it, that of ``due_at``.
    """

    rule: str
    due_at: datetime | None
    warn_at: datetime | None
    warned: bool
    breached: bool
    escalation: int
    ladder: tuple[tuple[str, str], ...] = ()
    calendar: Calendar = ALWAYS
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """One thing to be told: warned, breached or escalated (to rank ``to``)."""

    kind: str
    to: str
    because: Reason


@dataclass(frozen=True, slots=True)
class Swept:
    """What follows from a look at a clock."""

    rings: tuple[Ring, ...]
    warned: bool
    breached: bool
    escalation: int
    fire_at: datetime | None


def _rung_at(*, due_at: datetime, after: Duration, calendar: Calendar) -> datetime:
    counted = calendar if after.is_exact else ALWAYS
    found = due(start=due_at, duration=after, calendar=counted, explain=False).due
    assert found is not None
    return found


def sweep(*, clock: ClockFacts, now: datetime) -> Swept:
    """Decide what a clock has to say at ``now`` and when it must be looked at again.

    A paused clock (no due time) says nothing. Each warning, breach and rung is told once; a
    breach makes a warning not yet told needless. Raises CannotReadDuration for a ladder that
    cannot be read.
    """
    if clock.due_at is None:
        return Swept((), clock.warned, clock.breached, clock.escalation, None)
    rings: list[Ring] = []
    warned, breached, rung = clock.warned, clock.breached, clock.escalation
    local = clock.due_at.astimezone(clock.zone) if clock.zone else clock.due_at
    when = f"{local:%m-%d %H:%M}"
    if now >= clock.due_at and not breached:
        breached, warned = True, True
        rings.append(
            Ring(
                "breached",
                "",
                Reason(
                    rule=f"{clock.rule}.breached",
                    zh=f"应于 {when} 前完成，已超时",
                    en=f"was due {when} and is late",
                ),
            )
        )
    elif not warned and clock.warn_at is not None and now >= clock.warn_at:
        warned = True
        rings.append(
            Ring(
                "warned",
                "",
                Reason(
                    rule=f"{clock.rule}.warned", zh=f"即将于 {when} 到期", en=f"due soon, {when}"
                ),
            )
        )
    steps = [(parse_duration(text=after), to) for after, to in clock.ladder]
    times = [_rung_at(due_at=clock.due_at, after=s, calendar=clock.calendar) for s, _ in steps]
    while breached and rung < len(steps) and now >= times[rung]:
        after, to = steps[rung]
        zh, en = length_words(length=after)
        rung += 1
        rings.append(
            Ring(
                "escalated",
                to,
                Reason(
                    rule=f"{clock.rule}.escalated",
                    zh=f"超时{zh}，升级提醒" if after.seconds or after.days else "超时即升级提醒",
                    en=f"late by {en}, escalated" if after.seconds or after.days else "escalated",
                    words=(after.text, to),
                ),
            )
        )
    fire: datetime | None
    if not breached:
        fire = clock.warn_at if not warned and clock.warn_at else clock.due_at
    else:
        fire = times[rung] if rung < len(times) else None
    return Swept(tuple(rings), warned, breached, rung, fire)


def warn_time(*, start: datetime, due_at: datetime, share: float) -> datetime:
    """Return the moment by which ``share`` (0..1) of the way to the due time is gone."""
    return start + (due_at - start) * share

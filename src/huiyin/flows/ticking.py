"""A clock in hand: how it begins, when it is due, how it pauses, goes on and stops."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.clocks import CALENDARS, Calendar, calendar_from_data, due, warn_time
from huiyin.core.playbook import Playbook
from huiyin.core.playbook.liability import Within
from huiyin.store.case import Case, Ticking
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import office

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=64)
def _own_calendar(playbook_version: str, name: str) -> Calendar:
    playbook = office.playbook(version_id=playbook_version)
    own = playbook.calendars[name]
    hours = [f"{a}-{b}" for a, b in own.hours]
    return calendar_from_data(
        name=name,
        data={
            "label": own.name.zh,
            "label_en": own.name.en,
            "hours": {_DAYS[d - 1]: hours for d in own.days},
            "timezone": playbook.timezone,
            "holidays": own.holidays,
        },
    )


def calendar_of(*, playbook_version: str, name: str) -> Calendar:
    """Return a calendar by name: one of every installation, or the playbook's own."""
    return CALENDARS.get(name) or _own_calendar(playbook_version, name)


def due_of(*, clock: Ticking, playbook_version: str, explain: bool = False) -> datetime | None:
    """Return a clock's due time from its start, length and pauses."""
    pauses = [
        (datetime.fromisoformat(str(a)), datetime.fromisoformat(b) if b else None)
        for a, b in clock.pauses
    ]
    zone = ZoneInfo(office.playbook(version_id=playbook_version).timezone)
    return due(
        start=clock.started_at.astimezone(zone),
        duration=clock.duration,
        calendar=calendar_of(playbook_version=playbook_version, name=clock.calendar),
        pauses=pauses,
        explain=explain,
    ).due


def deadline(*, now: datetime, playbook: Playbook, version: str, within: Within) -> datetime | None:
    """Return when a time limit of the playbook that begins now is over."""
    return due(
        start=now.astimezone(ZoneInfo(playbook.timezone)),
        duration=within.for_,
        calendar=calendar_of(playbook_version=version, name=within.calendar),
        explain=False,
    ).due


@lru_cache(maxsize=4096)
def _promised(
    since: datetime, duration: str, calendar: str, playbook_version: str, share: float
) -> tuple[datetime | None, datetime | None]:
    """Return due and warning time of a clock without pauses; a batch begins many of the same."""
    zone = ZoneInfo(office.playbook(version_id=playbook_version).timezone)
    due_at = due(
        start=since.astimezone(zone),
        duration=duration,
        calendar=calendar_of(playbook_version=playbook_version, name=calendar),
        explain=False,
    ).due
    return due_at, warn_time(start=since, due_at=due_at, share=share) if due_at else None


def begin(
    *,
    case: Case,
    rule: str,
    name: dict[str, str],
    calendar: str,
    duration: str,
    legal: bool,
    share: float,
    since: datetime,
    collaboration_id: UUID | None = None,
) -> Ticking:
    """Return a new clock that runs since ``since`` and warns when ``share`` of it is gone.

    The room starts it with the pen and records the event that says so.
    """
    due_at, warn_at = _promised(since, duration, calendar, case.playbook_version, share)
    return Ticking(
        id=new_id(now=since),
        complaint_id=case.id,
        rule=rule,
        name=name,
        calendar=calendar,
        duration=duration,
        legal=legal,
        state="running",
        started_at=since,
        due_at=due_at,
        warn_at=warn_at,
        warned_at=None,
        breached_at=None,
        stopped_at=None,
        pauses=[],
        escalation=0,
        fire_at=warn_at,
        collaboration_id=collaboration_id,
    )


def begin_like(*, clock: Ticking, case: Case) -> Ticking:
    """Return a clock for another complaint that begins as one that has just begun."""
    return Ticking(
        new_id(now=clock.started_at), case.id, clock.rule, clock.name, clock.calendar,
        clock.duration, clock.legal, clock.state, clock.started_at, clock.due_at, clock.warn_at,
        None, None, None, [], 0, clock.fire_at, clock.collaboration_id,
    )  # fmt: skip


def stop(*, pen: Pen, case: Case, clock: Ticking, met: bool) -> None:
    """End a clock: met (late or in time) or cancelled."""
    pen.set_clock(
        case=case,
        clock=clock,
        state="met" if met else "cancelled",
        stopped_at=pen.now,
        fire_at=None,
        breached_at=clock.breached_at
        or (pen.now if met and clock.due_at and pen.now > clock.due_at else None),
    )


def run_again(*, pen: Pen, case: Case, clock: Ticking) -> None:
    """Let a clock that was met in vain run on to the due time that it had."""
    waits = bool(clock.pauses) and clock.pauses[-1][1] is None
    late = clock.breached_at if clock.breached_at != clock.stopped_at else None
    fire_at = clock.due_at
    if late:
        fire_at = pen.now
    elif clock.warn_at and not clock.warned_at and clock.warn_at > pen.now:
        fire_at = clock.warn_at
    pen.set_clock(
        case=case,
        clock=clock,
        state="paused" if waits else "breached" if late else "running",
        stopped_at=None,
        breached_at=late,
        fire_at=None if waits else fire_at,
    )


def pause(*, pen: Pen, case: Case, clock: Ticking) -> None:
    """Let a clock wait, unless it waits already or is too late to be saved by waiting."""
    if clock.pauses and clock.pauses[-1][1] is None:
        return
    if clock.breached_at:
        return
    pen.set_clock(
        case=case,
        clock=clock,
        state="paused",
        pauses=[*clock.pauses, [pen.now.isoformat(), None]],
        due_at=None,
        fire_at=None,
    )


def resume(*, pen: Pen, case: Case, clock: Ticking, share: float) -> None:
    """Let a paused clock go on; the pause is added to its due time."""
    pauses = [list(p) for p in clock.pauses]
    pauses[-1][1] = pen.now.isoformat()
    pen.set_clock(case=case, clock=clock, state="running", pauses=pauses)
    due_at = due_of(clock=clock, playbook_version=case.playbook_version)
    warn = None
    if due_at:
        warn = warn_time(start=clock.started_at, due_at=due_at, share=share)
    pen.set_clock(
        case=case,
        clock=clock,
        due_at=due_at,
        warn_at=warn,
        fire_at=(warn if warn and warn > pen.now and not clock.warned_at else due_at),
    )

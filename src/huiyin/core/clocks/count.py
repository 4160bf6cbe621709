"""Due times and elapsed time: sums of counted seconds.

Time is counted in whole seconds; only on ``always`` does a due time keep its start's fraction of
a second. Paused time never counts. A duration of exact time ("PT4H") counts open seconds of the
calendar; calendar days, months and years ("P7D") run on ``always`` only, by the wall clock of the
start's zone: P7D from Monday 10:20 is due on the next Monday at 10:20. This is stricter than
民法典 201 and 203, by which a period in days ends with the last day, and so never late.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from huiyin.core.because import Reason
from huiyin.core.clocks.calendar import Calendar
from huiyin.core.clocks.duration import Duration, parse_duration
from huiyin.core.clocks.explain import explain_due
from huiyin.core.clocks.sums import (
    CannotCountDue,
    Pause,
    add_open,
    add_with_pauses,
    elapsed,
    epoch,
    later,
    merged_pauses,
    moment_of,
)

__all__ = ["CannotCountDue", "Due", "Pause", "allowed_seconds", "due", "remaining", "warn_at"]


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock runs out, and the sum that says so.

    ``due`` is None while a pause without end keeps the clock from running out. ``paused`` is
    True then, and also when ``now`` was given: ``due`` is then the earliest possible time, as if
    the pause ended now.
    """

    due: datetime | None
    because: tuple[Reason, ...] = ()
    paused: bool = False


def due(
    *,
    start: datetime,
    duration: str | Duration,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    now: datetime | None = None,
    explain: bool = True,
) -> Due:
    """Return when a clock that started at ``start`` runs out, and why.

    The due time keeps the zone of ``start`` on ``always`` and has the calendar's zone otherwise.
    A sum that ends with the working day is due at its end (18:00), not at the next opening. No
    time at all (PT0S) is due at the start itself. While a pause without end keeps the clock from
    running out, ``due`` is None; with ``now`` it is the earliest possible time. ``explain`` False
    leaves the reasons out: ten times as fast.

    Raises CannotReadDuration, CannotCountDue (no UTC offset, calendar days on a business
    calendar, a pause that ends before it begins) and CannotCountTime (outside the years that a
    calendar counts).
    """
    length = parse_duration(text=duration) if not isinstance(duration, Duration) else duration
    begin = epoch(at=start, name="start")
    week = calendar.week
    if week is not None and not length.is_exact:
        raise CannotCountDue(
            f"{length.text} counts calendar days and calendar {calendar.name!r} counts working "
            "time; use calendar always, or hours such as PT9H"
        )
    paused = False
    try:
        at: int | None
        if not pauses:
            if week is None:
                at = later(start=start, duration=length)
            elif length.seconds:
                at = add_open(calendar=calendar, start=begin, seconds=length.seconds)
            else:
                at = begin
        else:
            spans = merged_pauses(pauses=pauses)
            at = add_with_pauses(
                start=start, begin=begin, length=length, calendar=calendar, spans=spans
            )
            paused = at is None
            if paused and now is not None:
                spans = merged_pauses(pauses=pauses, now=now)
                at = add_with_pauses(
                    start=start, begin=begin, length=length, calendar=calendar, spans=spans
                )
    except OverflowError as error:
        raise CannotCountDue(f"{length.text} from {start.isoformat()} is too far away") from error
    moment: datetime | None = None
    if at is not None:
        moment = moment_of(at=at, zone=start.tzinfo if week is None else calendar.tz)
        if week is None and start.microsecond:
            moment = moment.replace(microsecond=start.microsecond)
    if not explain:
        return Due(moment, (), paused)
    because = explain_due(
        start=start, length=length, calendar=calendar, pauses=pauses, moment=moment, paused=paused
    )
    return Due(moment, because, paused)


def allowed_seconds(*, start: datetime, duration: str | Duration, calendar: Calendar) -> int:
    """Return how many counted seconds the clock runs, pauses left out of account.

    Raises as :func:`due` does.
    """
    length = parse_duration(text=duration) if not isinstance(duration, Duration) else duration
    if length.is_exact:
        return length.seconds
    found = due(start=start, duration=length, calendar=calendar, explain=False).due
    assert found is not None
    return epoch(at=found, name="due") - epoch(at=start, name="start")


def remaining(
    *,
    start: datetime,
    now: datetime,
    duration: str | Duration,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
) -> int:
    """Return the counted seconds left at ``now``; negative by what it is overdue.

    Raises as :func:`due` does.
    """
    whole = allowed_seconds(start=start, duration=duration, calendar=calendar)
    return whole - elapsed(start=start, end=now, calendar=calendar, pauses=pauses)


def warn_at(
    *,
    start: datetime,
    duration: str | Duration,
    calendar: Calendar,
    share: float | Fraction,
    pauses: Sequence[Pause] = (),
) -> datetime | None:
    """Return the moment at which ``share`` (0..1) of the time is used up, to the second.

    None while a pause without end keeps it away. Raises ValueError for a share outside 0..1, and
    as :func:`due` does.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is between 0 and 1, not {share}")
    whole = allowed_seconds(start=start, duration=duration, calendar=calendar)
    part = math.floor(Fraction(share).limit_denominator(10_000) * whole)
    early = Duration(text=f"PT{part}S", seconds=part)
    return due(start=start, duration=early, calendar=calendar, pauses=pauses, explain=False).due

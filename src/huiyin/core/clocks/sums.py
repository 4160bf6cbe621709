"""Sums of counted seconds: on a calendar, with pauses taken out."""

from __future__ import annotations

import math
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from huiyin.core.clocks.calendar import LAST_YEAR, Calendar, CannotCountTime, Table
from huiyin.core.clocks.duration import Duration

Pause = tuple[datetime, datetime | None]
"""From and to; None while the pause lasts."""


class CannotCountDue(ValueError):
    """A due time cannot be computed from these facts; the message says why."""


def epoch(*, at: datetime, name: str) -> int:
    """Return a moment in whole epoch seconds. Raises CannotCountDue when it has no UTC offset."""
    if at.utcoffset() is None:
        raise CannotCountDue(f"{name} {at.isoformat()} has no UTC offset")
    return math.floor(at.timestamp())


def merged_pauses(
    *, pauses: Sequence[Pause], now: datetime | None = None
) -> list[tuple[int, int | None]]:
    """Return pauses in epoch seconds, in order, overlapping and touching ones joined.

    A pause without end ends at ``now`` where given (or at its beginning when that is later).
    Raises CannotCountDue for a pause that ends before it begins or has no UTC offset.
    """
    spans: list[tuple[int, int | None]] = []
    for begin, end in pauses:
        a = epoch(at=begin, name="pause from")
        if end is None:
            b = None if now is None else max(a, epoch(at=now, name="now"))
        else:
            b = epoch(at=end, name="pause to")
            if b < a:
                raise CannotCountDue(
                    f"pause from {begin.isoformat()} ends before it begins ({end.isoformat()})"
                )
        spans.append((a, b))
    spans.sort(key=lambda span: span[0])
    joined: list[tuple[int, int | None]] = []
    for a, b in spans:
        if joined:
            start, last = joined[-1]
            if last is None:
                break
            if a <= last:
                joined[-1] = (start, None if b is None else max(last, b))
                continue
        joined.append((a, b))
    return [span for span in joined if span[0] != span[1]]


def later(*, start: datetime, duration: Duration) -> int:
    """Return start plus duration in epoch seconds: calendar units by the wall clock of its zone.

    The day after a month's end is its last day. Raises CannotCountDue beyond the year 9999.
    """
    local = start
    if duration.months:
        years, month = divmod(start.month - 1 + duration.months, 12)
        year = start.year + years
        if year > 9999:
            raise CannotCountDue(f"{duration.text} from {start.isoformat()} is too far away")
        day = min(start.day, monthrange(year, month + 1)[1])
        local = local.replace(year=year, month=month + 1, day=day)
    if duration.days:
        local = local + timedelta(days=duration.days)
    return math.floor(local.timestamp()) + duration.seconds


def moment_of(*, at: int, zone: tzinfo | None) -> datetime:
    """Return epoch seconds as a moment in a zone. Raises CannotCountDue beyond the year 9999."""
    try:
        return datetime.fromtimestamp(at, zone)
    except (ValueError, OverflowError, OSError) as error:
        raise CannotCountDue("the due time lies beyond the year 9999") from error


def add_open(*, calendar: Calendar, start: int, seconds: int) -> int:
    """Return the first moment at which so many open seconds have passed since ``start``.

    Raises CannotCountTime when the calendar's years end before.
    """
    table = calendar.table_at(at=start)
    target = table.worked(start) + seconds
    while target > (table.after[-1] if table.after else 0):
        if table.last >= LAST_YEAR:
            raise CannotCountTime(
                f"calendar {calendar.name!r} has not enough working time until {LAST_YEAR}"
            )
        worked = target - table.worked(start)
        reach = max(2, (table.last - table.first + 1) * 2)
        table = calendar.table(first=table.first, last=min(table.first + reach, LAST_YEAR))
        target = table.worked(start) + worked
    i = bisect_left(table.after, target)
    return table.opens[i] + target - table.before[i]


def worked(*, calendar: Calendar, start: int, end: int) -> int:
    """Return the open seconds between two moments given in epoch seconds; never negative."""
    if end <= start:
        return 0
    if calendar.week is None:
        return end - start
    table: Table = calendar.table_at(at=start)
    if end >= table.end:
        year = datetime.fromtimestamp(end, calendar.tz).year
        table = calendar.table(first=table.first, last=year)
    return table.worked(end) - table.worked(start)


def add_with_pauses(
    *,
    start: datetime,
    begin: int,
    length: Duration,
    calendar: Calendar,
    spans: Sequence[tuple[int, int | None]],
) -> int | None:
    """Return when ``length`` is used up outside the pauses; None when one never ends before."""
    if calendar.week is None:
        at = later(start=start, duration=length)
        for a, b in spans:
            a = max(a, begin)
            if a >= at:
                break
            if b is None:
                return None
            at += max(0, b - a)
        return at
    left, here = length.seconds, begin
    if not left:
        return begin
    for a, b in spans:
        if a > here:
            counted = worked(calendar=calendar, start=here, end=a)
            if counted >= left:
                break
            left -= counted
        if b is None:
            return None
        here = max(here, b)
    return add_open(calendar=calendar, start=here, seconds=left)


def elapsed(
    *, start: datetime, end: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()
) -> int:
    """Return the counted seconds from ``start`` to ``end``; 0 when the end is not later.

    Raises CannotCountDue and CannotCountTime as :func:`due` does.
    """
    begin, stop = epoch(at=start, name="start"), epoch(at=end, name="end")
    total = worked(calendar=calendar, start=begin, end=stop)
    if pauses and total:
        for a, b in merged_pauses(pauses=pauses):
            a, b = max(a, begin), stop if b is None else min(b, stop)
            total -= worked(calendar=calendar, start=a, end=b)
    return total

"""When and where a writer says that they spoke of the matter before."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from huiyin.core.matching.gates import Opened
from huiyin.core.matching.words import MatchWords

_BACK: Final = 14
_CLAUSE: Final = re.compile(r"[,。;!?\n|]")
_DATE: Final = re.compile(r"(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})[日号]")
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_JUST: Final = timedelta(hours=3)
_MONTHS: Final = 12


class Told(NamedTuple):
    """A channel, and between which two moments the writer says to have used it."""

    channel: str
    since: datetime
    until: datetime


def told(*, content: str, at: datetime, words: MatchWords, opened: Opened) -> tuple[Told, ...]:
    """Return the earlier contacts that a contact at ``at`` speaks of with their time.

    A channel named without a time ("我打过电话的") is none of them.
    """
    out: dict[Told, None] = {}
    for channel, expression in words.told_on.items():
        for m in opened.each(expression, content):
            begin = max(0, m.start() - _BACK)
            before = _CLAUSE.split(content[begin : m.start()])[-1]
            window = _window(before + m.group(), at, words)
            if window is not None:
                out[Told(channel, *window)] = None
    return tuple(out)


def heard(*, channel: str, at: datetime) -> str:
    """Return how a complaint remembers that a contact came in."""
    return f"{channel} {at.isoformat(timespec='minutes')}"


def agrees(*, told: Told, heard: str, channels: frozenset[str]) -> bool:
    """Tell whether a remembered contact is one that the writer speaks of.

    ``channels`` are those that a customer may mean by the channel they named.
    """
    channel, _, at = heard.partition(" ")
    if channel not in channels:
        return False
    return told.since <= datetime.fromisoformat(at) <= told.until


def _window(before: str, at: datetime, words: MatchWords) -> tuple[datetime, datetime] | None:
    if words.told_just.search(before):
        return at - _JUST, at
    ago = next((days for days, e in words.told_days if e.search(before)), None)
    part = next((hours for hours, e in words.told_hours if e.search(before)), None)
    if ago is None:
        date = _DATE.search(before)
        if date:
            start = _dated(date, at)
            if start is None:
                return None
            return start - _HOUR, start + _DAY + _HOUR
        if part is None:
            return None
        ago = 0
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) - ago * _DAY
    first, last = part or (0, 24)
    if not ago and midnight + first * _HOUR > at:
        # "晚上打过电话", said in the morning, means the evening before
        midnight -= _DAY
    return midnight + (first - 1) * _HOUR, midnight + (last + 1) * _HOUR


def _dated(date: re.Match[str], at: datetime) -> datetime | None:
    """Return the last day before ``at`` that a date without a year, or a month, may mean."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(_MONTHS + 1):
        years, month = divmod(at.year * _MONTHS + at.month - 1 - back, _MONTHS)
        if date["month"] and int(date["month"]) != month + 1:
            continue
        try:
            day = midnight.replace(year=years, month=month + 1, day=int(date["day"]))
        except ValueError:
            continue
        if day <= at:
            return day
    return None

"""Calendars: the seconds that count.

A calendar is ``always`` (every second) or business hours in one time zone, with China's holidays
and make-up workdays where wanted. Open hours are prepared as cumulative sums of seconds, year by
year, and kept with the calendar, so that adding working time is two binary searches.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from huiyin.core.clocks.holidays import holiday_name, make_up_name

FIRST_YEAR = 1970
"""Business calendars count from this year on."""
LAST_YEAR = 2199
"""Business calendars count up to the end of this year."""

Hours = tuple[tuple[int, int], ...]
"""Open hours of a day: (from, to) in seconds after midnight, ascending, not touching."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class CannotReadCalendar(ValueError):
    """The description of a calendar is not usable; the message says which part."""


class CannotCountTime(ValueError):
    """A moment or a sum lies outside the years a calendar can count."""


@dataclass(frozen=True, slots=True)
class Table:
    """Open hours of the years ``first`` to ``last``: epoch seconds and their running sums.

    ``before[i]`` is the working time up to ``opens[i]``, ``after[i]`` up to ``closes[i]``.
    """

    first: int
    last: int
    begin: int
    end: int
    opens: list[int]
    closes: list[int]
    before: list[int]
    after: list[int]

    def worked(self, at: int) -> int:
        """Return the working seconds between the table's beginning and a moment."""
        i = bisect_right(self.opens, at) - 1
        if i < 0:
            return 0
        close = self.closes[i]
        return self.after[i] if at >= close else self.before[i] + at - self.opens[i]


@dataclass(slots=True)
class _Memo:
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which seconds count.

    ``week`` holds the open hours from Monday to Sunday; None means every second counts.
    ``zone`` is an IANA name; an ``always`` calendar has none and keeps the zone of each start.
    ``china`` closes China's public holidays and opens its make-up workdays (调休), which are
    worked by the hours ``make_up``. ``extra_closed`` and ``extra_open`` are the company's own
    days and win over both.
    """

    name: str
    label: str = ""
    label_en: str = ""
    zone: str = ""
    week: tuple[Hours, ...] | None = None
    china: bool = False
    make_up: Hours = ()
    extra_closed: frozenset[date] = frozenset()
    extra_open: frozenset[date] = frozenset()
    _memo: _Memo = field(default_factory=_Memo, repr=False, compare=False)

    @property
    def tz(self) -> tzinfo | None:
        """The calendar's time zone; None when it keeps the zone of each start."""
        return ZoneInfo(self.zone) if self.zone else None

    def hours(self, *, day: date) -> Hours:
        """Return the open hours of one day, in seconds after local midnight.

        Raises CannotCountTime on a calendar that is always open: it has no hours.
        """
        if self.week is None:
            raise CannotCountTime(f"calendar {self.name!r} is always open and has no hours")
        if day in self.extra_closed:
            return ()
        usual = self.week[day.weekday()]
        if day in self.extra_open:
            return usual or self.make_up
        if self.china:
            if make_up_name(day=day):
                return self.make_up
            if holiday_name(day=day):
                return ()
        return usual

    def table(self, *, first: int, last: int) -> Table:
        """Return the prepared open hours of a span of years that includes ``first..last``.

        Raises CannotCountTime outside FIRST_YEAR..LAST_YEAR.
        """
        held = self._memo.table
        if held is not None and held.first <= first and last <= held.last:
            return held
        if first < FIRST_YEAR or last > LAST_YEAR:
            raise CannotCountTime(
                f"calendar {self.name!r} counts from {FIRST_YEAR} to {LAST_YEAR}, "
                f"not {first if first < FIRST_YEAR else last}"
            )
        if held is not None:
            first, last = min(first, held.first), max(last, held.last)
        # Threads may build twice; each sees a whole table and the last assignment stays.
        built = _build(calendar=self, first=first, last=last)
        self._memo.table = built
        return built

    def table_at(self, *, at: int) -> Table:
        """Return a table that holds a moment given in epoch seconds, and the year after it."""
        held = self._memo.table
        if held is not None and held.begin <= at < held.end:
            return held
        try:
            year = datetime.fromtimestamp(at, self.tz).year
        except (ValueError, OverflowError, OSError) as error:
            raise CannotCountTime(f"calendar {self.name!r} cannot count from {at}") from error
        return self.table(first=year, last=max(year, min(year + 1, LAST_YEAR)))


def _epoch(*, day: date, second: int, zone: tzinfo) -> int:
    extra, second = divmod(second, 86400)
    local = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(
        days=extra, seconds=second
    )
    return math.floor(local.timestamp())


def _build(*, calendar: Calendar, first: int, last: int) -> Table:
    zone = calendar.tz
    assert zone is not None
    opens: list[int] = []
    closes: list[int] = []
    before: list[int] = []
    after: list[int] = []
    total = 0
    day, stop = date(first, 1, 1), date(last + 1, 1, 1)
    begin = _epoch(day=day, second=0, zone=zone)
    end = _epoch(day=stop, second=0, zone=zone)
    one = timedelta(days=1)
    while day < stop:
        for start, close in calendar.hours(day=day):
            opened = _epoch(day=day, second=start, zone=zone)
            closed = _epoch(day=day, second=close, zone=zone)
            if closed > opened:
                opens.append(opened)
                closes.append(closed)
                before.append(total)
                total += closed - opened
                after.append(total)
        day += one
    return Table(first, last, begin, end, opens, closes, before, after)


_SPAN = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-\u2013~]\s*([01]?\d|2[0-4]):([0-5]\d)")


@lru_cache(maxsize=256)
def _spans(texts: tuple[str, ...], where: str) -> Hours:
    spans: list[tuple[int, int]] = []
    for text in texts:
        found = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise CannotReadCalendar(f'{where}: {text!r} is not hours such as "09:00-18:00"')
        h1, m1, h2, m2 = (int(part) for part in found.groups())
        start, close = h1 * 3600 + m1 * 60, h2 * 3600 + m2 * 60
        if close > 86400:
            raise CannotReadCalendar(f"{where}: {text!r} ends after 24:00")
        if close <= start:
            raise CannotReadCalendar(
                f"{where}: {text!r} ends before it begins; split a night shift into "
                f'"{h1:02d}:{m1:02d}-24:00" and "00:00-{h2:02d}:{m2:02d}" of the next day'
            )
        spans.append((start, close))
    spans.sort()
    for one, other in pairwise(spans):
        if other[0] < one[1]:
            raise CannotReadCalendar(f"{where}: hours overlap")
    return tuple(spans)


def _texts(*, value: Any, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence):
        return tuple(value)
    raise CannotReadCalendar(f"{where}: hours are a list of texts, not {value!r}")


def _days(*, value: Any, where: str) -> frozenset[date]:
    days: set[date] = set()
    for item in value or ():
        if isinstance(item, datetime) or not isinstance(item, date | str):
            raise CannotReadCalendar(f"{where}: {item!r} is not a date such as 2026-02-17")
        try:
            days.add(item if isinstance(item, date) else date.fromisoformat(item))
        except ValueError as error:
            raise CannotReadCalendar(
                f"{where}: {item!r} is not a date such as 2026-02-17"
            ) from error
    return frozenset(days)


_KEYS = {
    "label", "label_en", "hours", "timezone", "holidays", "make_up", "extra_closed", "extra_open",
}  # fmt: skip


def calendar_from_data(*, name: str, data: Mapping[str, Any]) -> Calendar:
    """Make a calendar of a playbook's entry.

    ``hours``: "always", one list such as ["09:00-12:00", "13:30-18:00"] worked from Monday to
    Friday, or lists by weekday {mon: [...], ..., sun: [...]}. ``timezone``: IANA name, default
    Asia/Shanghai. ``holidays``: china (default) or none. ``make_up``: hours of a make-up workday,
    by default those of the first weekday with hours. ``extra_closed``, ``extra_open``: dates.

    Raises CannotReadCalendar naming the part that is wrong.
    """
    if not isinstance(data, Mapping):
        raise CannotReadCalendar(f"calendar {name!r} is not a mapping")
    unknown = sorted(set(map(str, data)) - _KEYS)
    if unknown:
        raise CannotReadCalendar(
            f"calendar {name!r}: unknown {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}"
        )
    where = f"calendar {name!r}"
    label, label_en = str(data.get("label", name)), str(data.get("label_en", name))
    hours = data.get("hours")
    if hours == "always":
        return Calendar(name=name, label=label, label_en=label_en)
    if hours is None:
        raise CannotReadCalendar(f"{where}: hours are missing")
    if isinstance(hours, Mapping):
        strange = sorted(set(map(str, hours)) - set(WEEKDAYS))
        if strange:
            raise CannotReadCalendar(
                f"{where}: {', '.join(strange)} is no weekday; write {', '.join(WEEKDAYS)}"
            )
        week = tuple(
            _spans(_texts(value=hours.get(key), where=f"{where}, {key}"), f"{where}, {key}")
            for key in WEEKDAYS
        )
    else:
        daily = _spans(_texts(value=hours, where=where), where)
        week = (daily,) * 5 + ((), ())
    extra_open = _days(value=data.get("extra_open"), where=f"{where}, extra_open")
    if not any(week):
        raise CannotReadCalendar(f"{where} is never open")
    zone = str(data.get("timezone", "Asia/Shanghai"))
    try:
        ZoneInfo(zone)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError, see below
        raise CannotReadCalendar(f"{where}: unknown timezone {zone!r}") from error
    except KeyError as error:
        raise CannotReadCalendar(f"{where}: unknown timezone {zone!r}") from error
    holidays = str(data.get("holidays", "china"))
    if holidays not in ("china", "none"):
        raise CannotReadCalendar(f"{where}: holidays are china or none, not {holidays!r}")
    make_up = _spans(
        _texts(value=data.get("make_up"), where=f"{where}, make_up"), f"{where}, make_up"
    )
    return Calendar(
        name=name,
        label=label,
        label_en=label_en,
        zone=zone,
        week=week,
        china=holidays == "china",
        make_up=make_up or next(spans for spans in week if spans),
        extra_closed=_days(value=data.get("extra_closed"), where=f"{where}, extra_closed"),
        extra_open=extra_open,
    )


ALWAYS = Calendar(name="always", label="全天候", label_en="around the clock")
CN_OFFICE = calendar_from_data(
    name="cn-office",
    data={
        "label": "中国工作时间",
        "label_en": "office hours in China",
        "hours": ["09:00-18:00"],
        "timezone": "Asia/Shanghai",
        "holidays": "china",
    },
)

CALENDARS: dict[str, Calendar] = {ALWAYS.name: ALWAYS, CN_OFFICE.name: CN_OFFICE}
"""The calendars of every installation."""

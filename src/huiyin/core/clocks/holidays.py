"""China's public holidays and make-up workdays, as published by the State Council each year.

The dates come from the library ``chinesecalendar``. A year it does not hold is answered by the
plain weekday rule, and callers say so: the official calendar of a year is published only in the
November before.
"""

from __future__ import annotations

from datetime import date

from chinese_calendar.constants import (
    Holiday,
    holidays,
    workdays,
)

FIRST_YEAR: int = min(holidays).year
LAST_YEAR: int = max(holidays).year

_HOLIDAYS: dict[date, str] = dict(holidays)
_MAKE_UP: dict[date, str] = dict(workdays)
_NAMES: dict[str, tuple[str, str]] = {h.value: (h.chinese, h.value) for h in Holiday}


def is_published(*, year: int) -> bool:
    """Tell whether the official calendar of a year is known to this installation."""
    return FIRST_YEAR <= year <= LAST_YEAR


def holiday_name(*, day: date) -> tuple[str, str] | None:
    """Return the (Chinese, English) name of the public holiday a day belongs to, else None."""
    key = _HOLIDAYS.get(day)
    return None if key is None else _NAMES[key]


def make_up_name(*, day: date) -> tuple[str, str] | None:
    """Return the name of the holiday that a weekend day is worked for (调休), else None."""
    key = _MAKE_UP.get(day)
    return None if key is None else _NAMES[key]

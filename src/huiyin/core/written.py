"""Moments as people and systems write them, in files and tables."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

_DAY: Final = re.compile(
    r"^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]*(\d{1,2})[:：时](\d{1,2})分?(?:[:：](\d{1,2})秒?)?)?"
)
_EPOCH: Final = datetime(1899, 12, 30)
"""Day 0 of spreadsheets."""


def moment_written(*, value: Any, zone: ZoneInfo) -> datetime | None:
    """Read a time; one without an offset is of the zone. None for nothing. Raises ValueError.

    Takes dates and moments, a spreadsheet's day number, seconds or milliseconds since 1970, ISO
    8601, and a Chinese date with or without a time.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    if isinstance(value, int | float) and not isinstance(value, bool) and 20000 < value < 80000:
        return (_EPOCH + timedelta(days=float(value))).replace(tzinfo=zone)
    text = str(value).strip()
    if text.isdigit() and len(text) in {10, 13}:
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), tz=zone)
    if isinstance(value, int | float):
        raise ValueError(f"{text} is no date")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        found = _DAY.match(text)
    else:
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if found is None:
        raise ValueError(f"{text!r} is no time")
    y, m, d, hour, minute, second = (int(g) if g else 0 for g in found.groups())
    return datetime(y, m, d, hour, minute, second, tzinfo=zone)

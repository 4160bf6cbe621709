"""What is usual: the median of an hour of the week over the weeks that are known."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


def hour_of_week(*, at: datetime, zone: ZoneInfo) -> int:
    """Return the hour of the week: 0 is Monday's first, 167 Sunday's last."""
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour


def medians(
    *, hours: Mapping[datetime, int], since: datetime, until: datetime, zone: ZoneInfo
) -> dict[int, tuple[float, int]]:
    """Return for each hour of the week the median count and the weeks it rests on.

    ``hours`` counts contacts by the hour's beginning; an hour between ``since`` and ``until``
    that is not in it had none.
    """
    by_hour: dict[int, list[int]] = defaultdict(list)
    at = since
    while at + HOUR <= until:
        by_hour[hour_of_week(at=at, zone=zone)].append(hours.get(at, 0))
        at += HOUR
    return {h: (float(statistics.median(c)), len(c)) for h, c in sorted(by_hour.items())}


def expected(
    *, usual: Mapping[int, float], since: datetime, until: datetime, zone: ZoneInfo
) -> float:
    """Return how many contacts are usual between two moments, each hour in its share."""
    total, at = 0.0, since
    while at < until:
        local = at.astimezone(zone)
        next_hour = (
            at
            + HOUR
            - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        )
        ends = min(next_hour, until)
        total += usual.get(hour_of_week(at=at, zone=zone), 0.0) * ((ends - at) / HOUR)
        at = ends
    return total

"""Counting what clients do, in the database, so that all processes know of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from huiyin.store import models

_COUNT = (
    "INSERT INTO client_use (purpose, client, hour, used) VALUES (%s, %s, %s, 1)"
    " ON CONFLICT (purpose, client, hour) DO UPDATE SET used = client_use.used + 1"
    " RETURNING used"
)


def count(*, purpose: str, client: str, now: datetime) -> int:
    """Count one use; returns how many there were within this hour of the clock, with this one."""
    hour = _hour(now)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [purpose, client, connection.ops.adapt_datetimefield_value(hour)])
        used = int(cursor.fetchone()[0])
    if used == 1:
        models.ClientUse.objects.filter(hour__lt=hour - timedelta(hours=1)).delete()
    return used


def counted(*, purpose: str, client: str, now: datetime) -> int:
    """Return how many uses there were within this hour of the clock."""
    rows = models.ClientUse.objects.filter(purpose=purpose, client=client, hour=_hour(now))
    return rows.values_list("used", flat=True).first() or 0


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)

"""Claiming due clocks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from huiyin.store import models


def claim_due(*, now: datetime, limit: int) -> dict[UUID, UUID]:
    """Return {clock id: complaint id} of clocks whose time has come, oldest first.

    To be called inside the pen's transaction: on PostgreSQL the rows are locked and rows locked
    by another worker are passed over; SQLite has one writer at a time.
    """
    rows = models.Clock.objects.filter(fire_at__lte=now).order_by("fire_at", "id")
    if connection.vendor != "sqlite":
        rows = rows.select_for_update(skip_locked=True)
    return dict(rows.values_list("id", "complaint_id")[:limit])

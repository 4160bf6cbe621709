"""Claiming disputes whose deadline has passed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Model

from huiyin.store import models


def _due(*, model: type[Model], now: datetime, limit: int) -> list[UUID]:
    rows = model._default_manager.filter(fire_at__lte=now).order_by("fire_at", "id")
    if connection.vendor != "sqlite":
        rows = rows.select_for_update(skip_locked=True)
    return list(rows.values_list("id", flat=True)[:limit])


def due_claims(*, now: datetime, limit: int) -> list[UUID]:
    """Return claims of liability whose deadline has passed, oldest first.

    To be called inside the pen's transaction, as ``clocks.claim_due``.
    """
    return _due(model=models.LiabilityClaim, now=now, limit=limit)


def due_fines(*, now: datetime, limit: int) -> list[UUID]:
    """Return fines whose deadline has passed, oldest first; as :func:`due_claims`."""
    return _due(model=models.Fine, now=now, limit=limit)

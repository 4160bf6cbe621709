"""Files to be fetched: claimed, and tried again when their provider does not give them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from huiyin.store import models

LEASE: Final = timedelta(minutes=3)
RETRIES: Final = (30, 120, 600, 3600, 14400, 43200)
"""Seconds until the next try; providers keep files for three days."""


def claim(*, now: datetime, limit: int) -> list[UUID]:
    """Claim files that are due; a claim that is not finished lapses."""
    with transaction.atomic():
        due = models.RemoteFile.objects.filter(state="pending", next_try_at__lte=now)
        ids = list(due.order_by("next_try_at").values_list("id", flat=True)[:limit])
        if not ids or not due.filter(id__in=ids).update(
            next_try_at=now + LEASE, attempts=F("attempts") + 1
        ):
            return []
        rows = models.RemoteFile.objects.filter(id__in=ids, next_try_at=now + LEASE)
        return list(rows.values_list("id", flat=True))


def later(*, id: UUID, attempts: int, now: datetime, error: str) -> bool:
    """Let a file be tried again; False when it was tried often enough."""
    if attempts > len(RETRIES):
        return False
    models.RemoteFile.objects.filter(id=id, state="pending").update(
        next_try_at=now + timedelta(seconds=RETRIES[max(attempts, 1) - 1]), error=error[:300]
    )
    return True


def wait(*, id: UUID, until: datetime) -> None:
    """Let a file wait while its provider rests; no try is counted."""
    models.RemoteFile.objects.filter(id=id, state="pending").update(
        next_try_at=until, attempts=F("attempts") - 1
    )

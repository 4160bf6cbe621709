"""Signals' writing: what providers tell besides contacts, stored first and worked later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from huiyin.store import models
from huiyin.store.ids import new_id

LEASE = timedelta(seconds=60)
TRIES = 5


@dataclass(frozen=True, slots=True)
class Told:
    """One signal to be stored."""

    channel: str
    account_id: int | None
    kind: str
    external_id: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed signal."""

    id: UUID
    channel: str
    account_id: int | None
    kind: str
    external_id: str
    raw: bytes
    received_at: datetime
    attempts: int


def store(*, now: datetime, told: Sequence[Told]) -> int:
    """Store signals durably; what came before is not stored twice. Returns how many were new."""
    if not told:
        return 0
    with transaction.atomic():
        rows = [
            models.Signal(
                id=new_id(now=now),
                channel=t.channel,
                account_id=t.account_id,
                kind=t.kind,
                external_id=t.external_id[:200] or new_id().hex,
                raw=t.raw,
                received_at=now,
            )
            for t in told
        ]
        models.Signal.objects.bulk_create(rows, ignore_conflicts=True)
        return models.Signal.objects.filter(id__in=[r.id for r in rows]).count()


def claim(*, now: datetime, kinds: frozenset[str], limit: int) -> list[Claimed]:
    """Claim pending signals of some kinds, the oldest first."""
    with transaction.atomic():
        free = models.Signal.objects.filter(state="pending", kind__in=kinds).filter(
            Q(lease_until=None) | Q(lease_until__lt=now)
        )
        ids = list(free.order_by("id").values_list("id", flat=True)[:limit])
        if not ids:
            return []
        free.filter(id__in=ids).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
        rows = models.Signal.objects.filter(id__in=ids, lease_until=now + LEASE).order_by("id")
        return [
            Claimed(
                id=r.id,
                channel=r.channel,
                account_id=r.account_id,
                kind=r.kind,
                external_id=r.external_id,
                raw=bytes(r.raw),
                received_at=r.received_at.astimezone(UTC),
                attempts=r.attempts,
            )
            for r in rows
        ]


def done(*, ids: Sequence[UUID]) -> None:
    """Mark signals as worked; inside the transaction that wrote what follows from them."""
    models.Signal.objects.filter(id__in=ids).update(state="done", lease_until=None, error="")


def failed(*, signal: Claimed, error: str, final: bool = False) -> None:
    """Mark a signal that could not be worked: tried again a few times, then set apart."""
    if final or signal.attempts >= TRIES:
        models.Signal.objects.filter(id=signal.id).update(
            state="failed", lease_until=None, error=error[:300]
        )
        return
    # the lease runs on as the rest before the next try
    models.Signal.objects.filter(id=signal.id).update(error=error[:300])


def retry(*, ids: Sequence[UUID]) -> int:
    """Let failed signals be tried again."""
    return models.Signal.objects.filter(id__in=ids, state="failed").update(
        state="pending", attempts=0, lease_until=None
    )


def sweep(*, before: datetime, limit: int = 500) -> int:
    """Forget signals that were worked long ago."""
    ids = list(
        models.Signal.objects.filter(state="done", received_at__lt=before)
        .order_by("id")
        .values_list("id", flat=True)[:limit]
    )
    return models.Signal.objects.filter(id__in=ids).delete()[0]

"""Writing of import runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from huiyin.store import models
from huiyin.store.ids import new_id

LEASE = timedelta(minutes=5)
MOST_REJECTED = 5000


def create(
    *,
    now: datetime,
    name: str,
    kind: str,
    sort: str,
    sha256: str,
    mapping: dict[str, str],
    total: int,
    user_id: int | None,
) -> UUID:
    """Record a file that may be imported; returns the run's id."""
    run_id = new_id(now=now)
    models.ImportRun.objects.create(
        id=run_id, name=name, kind=kind, sort=sort, sha256=sha256, mapping=mapping, state="ready",
        total=total, started_by_id=user_id, created_at=now,
    )  # fmt: skip
    return run_id


def begin(*, id: UUID, mapping: dict[str, str]) -> None:
    """Let a run begin."""
    models.ImportRun.objects.filter(id=id, state="ready").update(state="running", mapping=mapping)


def claim(*, now: datetime) -> UUID | None:
    """Claim a run that nobody works on, None when there is none."""
    free = models.ImportRun.objects.filter(state="running").filter(
        Q(lease_until=None) | Q(lease_until__lt=now)
    )
    run_id = free.order_by("created_at").values_list("id", flat=True).first()
    if run_id and free.filter(id=run_id).update(lease_until=now + LEASE):
        return run_id
    return None


def advance(
    *,
    id: UUID,
    done: int,
    accepted: int,
    repeated: int,
    rejected: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """Record how far a run is."""
    models.ImportRun.objects.filter(id=id).update(
        done=done,
        accepted=accepted,
        repeated=repeated,
        rejected=list(rejected[:MOST_REJECTED]),
        lease_until=now + LEASE,
    )


def finish(*, id: UUID, now: datetime, error: str = "") -> None:
    """End a run."""
    models.ImportRun.objects.filter(id=id).update(
        state="failed" if error else "done", error=error, finished_at=now, lease_until=None
    )

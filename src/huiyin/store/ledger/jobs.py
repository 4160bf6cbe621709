"""Periodic work: one worker does it at a time; what fails rests before it is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from huiyin.store import models

FIRST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=15)


def claim(
    *,
    name: str,
    now: datetime,
    every: timedelta,
    lease: timedelta,
    first: datetime | None = None,
) -> bool:
    """Claim periodic work when it is due; one worker wins, a lapsed lease is taken over.

    Work that was never done is due at ``first``, or at once.
    """
    models.Job.objects.get_or_create(name=name, defaults={"next_at": first or now})
    return bool(
        models.Job.objects.filter(name=name, next_at__lte=now)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .update(next_at=now + every, lease_until=now + lease)
    )


def hasten(*, name: str, now: datetime) -> None:
    """Let periodic work be due now; what runs already goes on."""
    models.Job.objects.update_or_create(name=name, defaults={"next_at": now})


def due(*, name: str, now: datetime) -> bool:
    """Tell whether work that anybody may do beside others is not resting after a failure."""
    row = models.Job.objects.filter(name=name).values_list("next_at", flat=True).first()
    return row is None or row <= now


def rests_until(*, name: str, now: datetime) -> datetime | None:
    """Return until when work rests after a failure, None when it may be done."""
    row = models.Job.objects.filter(name=name).values_list("next_at", flat=True).first()
    return row if row is not None and row > now else None


def state(*, name: str) -> dict[str, Any]:
    """Return what a job remembers from the last time."""
    row = models.Job.objects.filter(name=name).values_list("state", flat=True).first()
    return dict(row or {})


def worked(*, name: str, now: datetime, remember: Mapping[str, Any]) -> None:
    """Note that a job went well and what it remembers; it is free again."""
    with transaction.atomic():
        known = _keep(name=name, now=now)
        for word in ("failures", "since", "error", "failed_at"):
            known.pop(word, None)
        known.update(remember)
        known["worked_at"] = now.isoformat()
        models.Job.objects.filter(name=name).update(state=known, lease_until=None)


def progress(*, name: str, now: datetime, lease: timedelta, remember: Mapping[str, Any]) -> None:
    """Note how far work came that goes on; it is its worker's for another lease."""
    with transaction.atomic():
        known = _keep(name=name, now=now) | dict(remember)
        models.Job.objects.filter(name=name).update(state=known, lease_until=now + lease)


def failed(*, name: str, now: datetime, error: str, remember: Mapping[str, Any]) -> None:
    """Note why a job failed: it rests twice as long each time, a quarter of an hour at most."""
    with transaction.atomic():
        known = _keep(name=name, now=now)
        known.update(remember)
        failures = int(known.get("failures", 0)) + 1
        known.update(
            failures=failures,
            error=error[:300],
            failed_at=now.isoformat(),
            since=known.get("since") or now.isoformat(),
        )
        rest = min(FIRST_REST * 2 ** min(failures - 1, 10), LONGEST_REST)
        models.Job.objects.filter(name=name).update(
            state=known, lease_until=None, next_at=now + rest
        )


def _keep(*, name: str, now: datetime) -> dict[str, Any]:
    models.Job.objects.get_or_create(name=name, defaults={"next_at": now})
    return dict(models.Job.objects.select_for_update().get(name=name).state)

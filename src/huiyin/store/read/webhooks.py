"""What was told to other systems, and how they took it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from huiyin.store import models
from huiyin.store.read import labels

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to a subscription."""

    id: str
    kind: str
    label: str
    number: str
    complaint: str
    state: str
    attempts: int
    error: str
    created_at: datetime
    next_try_at: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription with its newest deliveries and what waits or failed."""

    id: int
    name: str
    enabled: bool
    waiting: int
    dead: int
    deliveries: tuple[Delivery, ...]


def subscriptions() -> tuple[Subscription, ...]:
    """Return every subscription, the oldest first."""
    return tuple(
        _subscription(row=row)
        for row in models.ChannelAccount.objects.filter(spoken="webhook").order_by("id")
    )


def complaint_named(*, number: str) -> UUID | None:
    """Return the complaint with a number."""
    return models.Complaint.objects.filter(number=number).values_list("id", flat=True).first()


def _subscription(*, row: models.ChannelAccount) -> Subscription:
    own = models.Outbox.objects.filter(channel="webhook", recipient=str(row.id))
    return Subscription(
        id=int(row.id),
        name=row.name,
        enabled=row.enabled,
        waiting=own.filter(state="pending").count(),
        dead=own.filter(state="dead").count(),
        deliveries=tuple(_delivery(row=one) for one in own.order_by("-id")[:SHOWN]),
    )


def _delivery(*, row: models.Outbox) -> Delivery:
    kind = str(((row.payload.get("details") or {}).get("event") or {}).get("kind", ""))
    return Delivery(
        id=row.id.hex,
        kind=kind,
        label=labels.pick(labels.EVENT_NAMES, kind),
        number=str(row.payload.get("number", "")),
        complaint=row.complaint_id.hex if row.complaint_id else "",
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        created_at=row.created_at,
        next_try_at=row.next_try_at,
        sent_at=row.sent_at,
    )

"""What was told to other systems, and how they took it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from huiyin.store import models

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to a subscription."""

    id: str
    kind: str
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
        deliveries=tuple(
            Delivery(
                id=one.id.hex,
                kind=str(((one.payload.get("details") or {}).get("event") or {}).get("kind", "")),
                number=str(one.payload.get("number", "")),
                complaint=one.complaint_id.hex if one.complaint_id else "",
                state=one.state,
                attempts=one.attempts,
                error=one.error,
                created_at=one.created_at,
                next_try_at=one.next_try_at,
                sent_at=one.sent_at,
            )
            for one in own.order_by("-id")[:SHOWN]
        ),
    )

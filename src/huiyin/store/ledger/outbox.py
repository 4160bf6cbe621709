"""The outbox's writing: claim what must go out, mark what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from huiyin.store import models

LEASE = timedelta(minutes=2)
"""How long a claimed message is its claimer's; longer than any server may keep it waiting."""
RETRIES = (60, 300, 1800, 7200, 21600, 86400)
"""Seconds until the next try after each failure; after the last the message is dead."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One claimed outgoing message."""

    id: UUID
    complaint_id: UUID | None
    channel: str
    recipient: str
    payload: dict[str, Any]
    attempts: int
    created_at: datetime
    account_id: int | None = None
    message_id: UUID | None = None


def claim(*, now: datetime, channels: frozenset[str], limit: int) -> list[Parcel]:
    """Claim messages that are due on these channels."""
    with transaction.atomic():
        free = models.Outbox.objects.filter(
            state="pending", next_try_at__lte=now, channel__in=channels
        ).filter(Q(lease_until=None) | Q(lease_until__lt=now))
        ids = list(free.order_by("next_try_at", "id").values_list("id", flat=True)[:limit])
        if not ids:
            return []
        free.filter(id__in=ids).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
        return [
            _parcel(row)
            for row in models.Outbox.objects.filter(id__in=ids, lease_until=now + LEASE)
        ]


def _parcel(row: models.Outbox) -> Parcel:
    return Parcel(
        id=row.id,
        complaint_id=row.complaint_id,
        channel=row.channel,
        recipient=row.recipient,
        payload=row.payload,
        attempts=row.attempts,
        created_at=row.created_at,
        account_id=row.account_id,
        message_id=row.message_id,
    )


def hold(*, parcel: Parcel, now: datetime) -> bool:
    """Take a claimed message anew just before it goes out; False when it is another's by now."""
    return bool(
        models.Outbox.objects.filter(id=parcel.id, state="pending", attempts=parcel.attempts)
        .filter(lease_until__isnull=False)
        .update(lease_until=now + LEASE)
    )


def give_back(*, parcels: Sequence[Parcel]) -> None:
    """Free messages that were not tried, since the way out is closed; no try is counted."""
    for parcel in parcels:
        models.Outbox.objects.filter(
            id=parcel.id, state="pending", attempts=parcel.attempts
        ).update(lease_until=None, attempts=parcel.attempts - 1)


def automatic_since(*, recipient: str, since: datetime) -> int:
    """Return how many automatic messages were sent to somebody since a moment."""
    rows = models.Outbox.objects.filter(state="sent", recipient=recipient, sent_at__gte=since)
    return sum(bool(payload.get("automatic")) for payload in rows.values_list("payload", flat=True))


def postpone(*, parcel: Parcel, until: datetime) -> None:
    """Free a message until a moment; no try is counted."""
    models.Outbox.objects.filter(id=parcel.id, state="pending", attempts=parcel.attempts).update(
        lease_until=None, attempts=parcel.attempts - 1, next_try_at=until
    )


def behind(*, parcel: Parcel) -> datetime | None:
    """Return when a message before this one, to the same about the same, is tried next."""
    return (
        models.Outbox.objects.filter(
            channel=parcel.channel,
            recipient=parcel.recipient,
            complaint_id=parcel.complaint_id,
            state="pending",
            id__lt=parcel.id,
        )
        .order_by("id")
        .values_list("next_try_at", flat=True)
        .first()
    )


def moved(*, parcel: Parcel, error: str) -> bool:
    """Give a claimed message up since another channel carries it; False when it is not ours."""
    return bool(
        models.Outbox.objects.filter(
            id=parcel.id, state="pending", attempts=parcel.attempts
        ).update(state="moved", lease_until=None, error=error[:300])
    )


def returned(*, reference: str, channel: str) -> list[Parcel]:
    """Return the messages that went out under a provider's name and did not arrive."""
    if not reference:
        return []
    rows = models.Outbox.objects.filter(
        reference=reference[:120], channel=channel, state="sent", delivery="failed"
    )
    return [_parcel(row) for row in rows]


def went_out(*, ids: Sequence[UUID]) -> list[Parcel]:
    """Return messages that were handed over, by their ids."""
    return [_parcel(row) for row in models.Outbox.objects.filter(id__in=list(ids), state="sent")]


def ended(*, parcel: Parcel, state: str, error: str) -> bool:
    """End a message that was handed over and came back: moved or dead; False when another did."""
    return bool(
        models.Outbox.objects.filter(id=parcel.id, state="sent").update(
            state=state, lease_until=None, error=error[:300]
        )
    )


def part_done(*, parcel: Parcel, parts: int) -> None:
    """Remember that a message of several parts went out so far."""
    parcel.payload["parts_done"] = parts
    models.Outbox.objects.filter(id=parcel.id).update(payload=parcel.payload)


def sent(*, id: UUID, now: datetime, account_id: int | None = None, reference: str = "") -> None:
    """Mark a message as handed over, under the provider's name for it."""
    models.Outbox.objects.filter(id=id).update(
        state="sent", sent_at=now, lease_until=None, error="", account_id=account_id,
        reference=reference[:120],
    )  # fmt: skip


def delivered(*, reference: str, channel: str, now: datetime, ok: bool, told: str) -> bool:
    """Write down what a provider reports of a message; False when it is not ours."""
    return bool(
        models.Outbox.objects.filter(reference=reference[:120], channel=channel)
        .exclude(reference="")
        .update(
            delivery="delivered" if ok else "failed",
            delivered_at=now,
            error="" if ok else told[:300],
        )
    )


def failed(
    *, parcel: Parcel, now: datetime, error: str, final: bool = False, soon: bool = False
) -> None:
    """Mark a failed try: tried again later, dead after the last or a final refusal.

    ``soon``: tried again at once, as far as tries are left.
    """
    if final or parcel.attempts > len(RETRIES):
        models.Outbox.objects.filter(id=parcel.id).update(
            state="dead", lease_until=None, error=error[:300]
        )
        return
    wait = timedelta(seconds=0 if soon and parcel.attempts < 3 else RETRIES[parcel.attempts - 1])
    models.Outbox.objects.filter(id=parcel.id).update(
        next_try_at=now + wait, lease_until=None, error=error[:300]
    )


def retry(*, ids: Sequence[UUID], now: datetime) -> int:
    """Let dead messages be tried again; returns how many there were."""
    return models.Outbox.objects.filter(id__in=ids, state="dead").update(
        state="pending", attempts=0, next_try_at=now, sent_at=None, delivery="", delivered_at=None
    )

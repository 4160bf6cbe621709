"""Transfers' writing: claim what must be sent or asked about, note what was told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from huiyin.core.remedy.offer import UNPAID_PAYOUTS
from huiyin.store import models

LEASE = timedelta(minutes=3)
"""How long a claimed transfer is its claimer's; longer than all calls about it may take."""
AT_WORK = ("due", "sent", "done")


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed transfer; ``claims`` tells this claim from the next."""

    id: UUID
    account_id: int
    address: str
    state: str
    sends: int
    sent_at: datetime | None
    refused: bool
    tries: int
    claims: int
    told: Mapping[str, str]


def claim(*, now: datetime, limit: int) -> list[Claimed]:
    """Claim transfers that are due, the oldest first."""
    with transaction.atomic():
        free = models.PayoutTransfer.objects.filter(next_try_at__lte=now, state__in=AT_WORK).filter(
            Q(lease_until=None) | Q(lease_until__lt=now)
        )
        ids = list(free.order_by("next_try_at", "id").values_list("id", flat=True)[:limit])
        if not ids:
            return []
        free.filter(id__in=ids).update(lease_until=now + LEASE, claims=F("claims") + 1)
        return [
            Claimed(
                id=r.id,
                account_id=r.account_id,
                address=r.address,
                state=r.state,
                sends=r.sends,
                sent_at=r.sent_at,
                refused=r.refused,
                tries=r.tries,
                claims=r.claims,
                told=r.told,
            )
            for r in models.PayoutTransfer.objects.filter(id__in=ids, lease_until=now + LEASE)
        ]


def hold(*, claimed: Claimed, now: datetime) -> bool:
    """Take a claimed transfer anew just before a call; False when it is another's by now."""
    return bool(
        models.PayoutTransfer.objects.filter(id=claimed.id, claims=claimed.claims)
        .filter(state__in=AT_WORK, lease_until__isnull=False)
        .update(lease_until=now + LEASE)
    )


def sending(*, claimed: Claimed, sends: int, now: datetime) -> bool:
    """Note, before the call, that a transfer goes out after ``sends`` times.

    False when it is another's by now, or has ended.
    """
    return bool(
        models.PayoutTransfer.objects.filter(
            id=claimed.id,
            claims=claimed.claims,
            state__in=("due", "sent"),
            sends=sends,
            payout__state__in=UNPAID_PAYOUTS,
        ).update(
            state="sent",
            sends=F("sends") + 1,
            first_sent_at=Coalesce(F("first_sent_at"), now),
            sent_at=now,
            refused=False,
            lease_until=now + LEASE,
        )
    )


def refused(*, claimed: Claimed, told: Mapping[str, str]) -> None:
    """Note that the last request was refused; whether the number is known there is asked next."""
    models.PayoutTransfer.objects.filter(id=claimed.id, claims=claimed.claims).update(
        refused=True, told=dict(told)
    )


def put_off(*, claimed: Claimed, until: datetime, told: Mapping[str, str] | None = None) -> None:
    """Free a transfer until a moment; no question is counted."""
    more = {"told": dict(told)} if told else {}
    models.PayoutTransfer.objects.filter(id=claimed.id, claims=claimed.claims).update(
        lease_until=None, next_try_at=until, **more
    )


def waits(*, claimed: Claimed, now: datetime, until: datetime, told: Mapping[str, str]) -> None:
    """Note an answer that is no end: asked again at a moment."""
    models.PayoutTransfer.objects.filter(id=claimed.id, claims=claimed.claims).update(
        lease_until=None, next_try_at=until, tries=F("tries") + 1, asked_at=now, told=dict(told)
    )


def stop(*, claimed: Claimed, now: datetime, told: Mapping[str, str]) -> None:
    """Let a person look at a transfer."""
    models.PayoutTransfer.objects.filter(id=claimed.id, claims=claimed.claims).update(
        state="stopped", lease_until=None, next_try_at=None, asked_at=now, told=dict(told)
    )


def hasten(*, id: UUID, now: datetime) -> bool:
    """Let a transfer that was sent be asked about now; also one that a person had to look at."""
    return bool(
        models.PayoutTransfer.objects.filter(
            id=id, state__in=("sent", "stopped"), sends__gt=0
        ).update(state="sent", next_try_at=now, tries=0, lease_until=None)
    )


def spent(*, account_id: int, since: datetime) -> int:
    """Return what went out by an account since a moment and did not fail, 分.

    Others who ask wait until the transaction ends, so that nobody spends the same sum.
    """
    if connection.vendor != "sqlite":
        rows_of = models.ChannelAccount.objects.select_for_update()
        list(rows_of.filter(id=account_id).values("id"))
    rows = models.PayoutTransfer.objects.filter(account_id=account_id, first_sent_at__gte=since)
    live = rows.exclude(payout__state__in=("failed", "returned"))
    return int(live.aggregate(s=Sum("payout__amount"))["s"] or 0)

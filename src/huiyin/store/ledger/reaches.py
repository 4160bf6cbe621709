"""Reaches' writing: whom an account heard, how much of his window is used, who wants no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from huiyin.store import models


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody's words came in by an account."""

    channel: str
    address: str
    account_id: int
    at: datetime


def heard(*, heard: Sequence[Heard]) -> None:
    """Open the windows of people whose words came; the latest of each counts."""
    latest: dict[tuple[str, str], Heard] = {}
    for one in heard:
        key = (one.channel, one.address[:200])
        if one.address and (key not in latest or latest[key].at < one.at):
            latest[key] = one
    if not latest:
        return
    models.Reach.objects.bulk_create(
        [
            models.Reach(
                channel=c, address=a, account_id=h.account_id, last_in_at=h.at, sent_since=0
            )
            for (c, a), h in sorted(latest.items())
        ],
        update_conflicts=True,
        unique_fields=["channel", "address"],
        update_fields=["account_id", "last_in_at", "sent_since"],
    )


def sent(*, channel: str, address: str) -> None:
    """Count a message against somebody's window."""
    models.Reach.objects.filter(channel=channel, address=address[:200]).update(
        sent_since=F("sent_since") + 1
    )


def left(*, channel: str, address: str, now: datetime, why: str) -> None:
    """Note that somebody wants, or can get, no more messages at an address."""
    models.Reach.objects.update_or_create(
        channel=channel, address=address[:200], defaults={"left_at": now, "why_left": why[:120]}
    )


def back(*, channel: str, address: str) -> None:
    """Note that somebody wants messages again."""
    models.Reach.objects.filter(channel=channel, address=address[:200]).filter(
        ~Q(left_at=None)
    ).update(left_at=None, why_left="")

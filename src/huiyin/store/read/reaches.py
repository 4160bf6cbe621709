"""How somebody can be reached, and how far the window of a channel is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huiyin.store import models


@dataclass(frozen=True, slots=True)
class Reach:
    """One address on a channel."""

    channel: str
    address: str
    account_id: int | None
    last_in_at: datetime | None
    sent_since: int
    left_at: datetime | None


def one(*, channel: str, address: str) -> Reach | None:
    """Return what is known of an address."""
    row = models.Reach.objects.filter(channel=channel, address=address[:200]).first()
    if row is None:
        return None
    return Reach(
        channel=row.channel,
        address=row.address,
        account_id=row.account_id,
        last_in_at=row.last_in_at,
        sent_since=row.sent_since,
        left_at=row.left_at,
    )

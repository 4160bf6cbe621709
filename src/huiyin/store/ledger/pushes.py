"""Notices on telephones: who asked for them, and what goes into the outbox for them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.sealed import seal

SPOKEN: Final = "push"
MOST: Final = 10
"""Telephones that one complaint tells."""


def subscribe(
    *, complaint_id: UUID, given: Mapping[str, str], language: str, now: datetime
) -> bool:
    """Remember a telephone by what its browser gave; False when there are enough already."""
    digest = _digest(given["endpoint"])
    rows = models.PushSubscription.objects.filter(complaint_id=complaint_id)
    if rows.exclude(digest=digest).count() >= MOST:
        return False
    models.PushSubscription.objects.update_or_create(
        complaint_id=complaint_id,
        digest=digest,
        defaults={"sealed": seal(value=dict(given)), "language": language, "created_at": now},
    )
    return True


def unsubscribe(*, complaint_id: UUID, endpoint: str) -> None:
    """Forget that a telephone wanted to be told of a complaint."""
    models.PushSubscription.objects.filter(
        complaint_id=complaint_id, digest=_digest(endpoint)
    ).delete()


def gone(*, id: int) -> None:
    """Forget a telephone everywhere: its push service does not know it any more."""
    digest = models.PushSubscription.objects.filter(id=id).values_list("digest", flat=True).first()
    models.PushSubscription.objects.filter(digest=digest).delete()


def rows(*, messages: Sequence[tuple[UUID, bool]], now: datetime) -> list[dict[str, Any]]:
    """Return the outbox rows of messages to customers, one a complaint and telephone.

    ``messages`` are (complaint, whether nobody wrote it). A notice names the complaint alone.
    """
    if not messages:
        return []
    written = {id for id, automatic in messages if not automatic}
    found = models.PushSubscription.objects.filter(complaint_id__in={id for id, _a in messages})
    return [
        {
            "id": new_id(now=now),
            "complaint_id": complaint_id,
            "message_id": None,
            "channel": SPOKEN,
            "recipient": str(id),
            "payload": {"automatic": complaint_id not in written},
            "state": "pending",
            "attempts": 0,
            "next_try_at": now,
            "lease_until": None,
            "sent_at": None,
            "error": "",
            "created_at": now,
            "account_id": None,
        }
        for id, complaint_id in found.order_by("id").values_list("id", "complaint_id")
    ]


def _digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()

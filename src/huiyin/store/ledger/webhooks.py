"""Webhooks' writing: events told to other systems, with the event itself or again later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from huiyin.store import bulk, models
from huiyin.store.ids import new_id
from huiyin.store.read import accounts

SPOKEN: Final = "webhook"
MOST: Final = 10000
"""Events that one replay sends again."""

Told = tuple[UUID, str, int, str, datetime]
"""Complaint, its number, the event's place in its chain, its kind and moment."""


def rows(*, events: Iterable[Told], now: datetime) -> list[dict[str, Any]]:
    """Return the outbox rows of events for every subscription that wants them."""
    wanted = _subscriptions()
    if not wanted:
        return []
    return [
        _row(told=told, account=account, now=now)
        for told in events
        for account, kinds in wanted.items()
        if "*" in kinds or told[3] in kinds
    ]


def alert_rows(
    *, alert: UUID, kind: str, about: Mapping[str, Any], now: datetime
) -> list[dict[str, Any]]:
    """Return the outbox rows of an alert that was raised or ended; ``about`` says which."""
    event = {"id": f"{alert.hex}-{kind}", "kind": kind, "at": now.isoformat(), **about}
    return [
        _sent(event=event, complaint=None, number="", account=account, now=now)
        for account, kinds in _subscriptions().items()
        if "*" in kinds or kind in kinds
    ]


def replay(
    *,
    account_id: int,
    now: datetime,
    since: datetime | None = None,
    complaint_id: UUID | None = None,
) -> int:
    """Send past events again to one subscription, oldest first; returns how many.

    Of one complaint or from a moment on; at most MOST. Their ids are those of the first time.
    """
    kinds = _subscriptions().get(account_id)
    if kinds is None or (since is None) == (complaint_id is None):
        return 0
    found = models.Event.objects.order_by("at", "complaint_id", "seq")
    if complaint_id is not None:
        found = found.filter(complaint_id=complaint_id)
    if since is not None:
        found = found.filter(at__gte=since)
    if "*" not in kinds:
        found = found.filter(kind__in=sorted(kinds))
    events = list(found.values_list("complaint_id", "seq", "kind", "at")[:MOST])
    numbers = dict(
        models.Complaint.objects.filter(id__in={e[0] for e in events}).values_list("id", "number")
    )
    bulk.insert(
        model=models.Outbox,
        rows=[
            _row(told=(id, numbers[id], seq, kind, at), account=account_id, now=now)
            for id, seq, kind, at in events
        ],
    )
    return len(events)


def _subscriptions() -> Mapping[int, frozenset[str]]:
    return {
        a.id: frozenset(str(a.settings.get("kinds", "")).split())
        for a in accounts.known().values()
        if a.spoken == SPOKEN and a.writes
    }


def _row(*, told: Told, account: int, now: datetime) -> dict[str, Any]:
    id, number, seq, kind, at = told
    event = {
        "id": f"{id.hex}-{seq}",
        "kind": kind,
        "at": at.isoformat(),
        "complaint": id.hex,
        "number": number,
        "seq": seq,
    }
    return _sent(event=event, complaint=id, number=number, account=account, now=now)


def _sent(
    *, event: Mapping[str, Any], complaint: UUID | None, number: str, account: int, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(now=now),
        "complaint_id": complaint,
        "message_id": None,
        "channel": SPOKEN,
        "recipient": str(account),
        "payload": {"number": number, "automatic": True, "details": {"event": event}},
        "state": "pending",
        "attempts": 0,
        "next_try_at": now,
        "lease_until": None,
        "sent_at": None,
        "error": "",
        "created_at": now,
        "account_id": account,
    }

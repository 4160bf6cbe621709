"""Channel accounts as they are read: with their secrets for the worker, without for a page."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from huiyin.store import models
from huiyin.store.sealed import CannotUnseal, unseal

FRESH = 3.0
"""Seconds for which a process trusts what it read of accounts."""
_lock = threading.Lock()
_known: tuple[float, Mapping[int, Account]] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account with everything that its channel needs."""

    id: int
    code: str
    spoken: str
    writes: bool
    name: str
    enabled: bool
    settings: Mapping[str, Any] = field(repr=False)
    token: str = field(repr=False)
    token_until: datetime | None
    cursor: str
    rest_until: datetime | None
    sent_at: datetime | None
    error: str
    failed_at: datetime | None
    probe: Mapping[str, Any]
    sealed: bool
    """True when its secrets cannot be opened any more: they must be entered again."""


def opened(*, row: models.ChannelAccount) -> Account:
    """Return an account's row with its secrets opened."""
    sealed = False
    try:
        secrets, token = unseal(text=row.secrets) or {}, unseal(text=row.token) or ""
    except CannotUnseal:
        secrets, token, sealed = {}, "", True
    return Account(
        id=int(row.id),
        code=row.code,
        spoken=row.spoken,
        writes=row.writes,
        name=row.name,
        enabled=row.enabled,
        settings=MappingProxyType({**row.settings, **secrets}),
        token=token,
        token_until=row.token_until,
        cursor=row.cursor,
        rest_until=row.rest_until,
        sent_at=row.sent_at,
        error=row.error,
        failed_at=row.failed_at,
        probe=MappingProxyType(row.probe),
        sealed=sealed,
    )


def everything() -> list[Account]:
    """Return all accounts as they are now, by channel and age."""
    return [opened(row=row) for row in models.ChannelAccount.objects.order_by("code", "id")]


def to_probe() -> list[Account]:
    """Return the accounts whose connection somebody asked to test."""
    rows = models.ChannelAccount.objects.filter(probe__has_key="asked").order_by("id")
    return [opened(row=row) for row in rows]


def one(*, id: int) -> Account | None:
    """Return an account as it is now."""
    row = models.ChannelAccount.objects.filter(id=id).first()
    return opened(row=row) if row else None


def known() -> Mapping[int, Account]:
    """Return the accounts that are switched on, some seconds old at most."""
    global _known
    with _lock:
        if _known is None or time.monotonic() - _known[0] > FRESH:
            found = {a.id: a for a in everything() if a.enabled}
            _known = (time.monotonic(), MappingProxyType(found))
        return _known[1]


def forget() -> None:
    """Read accounts anew at the next question of this process."""
    global _known
    with _lock:
        _known = None


def first_of(*, code: str) -> Account | None:
    """Return the oldest account of a channel that is switched on."""
    return next((a for a in known().values() if a.code == code), None)


def sending() -> frozenset[str]:
    """Return the channel names by which messages can go out now."""
    return frozenset({"email", *(a.spoken for a in known().values() if a.writes)})


def sends_to(*, channel: str, address: str) -> bool:
    """Tell whether a message can go out to an address of a channel now."""
    return bool(address) and channel in sending()


def elsewhere(*, there: tuple[str, str], now: tuple[str, str], prefers: str) -> bool:
    """Tell whether answers could go to another channel and address than they go to now.

    Who chats is answered where he chats, who ``prefers`` a channel where he chose.
    """
    free = not prefers and now[0] != "chat"
    return free and there != now and sends_to(channel=there[0], address=there[1])

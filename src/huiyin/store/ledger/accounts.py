"""Channel accounts' writing: settings, access tokens, the minute's budget, what failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from huiyin.store import models
from huiyin.store.read import accounts as reading
from huiyin.store.sealed import seal, unseal

FIRST_REST = timedelta(seconds=10)
LONGEST_REST = timedelta(minutes=10)
TOKEN_LEASE = timedelta(seconds=30)


def save(
    *,
    id: int | None,
    code: str,
    spoken: str,
    writes: bool,
    name: str,
    enabled: bool,
    settings: Mapping[str, Any],
    secrets: frozenset[str],
    now: datetime,
) -> int:
    """Create or change an account; returns its id. What it rested for is forgotten."""
    values = {
        "spoken": spoken,
        "writes": writes,
        "name": name[:80],
        "enabled": enabled,
        "settings": {k: v for k, v in settings.items() if k not in secrets},
        "secrets": seal(value={k: v for k, v in settings.items() if k in secrets and v}),
        "token": "",
        "token_until": None,
        "token_lease_until": None,
        "rest_until": None,
        "failures": 0,
        "error": "",
        "failed_at": None,
    }
    if id is None:
        row = models.ChannelAccount.objects.create(code=code, created_at=now, **values)
        reading.forget()
        return int(row.id)
    models.ChannelAccount.objects.filter(id=id, code=code).update(**values)
    reading.forget()
    return id


def keep_secret(*, id: int, name: str, value: str) -> None:
    """Keep a secret that its provider replaced by a new one."""
    with transaction.atomic():
        row = models.ChannelAccount.objects.select_for_update().get(id=id)
        secrets = {**(unseal(text=row.secrets) or {}), name: value}
        models.ChannelAccount.objects.filter(id=id).update(secrets=seal(value=secrets))
    reading.forget()


def ask_probe(*, id: int, now: datetime, chore: str = "") -> None:
    """Ask the worker to test the connection, or to do a chore of the channel."""
    asked = {"asked": now.isoformat(), **({"chore": chore} if chore else {})}
    models.ChannelAccount.objects.filter(id=id).update(probe=asked)


def probed(*, id: int, now: datetime, ok: bool, zh: str, en: str) -> None:
    """Write down what a test of the connection showed."""
    models.ChannelAccount.objects.filter(id=id).update(
        probe={"at": now.isoformat(), "ok": ok, "zh": zh[:300], "en": en[:300]}
    )


def spend(*, id: int, now: datetime, per_minute: int) -> bool:
    """Take one message from this minute's budget; False when it is used up. 0 means no limit."""
    if not per_minute:
        return True
    minute = now.replace(second=0, microsecond=0)
    with transaction.atomic():
        rows = models.ChannelAccount.objects.filter(id=id)
        if rows.filter(minute=minute, used__lt=per_minute).update(used=F("used") + 1):
            return True
        return bool(
            rows.filter(Q(minute=None) | Q(minute__lt=minute)).update(minute=minute, used=1)
        )


def claim_token(*, id: int, now: datetime) -> bool:
    """Take it upon oneself to ask for a new access token; one process does so at a time."""
    return bool(
        models.ChannelAccount.objects.filter(id=id)
        .filter(Q(token_lease_until=None) | Q(token_lease_until__lt=now))
        .update(token_lease_until=now + TOKEN_LEASE)
    )


def keep_token(*, id: int, token: str, until: datetime | None) -> None:
    """Keep an access token for all workers; an empty one gives the lease back."""
    models.ChannelAccount.objects.filter(id=id).update(
        token=seal(value=token), token_until=until, token_lease_until=None
    )


def drop_token(*, id: int, token: str) -> None:
    """Forget an access token that the provider no longer takes, unless it was renewed already."""
    with transaction.atomic():
        row = models.ChannelAccount.objects.select_for_update().get(id=id)
        if reading.opened(row=row).token == token:
            models.ChannelAccount.objects.filter(id=id).update(token="", token_until=None)


def keep_cursor(*, id: int, cursor: str) -> None:
    """Remember how far waiting messages were fetched."""
    models.ChannelAccount.objects.filter(id=id).update(cursor=cursor[:400])


def worked(*, id: int, now: datetime) -> None:
    """Note that the provider took something."""
    models.ChannelAccount.objects.filter(id=id).update(
        sent_at=now, error="", failed_at=None, failures=0, rest_until=None
    )


def failed(*, id: int, now: datetime, error: str, wait: int | None = None) -> None:
    """Note that the provider cannot be reached: it rests twice as long each time."""
    with transaction.atomic():
        row = models.ChannelAccount.objects.select_for_update().get(id=id)
        rest = min(FIRST_REST * 2 ** min(row.failures, 10), LONGEST_REST)
        if wait is not None:
            rest = timedelta(seconds=max(1, min(wait, 3600)))
        models.ChannelAccount.objects.filter(id=id).update(
            error=error[:300], failed_at=now, failures=row.failures + 1, rest_until=now + rest
        )

"""Access tokens: one for all workers, asked for before it lapses, never twice at once."""

from __future__ import annotations

import time
from datetime import timedelta

from django.utils import timezone

from huiyin.channels.protocol import CannotRead, Channel
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.store.ledger import accounts
from huiyin.store.read import accounts as reading
from huiyin.store.read.accounts import Account

EARLY = timedelta(minutes=5)
"""A token is renewed so long before it lapses, or in the last fifth of a short one."""
PATIENCE = 10.0


def token_for(*, channel: Channel, account: Account) -> str:
    """Return an access token, "" where the channel needs none. Raises CannotReach, CannotRead."""
    if channel.token is None:
        return ""
    ends = time.monotonic() + PATIENCE
    while True:
        now = timezone.now()
        fresh = reading.one(id=account.id) or account
        if fresh.token and fresh.token_until and fresh.token_until > now:
            return fresh.token
        if accounts.claim_token(id=account.id, now=now):
            try:
                grant = channel.token.read(call(call=channel.token.ask(fresh.settings)))
            except (CannotReach, CannotRead):
                accounts.keep_token(id=account.id, token="", until=None)
                raise
            lasts = timedelta(seconds=grant.seconds)
            accounts.keep_token(
                id=account.id, token=grant.token, until=now + lasts - min(EARLY, lasts / 5)
            )
            return grant.token
        if time.monotonic() > ends:
            raise CannotReach("another worker waits for the access token", maybe=False)
        time.sleep(0.2)

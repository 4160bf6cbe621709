"""Waiting messages fetched from providers that do not push them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from huiyin.channels.protocol import CannotRead, Channel, PullWay
from huiyin.channels.registry import channel as channel_of
from huiyin.doors.worker.access import token_for
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.flows import taking
from huiyin.store.ledger import accounts as ledger
from huiyin.store.ledger import jobs
from huiyin.store.read import accounts
from huiyin.store.read.accounts import Account

log = logging.getLogger(__name__)

MOST_PAGES = 20
LEASE = timedelta(minutes=5)


def fetch(*, account_id: int | None, hint: Mapping[str, Any]) -> int:
    """Fetch what waits at an account; returns how many pieces came.

    A page counts as fetched only when it is stored. Raises CannotReach, CannotRead.
    """
    account = accounts.one(id=account_id) if account_id else None
    channel = channel_of(code=account.code) if account else None
    if account is None or channel is None or channel.pull is None or not account.enabled:
        return 0
    return _pages(channel=channel, way=channel.pull, account=account, hint=hint)


def _pages(*, channel: Channel, way: PullWay, account: Account, hint: Mapping[str, Any]) -> int:
    came, cursor = 0, account.cursor
    for _page in range(MOST_PAGES):
        token = token_for(channel=channel, account=account)
        pulled = way.read(call(call=way.ask(account.settings, token, cursor, hint)))
        came += taking.keep(
            account=account, channel=channel, pieces=pulled.pieces, now=timezone.now()
        )
        if pulled.cursor != cursor:
            cursor = pulled.cursor
            ledger.keep_cursor(id=account.id, cursor=cursor)
        if not pulled.more:
            break
    return came


def poll() -> int:
    """Fetch from accounts whose channel is asked by itself, each when it is due."""
    came = 0
    for account in accounts.known().values():
        channel = channel_of(code=account.code)
        if channel is None or channel.pull is None or not channel.pull.every:
            continue
        name = f"pull:{account.id}"
        every = timedelta(seconds=channel.pull.every)
        now = timezone.now()
        if not jobs.claim(name=name, now=now, every=every, lease=LEASE):
            continue
        try:
            came += _pages(channel=channel, way=channel.pull, account=account, hint={})
        except (CannotReach, CannotRead) as error:
            jobs.failed(name=name, now=timezone.now(), error=str(error), remember={})
            log.warning("account %s cannot be asked: %s", account.id, error)
        else:
            jobs.worked(name=name, now=timezone.now(), remember={})
    return came

"""Lines to telephone systems held open: one worker a line, again after a break, nothing lost."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Hashable, Sequence
from datetime import timedelta
from typing import Final

from django.db import close_old_connections, connection
from django.utils import timezone

from huiyin.channels.calls import CallEvent
from huiyin.channels.protocol import Fate
from huiyin.channels.registry import channel as channel_of
from huiyin.doors import phoned
from huiyin.doors.worker import lines
from huiyin.doors.worker.phone_lines import CannotHold, opened
from huiyin.flows import taking
from huiyin.store.ledger import accounts as ledger
from huiyin.store.ledger import jobs
from huiyin.store.read import accounts
from huiyin.store.read import phone as phone_read
from huiyin.store.read.accounts import Account

log = logging.getLogger(__name__)

CODES: Final = frozenset({"freeswitch", "asterisk"})
LEASE: Final = timedelta(seconds=30)
RENEW: Final = 10.0
GLANCE: Final = 0.5
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
STEADY: Final = 60.0
"""A line held for so many seconds was a good one: the next break rests shortly again."""


def watching() -> contextlib.AbstractContextManager[None]:
    """Hold a line to every telephone system for as long as the block lasts."""
    return lines.held(
        name="telephony",
        wanted=_wanted,
        hold=lambda account, over: hold(account=account, over=over),
    )


def _wanted() -> dict[Hashable, Account]:
    return {
        (account.id, repr(sorted(account.settings.items()))): account
        for account in accounts.known().values()
        if account.code in CODES and not account.sealed
    }


def hold(*, account: Account, over: threading.Event, pauses: Sequence[float] = PAUSES) -> None:
    """Hold the line of an account until ``over``; what breaks is tried again, ever more slowly."""
    name, failures = f"phone:{account.id}", 0
    while not over.is_set():
        begun, pause = time.monotonic(), LEASE.total_seconds() / 3
        try:
            if jobs.claim(name=name, now=timezone.now(), every=timedelta(0), lease=LEASE):
                pause = 0.0
                listen(account=account, over=over)
        except CannotHold as error:
            failures = 1 if time.monotonic() - begun > STEADY else failures + 1
            pause = pauses[min(failures, len(pauses)) - 1]
            log.warning("the line to telephone system %s: %s", account.id, error.en)
            ledger.failed(id=account.id, now=timezone.now(), error=error.zh)
            _free(name)
        except Exception:
            log.exception("the line to telephone system %s failed", account.id)
            failures, pause = failures + 1, pauses[-1]
            if not connection.in_atomic_block:
                close_old_connections()
            _free(name)
        over.wait(pause)
    _free(name)
    if not connection.in_atomic_block:
        connection.close()


def _free(name: str) -> None:
    with contextlib.suppress(Exception):
        jobs.progress(name=name, now=timezone.now(), lease=timedelta(seconds=-1), remember={})


def listen(*, account: Account, over: threading.Event) -> None:
    """Take in what one line tells until ``over``. Raises CannotHold when it breaks.

    What began or ended while nobody listened is found by the list of calls: asked after the events
    are subscribed to, so that nothing falls between.
    """
    line = opened(account=account)
    try:
        catch_up(account=account, listed=line.listed())
        ledger.worked(id=account.id, now=timezone.now())
        renewed = time.monotonic()
        while not over.is_set():
            event = line.next(GLANCE)
            if event is not None:
                keep(account=account, events=[event])
            if time.monotonic() - renewed > RENEW:
                renewed = time.monotonic()
                jobs.progress(
                    name=f"phone:{account.id}", now=timezone.now(), lease=LEASE, remember={}
                )
    finally:
        line.close()


def catch_up(*, account: Account, listed: Sequence[CallEvent]) -> None:
    """Bring what is known in line with the calls there are: those that are gone have ended."""
    there = {event.call for event in listed}
    gone = [
        CallEvent(call=call, kind="ended", at=timezone.now())
        for call in phone_read.open_calls(account_id=account.id)
        if call not in there
    ]
    keep(account=account, events=[*gone, *listed])


def keep(*, account: Account, events: Sequence[CallEvent]) -> None:
    """Store what was told, then work it off at once: a telephone rings on somebody's screen."""
    channel = channel_of(code=account.code)
    assert channel is not None
    pieces = [event.piece() for event in events]
    if taking.keep(account=account, channel=channel, pieces=pieces, now=timezone.now()):
        phoned.work()


def probe(account: Account) -> Fate:
    """Try the line of an account: connect, log in, ask for its calls."""
    try:
        line = opened(account=account)
        try:
            count = len({event.call for event in line.listed()})
        finally:
            line.close()
    except CannotHold as error:
        return Fate(state="refused", zh=error.zh, en=error.en)
    return Fate(
        state="sent", zh=f"已登录，现在有 {count} 通电话", en=f"logged in, {count} calls now"
    )

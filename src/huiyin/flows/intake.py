"""Intake: accept first, then decide in batches; the one way of every contact of every door."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError

from huiyin.core.because import Reason
from huiyin.flows import journey, receive, survey
from huiyin.flows.ahead import Reader
from huiyin.flows.contact import ReadContact, ground, read_contacts
from huiyin.flows.receive import Decided
from huiyin.store.ledger import inbox, reaches
from huiyin.store.ledger.inbox import Accepted, Arrival, RawContact
from huiyin.store.ledger.reaches import Heard

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
_FEW = 3
"""The first batch of a round is so many times smaller than the others."""
TRIES = 5
"""How often a contact is tried while the database refuses."""


def accept(*, now: datetime, arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Store contacts durably before anybody understands them."""
    return inbox.accept(now=now, arrivals=arrivals)


def decide(
    *, now: datetime, limit: int = 200, ids: Sequence[UUID] | None = None, lease: timedelta = LEASE
) -> list[Decided]:
    """Claim pending contacts and decide them, all in one transaction.

    A contact that cannot be read goes to quarantine with its reason and blocks nobody. When the
    transaction of a batch fails, its contacts are tried one by one; the one that fails alone is
    quarantined whole.
    """
    claimed = inbox.claim(now=now, lease=lease, limit=limit, ids=ids)
    if not claimed:
        return []
    return _settle(claimed=claimed, read=read_contacts(claimed=claimed, ground=ground()), now=now)


def work_off(
    *,
    clock: Callable[[], datetime],
    reader: Reader,
    limit: int = 200,
    lease: timedelta = LEASE,
    within: timedelta = timedelta(seconds=5),
) -> int:
    """Decide batch after batch until nothing is pending or the time is over; returns how many.

    As :func:`decide`, with the next batch read ahead while one is written. A batch that was
    claimed is always finished.
    """
    begun = clock()
    # Nothing that a batch makes refers back to itself: looking for cycles costs a fifth of it.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _work_off(clock, reader, limit, lease, begun + within)
    finally:
        if collecting:
            gc.enable()


def _work_off(
    clock: Callable[[], datetime], reader: Reader, limit: int, lease: timedelta, until: datetime
) -> int:
    # a few contacts are read sooner than they are handed to another process, which meanwhile
    # begins with the next
    full = limit // _FEW or limit
    claimed = inbox.claim(now=clock(), lease=lease, limit=full)
    batch: list[ReadContact | Reason] | None = None
    done = 0
    while claimed:
        following: list[RawContact] = []
        if len(claimed) == full and (now := clock()) < until:
            following = inbox.claim(now=now, lease=lease, limit=limit)
        ahead = reader.read(claimed=following) if following else None
        if batch is None:
            batch = read_contacts(claimed=claimed, ground=ground())
        done += len(_settle(claimed=claimed, read=batch, now=clock()))
        batch = ahead() if ahead else None
        claimed, full = following, limit
    return done


def _settle(
    *, claimed: Sequence[RawContact], read: Sequence[ReadContact | Reason], now: datetime
) -> list[Decided]:
    """Write a batch that was read; one by one where the whole fails."""
    readable, out = receive.keep_readable(claimed=claimed, read=read, now=now)
    if not readable:
        return out
    try:
        out.extend(write(contacts=readable, now=now))
    except Exception:
        log.exception("a batch of %d contacts failed, deciding them one by one", len(readable))
        for one in readable:
            try:
                out.extend(write(contacts=[one], now=now))
            except OperationalError as error:
                # The database's trouble, not the contact's: try again, but not for ever.
                if one.raw.attempts < TRIES:
                    log.warning("contact %s waits for the database: %s", one.raw.id, error)
                    inbox.release(ids=[one.raw.id])
                else:
                    out.append(_set_apart(one=one, now=now, error=error))
            except Exception as error:
                out.append(_set_apart(one=one, now=now, error=error))
    return out


def _set_apart(*, one: ReadContact, now: datetime, error: Exception) -> Decided:
    log.error("contact %s cannot be decided", one.raw.id, exc_info=error)
    reason = Reason(
        rule="receive.failed",
        zh=f"处理时出错，已整件隔离：{type(error).__name__}",
        en=f"handling failed: {type(error).__name__}",
    )
    inbox.quarantine(now=now, claimed=[one.raw], why={one.raw.id: reason})
    return Decided(one.raw.id, "quarantined", None, "", (reason,))


def write(*, contacts: Sequence[ReadContact], now: datetime) -> list[Decided]:
    """Match, open, join, sort, assign and start clocks for read contacts, in one transaction.

    Contacts whose claim lapsed and was taken over meanwhile are left to the other worker.
    """
    with journey.writing(now=now, actor="customer") as pen:
        inbox.lock_intake()
        held = inbox.still_held(claimed=[c.raw for c in contacts])
        reaches.heard(
            heard=[
                Heard(
                    channel=c.inbound.channel,
                    address=c.inbound.sender,
                    account_id=c.account_id,
                    at=c.raw.received_at,
                )
                for c in contacts
                if c.account_id is not None and c.raw.id in held
            ]
        )
        done = receive.match_all(pen=pen, contacts=[c for c in contacts if c.raw.id in held])
        for one in done:
            if one.stars is not None and one.complaint_id is not None:
                survey.answer(pen=pen, complaint_id=one.complaint_id, stars=one.stars, words="")
        return done

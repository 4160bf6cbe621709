"""Reaching: by what channel a customer hears of his complaint, and why by that one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from huiyin.channels.registry import channels
from huiyin.core.outgoing import Choice, Quiet, Way, choose, quiet_of, quiet_until
from huiyin.store.case import ANSWERED_BEFORE, Case
from huiyin.store.ledger import Pen
from huiyin.store.read import accounts, office, reaches
from huiyin.store.read.reaches import Reach

LONG_CHANNELS = frozenset({"email"})
"""Channels that carry a subject and a long text."""
TALKING = "chat"
"""Who chats is answered where he chats, whatever he chose before."""


def answers_back(*, case: Case, from_there: tuple[str, str]) -> dict[str, Any]:
    """Return the changes by which answers that go to a vouched writer go where they went before.

    Empty where they do not go there, or went there without anybody's word.
    """
    before = case.triage.get(ANSWERED_BEFORE)
    if before is None or from_there != (case.reply_channel, case.reply_to):
        return {}
    return {
        "reply_channel": before[0],
        "reply_to": before[1],
        "triage": {k: v for k, v in case.triage.items() if k != ANSWERED_BEFORE},
    }


def way_of(*, pen: Pen, case: Case, automatic: bool) -> Choice:
    """Return the way of a message to a complaint's customer.

    The channel that he chose, else the one where he was answered last; nothing more is read for
    customers who chose none.
    """
    prefers = "" if case.reply_channel == TALKING else pen.addressee(case=case).prefers
    if prefers:
        last = (case.reply_channel, case.reply_to)
        found = reaches.of_customer(customer_id=case.customer_id, last=last)
        return choose(
            ways=ways(found=found, now=pen.now) or [_last(case=case)],
            preferred=prefers,
            tried=frozenset(),
            automatic=automatic,
            quiet=quiet_hours(case=case),
            now=pen.now,
        )
    way = _last(case=case)
    until = None
    if automatic and way.rings:
        until = quiet_until(quiet=quiet_hours(case=case), now=pen.now)
    return Choice(way=way, because=(), not_before=until)


def leaves(*, pen: Pen, case: Case) -> bool:
    """Return whether an answer written now goes out to the customer by itself.

    Otherwise it stands on the tracking page only, until somebody tells the customer.
    """
    if case.reply_channel == TALKING:
        return True
    way = way_of(pen=pen, case=case, automatic=False).way
    return way is not None and way.configured


def _last(*, case: Case) -> Way:
    channel = case.reply_channel
    return Way(
        channel=channel,
        address=case.reply_to,
        configured=accounts.sends_to(channel=channel, address=case.reply_to),
        rings=rings(channel=channel),
    )


def ways(*, found: Sequence[Reach], now: datetime) -> list[Way]:
    """Return what is known of somebody's addresses as ways of a message."""
    return [_way(reach=one, now=now) for one in found]


def _way(*, reach: Reach, now: datetime) -> Way:
    windows = [c.limits.window for c in channels().values() if c.spoken == reach.channel]
    window = windows[0] if windows else None
    fresh = window is None or (
        reach.last_in_at is not None
        and now - reach.last_in_at < timedelta(hours=window.hours)
        and reach.sent_since < window.messages
    )
    return Way(
        channel=reach.channel,
        address=reach.address,
        configured=_configured(channel=reach.channel),
        left=reach.left_at is not None,
        open=fresh,
        rings=rings(channel=reach.channel),
    )


def _configured(*, channel: str) -> bool:
    """Whether something here sends by a channel; mail needs a server besides."""
    if channel == "email" and not settings.HUIYIN.smtp_host:
        return any(a.spoken == "email" and a.writes for a in accounts.known().values())
    return channel in accounts.sending()


@lru_cache(maxsize=64)
def rings(*, channel: str) -> bool:
    """Whether a message on a channel makes somebody's telephone ring."""
    return any(c.limits.rings for c in channels().values() if c.spoken == channel)


def quiet_hours(*, case: Case) -> Quiet | None:
    """Return the hours in which no telephone is made to ring."""
    zone = ZoneInfo(office.playbook(version_id=case.playbook_version).timezone)
    return quiet_of(text=settings.HUIYIN.quiet_hours, zone=zone)


def offered(*, customer_id: UUID, now: datetime) -> list[Way]:
    """Return what a customer can choose from: one address of each channel that reaches him."""
    found: dict[str, Way] = {}
    for way in ways(found=reaches.of_customer(customer_id=customer_id), now=now):
        if way.configured and not way.left:
            found.setdefault(way.channel, way)
    return list(found.values())


def answer_by(*, complaint_id: UUID, prefers: str, now: datetime) -> Choice:
    """Return how a person's answer would go out now to a customer who chose a channel."""
    return choose(
        ways=ways(found=reaches.of_complaint(complaint_id=complaint_id), now=now),
        preferred=prefers,
        tried=frozenset(),
        automatic=False,
        quiet=None,
        now=now,
    )

"""Pass on: a message that its channel will not carry goes by the next that reaches the customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from huiyin.channels.registry import channels
from huiyin.core.outgoing import Way, choose
from huiyin.flows.telling import quiet_hours, rings
from huiyin.store.ledger import Pen, outbox
from huiyin.store.ledger.outbox import Parcel
from huiyin.store.read import accounts, reaches
from huiyin.store.read.reaches import Reach

SUBJECT_FOR = frozenset({"email"})


def pass_on(*, pen: Pen, parcel: Parcel, told: str) -> UUID | None:
    """Let the next channel carry a refused message; returns its id, None where none can.

    The refused one is given up and the next enqueued in one transaction, so whatever is killed
    when, never both are on their way. ``told`` is what the channel said.
    """
    if parcel.message_id is None or parcel.complaint_id is None:
        return None
    if parcel.payload.get("parts_done"):
        return None
    case = pen.case(id=parcel.complaint_id)
    tried = frozenset({parcel.channel, *parcel.payload.get("tried", ())})
    automatic = bool(parcel.payload.get("automatic"))
    choice = choose(
        ways=[_way(reach=one, now=pen.now) for one in reaches.of_complaint(complaint_id=case.id)],
        preferred="",
        tried=tried,
        automatic=automatic,
        quiet=quiet_hours(case=case),
        now=pen.now,
    )
    if choice.way is None or not outbox.moved(parcel=parcel, error=told):
        return None
    id = pen.send(
        case=case,
        channel=choice.way.channel,
        recipient=choice.way.address,
        payload={
            **_fitted(payload=parcel.payload, channel=choice.way.channel, number=case.number),
            "tried": sorted(tried),
        },
        message_id=parcel.message_id,
        not_before=choice.not_before,
    )
    pen.record(
        case=case,
        kind="MessagePassedOn",
        data={"from": parcel.channel, "to": choice.way.channel, "told": told[:200]},
        because=choice.because,
        actor="system",
    )
    return id


def _fitted(*, payload: Mapping[str, Any], channel: str, number: str) -> dict[str, Any]:
    kept = {k: v for k, v in payload.items() if k not in {"parts_done", "details"}}
    if channel in SUBJECT_FOR and not kept.get("subject"):
        kept["subject"] = f"[{number}]"
    return kept


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

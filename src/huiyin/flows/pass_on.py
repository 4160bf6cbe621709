"""Pass on: a message that its channel will not carry goes by the next that reaches the customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from huiyin.core.outgoing import choose
from huiyin.flows.reaching import LONG_CHANNELS, quiet_hours, ways
from huiyin.store.ledger import Pen, outbox
from huiyin.store.ledger.outbox import Parcel
from huiyin.store.read import reaches


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
        ways=ways(found=reaches.of_complaint(complaint_id=case.id), now=pen.now),
        preferred=pen.addressee(case=case).prefers,
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
    kept = {k: v for k, v in payload.items() if k not in {"because", "parts_done", "details"}}
    if channel in LONG_CHANNELS and not kept.get("subject"):
        kept["subject"] = f"[{number}]"
    return kept

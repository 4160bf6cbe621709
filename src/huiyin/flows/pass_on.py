"""Pass on: a message that its channel will not carry goes by the next that reaches the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from huiyin.core.outgoing import Choice, choose
from huiyin.flows.reaching import LONG_CHANNELS, quiet_hours, ways
from huiyin.store.case import Case, Happening
from huiyin.store.ledger import Pen, outbox
from huiyin.store.ledger.outbox import Parcel
from huiyin.store.read import reaches


def pass_on(*, pen: Pen, parcel: Parcel, told: str) -> UUID | None:
    """Let the next channel carry a refused message; returns its id, None where none can.

    The refused one is given up and the next enqueued in one transaction, so whatever is killed
    when, never both are on their way. ``told`` is what the channel said.
    """
    found = _next(pen=pen, parcel=parcel)
    if found is None or not outbox.moved(parcel=parcel, error=told):
        return None
    return _carry(pen=pen, parcel=parcel, choice=found[0], case=found[1], told=told)


def come_back(*, pen: Pen, parcel: Parcel, told: str) -> UUID | None:
    """Let the next channel carry a message that was sent and did not arrive; returns its id.

    None where no channel can: it becomes a dead letter, and is seen and tried again as those are.
    """
    found = _next(pen=pen, parcel=parcel)
    if not outbox.ended(parcel=parcel, state="moved" if found else "dead", error=told):
        return None
    if found is None:
        return None
    return _carry(pen=pen, parcel=parcel, choice=found[0], case=found[1], told=told)


def bounced(pen: Pen, events: Sequence[Happening]) -> None:
    """Let the next channel carry mails that came back."""
    for event in events:
        ids = [UUID(one) for one in event.data.get("outbox", ())]
        for parcel in outbox.went_out(ids=ids) if ids else ():
            come_back(pen=pen, parcel=parcel, told="邮件被退回")


def _next(*, pen: Pen, parcel: Parcel) -> tuple[Choice, Case] | None:
    if parcel.message_id is None or parcel.complaint_id is None:
        return None
    if parcel.payload.get("parts_done"):
        return None
    case = pen.case(id=parcel.complaint_id)
    choice = choose(
        ways=ways(found=reaches.of_complaint(complaint_id=case.id), now=pen.now),
        preferred=pen.addressee(case=case).prefers,
        tried=_tried(parcel),
        automatic=bool(parcel.payload.get("automatic")),
        quiet=quiet_hours(case=case),
        now=pen.now,
    )
    return (choice, case) if choice.way is not None else None


def _tried(parcel: Parcel) -> frozenset[str]:
    return frozenset({parcel.channel, *parcel.payload.get("tried", ())})


def _carry(*, pen: Pen, parcel: Parcel, choice: Choice, case: Case, told: str) -> UUID:
    assert choice.way is not None
    id = pen.send(
        case=case,
        channel=choice.way.channel,
        recipient=choice.way.address,
        payload={
            **_fitted(payload=parcel.payload, channel=choice.way.channel, number=case.number),
            "tried": sorted(_tried(parcel)),
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

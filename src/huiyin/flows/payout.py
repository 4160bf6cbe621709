"""One payout of a remedy: asked for once, and the one place that says what became of it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from huiyin.core.because import Reason
from huiyin.core.remedy import yuan
from huiyin.core.remedy.offer import move_offer, move_payout
from huiyin.core.remedy.parcel import HEADS, CannotClaimTwice
from huiyin.core.remedy.payee import Payee
from huiyin.core.remedy.reconcile import Result
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import payouts, remedies
from huiyin.store.read.payouts import Sent, Standing

_EVENTS: Final = {"pay": "PayoutPaid", "fail": "PayoutFailed", "return": "PayoutReturned"}
_OFFER_ACTS: Final = {"pay": "settle", "return": "return"}


class CannotTransfer(ValueError):
    """The act is not possible on this payout; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def request(
    *,
    pen: Pen,
    case: Case,
    remedy_id: UUID,
    amount: int,
    payee: Payee,
    by: str,
    because: Reason,
) -> UUID:
    """Ask finance to pay a remedy and record PayoutRequested; returns the payout's id.

    Payee and account stay out of the event: the chain is kept for ever, they are not. The
    database holds at most one standing payout of a remedy. Raises CannotClaimTwice when the
    parcel turned out to be that of another complaint that is paid already, or what the provider
    says of a former payout does not fit.
    """
    if remedies.unclear(remedy_id=remedy_id):
        raise CannotClaimTwice(
            zh="上一笔付款对方的说法与账上不符，请财务先核对清楚",
            en="what the provider says of the last payment does not fit: finance must clear it",
        )
    _once(pen=pen, case=case, remedy_id=remedy_id)
    payout_id = new_id(now=pen.now)
    # The place of its event in the complaint's chain makes the number unique.
    number = f"{case.number}-P{case.last_seq + 1}"
    pen.add(
        table="payout",
        row={
            "id": payout_id,
            "number": number,
            "remedy_id": remedy_id,
            "complaint_id": case.id,
            "amount": amount,
            "method": payee.method,
            "payee": payee.name,
            "account": payee.account,
            "state": "requested",
            "requested_at": pen.now,
            "requested_by": by,
            "batch_id": None,
            "way": None,
            "settled_at": None,
            "reference": "",
            "note": "",
        },
    )
    pen.record(
        case=case,
        kind="PayoutRequested",
        data={
            "payout": str(payout_id),
            "remedy": str(remedy_id),
            "amount": amount,
            "number": number,
            "method": payee.method,
        },
        because=[because],
    )
    return payout_id


def _once(*, pen: Pen, case: Case, remedy_id: UUID) -> None:
    """Look again whose parcel it is: a waybill may have come up, or complaints been merged."""
    if case.merged_into is not None:
        # Held too, so that two complaints of one matter are not accepted at the same moment.
        pen.case(id=case.merged_into)
    parcel = remedies.parcel_of(complaint_id=case.id, waybill=case.waybill)
    root = case.merged_into or case.id
    family = {
        *remedies.family(complaint_id=case.id, waybill=case.waybill),
        *remedies.family(complaint_id=root, waybill=case.waybill),
    }
    for own in remedies.own_claims(remedy_id=remedy_id):
        other = remedies.agreed_elsewhere(
            complaint_ids=family, head=own.head, round=own.round, remedy_id=remedy_id
        )
        if other:
            zh, en = HEADS[own.head]
            raise CannotClaimTwice(
                zh=f"同一包裹的{zh}已在投诉 {other} 赔付，不能重复；若是两个包裹，请先撤销合并",
                en=f"the {en} for this parcel is paid on complaint {other} already;"
                " if these are two parcels, undo the merge first",
            )
        if own.parcel != parcel:
            pen.alter(table="parcel_claim", key=own.id, parcel=parcel)


def end(*, pen: Pen, case: Case, one: Standing, act: str, result: Result) -> None:
    """Write down that a payout was paid (pay), failed (fail) or came back (return).

    Raises CannotMoveOffer.
    """
    state = move_payout(state=one.state, act=act)
    if act in _OFFER_ACTS:
        offer = move_offer(state=one.offer_state, act=_OFFER_ACTS[act])
        pen.alter(table="remedy", key=one.remedy_id, state=offer)
    pen.alter(
        table="payout",
        key=one.id,
        state=state,
        settled_at=pen.now,
        reference=result.reference[:80],
        note=result.note[:300],
    )
    said = {
        "pay": ("已付款", "paid"),
        "fail": ("付款失败，需核对收款信息后重付", "the payment failed; check the payee"),
        "return": ("款项被退回，需核对收款信息后重付", "the money came back; check the payee"),
    }[act]
    pen.change(
        case=case,
        kind=_EVENTS[act],
        data={
            "payout": str(one.id), "remedy": str(one.remedy_id), "amount": one.amount,
            "number": one.number, "reference": result.reference[:80],
        },
        because=[
            Reason(
                rule=f"pay.{act}",
                zh=f"{said[0]} ¥{yuan(one.amount)}" + (f"：{result.note}" if result.note else ""),
                en=f"{said[1]} ¥{yuan(one.amount)}" + (f": {result.note}" if result.note else ""),
            )
        ],
        unread=case.unread or act != "pay",
    )  # fmt: skip


def in_hand(*, pen: Pen, payout_id: UUID) -> tuple[Sent, Case] | None:
    """Take the complaint of a payout in hand and read the payout again under its lock."""
    found = payouts.sent(payout_id=payout_id)
    if found is None:
        return None
    case = pen.case(id=found.standing.complaint_id)
    return payouts.sent(payout_id=payout_id) or found, case

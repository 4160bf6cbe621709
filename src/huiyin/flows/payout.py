"""Asking finance to pay: one payout of a remedy, entered once."""

from __future__ import annotations

from uuid import UUID

from huiyin.core.because import Reason
from huiyin.core.remedy.parcel import HEADS, CannotClaimTwice
from huiyin.core.remedy.payee import Payee
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import remedies


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
    parcel turned out to be that of another complaint that is paid already.
    """
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

"""Asking finance to pay: one payout of a remedy, entered once."""

from __future__ import annotations

from uuid import UUID

from huiyin.core.because import Reason
from huiyin.core.remedy.payee import Payee
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen


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
    database holds at most one standing payout of a remedy.
    """
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

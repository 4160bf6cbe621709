"""Release: what people do about payouts that go out by an account's system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.remedy import yuan
from huiyin.core.remedy.transfer import why_not
from huiyin.flows import payout
from huiyin.flows.payout import CannotTransfer
from huiyin.store.case import Case
from huiyin.store.ledger import Pen, transfers
from huiyin.store.read import office, payouts, remedies
from huiyin.store.read.payouts import Sent


def _guarded(*, pen: Pen, actor: Actor, action: str, payout_id: UUID) -> tuple[Sent, Case]:
    allowed = may(actor=actor, action=action, homes=office.paying())
    if not allowed:
        raise PermissionError(allowed.zh)
    found = payout.in_hand(pen=pen, payout_id=payout_id)
    if found is None:
        raise CannotTransfer(zh="找不到这笔付款", en="there is no such payout")
    return found


def release(*, pen: Pen, actor: Actor, payout_id: UUID) -> UUID:
    """Let a payout go out that is above its account's limit; returns the complaint's id.

    Nobody releases what he proposed, or accepted in the customer's name. Raises CannotTransfer,
    PermissionError.
    """
    sent, case = _guarded(pen=pen, actor=actor, action="payouts.release", payout_id=payout_id)
    one = sent.standing
    if sent.transfer_state != "held":
        raise CannotTransfer(zh="这笔不需要放行", en="it waits for no release")
    if actor.id in one.touched_by:
        raise CannotTransfer(
            zh="这笔是您自己提出或代客户接受的，请同事放行",
            en="you proposed or accepted it yourself: a colleague has to release it",
        )
    why = why_not(standing=sent.ready)
    if why is not None:
        raise CannotTransfer(zh=why.zh, en=why.en)
    pen.alter(
        table="payout_transfer", key=one.id, state="due", released_by_id=actor.id,
        released_at=pen.now, next_try_at=pen.now,
    )  # fmt: skip
    pen.record(
        case=case,
        kind="PayoutReleased",
        data=_named(sent),
        because=[
            Reason(
                rule="transfer.released",
                zh=f"已放行付款 ¥{yuan(one.amount)}",
                en=f"payment of ¥{yuan(one.amount)} released",
            )
        ],
    )
    return case.id


def _named(sent: Sent) -> Mapping[str, Any]:
    one = sent.standing
    return {
        "payout": str(one.id), "remedy": str(one.remedy_id), "amount": one.amount,
        "number": one.number,
    }  # fmt: skip


def to_batch(*, pen: Pen, actor: Actor, payout_id: UUID) -> None:
    """Give a payout that never went out back to finance's batch.

    Raises CannotTransfer, PermissionError.
    """
    sent, _ = _guarded(pen=pen, actor=actor, action="payouts.work", payout_id=payout_id)
    if sent.sends or sent.standing.state != "requested":
        raise CannotTransfer(
            zh="这笔已经发给付款渠道，不能再走批次",
            en="it was sent already and cannot go by the batch",
        )
    pen.alter(table="payout", key=payout_id, way=None)
    pen.alter(
        table="payout_transfer", key=payout_id, state="left", next_try_at=None, lease_until=None
    )


def pay_again(*, pen: Pen, actor: Actor, payout_id: UUID) -> UUID:
    """Ask for a payment anew, to the same payee, after one failed or came back.

    Returns the new payout's id. Raises CannotTransfer, CannotClaimTwice, PermissionError.
    """
    allowed = may(actor=actor, action="payouts.work", homes=office.paying())
    if not allowed:
        raise PermissionError(allowed.zh)
    found = payouts.former(payout_id=payout_id)
    if found is None:
        raise CannotTransfer(zh="找不到这笔付款", en="there is no such payout")
    case = pen.case(id=found.standing.complaint_id)
    found = payouts.former(payout_id=payout_id) or found
    one = found.standing
    if (
        one.state not in {"failed", "returned"}
        or one.offer_state != "accepted"
        or remedies.under_way(remedy_id=one.remedy_id)
    ):
        raise CannotTransfer(
            zh="这笔补偿没有等待重新付款", en="this remedy does not wait for another payment"
        )
    return payout.request(
        pen=pen,
        case=case,
        remedy_id=one.remedy_id,
        amount=one.amount,
        payee=found.payee,
        by=found.requested_by,
        because=Reason(
            rule="transfer.pay_again",
            zh="上一笔没有付成，按原收款信息再付",
            en="the last payment did not go through; paid again to the same payee",
        ),
    )


def ask_now(*, pen: Pen, actor: Actor, payout_id: UUID) -> None:
    """Let the provider be asked at once what became of a payout; nothing is sent anew by this.

    Raises CannotTransfer, PermissionError.
    """
    _guarded(pen=pen, actor=actor, action="payouts.work", payout_id=payout_id)
    if not transfers.hasten(id=payout_id, now=pen.now):
        raise CannotTransfer(zh="这笔没有等待结果", en="its end is not awaited")

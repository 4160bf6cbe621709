"""Pay: payouts go to finance in batches, and what finance reports comes back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor, may
from huiyin.core.remedy.reconcile import Reconciled, Result, reconcile
from huiyin.flows import payout
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, limits
from huiyin.store.read import office, payouts

MOST = 5000
"""Payouts in one batch."""
ACTS = ("pay", "fail", "return")


class CannotPay(ValueError):
    """There is nothing to pay or to reconcile; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def _guard(*, actor: Actor) -> None:
    allowed = may(actor=actor, action="payouts.work", homes=office.paying())
    if not allowed:
        raise PermissionError(allowed.zh)


def batch(*, pen: Pen, actor: Actor) -> UUID:
    """Gather the payouts that wait into one batch for finance; returns its id.

    Those that the actor proposed, or accepted in the customer's name, are left for a colleague:
    nobody pays out his own. Raises CannotPay, PermissionError.
    """
    _guard(actor=actor)
    free = limits.free_payouts(limit=MOST)
    waiting = payouts.standing(ids=free)
    mine = [p for p in waiting if actor.id in p.touched_by]
    taken = [p for p in waiting if actor.id not in p.touched_by]
    if not taken:
        raise CannotPay(
            zh="等待付款的都是您自己提出或代客户接受的，请同事来做这一批"
            if mine
            else "没有等待付款的款项",
            en="all that waits was proposed or accepted by you; a colleague has to pay it"
            if mine
            else "no payment waits",
        )
    batch_id = new_id(now=pen.now)
    day = pen.now.astimezone(ZoneInfo(office.current_playbook().timezone)).strftime("%Y%m%d")
    pen.add(
        table="payout_batch",
        row={
            "id": batch_id,
            "number": f"PB{day}-{batch_id.hex[-6:].upper()}",
            "created_at": pen.now,
            "created_by_id": actor.id,
            "payouts": len(taken),
            "total": sum(p.amount for p in taken),
            "reconciled_at": None,
            "report": {},
        },
    )
    for one in taken:
        pen.alter(table="payout", key=one.id, batch_id=batch_id)
    return batch_id


def settle(*, pen: Pen, actor: Actor, batch_id: UUID, results: Sequence[Result]) -> Reconciled:
    """Carry out what finance's result file says of a batch, and keep the report of the rest.

    Reading the same file twice changes nothing the second time. Raises CannotPay,
    PermissionError.
    """
    _guard(actor=actor)
    if not results:
        raise CannotPay(zh="结果文件里没有数据", en="the result file holds no rows")
    of_batch = payouts.of_batch(batch_id=batch_id)
    if not of_batch:
        raise CannotPay(zh="找不到这个批次", en="there is no such batch")
    cases = {c.id: c for c in pen.cases(ids=[p.complaint_id for p in of_batch])}
    of_batch = payouts.of_batch(batch_id=batch_id)
    out = reconcile(batch=[p.asked for p in of_batch], results=results)
    by_number = {p.number: p for p in of_batch}
    for act, result in out.acts:
        one = by_number[result.number]
        payout.end(pen=pen, case=cases[one.complaint_id], one=one, act=act, result=result)
    pen.alter(
        table="payout_batch",
        key=batch_id,
        reconciled_at=pen.now,
        report={
            "by": actor.id,
            "acts": {a: sum(1 for act, _ in out.acts if act == a) for a in ACTS},
            "known": len(out.known),
            "mismatches": [
                {"row": m.row, "number": m.number, "zh": m.zh, "en": m.en}
                for m in out.mismatches[:1000]
            ],
        },
    )
    return out

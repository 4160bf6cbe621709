"""Settle: what is offered, step by step, and who may grant it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import move
from huiyin.core.remedy import authority, yuan
from huiyin.core.remedy.offer import GRANTED, move_offer
from huiyin.flows.facts import thing_of
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, limits
from huiyin.store.read import cases, office, proposing, remedies
from huiyin.store.read.remedies import KIND_NAMES, Offer


class CannotSettle(ValueError):
    """The remedy is not possible; ``zh`` says why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def propose(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    kind: str,
    amount: int | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    told_with_answer: bool = False,
    instead_of: UUID | None = None,
) -> UUID:
    """Propose a remedy; within the actor's own authority it is granted at once.

    ``amount`` in 分; with ``facts`` of the compensation formula it may be left out and is never
    above what the rules yield. ``told_with_answer``: the customer hears of it in the answer that
    follows at once, in one message. ``instead_of`` is an offer that the customer countered: it is
    withdrawn in the same transaction and counts for nothing any more. Returns the remedy's id.
    Raises CannotSettle, CannotPropose, CannotClaimTwice, CannotReadFacts, CannotCompensate,
    CannotMove, PermissionError.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="propose", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if kind not in KIND_NAMES:
        raise CannotSettle(zh="请选择补偿方式", en="choose the kind of remedy")
    limits.hold(people=[actor.id], customer=case.customer_id)
    if instead_of is not None:
        _make_way(pen=pen, case=case, remedy_id=instead_of)
    plan = proposing.plan(
        case=case, actor=actor, kind=kind, amount=amount, facts=facts, now=pen.now,
        without=instead_of,
    )  # fmt: skip
    proposal, granted = plan.proposal, plan.proposal.ruling.ok
    if proposal.comparison is not None and proposal.comparison.departs and not reason.strip():
        raise CannotSettle(
            zh="与同类投诉的补偿差别较大，请写明理由",
            en="it departs from equal cases: give the reason",
        )
    remedy_id = new_id(now=pen.now)
    pen.add(
        table="remedy",
        row={
            "id": remedy_id,
            "complaint_id": case.id,
            "kind": kind,
            "amount": proposal.amount,
            "state": "approved" if granted else "waiting",
            "reason": reason.strip()[:2000],
            "because": [r.as_json() for r in proposal.because],
            "facts": plan.facts,
            "steps": plan.steps,
            "computed": proposal.computed,
            "likeness": proposal.likeness,
            "proposed_by_id": actor.id,
            "proposed_at": pen.now,
            "decided_by_id": actor.id if granted else None,
            "decided_at": pen.now if granted else None,
            "authority_of_id": actor.id if granted else None,
            "authority_role": actor.role if granted else "",
        },
    )
    for one in proposal.claims:
        pen.add(
            table="parcel_claim",
            row={
                "id": new_id(now=pen.now),
                "remedy_id": remedy_id,
                "complaint_id": case.id,
                "parcel": plan.parcel,
                "head": one.head,
                "round": one.round,
                "amount": one.amount,
            },
        )
    data = {"remedy": str(remedy_id), "kind": kind, "amount": proposal.amount}
    status = move(status=case.status, action="propose" if granted else "submit")
    ruled = [proposal.ruling.because]
    pen.change(case=case, kind="RemedyProposed", data=data, because=proposal.because, status=status)
    if granted:
        pen.record(
            case=case,
            kind="RemedyApproved",
            data={**data, "owner": actor.id, "role": actor.role, **_quiet(told_with_answer)},
            because=ruled,
        )
    return remedy_id


def meet(
    *,
    pen: Pen,
    complaint_id: UUID,
    remedy_id: UUID,
    amount: int,
    actor: Actor,
    reason: str = "",
) -> UUID:
    """Agree to the customer's sum: propose it in the countered offer's place; returns its id.

    ``amount`` is the customer's sum as the handler saw it, 分: nobody agrees to one that changed
    since. Facts, limits and approvals are those of any proposal. Raises as :func:`propose`.
    """
    row = remedies.offer(remedy_id=remedy_id)
    if row is not None:
        pen.cases(ids=[complaint_id, row.complaint_id])
        row = remedies.offer(remedy_id=remedy_id)
    if row is None or row.state != "countered" or row.counter != amount:
        raise CannotSettle(
            zh="客户的答复刚刚变了，请刷新后再看",
            en="the customer's answer has changed; reload and look again",
        )
    return propose(
        pen=pen,
        complaint_id=complaint_id,
        actor=actor,
        kind=row.kind,
        amount=amount,
        reason=reason,
        facts=row.facts or None,
        instead_of=remedy_id,
    )


def _make_way(*, pen: Pen, case: Case, remedy_id: UUID) -> None:
    """Withdraw an offer that the customer countered, for another one. Raises CannotSettle."""
    old, row = _in_hand(pen=pen, remedy_id=remedy_id)
    if case.id not in {old.id, old.merged_into}:
        raise CannotSettle(zh="找不到这笔补偿", en="there is no such remedy")
    if row.state != "countered" or remedies.under_way(remedy_id=remedy_id):
        raise CannotSettle(
            zh="这个方案已经不在还价中，请刷新查看客户最新的答复",
            en="the offer is not countered any more; reload to see what the customer answered",
        )
    because = Reason(
        rule="settle.replaced",
        zh=f"客户希望 ¥{yuan(row.counter or 0)}，改提新方案",
        en=f"the customer asked for ¥{yuan(row.counter or 0)}; another offer takes its place",
    )
    pen.alter(
        table="remedy",
        key=remedy_id,
        state=move_offer(state=row.state, act="withdraw"),
        decision_reason=because.zh,
    )
    _release(pen=pen, remedy_id=remedy_id)
    pen.record(
        case=old,
        kind="RemedyWithdrawn",
        data={
            "remedy": str(remedy_id), "kind": row.kind, "amount": row.amount,
            "granted": row.state in GRANTED,
        },
        because=[because],
    )  # fmt: skip


def _quiet(told_with_answer: bool) -> dict[str, bool]:
    return {"told_with_answer": True} if told_with_answer else {}


def _in_hand(*, pen: Pen, remedy_id: UUID) -> tuple[Case, Offer]:
    """Take the complaint of a remedy in hand and read the remedy again under its lock."""
    found = remedies.offer(remedy_id=remedy_id)
    if found is None:
        raise CannotSettle(zh="找不到这笔补偿", en="there is no such remedy")
    case = pen.case(id=found.complaint_id)
    return case, remedies.offer(remedy_id=remedy_id) or found


def decide(
    *,
    pen: Pen,
    remedy_id: UUID,
    actor: Actor,
    approve: bool,
    reason: str = "",
    told_with_answer: bool = False,
) -> UUID:
    """Approve or reject a remedy that waits, ``told_with_answer`` as in :func:`propose`.

    Returns the complaint's id.

    Nobody decides on his own, nor as deputy in the proposer's name, nor above the authority he
    uses. Raises CannotSettle, CannotMoveOffer, PermissionError.
    """
    case, row = _in_hand(pen=pen, remedy_id=remedy_id)
    if row.state != "waiting":
        raise CannotSettle(zh="这笔补偿已经处理过了", en="this remedy was decided already")
    state = move_offer(state=row.state, act="approve" if approve else "reject")
    if not approve and not reason.strip():
        raise CannotSettle(zh="驳回请写明原因", en="give the reason for rejecting")
    owner, because = _authority(
        pen=pen, case=case, row=row, actor=actor, amount=row.amount if approve else 0
    )
    pen.alter(
        table="remedy",
        key=remedy_id,
        state=state,
        decided_by_id=actor.id,
        decided_at=pen.now,
        decision_reason=reason.strip()[:2000],
        authority_of_id=owner.id,
        authority_role=owner.role,
    )
    if not approve:
        _release(pen=pen, remedy_id=remedy_id)
    still = cases.remedies_waiting(complaint_id=case.id) - 1
    said = ("批准" if approve else "驳回", "approved" if approve else "rejected")
    pen.change(
        case=case,
        kind="RemedyApproved" if approve else "RemedyRejected",
        data={
            "remedy": str(remedy_id), "kind": row.kind, "amount": row.amount,
            "reason": reason.strip(), "owner": owner.id, "role": owner.role,
            **_quiet(told_with_answer),
        },
        because=[
            Reason(
                rule=f"settle.{state}",
                zh=f"{said[0]} ¥{row.amount / 100:.2f}",
                en=f"{said[1]} ¥{row.amount / 100:.2f}",
            ),
            because,
        ],
        status="working" if still <= 0 and case.status == "waiting_approval" else case.status,
        unread=True,
    )  # fmt: skip
    return case.id


def _authority(
    *, pen: Pen, case: Case, row: Offer, actor: Actor, amount: int
) -> tuple[Actor, Reason]:
    """Return by whose authority the actor decides. Raises CannotSettle, PermissionError."""
    playbook = office.playbook(version_id=case.playbook_version)
    zone = playbook.timezone
    today = pen.now.astimezone(ZoneInfo(zone)).date()
    usable = authority.capacities(
        actor=actor, absences=remedies.absences_for(deputy=actor.id, today=today), today=today
    )
    owners = [c.owner.id for c in usable]
    limits.hold(people=owners, customer=case.customer_id)
    ruling = authority.approve(
        actor=actor,
        proposed_by=row.proposed_by_id,
        usable=usable,
        thing=thing_of(case=case),
        amount=amount,
        ladder=remedies.ladder_of(playbook=playbook),
        spent=remedies.spent_by(
            owners=owners,
            complaint_ids=remedies.family(complaint_id=case.id, waybill=case.waybill),
            customer_id=case.customer_id,
            customer_days=playbook.settlement.customer_days,
            now=pen.now,
            zone=zone,
        ),
    )
    why = ruling.because
    if ruling.owner is None and why.rule in {
        "authority.case", "authority.day", "authority.customer",
    }:  # fmt: skip
        raise CannotSettle(zh=why.zh, en=why.en)
    if ruling.owner is None:
        raise PermissionError(why.zh)
    return ruling.owner, why


def withdraw(*, pen: Pen, remedy_id: UUID, actor: Actor, reason: str) -> UUID:
    """Take an offer back before it is paid; returns the complaint's id.

    Raises CannotSettle, CannotMoveOffer, PermissionError.
    """
    case, row = _in_hand(pen=pen, remedy_id=remedy_id)
    allowed = may(actor=actor, action="propose", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if not reason.strip():
        raise CannotSettle(zh="撤回请写明原因", en="give the reason for taking it back")
    if remedies.under_way(remedy_id=remedy_id):
        raise CannotSettle(zh="款项已在支付中或已付，不能撤回", en="a payment is under way or done")
    state = move_offer(state=row.state, act="withdraw")
    pen.alter(table="remedy", key=remedy_id, state=state, decision_reason=reason.strip()[:2000])
    _release(pen=pen, remedy_id=remedy_id)
    waiting = cases.remedies_waiting(complaint_id=case.id) - (row.state == "waiting")
    pen.change(
        case=case,
        kind="RemedyWithdrawn",
        data={
            "remedy": str(remedy_id), "kind": row.kind, "amount": row.amount,
            "granted": row.state in GRANTED,
        },
        because=[Reason(rule="settle.withdrawn", zh=reason.strip(), en=reason.strip())],
        status="working" if waiting <= 0 and case.status == "waiting_approval" else case.status,
    )  # fmt: skip
    return case.id


def _release(*, pen: Pen, remedy_id: UUID) -> None:
    for claim_id in remedies.claims_of(remedy_id=remedy_id):
        pen.alter(table="parcel_claim", key=claim_id, live=False)

"""Settle: what is offered, and who may grant it."""

from __future__ import annotations

from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import move
from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.flows.facts import thing_of
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import cases, office
from huiyin.store.read.remedies import KIND_NAMES


class CannotSettle(ValueError):
    """The remedy is not possible; ``zh`` says why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def propose(
    *, pen: Pen, complaint_id: UUID, actor: Actor, kind: str, amount: int = 0, reason: str = ""
) -> None:
    """Propose a remedy, ``amount`` in 分; within the actor's authority it is granted at once.

    Raises CannotSettle, CannotMove, PermissionError.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="propose", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if kind not in KIND_NAMES:
        raise CannotSettle(zh="请选择补偿方式", en="choose the kind of remedy")
    if kind in MONEY_KINDS and amount <= 0:
        raise CannotSettle(zh="请填写大于 0 的金额", en="give an amount above 0")
    if amount < 0 or amount > 10**10:
        raise CannotSettle(zh="金额超出范围", en="the amount is out of range")
    money = amount if kind in MONEY_KINDS else 0
    playbook = office.playbook(version_id=case.playbook_version)
    granted = cases.granted_amount(complaint_id=case.id)
    authority = playbook.authority_of(role=actor.role)
    limit = 0 if authority is None else authority.per_case
    within = money == 0 or limit is None or granted + money <= limit
    if within and authority is not None and authority.per_day is not None and money:
        spent = cases.granted_today(user_id=actor.id, now=pen.now)
        within = spent + money <= authority.per_day
    name = KIND_NAMES[kind]
    yuan = f"¥{money / 100:.2f}" if money else ""
    shown = "不限" if limit is None else f"¥{limit / 100:.2f}"
    because = Reason(
        rule="settle.authority",
        zh=f"{name[0]}{yuan}，本人每件额度 {shown}"
        + ("，无需审批" if within else "，超出部分需上级审批"),
        en=f"{name[1]} {yuan}".strip() + (": within authority" if within else ": needs approval"),
    )
    remedy_id = new_id(now=pen.now)
    pen.add(
        table="remedy",
        row={
            "id": remedy_id,
            "complaint_id": case.id,
            "kind": kind,
            "amount": money,
            "state": "approved" if within else "waiting",
            "reason": reason.strip()[:2000],
            "because": [because.as_json()],
            "proposed_by_id": actor.id,
            "proposed_at": pen.now,
            "decided_by_id": actor.id if within else None,
            "decided_at": pen.now if within else None,
            "decision_reason": "",
        },
    )
    data = {"remedy": str(remedy_id), "kind": kind, "amount": money}
    status = move(status=case.status, action="propose" if within else "submit")
    pen.change(case=case, kind="RemedyProposed", data=data, because=[because], status=status)
    if within:
        pen.record(case=case, kind="RemedyApproved", data=data, because=[because])


def decide(*, pen: Pen, remedy_id: UUID, actor: Actor, approve: bool, reason: str = "") -> UUID:
    """Approve or reject a remedy that waits; returns the complaint's id.

    Nobody approves his own and nobody above his authority. Raises CannotSettle, PermissionError.
    """
    row = cases.remedy_for_decision(remedy_id=remedy_id)
    if row is None or row.state != "waiting":
        raise CannotSettle(zh="这笔补偿已经处理过了", en="this remedy was decided already")
    case = pen.case(id=row.complaint_id)
    allowed = may(
        actor=actor, action="approve", thing=thing_of(case=case, proposed_by=row.proposed_by_id)
    )
    if not allowed:
        raise PermissionError(allowed.zh)
    playbook = office.playbook(version_id=case.playbook_version)
    authority = playbook.authority_of(role=actor.role)
    limit = 0 if authority is None else authority.per_case
    granted = cases.granted_amount(complaint_id=case.id)
    if approve and limit is not None and granted + row.amount > limit:
        raise CannotSettle(
            zh=f"超出您的每件审批额度 ¥{limit / 100:.2f}，请上一级审批",
            en="above your authority; ask the next rank",
        )
    if not approve and not reason.strip():
        raise CannotSettle(zh="驳回请写明原因", en="give the reason for rejecting")
    state = "approved" if approve else "rejected"
    pen.alter(
        table="remedy",
        key=remedy_id,
        state=state,
        decided_by_id=actor.id,
        decided_at=pen.now,
        decision_reason=reason.strip()[:2000],
    )
    still = cases.remedies_waiting(complaint_id=case.id) - 1
    pen.change(
        case=case,
        kind="RemedyApproved" if approve else "RemedyRejected",
        data={
            "remedy": str(remedy_id), "kind": row.kind, "amount": row.amount,
            "reason": reason.strip(),
        },
        because=[
            Reason(
                rule=f"settle.{state}",
                zh=("批准" if approve else "驳回") + f" ¥{row.amount / 100:.2f}",
                en=f"{state} ¥{row.amount / 100:.2f}",
            )
        ],
        status="working" if still <= 0 and case.status == "waiting_approval" else case.status,
        unread=True,
    )  # fmt: skip
    return case.id

"""Investigate: the verdict, its cause and the department that answers for it."""

from __future__ import annotations

from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import move
from huiyin.flows.facts import thing_of
from huiyin.store.ledger import Pen
from huiyin.store.read import office
from huiyin.store.read.labels import VERDICT_NAMES


class CannotJudge(ValueError):
    """The verdict is incomplete; ``zh`` says what is missing."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def give_verdict(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    verdict: str,
    cause: str = "",
    department: str = "",
    reason: str = "",
) -> None:
    """Record whether the complaint is upheld, why, and who is responsible.

    Raises CannotJudge, CannotMove, PermissionError.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="verdict", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    playbook = office.playbook(version_id=case.playbook_version)
    if verdict not in VERDICT_NAMES:
        raise CannotJudge(zh="请选择成立、部分成立或不成立", en="choose a verdict")
    if not cause:
        raise CannotJudge(
            zh="请从原因树中选择原因；没有发现问题或查不明的，也有对应的一项",
            en="choose a cause from the tree; it also has one for nothing found and for not known",
        )
    if cause not in {c.code for c in playbook.causes}:
        raise CannotJudge(zh="请选择列表中的原因", en="choose a cause from the list")
    if department and department not in {d.code for d in playbook.departments}:
        raise CannotJudge(zh="请选择列表中的责任部门", en="choose a department from the list")
    status = move(status=case.status, action="verdict")
    zh, en = VERDICT_NAMES[verdict]
    pen.change(
        case=case,
        kind="VerdictGiven",
        data={"verdict": verdict, "cause": cause, "department": department, "reason": reason},
        because=[
            Reason(
                rule="investigate.verdict",
                zh=f"投诉{zh}" + (f"：{reason.strip()}" if reason.strip() else ""),
                en=en + (f": {reason.strip()}" if reason.strip() else ""),
            )
        ],
        verdict=verdict,
        cause=cause,
        liable_department=department,
        status=status,
    )

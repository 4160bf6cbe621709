"""Close: archived, satisfied, silent long enough, by a supervisor's reason; opening again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import CannotMove, move
from huiyin.flows.again import open_again
from huiyin.flows.facts import thing_of
from huiyin.flows.telling import tell
from huiyin.store.case import Case, Happening
from huiyin.store.ledger import Pen
from huiyin.store.read import cases, office


def _close(*, pen: Pen, case: Case, because: Reason, told: bool, actor: str | None) -> None:
    for survey in cases.open_surveys(complaint_id=case.id):
        pen.alter(table="survey", key=survey, state="expired")
    if told:
        playbook = office.playbook(version_id=case.playbook_version)
        tell(pen=pen, case=case, message=playbook.messages.closed)
    pen.change(
        case=case,
        kind="ComplaintClosed",
        data={"stars": case.stars},
        because=[because],
        actor=actor,
        status="closed",
        live=False,
        closed_at=pen.now,
        unread=False,
    )


def archive(pen: Pen, events: Sequence[Happening]) -> None:
    """Archive consultations and business requests, as the playbook's branch says."""
    for event in events:
        case = event.case
        playbook = office.playbook(version_id=case.playbook_version)
        branch = playbook.branch(code=case.branch)
        if not branch.archive or not case.live:
            continue
        if not case.triage.get("silent"):
            tell(pen=pen, case=case, message=playbook.messages.archived)
        pen.change(
            case=case,
            kind="ComplaintArchived",
            data={"branch": branch.code},
            because=[
                Reason(
                    rule="close.archived",
                    zh=f"{branch.name.zh}：登记姓名和电话后存档",
                    en=f"{branch.name.en}: archived with name and phone",
                    source="playbook",
                )
            ],
            actor="system",
            status=move(status=case.status, action="archive"),
            live=False,
            closed_at=pen.now,
            unread=False,
        )


def end_past(pen: Pen, events: Sequence[Happening]) -> None:
    """End imported complaints that were answered long ago, at the time they were answered."""
    for event in events:
        case = event.case
        if not case.triage.get("ended_at"):
            continue
        ended_at = datetime.fromisoformat(case.triage["ended_at"])
        playbook = office.playbook(version_id=case.playbook_version)
        pen.change(
            case=case,
            kind="PastTakenOver",
            data={"at": ended_at.isoformat()},
            because=[
                Reason(
                    rule="close.past",
                    zh="导入时已有答复，按原答复时间记为办结",
                    en="answered before it was imported; closed at the time of that answer",
                )
            ],
            actor="system",
            status="closed",
            live=False,
            department_id=playbook.category(code=case.category).department,
            first_replied_at=ended_at,
            resolved_at=ended_at,
            closed_at=ended_at,
            unread=False,
        )


def close_satisfied(pen: Pen, events: Sequence[Happening]) -> None:
    """Close complaints whose customer is satisfied."""
    for event in events:
        if event.case.status == "resolved":
            stars = event.data.get("stars")
            _close(
                pen=pen,
                case=event.case,
                because=Reason(
                    rule="close.satisfied", zh=f"客户评价 {stars} 星", en=f"{stars} stars"
                ),
                told=True,
                actor="system",
            )


def close_silent(*, pen: Pen, limit: int) -> int:
    """Close resolved complaints whose survey ran out unanswered. Returns how many."""
    closed = 0
    for survey_id, complaint_id in cases.surveys_expired(now=pen.now, limit=limit):
        case = pen.case(id=complaint_id)
        pen.alter(table="survey", key=survey_id, state="expired")
        if case.status == "resolved":
            _close(
                pen=pen,
                case=case,
                because=Reason(
                    rule="close.silent",
                    zh="答复后客户在评价期内未再联系",
                    en="no word from the customer within the survey's time",
                ),
                told=False,
                actor="system",
            )
            closed += 1
    return closed


def close_by_hand(*, pen: Pen, complaint_id: UUID, actor: Actor, reason: str) -> None:
    """Close with a supervisor's reason. Raises PermissionError, CannotMove."""
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="close", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if not reason.strip():
        raise CannotMove(zh="请写明办结原因", en="give the reason for closing")
    move(status=case.status, action="close")
    _close(
        pen=pen,
        case=case,
        because=Reason(rule="close.by_hand", zh=reason.strip(), en=reason.strip()),
        told=False,
        actor=None,
    )


def reopen(*, pen: Pen, complaint_id: UUID, actor: Actor, reason: str) -> None:
    """Open an answered or closed complaint again. Raises PermissionError, CannotMove."""
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="reopen", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    move(status=case.status, action="reopen")
    open_again(
        pen=pen,
        case=case,
        because=Reason(
            rule="close.reopened", zh=reason.strip() or "重新打开", en=reason.strip() or "reopened"
        ),
        silent=True,
    )

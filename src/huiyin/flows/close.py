"""Close: archived, satisfied, silent long enough, by a supervisor's reason; opening again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import move
from huiyin.core.rehandling import Input, step
from huiyin.flows.again import ladder_of, open_again, standing_of, take_step
from huiyin.flows.calling import calls_for
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
    """Close complaints whose customer is satisfied, unless somebody outside watches them."""
    for event in events:
        stars = event.data.get("stars")
        because = Reason(rule="close.satisfied", zh=f"客户评价 {stars} 星", en=f"{stars} stars")
        _follow(pen=pen, case=event.case, what="satisfied", because=because, told=True)


def expire(*, pen: Pen, limit: int) -> int:
    """Let surveys run out that nobody answered. Returns how many resolved complaints they were."""
    expired = 0
    for survey_id, complaint_id in cases.surveys_expired(now=pen.now, limit=limit):
        case = pen.case(id=complaint_id)
        pen.alter(table="survey", key=survey_id, state="expired")
        if case.status == "resolved":
            pen.record(case=case, kind="SurveyExpired", data={"level": case.level}, actor="system")
            expired += 1
    return expired


def close_silent(pen: Pen, events: Sequence[Happening]) -> None:
    """Close resolved complaints after silence, unless the customer is to be called first."""
    for event in events:
        if calls_for(case=event.case, on="silent", now=pen.now):
            continue
        _follow(pen=pen, case=event.case, what="silent", because=_SILENT, told=False)


def after_call(pen: Pen, events: Sequence[Happening]) -> None:
    """Do what follows from a call-back: close, handle again, or leave it to a supervisor."""
    said: dict[str, tuple[Input, Reason]] = {
        "satisfied": ("call_satisfied", _CALLED),
        "dissatisfied": ("call_dissatisfied", _CALLED),
        "refused": ("call_refused", _SILENT),
        "given_up": ("call_given_up", _SILENT),
    }
    for event in events:
        if event.data["outcome"] in said:
            what, because = said[event.data["outcome"]]
            _follow(pen=pen, case=event.case, what=what, because=because, told=False)


_SILENT = Reason(
    rule="close.silent",
    zh="答复后客户没有再提出意见",
    en="no further word from the customer after the answer",
)
_CALLED = Reason(
    rule="close.called", zh="客户在回访时表示满意", en="satisfied when he was called back"
)


def _follow(*, pen: Pen, case: Case, what: Input, because: Reason, told: bool) -> None:
    standing = standing_of(case=case)
    if standing.state in {"first", "again"}:
        return
    decided = step(standing=standing, what=what, ladder=ladder_of(case=case))
    if "close" in decided.effects:
        _close(pen=pen, case=case, because=because, told=told, actor="system")
    else:
        take_step(pen=pen, case=case, step=decided, ground="dissatisfied", data={})


def close_by_hand(*, pen: Pen, complaint_id: UUID, actor: Actor, reason: str) -> None:
    """Close with a supervisor's reason. Raises PermissionError, CannotMove, CannotRehandle."""
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="close", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    move(status=case.status, action="close")
    decided = step(
        standing=standing_of(case=case),
        what="close",
        ladder=ladder_of(case=case),
        rank=actor.role,
        reason=reason,
    )
    said = Reason(rule="close.by_hand", zh=decided.because.zh, en=decided.because.en)
    _close(pen=pen, case=case, because=said, told=False, actor=None)


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

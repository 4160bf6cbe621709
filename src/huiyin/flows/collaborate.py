"""Collaborate: ask departments about a complaint, and what each side then does.

The complaint's own clocks go on: the law's clock never pauses for a department's answer. Each
request has a clock of its own, after the department's playbook entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from huiyin.core import collaboration as core
from huiyin.core.access import Actor, Request, may, may_on_request
from huiyin.core.because import Reason
from huiyin.core.collaboration import CannotCollaborate, Step
from huiyin.core.evidence import FROM_CUSTOMER, FROM_HANDLER
from huiyin.core.lifecycle import move
from huiyin.core.playbook.schema import Department
from huiyin.flows.facts import thing_of
from huiyin.flows.ticking import begin, pause, resume, stop
from huiyin.store.case import Case, Happening, Ticking
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import collaborations, office
from huiyin.store.read.collaborations import Asked

File = Mapping[str, Any]
"""{name, content_type, size, sha256} of a kept file."""


def ask(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    departments: Sequence[str],
    question: str,
    files: Sequence[File] = (),
) -> list[UUID]:
    """Ask one or several departments at once; returns the requests' ids.

    Raises CannotCollaborate, CannotMove, PermissionError.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="collaborate", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    move(status=case.status, action="collaborate")
    playbook = office.playbook(version_id=case.playbook_version)
    wanted = core.ask(
        departments=departments,
        question=question,
        known=[d.code for d in playbook.departments],
        owner=case.department_id,
        waiting=collaborations.departments_asked(complaint_id=case.id),
    )
    return [
        _put(pen=pen, case=case, code=code, actor=actor, question=question, files=files)
        for code in wanted
    ]


def ask_by_step(pen: Pen, events: Sequence[Happening]) -> None:
    """Put the request that a step of the procedure puts by itself, in its worker's name.

    A department that has the complaint, or is asked already, is not asked again.
    """
    for event in events:
        if event.data.get("do") != "request":
            continue
        case, code = event.case, str(event.data["department"])
        asked = collaborations.departments_asked(complaint_id=case.id)
        if code == case.department_id or code in asked:
            continue
        playbook = office.playbook(version_id=case.playbook_version)
        deed = playbook.step(id=str(event.data["step"])).automatic
        if deed is not None and deed.question is not None:
            by = Actor(id=int(event.data["by"]), role="")
            _put(pen=pen, case=case, code=code, actor=by, question=deed.question.zh, files=())


def ask_for_evidence(pen: Pen, events: Sequence[Happening]) -> None:
    """Ask the department from which items of the checklist are wanted, where it is not asked yet.

    A department with an open request, or that has the complaint, sees the items there.
    """
    for event in events:
        case, code = event.case, str(event.data["of"])
        if code in {FROM_HANDLER, FROM_CUSTOMER, case.department_id}:
            continue
        if code in collaborations.departments_asked(complaint_id=case.id):
            continue
        names = "、".join(str(zh) for _code, zh, _en in event.data["items"])
        said = str(event.data.get("words", ""))
        question = f"请提供：{names}" + (f"。{said}" if said else "")
        by = Actor(id=int(event.data["by"]), role="")
        _put(pen=pen, case=case, code=code, actor=by, question=question, files=())


def _put(
    *, pen: Pen, case: Case, code: str, actor: Actor, question: str, files: Sequence[File]
) -> UUID:
    request_id = new_id(now=pen.now)
    department = office.playbook(version_id=case.playbook_version).department(code=code)
    clock = _start(pen=pen, case=case, request_id=request_id, department=department)
    pen.add(
        table="collaboration",
        row={
            "id": request_id,
            "complaint_id": case.id,
            "department_id": code,
            "state": "asked",
            "asked_by_id": actor.id,
            "asked_at": pen.now,
            "due_at": clock.due_at,
        },
    )
    _tell(
        pen=pen, case=case, request_id=request_id, act="ask", department=code, actor=actor,
        words=question, files=files, due=clock,
        because=Reason(
            rule="collaboration.ask",
            zh=f"请{department.name.zh}协办：{question.strip()[:200]}",
            en=f"{department.name.en} is asked: {question.strip()[:200]}",
        ),
    )  # fmt: skip
    return request_id


def do(
    *,
    pen: Pen,
    collaboration_id: UUID,
    actor: Actor,
    act: str,
    words: str = "",
    files: Sequence[File] = (),
    department: str = "",
) -> UUID:
    """Do one act on a request; returns the complaint's id.

    Acts of the department asked: accept, answer, ask_back, return, transfer (to ``department``).
    Acts of those who asked: supply, ask_again, withdraw. Raises CannotCollaborate,
    PermissionError.
    """
    case, row = _in_hand(pen=pen, collaboration_id=collaboration_id)
    allowed = may_on_request(
        actor=actor,
        action=act,
        request=Request(
            department=row.department, asked_by=row.asked_by, complaint=thing_of(case=case)
        ),
    )
    if not allowed:
        raise PermissionError(allowed.zh)
    playbook = office.playbook(version_id=case.playbook_version)
    if act == "ask_again" and not case.live:
        raise CannotCollaborate(zh="投诉已办结，请先重新打开", en="reopen the complaint first")
    step = core.step(
        state=row.state,
        act=act,
        department=row.department,
        words=words,
        files=len(files),
        target=department,
        known=[d.code for d in playbook.departments],
        owner=case.department_id,
        waiting=collaborations.departments_asked(complaint_id=case.id),
    )
    _apply(pen=pen, case=case, row=row, step=step, act=act, actor=actor, words=words, files=files)
    return case.id


def end(pen: Pen, events: Sequence[Happening]) -> None:
    """Withdraw what is still open when a complaint is answered, closed or merged."""
    for event in events:
        for request_id in collaborations.open_of(complaint_id=event.case.id):
            case, row = _in_hand(pen=pen, collaboration_id=request_id)
            step = core.step(state=row.state, act="withdraw", department=row.department)
            _apply(
                pen=pen, case=case, row=row, step=step, act="withdraw", actor=None, words="",
                files=(),
            )  # fmt: skip


def _in_hand(*, pen: Pen, collaboration_id: UUID) -> tuple[Case, Asked]:
    """Take the complaint of a request in hand and read the request again under its lock."""
    found = collaborations.asked(collaboration_id=collaboration_id)
    if found is None:
        raise CannotCollaborate(zh="找不到这件协办", en="there is no such request")
    case = pen.case(id=found.complaint_id)
    return case, collaborations.asked(collaboration_id=collaboration_id) or found


def _start(*, pen: Pen, case: Case, request_id: UUID, department: Department) -> Ticking:
    asked = department.collaboration
    clock = begin(
        case=case,
        rule="collaboration",
        name={
            "zh": f"{department.name.zh}协办答复",
            "en": f"Answer of {department.name.en}",
            "department": department.code,
        },
        calendar=asked.calendar,
        duration=asked.for_,
        legal=False,
        share=asked.warn_share,
        since=pen.now,
        collaboration_id=request_id,
    )
    pen.start_clock(case=case, clock=clock)
    return clock


def _apply(
    *,
    pen: Pen,
    case: Case,
    row: Asked,
    step: Step,
    act: str,
    actor: Actor | None,
    words: str,
    files: Sequence[File],
) -> None:
    clock = next(
        (c for c in pen.asked_clocks(case=case) if c.collaboration_id == row.id and c.running), None
    )
    changes: dict[str, Any] = {"state": step.state, "open": step.state in core.OPEN}
    playbook = office.playbook(version_id=case.playbook_version)
    if step.clock == "restart":
        if clock:
            stop(pen=pen, case=case, clock=clock, met=False)
        clock = _start(
            pen=pen, case=case, request_id=row.id,
            department=playbook.department(code=step.department),
        )  # fmt: skip
        changes |= {
            "department_id": step.department, "assignee_id": None, "accepted_at": None,
            "ended_at": None, "rounds": row.rounds + (act == "ask_again"),
        }  # fmt: skip
    elif clock:
        if step.clock in {"meet", "cancel"}:
            stop(pen=pen, case=case, clock=clock, met=step.clock == "meet")
        elif step.clock == "pause":
            pause(pen=pen, case=case, clock=clock)
        elif step.clock == "resume" and clock.state == "paused":
            share = playbook.department(code=row.department).collaboration.warn_share
            resume(pen=pen, case=case, clock=clock, share=share)
    runs = clock is not None and clock.running
    changes["due_at"] = clock.due_at if clock and runs else None
    if act in core.ASKED_SIDE and act != "transfer" and actor is not None:
        changes["assignee_id"] = actor.id
        if row.accepted_at is None and act in {"accept", "answer"}:
            changes["accepted_at"] = pen.now
    if not changes["open"]:
        changes["ended_at"] = pen.now
    pen.alter(table="collaboration", key=row.id, **changes)
    _tell(
        pen=pen, case=case, request_id=row.id, act=act, department=step.department, actor=actor,
        words=words, files=files, due=clock if runs else None, because=step.because,
        before=row.department if step.department != row.department else "",
    )  # fmt: skip


def _tell(
    *,
    pen: Pen,
    case: Case,
    request_id: UUID,
    act: str,
    department: str,
    actor: Actor | None,
    words: str,
    files: Sequence[File],
    due: Ticking | None,
    because: Reason,
    before: str = "",
) -> None:
    """Keep the words and record the event on the complaint's chain."""
    said = words.strip().replace("\x00", "")
    pen.add(
        table="collaboration_message",
        row={
            "id": new_id(now=pen.now),
            "collaboration_id": request_id,
            "act": act,
            "at": pen.now,
            "author_id": actor.id if actor else None,
            "department": department,
            "text": said,
            "files": [dict(f) for f in files],
        },
    )
    data: dict[str, Any] = {"collaboration": request_id.hex, "department": department}
    if before:
        data["from"] = before
    if said:
        data["words"] = said
    if files:
        data["files"] = [[str(f["name"]), str(f["sha256"])] for f in files]
    if due is not None and due.due_at is not None:
        data["due"] = due.due_at.isoformat()
    # Whoever handles the complaint sees at a glance that a department moved.
    unread = {"unread": True} if act in core.ASKED_SIDE and act != "accept" else {}
    pen.change(
        case=case,
        kind=core.EVENT_OF[act],
        data=data,
        because=[because],
        actor="system" if actor is None else None,
        **unread,
    )

"""Hear: complaints about somebody's manner, in a file of their own beside the complaint.

The form is recorded, the superior answers within the playbook's time, a sanction or a notice
follows, the employee may object once, the administration manager is told, decides and files it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor, may, may_on_conduct
from huiyin.core.because import Reason
from huiyin.core.clocks import due, warn_time
from huiyin.core.conduct import CannotHear, parts, step
from huiyin.flows.facts import thing_of
from huiyin.flows.ticking import calendar_of
from huiyin.store import files
from huiyin.store.ledger import Pen
from huiyin.store.ledger import conduct as ledger
from huiyin.store.read import conduct, office

_LONG, _SHORT = 5000, 120


def record(
    *,
    pen: Pen,
    actor: Actor,
    kind: str,
    employee: int,
    superior: int | None,
    complainant: str,
    contact: str = "",
    words: str,
    charge: str,
    place: str = "",
    happened_at: datetime | None = None,
    complaint_id: UUID | None = None,
) -> UUID:
    """Record the form and give it to the employee's superior; returns the file's id.

    ``kind`` is external (about a customer's complaint) or internal (the actor complains of a
    colleague). ``charge`` is what the employee is told: nothing of the complainant. An external
    complaint goes to the superior as well. Raises CannotHear, PermissionError.
    """
    allowed = may(actor=actor, action="conduct.record")
    if not allowed:
        raise PermissionError(allowed.zh)
    if kind not in {"external", "internal"}:
        raise CannotHear(zh="请选择外部投诉或内部投诉", en="choose external or internal")
    if kind == "external" and complaint_id is None:
        raise CannotHear(
            zh="外部投诉请从那件投诉的页面登记", en="record it from the customer's complaint"
        )
    if kind == "internal" and complaint_id is not None:
        raise CannotHear(
            zh="内部投诉不关联客户的投诉", en="internal: without a customer's complaint"
        )
    if employee == actor.id:
        raise CannotHear(zh="不能登记针对自己的投诉", en="nobody records one about himself")
    said = {
        "complainant": _line(complainant), "words": _text(words), "charge": _text(charge),
    }  # fmt: skip
    missing = {
        "complainant": ("投诉人", "the complainant"),
        "words": ("投诉人的原话", "the complainant's words"),
        "charge": ("告知当事人的内容", "what the employee is told"),
    }
    for name, (zh, en) in missing.items():
        if not said[name]:
            raise CannotHear(zh=f"请填写{zh}", en=f"write {en}")
    if said["complainant"] in said["charge"]:
        raise CannotHear(
            zh="告知当事人的内容里不能有投诉人的姓名",
            en="what the employee is told must not name the complainant",
        )
    if happened_at is not None and happened_at > pen.now:
        raise CannotHear(zh="发生时间不能晚于现在", en="it cannot have happened in the future")
    playbook = office.current_playbook()
    terms = playbook.conduct
    if not terms.measures:
        raise CannotHear(
            zh="处理规程里没有列出可用的处理（conduct.measures）",
            en="the playbook lists no measures (conduct.measures)",
        )
    who = parts(
        employee=employee,
        people=conduct.colleagues(),
        report_to=terms.report_to,
        superior=superior,
        complainant=actor.id if kind == "internal" else None,
    )
    answers = superior if superior is not None else who.superiors[0]
    zone = ZoneInfo(playbook.timezone)
    due_at = due(
        start=pen.now.astimezone(zone),
        duration=terms.answer_within,
        calendar=calendar_of(playbook_version=playbook.version_id, name=terms.calendar),
        explain=False,
    ).due
    if due_at is None:
        raise CannotHear(zh="规程的答复期限算不出来", en="the playbook's time cannot be counted")
    because = Reason(
        rule="conduct.superior",
        zh="由当事人的上级处理，当事人本人不参与",
        en="the superior handles it, not the employee himself",
    )
    if complaint_id is not None:
        _to_superior(
            pen=pen, complaint_id=complaint_id, actor=actor, employee=employee,
            superior=answers, because=because,
        )  # fmt: skip
    return ledger.open_file(
        now=pen.now,
        actor=pen.actor,
        zone=zone,
        fields={
            **said,
            "kind": kind,
            "complaint_id": complaint_id,
            "contact": _line(contact),
            "employee_id": employee,
            "department": conduct.department_of(person=employee),
            "happened_at": happened_at,
            "place": _line(place),
            "recorded_by_id": actor.id,
            "playbook_version": playbook.version_id,
            "superior_id": answers,
            "administration_id": who.administration[0],
            "due_at": due_at,
            "warn_at": warn_time(start=pen.now, due_at=due_at, share=terms.warn_share),
        },
        because=[because],
    )


def _to_superior(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    employee: int,
    superior: int,
    because: Reason,
) -> None:
    """Give the customer's complaint to the superior; its chain names no employee."""
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="note", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if case.category != "attitude":
        raise CannotHear(
            zh="只有服务态度投诉另立档案，请先更正类别",
            en="only complaints of attitude have such a file: correct the category first",
        )
    if not case.live:
        raise CannotHear(zh="投诉已办结，请先重新打开", en="reopen the complaint first")
    if conduct.exists(complaint_id=complaint_id, employee=employee):
        raise CannotHear(
            zh="这件投诉已为该当事人立过档案", en="there is a file about this person already"
        )
    before = [case.department_id, case.assignee_id]
    department = conduct.department_of(person=superior) or case.department_id
    # Whoever is complained of never gets it again, at no level of handling.
    pen.record(case=case, kind="ConductFileOpened", because=[because])
    if case.assignee_id != superior:
        pen.change(
            case=case,
            kind="HandedOver",
            data={"from": before, "department": department, "assignee": superior, "reason": ""},
            because=[because],
            status="assigned" if case.status in {"new", "assigned"} else case.status,
            department_id=department,
            team_id=None,
            assignee_id=superior,
            unread=True,
        )
    pen.set(case=case, handled_by=list(dict.fromkeys((*case.handled_by, employee, superior))))


def do(
    *,
    pen: Pen,
    file_id: UUID,
    actor: Actor,
    act: str,
    words: str = "",
    verdict: str = "",
    finding: str = "",
    measure: str = "",
    decision: str = "",
) -> None:
    """Do one act on a file: state, answer, sanction, notice, object, accept, decide or report.

    ``words`` are what the act says; with answer ``verdict`` and ``finding``; with sanction and
    notice the ``measure``; with decide the ``decision`` (kept, changed with another ``measure``,
    or lifted). Raises CannotHear, PermissionError.
    """
    held = _held(file_id=file_id, actor=actor, act=act)
    said = _text(words)
    now = step(
        at=held.standing, act=act, now=pen.now, words=said, verdict=verdict, decision=decision
    )
    found = _text(finding)
    if act == "answer" and not found:
        raise CannotHear(zh="请写明核查到的情况", en="write what was found")
    if act in {"sanction", "notice"} or decision == "changed":
        _known(held=held, measure=measure, kind="" if act == "decide" else act)
    if decision == "changed" and measure == held.measure:
        raise CannotHear(zh="变更请选择另一种处理", en="choose another measure to change it")
    changes, data = _written(
        act=act, held=held, at=pen.now, said=said, verdict=verdict, found=found,
        measure=measure, decision=decision,
    )  # fmt: skip
    ledger.change(
        file_id=held.id, now=pen.now, actor=pen.actor, kind=now.event, data=data,
        because=[now.because],
        changes={**changes, "stage": now.stage, "objection": now.objection},
    )  # fmt: skip


def file_away(
    *,
    pen: Pen,
    file_id: UUID,
    actor: Actor,
    opinion: str,
    paper: Callable[[UUID], bytes],
) -> None:
    """File it: the manager's opinion, and the whole form kept as PDF that ``paper`` prints.

    Raises CannotHear, PermissionError.
    """
    held = _held(file_id=file_id, actor=actor, act="file")
    said = _text(opinion)
    now = step(at=held.standing, act="file", now=pen.now, words=said)
    ledger.write(
        file_id=held.id,
        changes={
            "opinion": said, "filed_at": pen.now, "stage": now.stage, "objection": now.objection,
        },
    )  # fmt: skip
    content = paper(held.id)
    sha256 = files.keep(content=content)
    ledger.change(
        file_id=held.id, now=pen.now, actor=pen.actor, kind=now.event,
        data={"opinion": said, "paper": sha256, "size": len(content)}, because=[now.because],
        changes={"paper": sha256, "paper_size": len(content)},
    )  # fmt: skip


def sweep(*, now: datetime, limit: int) -> int:
    """Mark files whose superior has little time left or is late; returns how many."""
    found = conduct.running_out(now=now, limit=limit)
    for one in found:
        late = one.due_at <= now
        ledger.change(
            file_id=one.id,
            now=now,
            actor="system",
            kind="ConductLate" if late else "ConductWarned",
            data={"due": one.due_at.isoformat()},
            changes={"late_at": now, "warned_at": now} if late else {"warned_at": now},
        )
    return len(found)


def _held(*, file_id: UUID, actor: Actor, act: str) -> ledger.Held:
    held = ledger.take(file_id=file_id)
    if held is None:
        raise CannotHear(zh="找不到这份档案", en="there is no such file")
    allowed = may_on_conduct(actor=actor, action=act, dossier=held.dossier)
    if not allowed:
        raise PermissionError(allowed.zh)
    return held


def _known(*, held: ledger.Held, measure: str, kind: str) -> None:
    terms = office.playbook(version_id=held.playbook_version).conduct
    known = {m.code for m in terms.measures if not kind or m.kind == kind}
    if measure not in known:
        raise CannotHear(zh="请选择处理方式", en="choose a measure from the list")


def _written(
    *,
    act: str,
    held: ledger.Held,
    at: datetime,
    said: str,
    verdict: str,
    found: str,
    measure: str,
    decision: str,
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Return the columns that an act sets, and what its event tells."""
    if act == "state":
        return {"statement": said, "stated_at": at}, {"words": said}
    if act == "answer":
        told = {"verdict": verdict, "finding": found, "answer": said}
        return {**told, "answered_at": at}, told
    if act in {"sanction", "notice"}:
        playbook = office.playbook(version_id=held.playbook_version)
        until = due(
            start=at.astimezone(ZoneInfo(playbook.timezone)),
            duration=playbook.conduct.object_within,
            calendar=calendar_of(playbook_version=held.playbook_version, name="always"),
            explain=False,
        ).due
        row = {"measure": measure, "measure_words": said, "measured_at": at, "object_until": until}
        return row, {"measure": measure, "words": said}
    if act == "object":
        return {"objection_words": said, "objected_at": at}, {"words": said}
    if act == "decide":
        changed = {"measure": measure} if decision == "changed" else {}
        row = {"decision": decision, "decision_words": said, "decided_at": at, **changed}
        return row, {"decision": decision, "words": said, "before": held.measure, **changed}
    if act == "report":
        return {"report": said, "reported_at": at}, {"words": said}
    return {}, {}


def _text(text: str) -> str:
    said = text.replace("\x00", "").strip()
    if len(said) > _LONG:
        raise CannotHear(zh=f"内容超过 {_LONG} 字，请精简", en=f"more than {_LONG} characters")
    return said


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:_SHORT]

"""Gather evidence: ask for items of the checklist, take in what comes, waive what is not needed.

A piece is written once under its hash. A newer one may take its place; both stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor, Request, may, may_on_request
from huiyin.core.clocks import due
from huiyin.core.evidence import (
    FROM_CUSTOMER,
    FROM_HANDLER,
    CannotGather,
    ItemStep,
    replaces,
    step,
)
from huiyin.core.playbook.schema import CheckItem
from huiyin.flows.facts import thing_of
from huiyin.flows.ticking import calendar_of
from huiyin.store import files as kept
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import collaborations, evidence, office

File = Mapping[str, Any]
"""{name, content_type, size, sha256} of a kept file, and {attachment} where a customer sent it."""
_NOTE_LIMIT = 500


def request(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    items: Sequence[str],
    of: str,
    words: str = "",
    until: datetime | None = None,
) -> None:
    """Ask somebody for items: the customer, a department, or whoever handles the complaint.

    ``until`` is by when; left out, the playbook says it. A department gets a request with its own
    clock, where it has none open. Raises CannotGather, PermissionError.
    """
    case = _in_hand(pen=pen, complaint_id=complaint_id, actor=actor)
    playbook = office.playbook(version_id=case.playbook_version)
    wanted = tuple(dict.fromkeys(items))
    if not wanted:
        raise CannotGather(zh="请选择要哪几项", en="choose what to ask for")
    if until is not None and until <= pen.now:
        raise CannotGather(zh="期限应在以后", en="the time must lie ahead")
    if not case.live:
        raise CannotGather(zh="投诉已办结，请先重新打开", en="reopen the complaint first")
    known = [d.code for d in playbook.departments]
    states = evidence.states(complaint_id=case.id)
    names = []
    for code in wanted:
        item = _item(case=case, code=code)
        now = step(state=states.get(code, "missing"), act="request", of=of, known=known)
        due_at = until or _due(pen=pen, case=case, item=item, of=of)
        names.append([code, item.name.zh, item.name.en])
        _set(
            pen=pen, case=case, code=code, actor=actor, step_=now, of=of, due_at=due_at,
            asked_by_id=actor.id, asked_at=pen.now,
        )  # fmt: skip
    said = " ".join(words.split())
    pen.record(
        case=case,
        kind="EvidenceRequested",
        data={
            "items": names, "of": of, "by": actor.id,
            **({"words": said[:_NOTE_LIMIT]} if said else {}),
            **({"due": until.isoformat()} if until else {}),
        },
        because=[now.because],
    )  # fmt: skip


def add(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    item: str,
    files: Sequence[File] = (),
    words: str = "",
    note: str = "",
    source: str = FROM_HANDLER,
    of_time: datetime | None = None,
    supersedes: UUID | None = None,
) -> list[UUID]:
    """Take in pieces for an item, or for none (``item`` empty); returns their ids.

    ``words`` are kept as a text file of their own. ``source`` is who gave it, ``of_time`` when it
    was taken. ``supersedes`` is the older piece that the one new piece takes the place of.
    Raises CannotGather, PermissionError.
    """
    case = _in_hand(pen=pen, complaint_id=complaint_id, actor=actor)
    return _add(
        pen=pen, case=case, actor=actor, item=item, files=files, words=words, note=note,
        source=source, of_time=of_time, supersedes=supersedes,
    )  # fmt: skip


def answer(
    *,
    pen: Pen,
    collaboration_id: UUID,
    actor: Actor,
    item: str,
    files: Sequence[File] = (),
    words: str = "",
    note: str = "",
) -> list[UUID]:
    """Take in pieces that a department asked brings for an item it was asked for.

    Raises CannotGather, PermissionError.
    """
    found = collaborations.asked(collaboration_id=collaboration_id)
    if found is None:
        raise CannotGather(zh="找不到这件协办", en="there is no such request")
    case = pen.case(id=found.complaint_id)
    asked = Request(
        department=found.department, asked_by=found.asked_by, complaint=thing_of(case=case)
    )
    allowed = may_on_request(actor=actor, action="answer", request=asked)
    if not allowed:
        raise PermissionError(allowed.zh)
    if item not in evidence.asked_of(complaint_id=case.id, department=found.department):
        raise CannotGather(zh="没有向本部门要这一项", en="the department was not asked for it")
    return _add(
        pen=pen, case=case, actor=actor, item=item, files=files, words=words, note=note,
        source=found.department, of_time=None, supersedes=None,
    )  # fmt: skip


def waive(*, pen: Pen, complaint_id: UUID, actor: Actor, item: str, reason: str) -> None:
    """Say why an item is not needed. Raises CannotGather, PermissionError."""
    case = _in_hand(pen=pen, complaint_id=complaint_id, actor=actor)
    found = _item(case=case, code=item)
    state = evidence.states(complaint_id=case.id).get(item, "missing")
    now = step(state=state, act="waive", reason=reason)
    _set(
        pen=pen, case=case, code=item, actor=actor, step_=now, due_at=None,
        reason=" ".join(reason.split()),
    )  # fmt: skip
    pen.record(
        case=case,
        kind=now.event,
        data={"items": [[item, found.name.zh, found.name.en]]},
        because=[now.because],
    )


def pass_on(pen: Pen, events: Sequence[Happening]) -> None:
    """Let a department to which a request was passed on bring what the one before was asked for."""
    for event in events:
        before, now = str(event.data["from"]), str(event.data["department"])
        for row_id, code in evidence.wanted_of(complaint_id=event.case.id, department=before):
            item = _item(case=event.case, code=code)
            due_at = _due(pen=pen, case=event.case, item=item, of=now)
            pen.alter(table="evidence_item", key=row_id, of=now, due_at=due_at)


def _in_hand(*, pen: Pen, complaint_id: UUID, actor: Actor) -> Case:
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="evidence", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    return case


def _item(*, case: Case, code: str) -> CheckItem:
    playbook = office.playbook(version_id=case.playbook_version)
    for item in playbook.checklist_for(category=case.category):
        if item.id == code:
            return item
    raise CannotGather(
        zh="清单里没有这一项，请刷新页面", en="the checklist has no such item, reload"
    )


def _due(*, pen: Pen, case: Case, item: CheckItem, of: str) -> datetime | None:
    """Return by when an item is due as the playbook says it, None where it says nothing."""
    playbook = office.playbook(version_id=case.playbook_version)
    length, calendar = item.within, item.calendar
    if of not in {FROM_HANDLER, FROM_CUSTOMER}:
        terms = playbook.department(code=of).collaboration
        length, calendar = terms.for_, terms.calendar
    if length is None:
        return None
    return due(
        start=pen.now.astimezone(ZoneInfo(playbook.timezone)),
        duration=length,
        calendar=calendar_of(playbook_version=case.playbook_version, name=calendar),
        explain=False,
    ).due


def _set(*, pen: Pen, case: Case, code: str, actor: Actor, step_: ItemStep, **changes: Any) -> None:
    row = {
        "state": step_.state, "changed_by_id": actor.id, "changed_at": pen.now, **changes,
    }  # fmt: skip
    known = evidence.row_id(complaint_id=case.id, item=code)
    if known is None:
        pen.add(
            table="evidence_item",
            row={
                "of": "", "due_at": None, "asked_by_id": None, "asked_at": None, "reason": "",
                **row, "id": new_id(now=pen.now), "complaint_id": case.id, "item": code,
            },
        )  # fmt: skip
    else:
        pen.alter(table="evidence_item", key=known, **row)


def _text_file(*, words: str) -> list[File]:
    said = words.replace("\x00", "").strip()
    if not said:
        return []
    if len(said) > 20_000:
        raise CannotGather(zh="文字超过 2 万字，请作为文件上传", en="too long: upload it as a file")
    content = said.encode()
    first = said.splitlines()[0][:40]
    return [
        {
            "name": f"{first}.txt", "content_type": "text/plain", "size": len(content),
            "sha256": kept.keep(content=content),
        }
    ]  # fmt: skip


def _add(
    *,
    pen: Pen,
    case: Case,
    actor: Actor,
    item: str,
    files: Sequence[File],
    words: str,
    note: str,
    source: str,
    of_time: datetime | None,
    supersedes: UUID | None,
) -> list[UUID]:
    pieces = [*files, *_text_file(words=words)]
    if not pieces:
        raise CannotGather(
            zh="请选择文件，或写下查到的内容", en="choose files or write what was found"
        )
    playbook = office.playbook(version_id=case.playbook_version)
    if source not in {FROM_HANDLER, FROM_CUSTOMER, *(d.code for d in playbook.departments)}:
        raise CannotGather(zh="请选择材料来自谁", en="choose who gave it")
    if of_time is not None and of_time > pen.now:
        raise CannotGather(zh="形成时间不能晚于现在", en="it cannot have been made in the future")
    if supersedes is not None:
        if len(pieces) != 1:
            raise CannotGather(zh="一份旧材料换一份新材料", en="one piece replaces one piece")
        older = evidence.place_of(complaint_id=case.id, evidence_id=supersedes)
        replaces(
            item=item, older_item=older.item if older else None,
            taken=older.taken if older else False,
        )  # fmt: skip
    because = []
    if item:
        _item(case=case, code=item)
        state = evidence.states(complaint_id=case.id).get(item, "missing")
        now = step(state=state, act="receive")
        because = [now.because]
        _set(pen=pen, case=case, code=item, actor=actor, step_=now)
    said = " ".join(note.replace("\x00", "").split())[:_NOTE_LIMIT]
    # Whoever handles the complaint sees that a department brought something.
    brought = source not in {FROM_HANDLER, FROM_CUSTOMER}
    unread: dict[str, Any] = {"unread": True} if brought else {}
    out = []
    for piece in pieces:
        evidence_id = new_id(now=pen.now)
        row = {
            "item": item,
            "name": str(piece["name"])[:200],
            "content_type": str(piece["content_type"]),
            "size": int(piece["size"]),
            "sha256": str(piece["sha256"]),
            "source": source,
            "note": said,
            "of_time": of_time,
            "supersedes_id": supersedes,
        }
        attachment = piece.get("attachment")
        pen.add(
            table="evidence",
            row={
                **row, "id": evidence_id, "complaint_id": case.id, "added_at": pen.now,
                "added_by_id": actor.id,
                "attachment_id": UUID(str(attachment)) if attachment else None,
            },
        )  # fmt: skip
        pen.change(
            case=case,
            kind="EvidenceAdded",
            data={
                "evidence": evidence_id.hex,
                **{k: v for k, v in row.items() if v and k not in {"of_time", "supersedes_id"}},
                **({"of_time": of_time.isoformat()} if of_time else {}),
                **({"supersedes": supersedes.hex} if supersedes else {}),
            },
            because=because,
            **unread,
        )
        out.append(evidence_id)
    return out

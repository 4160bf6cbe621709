"""Unite and part: merge two complaints about one matter, and undo a join or a merge.

Undoing puts messages, counters and clocks back as they were; what happened since stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import ENDED, CannotMove, move
from huiyin.core.matching import ComplaintFacts, absorb, asked_of, open_complaint
from huiyin.flows.facts import thing_of
from huiyin.flows.reaching import answers_back
from huiyin.flows.reading import contact_of, read_words
from huiyin.store.case import Case, Ticking
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, inbox
from huiyin.store.read import history


class CannotUnite(ValueError):
    """The two cannot be merged, or there is nothing to undo; ``zh`` says why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def _guard(*, case: Case, actor: Actor, action: str) -> None:
    allowed = may(actor=actor, action=action, thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)


def _frozen(clock: Ticking) -> dict[str, Any]:
    return {
        "id": clock.id.hex,
        "state": clock.state,
        "pauses": clock.pauses,
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
        "fire_at": clock.fire_at.isoformat() if clock.fire_at else None,
    }


def _thaw(*, pen: Pen, case: Case, before: list[Mapping[str, Any]]) -> None:
    """Put clocks back to what was written down, unless they ended otherwise since."""
    known = {c.id.hex: c for c in pen.clocks(case=case)}
    for row in before:
        clock = known.get(row["id"])
        if clock is None or clock.state == "met":
            continue
        pen.set_clock(
            case=case,
            clock=clock,
            state=row["state"],
            pauses=row["pauses"],
            due_at=datetime.fromisoformat(row["due_at"]) if row["due_at"] else None,
            fire_at=datetime.fromisoformat(row["fire_at"]) if row["fire_at"] else None,
            stopped_at=None,
        )


def _recall(*, pen: Pen, case: Case, without: frozenset[UUID] = frozenset()) -> None:
    """Build the matcher's memory of a complaint anew from the messages it has now."""
    facts: ComplaintFacts | None = None
    for row in history.inbound_messages(complaint_id=case.id):
        if row.id in without:
            continue
        contact = contact_of(
            id=row.id.hex, at=row.at, channel=row.channel, sender=row.sender,
            text=f"{row.subject}\n{row.text}".strip(), thread=row.thread,
        )  # fmt: skip
        if facts is None:
            facts = open_complaint(id=case.id.hex, number=case.number, contact=contact)
        else:
            facts = absorb(complaint=facts, contact=contact)
    if facts is not None:
        facts = replace(facts, asked=asked_of(kept=case.match_facts))
        pen.set(case=case, match_facts=facts.as_json())


def _move(*, pen: Pen, to: Case, origins: Mapping[UUID, UUID | None]) -> None:
    """Put messages to another complaint, each keeping the complaint that it was first put to."""
    for origin in dict.fromkeys(origins.values()):
        ids = [message for message, first in origins.items() if first == origin]
        pen.move_messages(ids=ids, to=to, origin=origin)


def merge(
    *, pen: Pen, complaint_id: UUID, into_number: str, actor: Actor, reason: str = ""
) -> UUID:
    """Merge a complaint into another about the same matter; returns the other's id.

    Raises CannotUnite, CannotMove, PermissionError.
    """
    target_id = history.by_number(number=into_number)
    if target_id is None:
        raise CannotUnite(zh=f"找不到投诉 {into_number}", en=f"no complaint {into_number}")
    if target_id == complaint_id:
        raise CannotUnite(zh="不能与自己合并", en="a complaint cannot be merged into itself")
    found = {c.id: c for c in pen.cases(ids=[complaint_id, target_id])}
    if complaint_id not in found:
        raise CannotUnite(zh="找不到要合并的投诉", en="no such complaint")
    case, target = found[complaint_id], found[target_id]
    _guard(case=case, actor=actor, action="merge")
    _guard(case=target, actor=actor, action="merge")
    if target.status in ENDED:
        raise CannotMove(zh="目标投诉已办结，请先重新打开", en="reopen the other complaint first")
    status = move(status=case.status, action="merge")
    moved = history.messages(complaint_id=case.id)
    clocks = [_frozen(c) for c in pen.clocks(case=case) if c.running]
    target_clocks = [_frozen(c) for c in pen.clocks(case=target) if c.running]
    _move(pen=pen, to=target, origins={m.id: m.origin_complaint_id or case.id for m in moved})
    data = {
        "into": target.id.hex,
        "number": target.number,
        "messages": [m.id.hex for m in moved],
        "origins": {m.id.hex: m.origin_complaint_id.hex for m in moved if m.origin_complaint_id},
        "status": case.status,
        "contacts": case.contacts,
        "clocks": clocks,
        "target_clocks": target_clocks,
        "target_contacts": target.contacts,
    }
    because = Reason(
        rule="unite.merged",
        zh=reason.strip() or "同一件事，合并处理",
        en=reason.strip() or "one matter",
    )
    # The law counts from the first receipt of the matter, whichever complaint that was.
    own = {c.rule: c for c in pen.clocks(case=case) if c.running}
    for clock in pen.clocks(case=target):
        other = own.get(clock.rule)
        if not (clock.running and clock.legal and other and other.due_at and clock.due_at):
            continue
        if other.due_at < clock.due_at:
            pen.set_clock(case=target, clock=clock, due_at=other.due_at, fire_at=other.fire_at)
    pen.change(
        case=target,
        kind="ComplaintAbsorbed",
        data={"from": case.id.hex, "number": case.number},
        because=[because],
        contacts=target.contacts + case.contacts,
        last_contact_at=max(target.last_contact_at, case.last_contact_at),
        unread=True,
    )
    pen.change(
        case=case,
        kind="ComplaintMerged",
        data=data,
        because=[because],
        status=status,
        live=False,
        merged_into=target.id,
        contacts=0,
    )
    return target.id


def undo(*, pen: Pen, complaint_id: UUID, event_id: UUID, actor: Actor) -> UUID:
    """Undo the join or the merge that an event recorded; returns the complaint parted off.

    Raises CannotUnite, PermissionError.
    """
    event = history.event(event_id=event_id)
    if event is None or event.complaint_id != complaint_id:
        raise CannotUnite(zh="找不到这条记录", en="no such event")
    if history.undone(complaint_id=complaint_id, event_id=event_id):
        raise CannotUnite(zh="这一步已经撤销过了", en="this was undone already")
    data = json.loads(event.data)
    if event.kind == "ComplaintMerged":
        return _unmerge(
            pen=pen, complaint_id=complaint_id, event_id=event_id, data=data, actor=actor
        )
    if event.kind in {"ContactJoined", "ComplaintReopened"} and "message" in data:
        return _unjoin(
            pen=pen, complaint_id=complaint_id, event_id=event_id, data=data, actor=actor
        )
    raise CannotUnite(zh="这一步不能撤销", en="this cannot be undone")


def _unmerge(
    *, pen: Pen, complaint_id: UUID, event_id: UUID, data: Mapping[str, Any], actor: Actor
) -> UUID:
    case = pen.case(id=complaint_id)
    into = pen.case(id=UUID(data["into"]))
    _guard(case=case, actor=actor, action="undo")
    if case.status != "merged":
        raise CannotUnite(zh="这件投诉当前不是合并状态", en="the complaint is not merged now")
    target = into
    while target.merged_into is not None:
        target = pen.case(id=target.merged_into)
    # What was parted off in the meantime (a complaint merged into this one before) stays there.
    here = {m.id: m for m in history.messages(complaint_id=target.id)}
    moved = [UUID(m) for m in data["messages"] if UUID(m) in here]
    origins = {UUID(m): UUID(origin) for m, origin in data.get("origins", {}).items()}
    _move(pen=pen, to=case, origins={m: origins.get(m) for m in moved})
    contacts = int(data["contacts"]) - sum(
        1
        for m in data["messages"]
        if UUID(m) not in here and history.is_contact(message_id=UUID(m))
    )
    _thaw(pen=pen, case=case, before=data["clocks"])
    if target is into:
        legal = {c.id.hex for c in pen.clocks(case=target) if c.legal}
        _thaw(pen=pen, case=target, before=[r for r in data["target_clocks"] if r["id"] in legal])
    because = Reason(rule="unite.parted", zh="撤销合并，恢复为两件", en="merge undone")
    pen.change(
        case=target,
        kind="MergeUndone",
        data={"from": case.id.hex, "number": case.number},
        because=[because],
        contacts=max(target.contacts - contacts, 1),
    )
    pen.change(
        case=case,
        kind="MergeUndone",
        data={"event": event_id.hex, "into": target.id.hex},
        because=[because],
        status=data["status"],
        live=True,
        merged_into=None,
        contacts=contacts,
        unread=True,
    )
    return case.id


def _unjoin(
    *, pen: Pen, complaint_id: UUID, event_id: UUID, data: Mapping[str, Any], actor: Actor
) -> UUID:
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="undo")
    message_id = UUID(data["message"])
    message = history.message(message_id=message_id)
    if message is None or message.complaint_id != complaint_id:
        raise CannotUnite(zh="这条来件已不在本投诉中", en="the contact is no longer here")
    before = data["before"]
    because = Reason(
        rule="unite.unjoined", zh="人工撤销并入，单独成件", en="join undone by a person"
    )
    contact = contact_of(
        id=message.id.hex, at=message.at, channel=message.channel, sender=message.sender,
        text=f"{message.subject}\n{message.text}".strip(), thread=message.thread,
    )  # fmt: skip
    words = read_words(texts=[message.text], at=[message.at])[0]
    waybill, carrier = words.waybill
    if (
        not waybill
        and case.waybill
        and f"w:{case.waybill}" in history.keys_of(message_id=message.id)
    ):
        waybill, carrier = case.waybill, case.carrier  # given in a field of its own
    # Whoever wrote it gets its answers, not the customer whose complaint it had been put to.
    speaker = history.speaker(message=message) or case.customer_id
    stranger = speaker != case.customer_id
    fresh = pen.open(
        id=new_id(now=pen.now),
        number=pen.next_number(at=pen.now),
        fields={
            "title": (message.subject or message.text.split("\n")[0])[:60],
            "customer_id": speaker,
            "channel": message.channel,
            "reply_channel": message.channel if stranger else case.reply_channel,
            "reply_to": message.sender if stranger else case.reply_to,
            "waybill": waybill,
            "carrier": carrier,
            "triage": {**words.as_json(), "silent": True},
            "contacts": 1,
        },
        data={"parted_from": case.id.hex, "channel": message.channel, "inbox": data["inbox"]},
        because=[because],
        playbook_version=case.playbook_version,
        at=pen.now,
    )
    pen.set(
        case=fresh,
        match_facts=open_complaint(id=fresh.id.hex, number=fresh.number, contact=contact).as_json(),
    )
    pen.move_messages(ids=[message_id], to=fresh, origin=None)
    pen.move_keys(message_id=message_id, to=fresh)
    inbox.restate(id=UUID(data["inbox"]), state="opened", complaint_id=fresh.id)
    if before["status"] == "waiting_customer" and case.status == "working":
        _thaw(pen=pen, case=case, before=before["clocks"])
    _recall(pen=pen, case=case, without=frozenset({message_id}))
    # A writer who was vouched for is not answered here once his letter is another matter.
    changes = answers_back(case=case, from_there=(message.channel, message.sender))
    if data.get("before_status"):
        changes["reopened"] = max(case.reopened - 1, 0)
        if case.status in {"new", "assigned", "working"} and case.resolved_at is None:
            changes.update(status=before["status"], live=before["status"] not in ENDED)
    elif before["status"] == "waiting_customer" and case.status == "working":
        changes["status"] = "waiting_customer"
    pen.change(
        case=case,
        kind="JoinUndone",
        data={"event": event_id.hex, "to": fresh.id.hex, "number": fresh.number},
        because=[because],
        contacts=max(case.contacts - 1, 0),
        last_contact_at=datetime.fromisoformat(before["last_contact_at"]),
        unread=before["unread"],
        **changes,
    )
    return fresh.id

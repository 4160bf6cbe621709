"""Pair: two complaints that may be one. A person says which; the pair is not asked about again.

Every answer is kept: it teaches from which likelihood on asking is worth a person's time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.matching import UNKNOWN
from huiyin.flows.facts import thing_of
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import history, pairing

FLAG = "maybe_same"
"""The mark in the queue."""


class CannotPair(ValueError):
    """Nothing was asked about the two, or it was answered; ``zh`` says which."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def ask(pen: Pen, events: Sequence[Happening]) -> None:
    """Keep which other complaints an opened one may be, as questions to a person."""
    for event in events:
        case = event.case
        if "maybe" not in case.triage:
            continue
        floor = pairing.asked_from()
        listed = [m for m in case.triage["maybe"] if m[1] >= floor]
        for other, score, because in listed:
            pen.add(
                table="pairing",
                row={
                    "id": new_id(now=pen.now),
                    "newer_id": case.id,
                    "older_id": UUID(other),
                    "score": score,
                    "because": because,
                    "asked_at": pen.now,
                    "answer": "",
                    "answered_at": None,
                    "by_id": None,
                },
            )
        pen.set(
            case=case,
            triage={k: v for k, v in case.triage.items() if k != "maybe"},
            **_marked(case=case, flags=[*case.flags, FLAG] if listed else case.flags),
        )


def say_different(*, pen: Pen, complaint_id: UUID, other_id: UUID, actor: Actor) -> None:
    """Say that two complaints are not the same; recorded on both. Raises CannotPair."""
    asked = _asked(pen, complaint_id, other_id, actor)
    if asked.answer:
        raise CannotPair(zh="这两件已经有人答复过了", en="this pair was answered already")
    _answer(pen, asked, "different", actor.id)
    because = Reason("pair.different", "人工判断：不是同一件事", "a person says: not the same")
    for id, other in ((asked.newer_id, asked.older_id), (asked.older_id, asked.newer_id)):
        case = pen.case(id=id)
        pen.change(
            case=case,
            kind="SaidDifferent",
            data={"other": other.hex, "number": pen.case(id=other).number},
            because=[because],
            **_marked(case=case, flags=_flags(pen, case, without=asked.id), other=other),
        )


def unsay(*, pen: Pen, complaint_id: UUID, event_id: UUID, actor: Actor) -> None:
    """Take back that two complaints are not the same: the question is open again.

    ``event_id`` is the event of the complaint that says so. Raises CannotPair, PermissionError.
    """
    said = history.event(event_id=event_id)
    if said is None or said.complaint_id != complaint_id or said.kind != "SaidDifferent":
        raise CannotPair(zh="找不到这条记录", en="no such event")
    other_id = UUID(json.loads(said.data)["other"])
    asked = _asked(pen, complaint_id, other_id, actor)
    if asked.answer != "different":
        raise CannotPair(zh="没有可撤销的判断", en="there is no answer to take back")
    _answer(pen, asked, "", None)
    because = Reason("pair.unsaid", "撤销判断，重新比较", "taken back: compared again")
    for id, other in ((asked.newer_id, asked.older_id), (asked.older_id, asked.newer_id)):
        case = pen.case(id=id)
        flags = case.flags
        if id == asked.newer_id and FLAG not in flags:
            flags = [*flags, FLAG]
        pen.change(
            case=case,
            kind="SaidDifferentUndone",
            data={
                "other": other.hex,
                "number": pen.case(id=other).number,
                "event": history.newest_about(complaint_id=id, kind="SaidDifferent", other=other),
            },
            because=[because],
            **_marked(case=case, flags=flags, other=other),
        )


def note_same(pen: Pen, events: Sequence[Happening]) -> None:
    """Keep a merge as the answer that two are one."""
    for event in events:
        if "into" in event.data:
            _note(pen, event, UUID(event.data["into"]), "same")


def note_merge_undone(pen: Pen, events: Sequence[Happening]) -> None:
    """Take the answer back with the merge, so that the two are compared again."""
    for event in events:
        if "into" in event.data:
            _note(pen, event, UUID(event.data["into"]), "")


def note_parted(pen: Pen, events: Sequence[Happening]) -> None:
    """Keep a join undone as the answer that two are not one: the matcher was sure of it."""
    for event in events:
        pen.add(
            table="pairing",
            row={
                "id": new_id(now=pen.now),
                "newer_id": UUID(event.data["to"]),
                "older_id": event.case.id,
                "score": 1.0,
                "because": [],
                "asked_at": pen.now,
                "answer": "different",
                "answered_at": pen.now,
                "by_id": _person(event.actor),
            },
        )


def _person(actor: str) -> int | None:
    return int(actor[5:]) if actor.startswith("user:") else None


def _note(pen: Pen, event: Happening, other: UUID, answer: str) -> None:
    asked = pairing.between(one=event.case.id, other=other)
    if asked is None or asked.answer == answer:
        return
    _answer(pen, asked, answer, _person(event.actor) if answer else None)
    case = pen.case(id=asked.newer_id)
    if answer:
        flags = _flags(pen, case, without=asked.id)
        pen.set(case=case, **_marked(case=case, flags=flags, other=asked.older_id))
    elif FLAG not in case.flags:
        flags = [*case.flags, FLAG]
        pen.set(case=case, **_marked(case=case, flags=flags, other=asked.older_id))


def _asked(pen: Pen, complaint_id: UUID, other_id: UUID, actor: Actor) -> pairing.Asked:
    pen.cases(ids=[complaint_id, other_id])
    allowed = may(actor=actor, action="merge", thing=thing_of(case=pen.case(id=complaint_id)))
    if not allowed:
        raise PermissionError(allowed.zh)
    asked = pairing.between(one=complaint_id, other=other_id)
    if asked is None:
        raise CannotPair(zh="这两件没有等待比较", en="nothing was asked about these two")
    return asked


def _answer(pen: Pen, asked: pairing.Asked, answer: str, by: int | None) -> None:
    changes: dict[str, Any] = {
        "answer": answer,
        "answered_at": pen.now if answer else None,
        "by_id": by,
    }
    pen.alter(table="pairing", key=asked.id, **changes)
    pairing.forget()


def _flags(pen: Pen, case: Case, *, without: UUID) -> list[str]:
    """Return the flags of a complaint, without the mark once nothing is asked any more."""
    waiting = [a for a in pairing.still_asked(complaint_id=case.id) if a.id != without]
    return case.flags if waiting else [f for f in case.flags if f != FLAG]


def _marked(*, case: Case, flags: list[str], other: UUID | None = None) -> dict[str, Any]:
    """Return changes of a complaint's flags; the matcher, too, knows while somebody is asked.

    ``other`` is the complaint about which was just answered, or is asked again.
    """
    facts = case.match_facts
    known = facts.get("asked")
    if not facts or (FLAG not in flags and not known):
        return {"flags": flags}
    answered = other is not None and known == other.hex
    named = UNKNOWN if answered else known or (other.hex if other else UNKNOWN)
    kept = {name: value for name, value in facts.items() if name != "asked"}
    return {"flags": flags, "match_facts": {**kept, "asked": named} if FLAG in flags else kept}

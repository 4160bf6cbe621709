"""Sort: what kind of complaint it is and how urgent, by words, model and playbook, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.playbook import first_match
from huiyin.flows.facts import RANK, facts_of, thing_of
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import office


class CannotCorrect(ValueError):
    """The correction names no category or urgency of the playbook."""


def sort(pen: Pen, events: Sequence[Happening]) -> None:
    """Set category and urgency of opened complaints."""
    for event in events:
        _decide(pen=pen, case=event.case, kind="ComplaintSorted")


def sort_again(pen: Pen, events: Sequence[Happening]) -> None:
    """Raise the urgency when a further contact is more urgent; never lower it by itself."""
    for event in events:
        urgency = str(event.data.get("urgency", ""))
        case = event.case
        if RANK.get(urgency, 0) > case.urgency_rank:
            pen.change(
                case=case,
                kind="UrgencyRaised",
                data={"before": case.urgency, "after": urgency},
                because=[
                    Reason(
                        rule="sort.further_contact",
                        zh="客户再次来件，紧急程度上调",
                        en="a further contact is more urgent",
                    )
                ],
                actor="system",
                urgency=urgency,
                urgency_rank=RANK[urgency],
            )


def _decide(*, pen: Pen, case: Case, kind: str) -> None:
    triage = case.triage
    playbook = office.playbook(version_id=case.playbook_version)
    category = str(triage.get("asked_category") or triage.get("category") or "other")
    pen.set(
        case=case,
        category=category,
        secondary=list(triage.get("secondary", ())),
        emotion=float(triage.get("emotion", 0.0)),
        confidence=float(triage.get("confidence", 0.0)),
        urgency=str(triage.get("urgency", "normal")),
    )
    because = [Reason.from_json(data=r) for r in triage.get("because", ())]
    match = first_match(rules=playbook.urgency_rules, facts=facts_of(case=case), on=pen.now.date())
    urgency: str = match.then.urgency
    if RANK[urgency] >= RANK[case.urgency]:
        because.append(match.because)
    else:
        urgency = case.urgency
    flags = [f for f in case.flags if f != "unsure"]
    if triage.get("unsure"):
        flags.append("unsure")
    pen.change(
        case=case,
        kind=kind,
        data={"category": category, "urgency": urgency, "confidence": case.confidence},
        because=because,
        actor="system",
        urgency=urgency,
        urgency_rank=RANK[urgency],
        flags=flags,
    )


def correct(
    *, pen: Pen, complaint_id: UUID, actor: Actor, category: str = "", urgency: str = ""
) -> None:
    """Let a person correct category or urgency; the correction is kept as training data.

    Raises CannotCorrect for unknown values, PermissionError when the actor may not.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="correct", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    playbook = office.playbook(version_id=case.playbook_version)
    changes: dict[str, Any] = {}
    data: dict[str, Any] = {}
    if category and category != case.category:
        if category not in {c.code for c in playbook.categories}:
            raise CannotCorrect(f"未知类别：{category}")
        data["category"] = [case.category, category]
        changes["category"] = category
    if urgency and urgency != case.urgency:
        if urgency not in RANK:
            raise CannotCorrect(f"未知紧急程度：{urgency}")
        data["urgency"] = [case.urgency, urgency]
        changes.update(urgency=urgency, urgency_rank=RANK[urgency])
    if not changes:
        return
    text = str(case.triage.get("text", ""))
    for field, (before, after) in data.items():
        pen.add(
            table="correction",
            row={
                "id": new_id(now=pen.now),
                "complaint_id": case.id,
                "text": text,
                "field": field,
                "before": before,
                "after": after,
                "by_id": actor.id,
                "at": pen.now,
            },
        )
    changes["flags"] = [f for f in case.flags if f != "unsure"]
    pen.change(
        case=case,
        kind="CategoryCorrected",
        data=data,
        because=[Reason(rule="sort.corrected", zh="人工更正", en="corrected by a person")],
        **changes,
    )

"""Rehearsal: what a complaint would have been under another version of the playbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.playbook.names import LADDER, URGENCIES
from huiyin.core.playbook.rules import all_matches, first_match
from huiyin.core.playbook.schema import Playbook

FIELD_NAMES: dict[str, tuple[str, str]] = {
    "urgency": ("紧急程度", "Urgency"),
    "department": ("责任部门", "Department"),
    "clocks": ("时限", "Clocks"),
    "steps": ("步骤", "Steps"),
    "authority": ("补偿由谁批", "Who grants the remedy"),
}
"""What is compared."""


@dataclass(frozen=True, slots=True)
class Past:
    """A past complaint: its facts when it came, its day, the sum granted on it (分)."""

    facts: Mapping[str, Any]
    on: date
    granted: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a version of the playbook makes of a complaint when it comes."""

    urgency: str
    department: str
    clocks: tuple[tuple[str, str, str], ...]
    """(id, length, calendar) of those that run from the beginning."""
    steps: tuple[str, ...]
    authority: str
    """The lowest rank that may grant the sum; empty where nothing was granted."""
    because: Mapping[str, Reason]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would have been otherwise, with the new version's reason."""

    field: str
    before: str
    after: str
    because: Reason | None = None


def outcome(*, playbook: Playbook, past: Past) -> Outcome:
    """Return what a version makes of a complaint: urgency, department, clocks, steps, authority.

    The category stays what it was. Raises KeyError where the version does not have it.
    """
    facts = dict(past.facts)
    category = playbook.category(code=str(facts["category"]))
    urgent = first_match(rules=playbook.urgency_rules, facts=facts, on=past.on)
    read = str(facts.get("urgency") or "normal")
    urgency = max(read, urgent.then.urgency, key=URGENCIES.index)
    facts["urgency"] = urgency
    routed = first_match(rules=playbook.routing_rules, facts=facts, on=past.on)
    branch = str(facts.get("branch") or "complaint")
    matched, _missing = all_matches(rules=playbook.clock_rules, facts=facts, on=past.on)
    clocks = tuple(
        (c.id, c.then.length(urgency=urgency), c.then.calendar)
        for c in matched
        if "ComplaintOpened" in c.then.starts_on
    )
    steps = playbook.steps_for(category=category.code, branch=branch)
    department = routed.then.department or category.department
    if playbook.branch(code=branch).archive:
        department = playbook.branch(code=branch).department
    return Outcome(
        urgency=urgency,
        department=department,
        clocks=clocks,
        steps=tuple(s.id for s in steps),
        authority=_authority(playbook, past.granted),
        because={"urgency": urgent.because, "department": routed.because},
    )


def _authority(playbook: Playbook, granted: int) -> str:
    if not granted:
        return ""
    for role in LADDER:
        limit = playbook.authority_of(role=role)
        if limit is not None and (limit.per_case is None or limit.per_case >= granted):
            return role
    return LADDER[-1]


def differences(*, before: Outcome, after: Outcome) -> tuple[Difference, ...]:
    """Return what differs between the outcomes of two versions."""
    out = []
    for field in ("urgency", "department", "authority"):
        one, other = getattr(before, field), getattr(after, field)
        if one != other:
            out.append(Difference(field, one, other, after.because.get(field)))
    old = {id: (length, calendar) for id, length, calendar in before.clocks}
    new = {id: (length, calendar) for id, length, calendar in after.clocks}
    for id in dict.fromkeys((*old, *new)):
        if old.get(id) != new.get(id):
            said = [f"{id} {' '.join(v)}" if v else "" for v in (old.get(id), new.get(id))]
            out.append(Difference("clocks", said[0], said[1]))
    if before.steps != after.steps:
        gone = [s for s in before.steps if s not in after.steps]
        come = [s for s in after.steps if s not in before.steps]
        out.append(Difference("steps", " ".join(gone), " ".join(come)))
    return tuple(out)

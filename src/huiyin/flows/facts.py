"""What rooms ask of a complaint in hand: facts for conditions, and the thing that rights see."""

from __future__ import annotations

from huiyin.core.access import Thing
from huiyin.store.case import Case
from huiyin.store.facts import facts_of, grounds_of
from huiyin.store.read import office

__all__ = ["RANK", "facts_of", "grounds_of", "thing_of"]

RANK: dict[str, int] = {"low": 0, "normal": 1, "high": 2, "critical": 3}


def thing_of(*, case: Case, proposed_by: int | None = None) -> Thing:
    """Return a complaint as rights see it."""
    return Thing(
        assignee=case.assignee_id,
        department=case.department_id,
        proposed_by=proposed_by,
        least=office.rank_at(level=case.level, playbook_version=case.playbook_version),
    )

"""The table role × action × relation, and what follows from it."""

from __future__ import annotations

import itertools

import pytest

from huiyin.core.access import (
    DEPARTMENT,
    ELSEWHERE,
    MINE,
    ON_COMPLAINT,
    ROLES,
    STRANGER,
    Actor,
    Thing,
    may,
    scope,
)

THINGS = {
    MINE: Thing(assignee=1, department="claims"),
    DEPARTMENT: Thing(assignee=2, department="claims"),
    STRANGER: Thing(assignee=3, department="operations"),
}


@pytest.mark.parametrize(
    ("role", "action", "near"), list(itertools.product(ROLES, ON_COMPLAINT, THINGS))
)
def test_table(role: str, action: str, near: str) -> None:
    actor = Actor(id=1, role=role, department="claims")
    expected = near in ON_COMPLAINT[action].get(role, ())
    assert bool(may(actor=actor, action=action, thing=THINGS[near])) is expected


def test_a_handler_sees_only_his_department() -> None:
    actor = Actor(id=1, role="handler", department="claims")
    assert not may(actor=actor, action="see", thing=THINGS[STRANGER])
    assert not scope(actor=actor).everything
    assert scope(actor=actor).department == "claims"


def test_nobody_approves_his_own() -> None:
    actor = Actor(id=1, role="manager", department="claims")
    own = Thing(assignee=2, department="claims", proposed_by=1)
    assert not may(actor=actor, action="approve", thing=own)
    assert may(actor=actor, action="approve", thing=Thing(proposed_by=2))


@pytest.mark.parametrize("role", ["agent", "handler", "process_owner", "customer", ""])
def test_only_leaders_approve(role: str) -> None:
    actor = Actor(id=1, role=role, department="claims")
    assert not any(may(actor=actor, action="approve", thing=t) for t in THINGS.values())


def test_disabled_and_unknown_are_refused() -> None:
    assert not may(actor=Actor(id=1, role="administrator", active=False), action="people.change")
    assert not may(actor=Actor(id=1, role="administrator"), action="no.such.thing")
    assert not may(actor=Actor(id=1, role="intruder"), action="see", thing=THINGS[MINE])


@pytest.mark.parametrize("action", sorted(ELSEWHERE))
def test_customers_may_nothing_in_the_house(action: str) -> None:
    assert not may(actor=Actor(id=1, role="customer"), action=action)

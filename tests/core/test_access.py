"""The table role × action × relation, and what follows from it."""

from __future__ import annotations

import itertools

import pytest

from huiyin.core.access import (
    ASKED,
    ASKING,
    DEPARTMENT,
    ELSEWHERE,
    MINE,
    ON_BULK,
    ON_COLLABORATION,
    ON_COMPLAINT,
    OTHERS,
    OWN,
    ROLES,
    STRANGER,
    Actor,
    Request,
    Thing,
    may,
    may_on_bulk,
    may_on_request,
    scope,
    standing,
)

THINGS = {
    MINE: Thing(assignee=1, department="claims"),
    DEPARTMENT: Thing(assignee=2, department="claims"),
    STRANGER: Thing(assignee=3, department="operations"),
}


@pytest.mark.parametrize("role", ROLES)
def test_table(role: str) -> None:
    for action, near in itertools.product(ON_COMPLAINT, THINGS):
        _on_complaint(role, action, near)


def _on_complaint(role: str, action: str, near: str) -> None:
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


@pytest.mark.parametrize(
    ("role", "least", "allowed"),
    [
        ("agent", "", True),
        ("agent", "agent", True),
        ("agent", "supervisor", False),
        ("handler", "supervisor", False),
        ("supervisor", "supervisor", True),
        ("supervisor", "manager", False),
        ("manager", "supervisor", True),
        ("administrator", "manager", True),
    ],
)
@pytest.mark.parametrize("action", ["take", "assign", "verdict", "resolve"])
def test_what_is_handled_again_is_for_the_rank_that_does(
    action: str, role: str, least: str, allowed: bool
) -> None:
    actor = Actor(id=1, role=role, department="claims")
    theirs = Thing(assignee=2, department="claims", least=least)
    assert bool(may(actor=actor, action=action, thing=theirs)) is allowed
    given = Thing(assignee=1, department="claims", least=least)
    assert may(actor=actor, action=action, thing=given)
    assert may(actor=actor, action="note", thing=theirs)


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


REQUESTS = {
    frozenset({ASKED}): Request("claims", 9, Thing(assignee=8, department="service")),
    frozenset({ASKING}): Request("operations", 9, Thing(assignee=8, department="claims")),
    frozenset({ASKED, ASKING}): Request("claims", 1, Thing(assignee=8, department="service")),
    frozenset({STRANGER}): Request("operations", 9, Thing(assignee=8, department="service")),
}


@pytest.mark.parametrize("role", ROLES)
def test_table_of_requests(role: str) -> None:
    for action, near in itertools.product(ON_COLLABORATION, REQUESTS):
        _on_request(role, action, near)


def _on_request(role: str, action: str, near: frozenset[str]) -> None:
    actor = Actor(id=1, role=role, department="claims")
    assert standing(actor=actor, request=REQUESTS[near]) == near
    expected = bool(near & set(ON_COLLABORATION[action].get(role, ())))
    assert bool(may_on_request(actor=actor, action=action, request=REQUESTS[near])) is expected


def test_a_handler_sees_only_requests_to_and_from_his_department() -> None:
    actor = Actor(id=1, role="handler", department="claims")
    seen = {near for near, r in REQUESTS.items()
            if may_on_request(actor=actor, action="see", request=r)}  # fmt: skip
    assert seen == set(REQUESTS) - {frozenset({STRANGER})}
    answered = {near for near, r in REQUESTS.items()
                if may_on_request(actor=actor, action="answer", request=r)}  # fmt: skip
    assert answered == {near for near in REQUESTS if ASKED in near}


def test_who_is_asked_learns_nothing_of_the_complaint_itself() -> None:
    actor = Actor(id=1, role="handler", department="claims")
    request = REQUESTS[frozenset({ASKED})]
    assert may_on_request(actor=actor, action="see", request=request)
    assert not may(actor=actor, action="see", thing=request.complaint)


def test_without_a_department_nobody_is_asked() -> None:
    actor = Actor(id=1, role="handler")
    assert not may_on_request(actor=actor, action="see", request=REQUESTS[frozenset({ASKED})])
    disabled = Actor(id=1, role="administrator", active=False)
    assert not may_on_request(actor=disabled, action="see", request=REQUESTS[frozenset({ASKED})])


@pytest.mark.parametrize("action", ["close", "call_back_last"])
@pytest.mark.parametrize("role", ["agent", "handler", "process_owner", "customer"])
def test_what_ends_a_complaint_handled_again_is_for_leaders(role: str, action: str) -> None:
    actor = Actor(id=1, role=role, department="claims")
    assert not any(may(actor=actor, action=action, thing=t) for t in THINGS.values())


@pytest.mark.parametrize("role", ROLES)
def test_table_of_batches(role: str) -> None:
    for action, near in itertools.product(ON_BULK, (OWN, OTHERS)):
        _on_batch(role, action, near)


def _on_batch(role: str, action: str, near: str) -> None:
    actor = Actor(id=1, role=role, department="claims")
    made_by = 1 if near == OWN else 2
    expected = near in ON_BULK[action].get(role, ())
    assert bool(may_on_bulk(actor=actor, action=action, made_by=made_by)) is expected


def test_nobody_releases_a_batch_of_his_own() -> None:
    for role in ROLES:
        actor = Actor(id=1, role=role, department="claims")
        assert not may_on_bulk(actor=actor, action="release", made_by=1)
    disabled = Actor(id=1, role="administrator", active=False)
    assert not may_on_bulk(actor=disabled, action="release", made_by=2)


@pytest.mark.parametrize("action", ["doubts.see", "doubts.review"])
def test_doubts_are_for_leaders_and_for_handlers_of_the_departments_named(action: str) -> None:
    homes = frozenset({"claims"})
    allowed = {
        (role, department)
        for role in ROLES
        for department in ("claims", "operations")
        if may(actor=Actor(id=1, role=role, department=department), action=action, homes=homes)
    }
    leaders = {"supervisor", "manager", "administrator"}
    assert allowed == {("handler", "claims")} | {
        (role, department) for role in leaders for department in ("claims", "operations")
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ["payouts.see", "payouts.work", "payouts.release"])
def test_payouts_are_for_managers_and_at_home(role: str, action: str) -> None:
    homes = frozenset({"claims"})
    away = may(actor=Actor(id=1, role=role, department="service"), action=action, homes=homes)
    home = may(actor=Actor(id=1, role=role, department="claims"), action=action, homes=homes)
    # who keeps the keys of a payment service releases no payment
    above = {"manager"} if action == "payouts.release" else {"manager", "administrator"}
    assert bool(away) is (role in above)
    assert bool(home) is (role in above | {"handler", "supervisor"})

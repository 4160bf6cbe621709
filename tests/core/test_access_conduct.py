"""Who may do what on files on service attitude: role × action × part."""

from __future__ import annotations

import itertools

import pytest

from huiyin.core.access import (
    ADMINISTRATION,
    EMPLOYEE,
    ON_CONDUCT,
    RECORDER,
    ROLES,
    SUPERIOR,
    Actor,
    Dossier,
    may_on_conduct,
    parts_in,
)

ME = 1
DOSSIERS: dict[frozenset[str], Dossier] = {
    frozenset(): Dossier(2, 3, 4, 5),
    frozenset({RECORDER}): Dossier(ME, 3, 4, 5),
    frozenset({SUPERIOR}): Dossier(2, ME, 4, 5),
    frozenset({ADMINISTRATION}): Dossier(2, 3, 4, ME),
    frozenset({RECORDER, SUPERIOR}): Dossier(ME, ME, 4, 5),
    frozenset({EMPLOYEE}): Dossier(2, 3, ME, 5),
}
LEADERS = ("supervisor", "manager", "administrator")
MANAGERS = ("manager", "administrator")
EXPECTED: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "see": (LEADERS, frozenset({SUPERIOR, ADMINISTRATION})),
    "print": (LEADERS, frozenset({SUPERIOR, ADMINISTRATION})),
    "see_form": (ROLES[:-1], frozenset({RECORDER})),
    "see_own": (ROLES, frozenset({EMPLOYEE})),
    "state": (ROLES, frozenset({EMPLOYEE})),
    "object": (ROLES, frozenset({EMPLOYEE})),
    "accept": (ROLES, frozenset({EMPLOYEE})),
    "answer": (LEADERS, frozenset({SUPERIOR})),
    "sanction": (LEADERS, frozenset({SUPERIOR})),
    "notice": (LEADERS, frozenset({SUPERIOR})),
    "report": (LEADERS, frozenset({SUPERIOR})),
    "decide": (MANAGERS, frozenset({ADMINISTRATION})),
    "file": (MANAGERS, frozenset({ADMINISTRATION})),
}


@pytest.mark.parametrize("role", (*ROLES, "customer", ""))
def test_table(role: str) -> None:
    for action, near in itertools.product(ON_CONDUCT, DOSSIERS):
        _on_file(role, action, near)


def _on_file(role: str, action: str, near: frozenset[str]) -> None:
    roles, parts = EXPECTED[action]
    actor = Actor(id=ME, role=role)
    assert parts_in(actor=actor, dossier=DOSSIERS[near]) == near
    allowed = may_on_conduct(actor=actor, action=action, dossier=DOSSIERS[near])
    assert bool(allowed) is (role in roles and not near.isdisjoint(parts))
    off = Actor(id=ME, role=role, active=False)
    assert not may_on_conduct(actor=off, action=action, dossier=DOSSIERS[near])


def test_the_expectation_names_every_action() -> None:
    assert EXPECTED.keys() == ON_CONDUCT.keys()


@pytest.mark.parametrize("role", ROLES)
def test_who_is_complained_of_has_no_other_part(role: str) -> None:
    everything = Dossier(ME, ME, ME, ME)
    allowed = {
        a
        for a in ON_CONDUCT
        if may_on_conduct(actor=Actor(id=ME, role=role), action=a, dossier=everything)
    }
    assert allowed == {"see_own", "state", "object", "accept"}


@pytest.mark.parametrize("role", ROLES)
def test_to_a_stranger_of_any_role_there_is_no_file(role: str) -> None:
    stranger = Actor(id=ME, role=role)
    dossier = DOSSIERS[frozenset()]
    assert not any(may_on_conduct(actor=stranger, action=a, dossier=dossier) for a in ON_CONDUCT)
    assert not may_on_conduct(actor=stranger, action="no.such", dossier=dossier)

"""Who may do what on claims of liability and fines: role × action × how near he stands."""

from __future__ import annotations

import itertools

import pytest

from huiyin.core.access import (
    DEPARTMENT,
    ELSEWHERE,
    NEAR,
    ON_COMPLAINT,
    ON_DISPUTE,
    OUTLET,
    PARTY,
    ROLES,
    STAFF,
    STRANGER,
    Actor,
    Dispute,
    Thing,
    may,
    may_on_dispute,
    place,
    scope,
)

OURS = Thing(assignee=8, department="claims")
THEIRS = Thing(assignee=8, department="service")
DISPUTES = {
    frozenset({PARTY}): Dispute(frozenset({"claims", "w1"}), THEIRS),
    frozenset({NEAR}): Dispute(frozenset({"operations", "w2"}), OURS),
    frozenset({PARTY, NEAR}): Dispute(frozenset({"claims", "w1"}), OURS),
    frozenset({STRANGER}): Dispute(frozenset({"operations", "w2"}), THEIRS),
}
JUDGING = ("rule", "rule_appeal", "fine", "fine_decide", "withdraw", "fine_withdraw")


def somebody(role: str) -> Actor:
    if role == OUTLET:
        return Actor(id=1, role=role, parties=frozenset({"w1", "w1-c1"}))
    return Actor(id=1, role=role, department="claims")


@pytest.mark.parametrize("role", ROLES)
def test_table(role: str) -> None:
    for action, near in itertools.product(ON_DISPUTE, DISPUTES):
        _on_dispute(role, action, near)


def _on_dispute(role: str, action: str, near: frozenset[str]) -> None:
    actor, dispute = somebody(role), DISPUTES[near]
    # Outlets never stand near a complaint: they are of a party or strangers.
    stands = place(actor=actor, dispute=dispute)
    assert stands == (near if role != OUTLET else near - {NEAR} or {STRANGER})
    allowed = set(ON_DISPUTE[action].get(role, ()))
    expected = bool(stands & allowed) and not (PARTY in stands and PARTY not in allowed)
    if action in {"rule_appeal", "fine_decide"} and role == "supervisor":
        assert not expected
    got = may_on_dispute(actor=actor, action=action, dispute=dispute)
    assert bool(got) is expected
    assert bool(got) or (got.zh and got.en)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_judges_his_own_case(role: str) -> None:
    for action in JUDGING:
        _judges_not_his_own(role, action)


def _judges_not_his_own(role: str, action: str) -> None:
    actor = somebody(role)
    for near, dispute in DISPUTES.items():
        if PARTY in near:
            assert not may_on_dispute(actor=actor, action=action, dispute=dispute)
    apart = DISPUTES[frozenset({STRANGER})]
    if action not in {"withdraw", "fine_withdraw"}:
        took_part = Dispute(apart.parties, apart.complaint, involved=frozenset({1}))
        assert not may_on_dispute(actor=actor, action=action, dispute=took_part)
    if action in {"rule_appeal", "fine_decide"}:
        before = Dispute(apart.parties, apart.complaint, decided_by=1, decided_role="supervisor")
        assert not may_on_dispute(actor=actor, action=action, dispute=before)


RANKS = ("supervisor", "manager", "administrator")


@pytest.mark.parametrize("action", ["rule_appeal", "fine_decide"])
@pytest.mark.parametrize("least", ["manager", "administrator"])
def test_an_appeal_goes_higher(action: str, least: str) -> None:
    for first, then in itertools.product(RANKS, ROLES):
        _goes_higher(first, then, action, least)


def _goes_higher(first: str, then: str, action: str, least: str) -> None:
    dispute = Dispute(frozenset({"w2"}), THEIRS, decided_by=2, decided_role=first)
    got = may_on_dispute(actor=somebody(then), action=action, dispute=dispute, least=least)
    higher = then in RANKS and RANKS.index(then) > RANKS.index(first)
    assert bool(got) is (higher and RANKS.index(then) >= RANKS.index(least))


def test_for_whoever_may_decide_first_there_is_somebody_above() -> None:
    for action, above in (("rule", "rule_appeal"), ("fine", "fine_decide")):
        for first in ON_DISPUTE[action]:
            dispute = Dispute(frozenset({"w2"}), THEIRS, decided_by=2, decided_role=first)
            assert may_on_dispute(actor=somebody("administrator"), action=above, dispute=dispute)


def test_an_outlet_sees_its_own_disputes_and_nothing_else() -> None:
    actor = somebody(OUTLET)
    own, others = DISPUTES[frozenset({PARTY})], DISPUTES[frozenset({STRANGER})]
    assert may_on_dispute(actor=actor, action="see", dispute=own)
    courier = Dispute(frozenset({"w1-c1"}), THEIRS)
    assert may_on_dispute(actor=actor, action="see", dispute=courier)
    for action in ON_DISPUTE:
        assert not may_on_dispute(actor=actor, action=action, dispute=others)
    for action, thing in itertools.product(ON_COMPLAINT, (OURS, THEIRS, Thing(assignee=1))):
        assert not may(actor=actor, action=action, thing=thing)
    assert [a for a in ELSEWHERE if may(actor=actor, action=a)] == ["outlet.see"]
    reach = scope(actor=actor)
    assert (reach.everything, reach.department) == (False, None)


def test_an_outlet_s_people_without_an_outlet_speak_for_nobody() -> None:
    actor = Actor(id=1, role=OUTLET)
    for dispute in DISPUTES.values():
        assert place(actor=actor, dispute=dispute) == {STRANGER}
        assert not any(may_on_dispute(actor=actor, action=a, dispute=dispute) for a in ON_DISPUTE)


def test_the_outlet_s_desk_is_for_outlets_alone() -> None:
    for role in STAFF:
        assert not may(actor=Actor(id=1, role=role, department="claims"), action="outlet.see")


def test_disabled_and_unknown_are_refused() -> None:
    dispute = DISPUTES[frozenset({PARTY})]
    off = Actor(id=1, role=OUTLET, active=False, parties=frozenset({"w1"}))
    assert not may_on_dispute(actor=off, action="see", dispute=dispute)
    assert not may_on_dispute(actor=somebody("manager"), action="no.such", dispute=dispute)
    assert not may_on_dispute(actor=somebody("intruder"), action="see", dispute=dispute)
    assert DEPARTMENT not in {n for near in DISPUTES for n in near}

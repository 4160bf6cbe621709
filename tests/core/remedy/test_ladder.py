"""The ladder of authority: single decisions, and every sequence of people and acts."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, replace
from datetime import date

import pytest

from huiyin.core.access import Actor, Thing
from huiyin.core.remedy.authority import (
    Absence,
    Capacity,
    Limits,
    Spent,
    approve,
    capacities,
    exceeded,
    grant,
    rank_for,
)
from huiyin.core.remedy.offer import (
    ISSUED_KINDS,
    LIVE,
    LIVE_PAYOUTS,
    MOVES,
    PAYOUT_MOVES,
    CannotMoveOffer,
    move_offer,
    move_payout,
)

pytestmark = pytest.mark.thorough

LADDER = {
    "agent": Limits(per_case=100, per_day=300, per_customer=200),
    "supervisor": Limits(per_case=1000, per_day=3000, per_customer=2000),
    "manager": Limits(per_case=10000, per_day=30000, per_customer=20000),
    "administrator": Limits(per_case=None, per_day=None, per_customer=None),
}
TODAY = date(2026, 11, 3)
THING = Thing(assignee=1, department="claims")
AGENT, CLERK, BOSS, CHIEF, MANAGER, ADMIN = (
    Actor(id=n, role=role, department="claims")
    for n, role in enumerate(
        ("agent", "handler", "supervisor", "supervisor", "manager", "administrator"), start=1
    )
)
PEOPLE = (AGENT, CLERK, BOSS, CHIEF, MANAGER, ADMIN)


def away(person: Actor, deputy: Actor, first: int = 3, last: int = 3) -> Absence:
    return Absence(
        person=person, deputy=deputy.id, first=date(2026, 11, first), last=date(2026, 11, last)
    )


def ruling(actor: Actor, *, by: Actor, amount: int, absences: tuple[Absence, ...] = (), **spent):
    return approve(
        actor=actor,
        proposed_by=by.id,
        usable=capacities(actor=actor, absences=absences, today=TODAY),
        thing=THING,
        amount=amount,
        ladder=LADDER,
        spent={p.id: Spent(**spent) for p in PEOPLE},
    )


@pytest.mark.parametrize(
    ("spent", "amount", "broken"),
    [
        (Spent(), 100, None),
        (Spent(), 101, ("case", 100)),
        (Spent(case=60), 40, None),
        (Spent(case=60), 41, ("case", 100)),
        (Spent(day=200), 100, None),
        (Spent(day=201), 100, ("day", 300)),
        (Spent(customer=150), 50, None),
        (Spent(customer=150), 51, ("customer", 200)),
        (Spent(case=900, day=900, customer=900), 0, None),
    ],
)
def test_each_limit_holds_to_the_fen(
    spent: Spent, amount: int, broken: tuple[str, int] | None
) -> None:
    assert exceeded(limits=LADDER["agent"], amount=amount, spent=spent) == broken
    assert grant(proposer=AGENT, amount=amount, ladder=LADDER, spent=spent).ok is (broken is None)


def test_a_role_outside_the_ladder_grants_gestures_only() -> None:
    assert grant(proposer=CLERK, amount=0, ladder=LADDER, spent=Spent()).ok
    refused = grant(proposer=CLERK, amount=1, ladder=LADDER, spent=Spent())
    assert (refused.ok, refused.ask) == (False, "supervisor")


@pytest.mark.parametrize(
    ("amount", "rank"),
    [(1, "supervisor"), (1000, "supervisor"), (1001, "manager"), (10001, "administrator")],
)
def test_the_lowest_rank_that_reaches_is_asked(amount: int, rank: str) -> None:
    assert rank_for(ladder=LADDER, amount=amount, spent=Spent()) == rank


def test_a_ladder_without_a_top_asks_nobody() -> None:
    ladder = {"supervisor": LADDER["supervisor"]}
    assert rank_for(ladder=ladder, amount=1001, spent=Spent()) is None


def test_a_deputy_decides_with_the_absent_person_s_authority() -> None:
    absences = (away(BOSS, AGENT),)
    out = ruling(AGENT, by=CLERK, amount=1000, absences=absences)
    assert (out.ok, out.owner) == (True, BOSS)
    assert out.because.rule == "authority.deputy"
    assert not ruling(AGENT, by=CLERK, amount=1001, absences=absences).ok


@pytest.mark.parametrize(
    ("first", "last", "ok"), [(3, 3, True), (1, 3, True), (4, 9, False), (1, 2, False)]
)
def test_deputising_holds_on_its_days_only(first: int, last: int, ok: bool) -> None:
    absences = (away(BOSS, AGENT, first, last),)
    assert ruling(AGENT, by=CLERK, amount=500, absences=absences).ok is ok


def test_deputising_is_not_handed_on() -> None:
    absences = (away(MANAGER, BOSS), away(BOSS, AGENT))
    assert ruling(BOSS, by=CLERK, amount=9000, absences=absences).ok
    assert not ruling(AGENT, by=CLERK, amount=9000, absences=absences).ok


def test_nobody_approves_his_own_nor_a_deputy_in_his_name() -> None:
    assert not ruling(BOSS, by=BOSS, amount=1).ok
    # The proposer as deputy of a higher rank.
    assert not ruling(BOSS, by=BOSS, amount=1, absences=(away(MANAGER, BOSS),)).ok
    # A deputy with nothing but the proposer's authority.
    lent = ruling(AGENT, by=BOSS, amount=1, absences=(away(BOSS, AGENT),))
    assert (lent.ok, lent.because.rule) == (False, "authority.deputy_of_proposer")
    # A deputy who has an authority of his own uses that.
    own = ruling(CHIEF, by=BOSS, amount=1, absences=(away(BOSS, CHIEF),))
    assert (own.ok, own.owner) == (True, CHIEF)


def test_the_disabled_have_no_authority_and_lend_none() -> None:
    gone = replace(BOSS, active=False)
    assert capacities(actor=gone, absences=(), today=TODAY) == ()
    absences = (Absence(person=gone, deputy=AGENT.id, first=TODAY, last=TODAY),)
    assert capacities(actor=AGENT, absences=absences, today=TODAY) == (Capacity(owner=AGENT),)


def test_what_the_owner_granted_today_counts_for_his_deputy_too() -> None:
    absences = (away(BOSS, AGENT),)
    assert ruling(AGENT, by=CLERK, amount=500, absences=absences, day=2500).ok
    assert not ruling(AGENT, by=CLERK, amount=501, absences=absences, day=2500).ok


# Every sequence of people and acts leads to a payment only through the authority it needs.


@dataclass(frozen=True)
class World:
    """One offer and its payout, with who did what."""

    state: str = ""
    payout: str = ""
    proposer: int = 0
    granted_by: int = 0
    owner: int = 0
    paid_by: int = 0


ACTS = ("propose", "approve", "reject", "withdraw", "accept", "decline", "request", "pay")


def step(world: World, who: Actor, act: str, amount: int, absences: tuple[Absence, ...]) -> World:
    """Do what the rooms do with the decisions of the core; a refused act changes nothing."""
    usable = capacities(actor=who, absences=absences, today=TODAY)
    if act == "propose" and not world.state:
        out = grant(proposer=who, amount=amount, ladder=LADDER, spent=Spent())
        state = "approved" if out.ok else "waiting"
        owner = out.owner.id if out.owner else 0
        return World(state=state, proposer=who.id, granted_by=owner, owner=owner)
    try:
        if act == "approve":
            after = move_offer(state=world.state, act="approve")
            out = approve(
                actor=who, proposed_by=world.proposer, usable=usable, thing=THING,
                amount=amount, ladder=LADDER, spent={},
            )  # fmt: skip
            if not out.ok or out.owner is None:
                return world
            return replace(world, state=after, granted_by=who.id, owner=out.owner.id)
        if act in {"reject", "withdraw", "accept", "decline"}:
            return replace(world, state=move_offer(state=world.state, act=act))
        if act == "request" and world.state == "accepted" and world.payout not in LIVE_PAYOUTS:
            return replace(world, payout="requested")
        if act == "pay" and who.id != world.proposer:
            after = move_payout(state=world.payout, act="pay")
            return replace(
                world,
                payout=after,
                state=move_offer(state=world.state, act="settle"),
                paid_by=who.id,
            )
    except CannotMoveOffer:
        return world
    return world


ABSENCES = (
    (),
    (away(BOSS, AGENT),),
    (away(MANAGER, BOSS),),
    (away(ADMIN, CLERK), away(BOSS, CLERK)),
    (away(BOSS, CHIEF), away(CHIEF, BOSS)),
    (away(MANAGER, AGENT), away(AGENT, MANAGER)),
    (away(BOSS, AGENT, 4, 9),),
)


@pytest.mark.parametrize("absences", ABSENCES)
@pytest.mark.parametrize("amount", [1, 100, 101, 1000, 1001, 10000, 10001])
def test_no_sequence_pays_without_the_authority_it_needs(
    amount: int, absences: tuple[Absence, ...]
) -> None:
    by_id = {p.id: p for p in PEOPLE}
    seen = {World()}
    queue = deque(seen)
    paid: set[World] = set()
    while queue:
        world = queue.popleft()
        for who, act in itertools.product(PEOPLE, ACTS):
            after = step(world, who, act, amount, absences)
            if after not in seen:
                seen.add(after)
                queue.append(after)
                if after.payout == "paid":
                    paid.add(after)
    assert paid
    for world in paid:
        owner = by_id[world.owner]
        limits = LADDER.get(owner.role)
        assert limits is not None
        assert limits.per_case is None or amount <= limits.per_case
        if world.granted_by == world.proposer:
            assert world.owner == world.proposer
        else:
            # Somebody else decided, and not with the proposer's authority.
            assert world.owner != world.proposer
        assert world.owner == world.granted_by or any(
            a.person.id == world.owner and a.deputy == world.granted_by and a.first <= TODAY
            for a in absences
        )
        assert world.paid_by != world.proposer
        assert world.state == "paid"


def test_the_tables_lead_to_named_states_and_end() -> None:
    for table in (MOVES, PAYOUT_MOVES):
        for moves in table.values():
            assert set(moves.values()) <= set(table)
    for state in ("rejected", "declined", "withdrawn"):
        assert MOVES[state] == {}
        assert state not in LIVE
    assert {s for s in PAYOUT_MOVES if PAYOUT_MOVES[s]} == LIVE_PAYOUTS
    assert "waiting" not in {MOVES[s].get("accept") for s in MOVES}
    assert not ISSUED_KINDS & {"amount", "fee_waiver", "goodwill"}

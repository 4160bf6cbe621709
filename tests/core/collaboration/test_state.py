"""Every way a request between departments may go, and every way it may not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from huiyin.core.collaboration import (
    ASKED_SIDE,
    ASKING_SIDE,
    EVENT_OF,
    MOVES,
    OPEN,
    STATE_NAMES,
    WITH_DEPARTMENT,
    CannotCollaborate,
    Step,
    ask,
    step,
)

DEPARTMENTS = ("service", "operations", "claims")
ACTS = (*ASKED_SIDE, *ASKING_SIDE)


def go(state: str, act: str, *, words: str = "说明", department: str = "operations") -> Step:
    return step(
        state=state, act=act, department=department, words=words, target="claims",
        known=DEPARTMENTS, owner="service", waiting=(department,),
    )  # fmt: skip


@pytest.mark.parametrize(("state", "act"), list(itertools.product(STATE_NAMES, ACTS)))
def test_every_act_in_every_state(state: str, act: str) -> None:
    if act not in MOVES[state]:
        with pytest.raises(CannotCollaborate, match="not possible now"):
            go(state, act)
        return
    done = go(state, act)
    assert done.state == MOVES[state][act]
    assert done.event == EVENT_OF[act]
    assert done.department == ("claims" if act == "transfer" else "operations")
    assert done.because.rule == f"collaboration.{act}"
    assert "说明" in done.because.zh


def test_the_table_names_only_known_states_and_acts() -> None:
    assert set(MOVES) == set(STATE_NAMES)
    assert {act for moves in MOVES.values() for act in moves} == set(ACTS)
    assert {state for moves in MOVES.values() for state in moves.values()} <= set(STATE_NAMES)


@pytest.mark.thorough
def test_the_clock_runs_exactly_while_the_department_has_the_request() -> None:
    """Walk every path of up to seven acts and keep a clock as the room does."""

    def walk(state: str, runs: bool, left: int) -> Iterator[tuple[str, bool]]:
        yield state, runs
        for act in MOVES[state] if left else ():
            done = go(state, act)
            kept = {"go_on": runs, "resume": True, "restart": True}.get(done.clock, False)
            yield from walk(done.state, kept, left - 1)

    for state, runs in walk("asked", True, 7):
        assert runs is (state in WITH_DEPARTMENT), state


def test_whatever_is_open_can_be_ended_and_nothing_is_stuck() -> None:
    for state in OPEN:
        assert "withdraw" in MOVES[state]
    for state in WITH_DEPARTMENT:
        assert set(MOVES[state]) >= {"answer", "return", "ask_back", "transfer"}
    assert not MOVES["withdrawn"]


@pytest.mark.parametrize("act", ["return", "ask_back", "transfer", "ask_again"])
def test_words_are_needed(act: str) -> None:
    state = next(s for s in MOVES if act in MOVES[s])
    with pytest.raises(CannotCollaborate):
        go(state, act, words=" \n")


@pytest.mark.parametrize(("state", "act"), [("asked", "answer"), ("asked_back", "supply")])
def test_words_or_files_are_needed(state: str, act: str) -> None:
    with pytest.raises(CannotCollaborate):
        step(state=state, act=act, department="claims")
    assert step(state=state, act=act, department="claims", files=1)
    assert step(state=state, act=act, department="claims", words="好")


def test_too_many_words_are_refused() -> None:
    with pytest.raises(CannotCollaborate, match="5000"):
        go("asked", "answer", words="长" * 5001)


@pytest.mark.parametrize(
    ("target", "why"),
    [("operations", "another"), ("nowhere", "no such"), ("service", "is with"), ("", "choose")],
)
def test_a_transfer_needs_another_department_that_is_not_the_owner(target: str, why: str) -> None:
    with pytest.raises(CannotCollaborate, match=why):
        step(
            state="asked", act="transfer", department="operations", words="不归我们", target=target,
            known=DEPARTMENTS, owner="service",
        )  # fmt: skip


def test_asking_several_keeps_their_order_and_each_once() -> None:
    assert ask(
        departments=["claims", "operations", "claims", ""], question="请核实", known=DEPARTMENTS,
        owner="service", waiting=(),
    ) == ("claims", "operations")  # fmt: skip


@pytest.mark.parametrize(
    ("departments", "question", "waiting", "why"),
    [
        ([], "请核实", (), "choose"),
        (["claims"], "  ", (), "question"),
        (["claims"], "长" * 5001, (), "5000"),
        (["hr"], "请核实", (), "no such"),
        (["service"], "请核实", (), "hand it over"),
        (["operations", "claims"], "请核实", ("claims",), "open request"),
    ],
)
def test_what_cannot_be_asked(
    departments: list[str], question: str, waiting: tuple[str, ...], why: str
) -> None:
    with pytest.raises(CannotCollaborate, match=why) as refused:
        ask(
            departments=departments, question=question, known=DEPARTMENTS, owner="service",
            waiting=waiting,
        )  # fmt: skip
    assert refused.value.zh

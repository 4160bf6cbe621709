"""Every state and act of an item of the checklist."""

from __future__ import annotations

import itertools

import pytest

from huiyin.core.evidence import CannotGather, replaces, step
from huiyin.core.evidence.checklist import EVENT_OF, MOVES, STATE_NAMES


@pytest.mark.parametrize(("state", "act"), [*itertools.product(STATE_NAMES, EVENT_OF)])
def test_every_pair_is_a_move_of_the_table_or_refused(state: str, act: str) -> None:
    def go() -> str:
        found = step(state=state, act=act, of="customer", reason="已由客户口头说明")
        assert found.event == EVENT_OF[act]
        assert found.because.rule == f"evidence.{act}" and found.because.en
        return found.state

    if act in MOVES[state]:
        assert go() == MOVES[state][act]
    else:
        with pytest.raises(CannotGather) as error:
            go()
        assert error.value.zh and error.value.en


def test_what_came_in_is_never_waived_and_no_state_is_a_dead_end() -> None:
    assert "waive" not in MOVES["received"]
    for state in STATE_NAMES:
        assert {"request", "receive"} <= MOVES[state].keys()


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "长" * 501])
def test_a_waiver_needs_its_reason(reason: str) -> None:
    with pytest.raises(CannotGather):
        step(state="requested", act="waive", reason=reason)


@pytest.mark.parametrize("of", ["", "nobody", "Customer"])
def test_only_known_people_are_asked(of: str) -> None:
    with pytest.raises(CannotGather):
        step(state="missing", act="request", of=of, known=("outlets",))
    assert step(state="missing", act="request", of="outlets", known=("outlets",)).state


def test_a_piece_replaces_the_newest_of_its_own_item_only() -> None:
    replaces(item="track", older_item="track", taken=False)
    for older, taken in ((None, False), ("photos", False), ("track", True)):
        with pytest.raises(CannotGather):
            replaces(item="track", older_item=older, taken=taken)

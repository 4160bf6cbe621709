"""Every state and every input: what may follow, what is refused, and a way to the end."""

from __future__ import annotations

import itertools

import pytest

from huiyin.core.rehandling import (
    GROUNDS,
    INPUTS,
    OUTSIDE,
    STATES,
    CannotRehandle,
    Input,
    Ladder,
    Standing,
    Step,
    state_of,
    step,
)

pytestmark = pytest.mark.thorough

LADDERS = (
    Ladder(ranks=("supervisor",), least={}),
    Ladder(ranks=("supervisor", "manager"), least={"appealed": "manager", "court": "manager"}),
    Ladder(
        ranks=("supervisor", "manager", "administrator"),
        least={"appealed": "manager", "court": "administrator", "media": "manager"},
    ),
)
GROUND_SETS = tuple(
    frozenset(c) for n in range(len(GROUNDS) + 1) for c in itertools.combinations(GROUNDS, n)
)


def everywhere(ladder: Ladder) -> list[Standing]:
    """Return every standing: state, level, grounds, survey."""
    return [
        Standing(state, level, grounds, survey)
        for state in STATES
        for level in range(len(ladder.ranks) + 1)
        for grounds in GROUND_SETS
        for survey in (False, True)
    ]


def tried(standing: Standing, what: Input, ladder: Ladder) -> Step | None:
    try:
        return step(standing=standing, what=what, ladder=ladder, rank="supervisor", reason="已协商")
    except CannotRehandle as error:
        assert error.zh and error.en
        return None


@pytest.mark.parametrize("ladder", LADDERS)
def test_every_input_in_every_state_is_decided_or_refused_with_a_remedy(ladder: Ladder) -> None:
    for standing in everywhere(ladder):
        for what in INPUTS:
            done = tried(standing, what, ladder)
            if done is None:
                continue
            assert done.because.zh and done.because.en
            assert 0 <= standing.level <= done.after.level <= len(ladder.ranks)
            assert standing.grounds <= done.after.grounds
            assert ("close" in done.effects) == (
                done.after.state == "ended" and standing.state != "ended"
            )
            if "rehandle" in done.effects:
                assert done.after.state == "again"
                assert done.after.level > standing.level or what in OUTSIDE


@pytest.mark.parametrize("ladder", LADDERS)
def test_no_state_is_without_a_way_to_the_end(ladder: Ladder) -> None:
    for start in everywhere(ladder):
        seen, edge = {start}, [start]
        while edge and not any(s.state == "ended" for s in seen):
            here = edge.pop()
            for what in INPUTS:
                done = tried(here, what, ladder)
                if done is not None and done.after not in seen:
                    seen.add(done.after)
                    edge.append(done.after)
        assert any(s.state == "ended" for s in seen), start


@pytest.mark.parametrize("ladder", LADDERS)
def test_whom_somebody_outside_watches_only_a_supervisor_closes(ladder: Ladder) -> None:
    for standing in everywhere(ladder):
        if not standing.grounds & OUTSIDE or standing.state in {"ended", "answered"}:
            continue
        for what in INPUTS:
            done = tried(standing, what, ladder)
            if done is not None and done.after.state == "ended":
                assert what == "close"


@pytest.mark.parametrize("rank", ["", "customer", "handler", "agent"])
@pytest.mark.parametrize("state", ["answered", "answered_again", "called"])
def test_nobody_below_a_supervisor_closes(state: str, rank: str) -> None:
    standing = Standing(state, 1)  # type: ignore[arg-type]
    with pytest.raises(CannotRehandle, match="supervisor"):
        step(standing=standing, what="close", ladder=LADDERS[1], rank=rank, reason="好了")
    with pytest.raises(CannotRehandle, match="reason"):
        step(standing=standing, what="close", ladder=LADDERS[1], rank="manager", reason="  ")


@pytest.mark.parametrize("ladder", LADDERS)
def test_the_ranks_are_climbed_one_by_one_and_end_with_a_call(ladder: Ladder) -> None:
    here = Standing("first")
    for level in range(1, len(ladder.ranks) + 1):
        here = step(standing=here, what="resolved", ladder=ladder).after
        done = step(standing=here, what="dissatisfied", ladder=ladder)
        assert (done.after.level, done.effects) == (level, ("rehandle",))
        here = done.after
    here = step(standing=here, what="resolved", ladder=ladder).after
    done = step(standing=here, what="dissatisfied", ladder=ladder)
    assert (done.after.state, done.effects) == ("last", ("last_level", "call_back"))
    with pytest.raises(CannotRehandle, match="call back"):
        step(standing=done.after, what="close", ladder=ladder, rank="manager", reason="好了")
    for said in ("call_satisfied", "call_dissatisfied", "call_refused", "call_given_up"):
        called = step(standing=done.after, what=said, ladder=ladder).after  # type: ignore[arg-type]
        assert called.state == "called"
        closed = step(
            standing=called, what="close", ladder=ladder, rank="supervisor", reason="已解释"
        )
        assert closed.after.state == "ended"


def test_a_court_case_goes_at_once_to_the_rank_it_asks_for() -> None:
    done = step(standing=Standing("first"), what="court", ladder=LADDERS[2])
    assert (done.after.level, done.after.state) == (3, "again")
    again = step(standing=done.after, what="media", ladder=LADDERS[2])
    assert (again.after.level, again.effects) == (3, ("rehandle",))


def test_silence_closes_a_first_answer_and_asks_for_a_call_after_a_second() -> None:
    first = step(standing=Standing("answered"), what="silent", ladder=LADDERS[1])
    assert first.effects == ("close",)
    second = step(standing=Standing("answered_again", 1), what="silent", ladder=LADDERS[1])
    assert (second.effects, second.after.state) == (("call_back",), "answered_again")


@pytest.mark.parametrize(
    ("status", "level", "flags", "regulator", "state"),
    [
        ("working", 0, (), False, "first"),
        ("working", 1, (), False, "again"),
        ("assigned", 0, ("court",), False, "again"),
        ("assigned", 0, (), True, "again"),
        ("resolved", 0, ("repeat",), False, "answered"),
        ("resolved", 2, ("dissatisfied",), False, "answered_again"),
        ("resolved", 2, ("last_level",), False, "last"),
        ("working", 2, ("last_level",), False, "again"),
        ("resolved", 2, ("last_level", "called_back"), False, "called"),
        ("resolved", 1, ("called_back",), False, "called"),
        ("closed", 2, ("last_level",), False, "ended"),
        ("merged", 0, (), False, "ended"),
    ],
)
def test_the_state_is_read_from_what_is_stored(
    status: str, level: int, flags: tuple[str, ...], regulator: bool, state: str
) -> None:
    found = state_of(status=status, level=level, flags=frozenset(flags), from_regulator=regulator)
    assert found == state

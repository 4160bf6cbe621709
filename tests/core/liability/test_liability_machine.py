"""Every way a claim may go: nobody is charged without a ruling, silence is ruled upon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.liability import (
    MOVES,
    OPEN,
    CannotRule,
    Claim,
    Step,
    default_shares,
    open_claim,
    step,
)
from huiyin.core.shares import WHOLE

pytestmark = pytest.mark.thorough

PARTIES = ("a", "b", "c")
PROPOSED = {"a": 6_000, "b": 4_000, "c": 0}
RULINGS = ({"a": 0, "b": 3_333, "c": 6_667}, {"a": WHOLE, "b": 0, "c": 0})


def acts(claim: Claim) -> Iterator[Step]:
    """Try everything that anybody could try, also what is not allowed; yield what comes of it."""
    tries: list[dict[str, object]] = [{"act": "expire"}, {"act": "withdraw", "words": "开错了"}]
    tries += [{"act": "state", "party": p, "stance": s, "words": "说明"}
              for p in (*PARTIES, "x") for s in ("admit", "contest", "")]  # fmt: skip
    tries += [{"act": a, "party": p, "words": "理由"}
              for a in ("appeal", "answer") for p in (*PARTIES, "x")]  # fmt: skip
    tries += [{"act": a, "shares": s, "words": "裁定"} for a in ("rule", "rule_appeal")
              for s in (*RULINGS, {"a": 1, "b": 1, "c": 1}, {"a": WHOLE}, {})]  # fmt: skip
    for one, silent in product(tries, ("proposed", "silent_bears")):
        try:
            yield step(claim=claim, silent=silent, **one)  # type: ignore[arg-type]
        except CannotRule as error:
            assert error.zh
            assert error.en


def everything(start: Claim) -> dict[Claim, list[Step]]:
    """Return every claim that can come about, with what may follow from it."""
    found: dict[Claim, list[Step]] = {}
    waiting = [start]
    while waiting:
        claim = waiting.pop()
        if claim in found:
            continue
        found[claim] = list(acts(claim))
        waiting.extend(s.claim for s in found[claim])
    return found


@pytest.fixture(scope="module")
def every() -> dict[Claim, list[Step]]:
    return everything(open_claim(proposed=PROPOSED, mute=frozenset({"c"})))


def test_the_search_is_of_some_size(every: dict[Claim, list[Step]]) -> None:
    assert len(every) > 100
    assert {c.state for c in every} == set(MOVES)


def test_shares_are_always_whole(every: dict[Claim, list[Step]]) -> None:
    for claim in every:
        assert sum(m.proposed for m in claim.members) == WHOLE
        assert not claim.shares or sum(claim.shares.values()) == WHOLE
        assert all(share >= 0 for share in claim.shares.values())


def test_nobody_is_charged_without_a_ruling(every: dict[Claim, list[Step]]) -> None:
    for claim, steps in every.items():
        if claim.charged:
            assert claim.state == "final"
            assert claim.by in {"default", "person"}
        for after in steps:
            if after.claim.state == "final":
                # The last step is a ruling itself or comes after a published one.
                assert after.event == "LiabilityFinal"
                assert claim.state in {"ruled", "appealed"}
                assert claim.shares


def test_it_is_appealed_at_most_once(every: dict[Claim, list[Step]]) -> None:
    for claim, steps in every.items():
        assert claim.appeals <= 1
        assert sum(m.appealed for m in claim.members) <= 1
        if claim.appeals:
            assert not any(s.event == "LiabilityAppealed" for s in steps)


def test_silence_always_leads_to_a_ruling(every: dict[Claim, list[Step]]) -> None:
    for claim in every:
        if claim.state not in {"stating", "ruling"}:
            continue
        silent = any(m.speaks and m.stance in {"", "silent"} for m in claim.members)
        if not silent:
            continue
        after = claim
        for _round in range(2):
            if after.state in {"stating", "ruling"}:
                after = step(claim=after, act="expire").claim
        assert after.state == "ruled"
        assert after.by == "default"
        assert sum(after.shares.values()) == WHOLE
        assert step(claim=after, act="expire").claim.state == "final"


def test_the_silence_of_who_rules_leads_to_a_ruling_too(every: dict[Claim, list[Step]]) -> None:
    for claim in every:
        silent = any(m.stance == "silent" for m in claim.members)
        judged = (claim.state == "ruling" and not silent) or claim.state == "appealed"
        if claim.late or not judged:
            continue
        late = step(claim=claim, act="expire")
        assert (late.event, late.fresh) == ("LiabilityLate", True)
        assert late.claim == replace(claim, late=True)
        after = step(claim=late.claim, act="expire")
        if claim.state == "appealed":
            assert (after.event, after.claim.state) == ("LiabilityFinal", "final")
            assert (after.claim.shares, after.claim.by) == (claim.shares, claim.by)
        else:
            assert (after.event, after.fresh, after.claim.by) == ("LiabilityRuled", True, "default")
            assert after.claim.shares == {m.party: m.proposed for m in claim.members}


def test_time_alone_ends_every_open_claim(every: dict[Claim, list[Step]]) -> None:
    for claim in every:
        after = claim
        for _round in range(4):
            if after.state in OPEN:
                after = step(claim=after, act="expire").claim
        assert after.state in {"final", "withdrawn"}


def test_what_has_ended_stays_ended(every: dict[Claim, list[Step]]) -> None:
    for claim, steps in every.items():
        assert bool(steps) == (claim.state in OPEN)


def test_every_open_claim_can_come_to_an_end(every: dict[Claim, list[Step]]) -> None:
    ends = {c for c in every if c.state == "final"}
    while True:
        more = {c for c, steps in every.items() if any(s.claim in ends for s in steps)} - ends
        if not more:
            break
        ends |= more
    assert {c for c in every if c.state in OPEN} <= ends


@given(
    proposed=st.lists(st.integers(0, WHOLE), min_size=1, max_size=6),
    stances=st.lists(st.sampled_from(["admit", "contest", "silent"]), min_size=6, max_size=6),
    silent=st.sampled_from(["proposed", "silent_bears"]),
)
def test_a_default_ruling_is_whole_and_spares_who_contested(
    proposed: list[int], stances: list[str], silent: str
) -> None:
    rest = WHOLE
    shares = {}
    for n, share in enumerate(proposed[:-1]):
        shares[f"p{n}"] = min(share, rest)
        rest -= shares[f"p{n}"]
    shares["last"] = rest
    claim = open_claim(proposed=shares)
    claim = replace(
        claim,
        members=tuple(replace(m, stance=s) for m, s in zip(claim.members, stances, strict=False)),
    )
    ruled = default_shares(claim=claim, silent=silent)
    assert sum(ruled.values()) == WHOLE
    assert min(ruled.values()) >= 0
    for member in claim.members:
        if member.stance != "silent":
            assert ruled[member.party] <= member.proposed
        else:
            assert ruled[member.party] >= member.proposed
    mute = any(m.stance == "silent" for m in claim.members)
    if silent == "silent_bears" and mute:
        assert all(ruled[m.party] == 0 for m in claim.members if m.stance == "contest")


def test_admitting_by_all_rules_at_once() -> None:
    claim = open_claim(proposed=PROPOSED, mute=frozenset({"c"}))
    one = step(claim=claim, act="state", party="a", stance="admit")
    assert (one.claim.state, one.fresh) == ("stating", False)
    other = step(claim=one.claim, act="state", party="b", stance="admit")
    assert (other.claim.state, other.event, other.fresh) == ("ruled", "LiabilityRuled", True)
    assert other.claim.shares == PROPOSED


def test_silence_bears_what_the_other_contested() -> None:
    claim = open_claim(proposed=PROPOSED, mute=frozenset({"c"}))
    claim = step(claim=claim, act="state", party="a", stance="contest", words="外包装完好").claim
    waits = step(claim=claim, act="expire")
    assert (waits.claim.state, waits.event) == ("ruling", "LiabilityHeard")
    ruled = step(claim=waits.claim, act="expire", silent="silent_bears").claim
    assert ruled.shares == {"a": 0, "b": WHOLE, "c": 0}
    assert step(claim=waits.claim, act="expire", silent="proposed").claim.shares == PROPOSED


def test_contesting_needs_words_or_files() -> None:
    claim = open_claim(proposed=PROPOSED)
    with pytest.raises(CannotRule, match="write what happened"):
        step(claim=claim, act="state", party="a", stance="contest")
    assert step(claim=claim, act="state", party="a", stance="contest", files=1).claim.member(
        party="a"
    ).stance == "contest"  # type: ignore[union-attr]  # fmt: skip


def test_too_many_words_are_refused() -> None:
    with pytest.raises(CannotRule, match="5000"):
        step(claim=open_claim(proposed=PROPOSED), act="state", party="a", stance="admit",
             words="字" * 5001)  # fmt: skip


def test_somebody_must_be_heard() -> None:
    with pytest.raises(CannotRule):
        open_claim(proposed={"customer": WHOLE}, mute=frozenset({"customer"}))
    with pytest.raises(CannotRule):
        open_claim(proposed={"a": 5_000})

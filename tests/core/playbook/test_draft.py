"""The way of a draft: nobody approves what he wrote, nothing unsound comes into force."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from huiyin.core.playbook.draft import MOVES, CannotChangeDraft, DraftFacts, step

NOW = datetime(2026, 11, 3, 10, tzinfo=UTC)
SUBMITTED = DraftFacts(
    state="submitted", authors=frozenset({1, 2}), submitted_by=3, base="a", current="a"
)
ACTS = ("save", "rebase", "submit", "approve", "return", "withdraw", "take_effect", "replace")


@pytest.mark.parametrize(("state", "act"), list(itertools.product(MOVES, ACTS)))
def test_table(state: str, act: str) -> None:
    facts = replace(SUBMITTED, state=state)
    wanted = MOVES[state].get(act)
    if wanted is None:
        with pytest.raises(CannotChangeDraft):
            step(facts=facts, act=act, by=9, now=NOW, words="因为")
    else:
        decided = step(facts=facts, act=act, by=9, now=NOW, words="因为")
        assert decided.state == wanted
        assert "因为" in decided.because.zh


@pytest.mark.parametrize("by", [1, 2, 3, None])
def test_nobody_approves_what_he_had_a_hand_in(by: int | None) -> None:
    with pytest.raises(CannotChangeDraft, match="nobody approves"):
        step(facts=SUBMITTED, act="approve", by=by, now=NOW)


def test_no_way_leads_to_force_without_an_approval_by_somebody_else() -> None:
    people = (1, 2, 9)
    seen: set[tuple[str, bool]] = set()
    waiting = [("draft", False)]
    while waiting:
        state, approved = waiting.pop()
        if (state, approved) in seen:
            continue
        seen.add((state, approved))
        for act, by in itertools.product(ACTS, people):
            facts = replace(SUBMITTED, state=state)
            try:
                after = step(facts=facts, act=act, by=by, now=NOW, words="x").state
            except CannotChangeDraft:
                continue
            granted = approved if act not in {"approve", "return"} else act == "approve"
            assert act != "approve" or by == 9
            waiting.append((after, granted))
    assert ("in_force", True) in seen
    assert ("in_force", False) not in seen


@pytest.mark.parametrize(
    "change",
    [{"problems": 1}, {"changed": False}, {"version_taken": True}, {"current": "b"}],
)
@pytest.mark.parametrize(("state", "act"), [("draft", "submit"), ("submitted", "approve")])
def test_what_is_unsound_goes_no_further(change: dict[str, object], state: str, act: str) -> None:
    facts = replace(SUBMITTED, state=state, **change)  # type: ignore[arg-type]
    with pytest.raises(CannotChangeDraft):
        step(facts=facts, act=act, by=9, now=NOW)  # type: ignore[arg-type]


def test_what_is_sent_back_says_why_and_a_day_of_effect_is_near() -> None:
    with pytest.raises(CannotChangeDraft, match="say why"):
        step(facts=SUBMITTED, act="return", by=9, now=NOW, words=" ")
    far = NOW + timedelta(days=400)
    with pytest.raises(CannotChangeDraft, match="year"):
        step(facts=SUBMITTED, act="approve", by=9, now=NOW, effective_at=far)

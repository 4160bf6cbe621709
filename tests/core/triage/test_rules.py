"""Ordered rules, and the memory that must not change an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.triage import load_language
from huiyin.core.triage.rules import Decided, decide

pytestmark = pytest.mark.thorough

PACK = """
signals:
  a: {name: {zh: a, en: a}, match: [甲]}
  b: {name: {zh: b, en: b}, match: [乙]}
urgency:
  - {id: two, when: "size(signals) > 1 && emotion > 0.5", then: critical,
     because: {zh: 多, en: many}}
  - {id: first, when: "'a' in signals && category != 'other'", then: high, because: {zh: 甲, en: a}}
  - {id: unsure, when: "guess == 'high' && guess_sure < 0.5", then: normal,
     because: {zh: 疑, en: doubt}}
"""
NAMED = PACK.replace("size(signals) > 1 &&", "'b' in signals &&")
FACTS = st.fixed_dictionaries(
    {
        "signals": st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3),
        "category": st.sampled_from(["delay", "other"]),
        "secondary": st.lists(st.sampled_from(["lost", "fee"]), unique=True),
        "guess": st.sampled_from(["low", "high"]),
        "guess_sure": st.sampled_from([0.3, 0.7]),
        "emotion": st.sampled_from([0.1, 0.9]),
        "is_complaint": st.sampled_from([0.1, 0.9]),
        "length": st.sampled_from([0, 40]),
    }
)


@pytest.mark.parametrize("source", [PACK, NAMED])
def test_remembering_changes_no_answer(source: str) -> None:
    rules = load_language(files={"rules.yaml": source}).urgency
    desk = Decided(rules=rules)

    @settings(max_examples=40)
    @given(facts=FACTS)
    def same(facts: dict[str, Any]) -> None:
        assert desk.by(facts=facts) is decide(rules=rules, facts=facts)

    same()


def test_a_condition_that_cannot_be_evaluated_names_the_rule() -> None:
    rules = load_language(files={"rules.yaml": PACK}).urgency
    with pytest.raises(ValueError, match="rule two"):
        decide(rules=rules, facts={})

"""Ordered rules: the first that holds decides, and what is not known is asked for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.because import Reason
from huiyin.core.playbook import all_matches, bind, first_match
from huiyin.core.playbook.rules import (
    CannotMatch,
    RuleSet,
    compile_condition,
    facts_asked,
    holds,
    rule_set,
)

TODAY = date(2026, 11, 24)


def rules(*conditions: str | tuple[str | None, date] | None) -> RuleSet[str]:
    """Rules called a, b, c … with these conditions, each leading to its own name in capitals."""
    out = []
    for name, condition in zip("abcdefgh", conditions, strict=False):
        when, since = condition if isinstance(condition, tuple) else (condition, None)
        because = Reason(rule=name, zh=f"规则{name}", en=f"rule {name}")
        out.append(
            compile_condition(id=name, when=when, then=name.upper(), because=because, from_=since)
        )
    return rule_set(conditions=out)


def test_the_first_rule_that_holds_decides_and_says_why() -> None:
    match = first_match(rules=rules("fee > 100", "fee > 10", None), facts={"fee": 50}, on=TODAY)
    assert (match.then, match.rule, match.because.zh, match.missing) == ("B", "b", "规则b", ())


def test_an_unknown_fact_passes_a_rule_over_and_is_asked_for() -> None:
    match = first_match(
        rules=rules("claimed > 100 && fee > 1", "category == 'lost'", None),
        facts={"category": "lost", "claimed": None},
        on=TODAY,
    )
    assert match.then == "B"
    assert match.missing == ("claimed", "fee")


def test_a_fact_is_asked_for_only_where_it_matters() -> None:
    lists = rules("category == 'lost' && claimed > 100", "category == 'fee' || claimed > 1", None)
    match = first_match(rules=lists, facts={"category": "fee"}, on=TODAY)
    assert match.then == "B"
    assert match.missing == ()


def test_a_rule_counts_from_its_day_on() -> None:
    lists = rules(("fee > 1", date(2027, 1, 1)), None)
    assert first_match(rules=lists, facts={"fee": 5}, on=date(2026, 12, 31)).then == "B"
    assert first_match(rules=lists, facts={"fee": 5}, on=date(2027, 1, 1)).then == "A"


def test_without_a_default_nothing_may_match() -> None:
    with pytest.raises(CannotMatch):
        first_match(rules=rules("fee > 1"), facts={"fee": 0}, on=TODAY)


def test_several_may_hold_at_once() -> None:
    found, missing = all_matches(
        rules=rules("fee > 1", "claimed > 1", None, "fee > 9"), facts={"fee": 5}, on=TODAY
    )
    assert [c.then for c in found] == ["A", "C"]
    assert missing == ("claimed",)


@pytest.mark.parametrize(
    "when", ["fee / contacts > 1", "category > 3", "fee", "region.size() + fee > 'x'"]
)
def test_what_cannot_be_computed_is_never_true(when: str) -> None:
    (condition,) = rules(when).conditions
    facts = bind(facts={"fee": 5, "contacts": 0, "category": "lost", "region": "x"})
    assert not holds(condition=condition, facts=facts)


def test_names_bound_by_macros_are_no_facts() -> None:
    (condition,) = rules(
        "signals.exists(s, s.startsWith('med')) && also.all( t , t != 'x')"
    ).conditions
    assert facts_asked(program=condition.program) == {"signals", "also"}
    assert condition.needs == {"signals", "also"}


@given(
    limits=st.lists(st.integers(0, 50), min_size=1, max_size=7),
    fee=st.one_of(st.none(), st.integers(0, 60)),
)
def test_first_match_is_the_plain_scan(limits: list[int], fee: int | None) -> None:
    lists = rules(*(f"fee > {limit}" for limit in limits), None)
    expected = next(
        (c.then for c, limit in zip(lists.conditions, limits, strict=False)
         if fee is not None and fee > limit),
        lists.conditions[-1].then,
    )  # fmt: skip
    match = first_match(rules=lists, facts={"fee": fee}, on=TODAY)
    assert match.then == expected
    assert match.missing == (("fee",) if fee is None else ())

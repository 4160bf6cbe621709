"""Equal cases share a text; the meter tells the median, the middle half and who departs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.remedy import compensate, read_facts
from huiyin.core.remedy.likeness import compare, likeness


def text(**facts: Any) -> str:
    read, policy = read_facts(data={"kind": "loss", "fee": 1200, **facts})
    return likeness(facts=read, owed=compensate(facts=read, policy=policy))


def test_equal_cases_share_a_text() -> None:
    assert text(real_value=60000) == text(real_value=90000)
    assert text(real_value=60000) == text(real_value=60000, kind="loss", salvage=5)
    assert text(real_value=60000) != text(real_value=110000)
    assert text(real_value=60000) != text(real_value=60000, insured_amount=60000)
    assert text(real_value=60000) != text(real_value=60000, kind="damage_total")
    assert text(real_value=60000, kind="wrong_item") == text(real_value=60000, kind="damage_total")
    assert text(insured_amount=5).endswith("|?")


def test_too_few_cases_say_nothing() -> None:
    assert compare(amount=5, earlier=[1, 2, 3, 4], at_least=5, departs_percent=50) is None


@pytest.mark.parametrize(
    ("amount", "departs"), [(50000, False), (74000, False), (76000, True), (20000, True)]
)
def test_who_departs(amount: int, departs: bool) -> None:
    earlier = [48000, 49000, 50000, 51000, 52000]
    out = compare(amount=amount, earlier=earlier, at_least=5, departs_percent=50)
    assert out is not None
    assert (out.n, out.median, out.low, out.high) == (5, 50000, 49000, 51000)
    assert out.departs is departs


def test_equal_amounts_and_a_median_of_nothing() -> None:
    same = compare(amount=500, earlier=[500] * 9, at_least=5, departs_percent=50)
    assert same is not None
    assert not same.departs
    nothing = compare(amount=500, earlier=[0] * 9, at_least=5, departs_percent=50)
    assert nothing is not None
    assert nothing.departs


@given(
    earlier=st.lists(st.integers(0, 10**8), min_size=2, max_size=40), amount=st.integers(0, 10**8)
)
def test_the_middle_half_lies_around_the_median(earlier: list[int], amount: int) -> None:
    out = compare(amount=amount, earlier=earlier, at_least=2, departs_percent=50)
    assert out is not None
    assert min(earlier) <= out.low <= out.median <= out.high <= max(earlier)
    if out.low <= amount <= out.high:
        assert not out.departs

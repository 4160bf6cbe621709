"""Shares make a whole, and what is split by them comes out to the last 分."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.shares import WHOLE, CannotSplit, parse_percent, percent, split, weigh, whole

weights = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 10**6),
                          min_size=1, max_size=8).filter(lambda w: sum(w.values()) > 0)  # fmt: skip


@given(amount=st.integers(0, 10**12), given_weights=weights)
def test_no_fen_is_lost_and_no_part_is_off_by_one(
    amount: int, given_weights: dict[str, int]
) -> None:
    parts = weigh(amount=amount, weights=given_weights)
    assert sum(parts.values()) == amount
    total = sum(given_weights.values())
    for who, weight in given_weights.items():
        exact = amount * weight
        assert exact // total <= parts[who] <= -(-exact // total)


@given(amount=st.integers(0, 10**9), given_weights=weights)
def test_a_split_of_a_split_by_shares_is_whole(amount: int, given_weights: dict[str, int]) -> None:
    shares = weigh(amount=WHOLE, weights=given_weights)
    assert whole(shares=shares) == shares
    assert sum(split(amount=amount, shares=shares).values()) == amount


def test_what_is_left_over_goes_to_the_largest_remainder() -> None:
    shares = {"a": 3_334, "b": 3_333, "c": 3_333}
    assert split(amount=100, shares=shares) == {"a": 34, "b": 33, "c": 33}
    assert split(amount=2, shares={"a": 5_000, "b": 4_000, "c": 1_000}) == {"a": 1, "b": 1, "c": 0}


@pytest.mark.parametrize(
    "shares", [{}, {"a": 9_999}, {"a": 10_001}, {"a": -1, "b": 10_001}, {"a": 5_000, "b": 4_999}]
)
def test_what_is_no_whole_is_refused(shares: dict[str, int]) -> None:
    with pytest.raises(CannotSplit):
        split(amount=100, shares=shares)


@pytest.mark.parametrize(
    ("text", "share"),
    [("50", 5_000), ("33.33", 3_333), (" 12.5 % ", 1_250), ("100％", WHOLE), ("", 0), ("0.01", 1)],
)
def test_percentages_are_read(text: str, share: int) -> None:
    assert parse_percent(text=text) == share


@pytest.mark.parametrize("text", ["-5", "1e2", "33.333", "五十", "1,5", "NaN", "٥٠", "50%50"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(CannotSplit, match="percentage"):
        parse_percent(text=text)


@given(share=st.integers(0, WHOLE))
def test_percentages_are_said_as_they_are_read(share: int) -> None:
    assert parse_percent(text=percent(share=share)) == share

"""Every transfer of the journal balances, whatever happens in whatever order."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.remedy import journal
from huiyin.core.remedy.journal import Line
from huiyin.core.shares import WHOLE, CannotSplit

fen = st.integers(1, 10**9)


@given(amount=fen, acts=st.lists(st.sampled_from(["fail", "return"]), max_size=6))
def test_from_grant_to_payment_nothing_is_left_over(amount: int, acts: list[str]) -> None:
    book: Counter[str] = Counter()

    def enter(lines: tuple[Line, ...]) -> None:
        assert journal.balanced(lines=lines)
        for line in lines:
            book[line.account] += line.amount

    enter(journal.granted(amount=amount, shares={"operations": WHOLE}))
    for act in acts:
        enter(journal.requested(amount=amount))
        if act == "fail":
            enter(journal.failed(amount=amount))
        else:
            enter(journal.settled(amount=amount))
            enter(journal.returned(amount=amount))
        assert book[journal.OWED] == -amount
    enter(journal.requested(amount=amount))
    enter(journal.settled(amount=amount))
    assert {k: v for k, v in book.items() if v} == {"cost:operations": amount, "paid": -amount}


@given(amount=fen, shares=st.lists(st.integers(0, 10_000), min_size=1, max_size=5))
def test_a_cost_carried_to_several_stays_the_same_cost(amount: int, shares: list[int]) -> None:
    whole = sum(shares)
    if whole == 0:
        return
    points = [s * 10_000 // whole for s in shares]
    points[0] += 10_000 - sum(points)
    split = {f"d{n}": p for n, p in enumerate(points)}
    costs = {"cost:none": amount}
    lines = journal.carried(costs=costs, shares=split)
    assert journal.balanced(lines=lines)
    after = Counter(costs)
    for line in lines:
        after[line.account] += line.amount
    assert sum(after.values()) == amount
    for who, share in split.items():
        assert 0 <= after[f"cost:{who}"] - amount * share // 10_000 <= 1
    released = journal.released(costs={k: v for k, v in after.items() if v})
    assert journal.balanced(lines=released)


@pytest.mark.parametrize(
    "shares", [{"a": 9_999}, {"a": 6_000, "b": 4_001}, {"a": 15_000, "b": -5_000}, {}]
)
def test_shares_add_up_to_a_whole(shares: dict[str, int]) -> None:
    with pytest.raises(CannotSplit, match="share"):
        journal.carried(costs={"cost:none": 5}, shares=shares)


def test_nobody_bears_what_nobody_was_found_liable_for() -> None:
    assert journal.granted(amount=5, shares={"": WHOLE})[0].account == journal.NOBODY

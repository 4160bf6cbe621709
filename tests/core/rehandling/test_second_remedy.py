"""What is owed is never capped; what goes beyond it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.rehandling import second_remedy

FEN = st.integers(min_value=0, max_value=10**8)


def test_examples() -> None:
    within = second_remedy(level=1, amount=5000, owed=0, granted=30000, again=0, cap=5000)
    assert within.ok and within.room == 5000
    above = second_remedy(level=1, amount=5001, owed=0, granted=30000, again=0, cap=5000)
    assert not above.ok
    used = second_remedy(level=2, amount=1, owed=0, granted=35000, again=5000, cap=5000)
    assert not used.ok and used.room == 0
    owed = second_remedy(level=1, amount=70000, owed=100000, granted=30000, again=0, cap=0)
    assert owed.ok and owed.room == 70000
    assert second_remedy(level=0, amount=10**9, owed=0, granted=0, again=0, cap=0).ok
    assert second_remedy(level=3, amount=10**9, owed=0, granted=0, again=0, cap=None).ok


@given(amount=FEN, owed=FEN, first=FEN, again=FEN, cap=FEN)
def test_never_above_the_cap_beyond_what_is_owed_and_never_below_what_is_owed(
    amount: int, owed: int, first: int, again: int, cap: int
) -> None:
    granted = first + again
    found = second_remedy(level=1, amount=amount, owed=owed, granted=granted, again=again, cap=cap)
    assert found.room is not None and found.room >= 0
    assert found.ok == (amount <= found.room)
    if amount <= max(0, owed - granted):
        assert found.ok
    if found.ok and again == 0:
        assert amount <= max(0, owed - granted) + cap


@given(owed=FEN, first=FEN, cap=FEN, parts=st.lists(FEN, max_size=5))
def test_many_small_sums_come_to_no_more_than_one_large(
    owed: int, first: int, cap: int, parts: list[int]
) -> None:
    again = 0
    for part in parts:
        found = second_remedy(
            level=1, amount=part, owed=owed, granted=first + again, again=again, cap=cap
        )
        if found.ok:
            again += part
    assert again <= max(0, owed - first) + cap

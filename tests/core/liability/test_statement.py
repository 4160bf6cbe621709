"""A statement of account closes with what it opened with and all that came."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.liability import Posting, statement

START = datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=8)))


@given(opening=st.integers(-(10**9), 10**9), amounts=st.lists(st.integers(-(10**9), 10**9)))
def test_the_balance_runs(opening: int, amounts: list[int]) -> None:
    out = statement(
        opening=opening,
        postings=[Posting(START + timedelta(hours=n), "cost:w1", "LiabilityFinal", a, "HY1")
                  for n, a in enumerate(amounts)],
    )  # fmt: skip
    assert out.closing == opening + sum(amounts) == opening + out.debits - out.credits
    assert [r.posting.amount for r in out.rows] == amounts
    before = opening
    for row in out.rows:
        assert row.balance == before + row.posting.amount
        before = row.balance

"""A parcel is claimed once for each thing, and a later claim pays the difference only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.remedy.parcel import CannotClaimTwice, Claimed, claim, heads_of


def standing(head: str, amount: int, *, paid: bool, round: int = 0) -> Claimed:
    return Claimed(
        head=head, round=round, amount=amount, paid=paid, number="HY20261103-000001", remedy="r"
    )


@pytest.mark.parametrize(
    ("kind", "category", "parts", "heads"),
    [
        ("amount", "lost", None, {"compensation": 500}),
        ("amount", "cod", None, {"cod": 500}),
        ("amount", "fee", None, {"overcharge": 500}),
        ("amount", "lost", {"compensation": 488, "fee": 12}, {"compensation": 488, "fee": 12}),
        ("amount", "delay", {"compensation": 0, "fee": 12}, {"fee": 12}),
        ("fee_waiver", "delay", None, {"fee": 500}),
        ("goodwill", "lost", None, {}),
        ("coupon", "lost", None, {}),
        ("apology", "lost", None, {}),
    ],
)
def test_what_a_remedy_claims(
    kind: str, category: str, parts: dict[str, int] | None, heads: dict[str, int]
) -> None:
    assert heads_of(kind=kind, category=category, amount=500, parts=parts) == heads


def test_a_first_claim_is_free() -> None:
    claims, because = claim(wanted={"compensation": 500, "fee": 12}, standing=[])
    assert [(c.head, c.round, c.amount) for c in claims] == [
        ("compensation", 0, 500),
        ("fee", 0, 12),
    ]
    assert because == ()


def test_a_standing_claim_is_not_claimed_again() -> None:
    with pytest.raises(CannotClaimTwice, match="HY20261103-000001") as told:
        claim(wanted={"compensation": 900}, standing=[standing("compensation", 500, paid=False)])
    assert "¥5.00" in told.value.zh


def test_what_was_paid_is_not_paid_again() -> None:
    paid = [standing("compensation", 500, paid=True)]
    for amount in (500, 400):
        with pytest.raises(CannotClaimTwice, match="not paid twice"):
            claim(wanted={"compensation": amount}, standing=paid)
    claims, because = claim(wanted={"compensation": 900}, standing=paid)
    assert [(c.round, c.amount) for c in claims] == [(1, 400)]
    assert "差额 ¥4.00" in because[0].zh


def test_a_head_that_was_paid_falls_out_of_a_sum_that_has_risen() -> None:
    paid = [standing("compensation", 36, paid=True), standing("fee", 12, paid=True)]
    claims, _ = claim(wanted={"compensation": 500, "fee": 12}, standing=paid)
    assert [(c.head, c.amount) for c in claims] == [("compensation", 464)]


@given(sums=st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_whatever_is_claimed_in_turn_the_highest_sum_is_paid_in_all(sums: list[int]) -> None:
    paid: list[Claimed] = []
    for amount in sums:
        try:
            claims, _ = claim(wanted={"compensation": amount}, standing=paid)
        except CannotClaimTwice:
            continue
        paid += [standing("compensation", c.amount, paid=True, round=c.round) for c in claims]
    assert sum(c.amount for c in paid) == max(sums)
    assert len({c.round for c in paid}) == len(paid)

"""A result file against its batch: what acts, what is known already, what does not fit."""

from __future__ import annotations

import re

import pytest

from huiyin.core.remedy.reconcile import Asked, Result, reconcile

BATCH = [
    Asked(number="P1", amount=5000, state="requested"),
    Asked(number="P2", amount=700, state="requested"),
    Asked(number="P3", amount=90, state="paid"),
    Asked(number="P4", amount=90, state="failed"),
]


def rows(*given: tuple[str, str, int | None]) -> list[Result]:
    return [
        Result(row=n, number=number, outcome=outcome, amount=amount)
        for n, (number, outcome, amount) in enumerate(given, start=2)
    ]


def test_what_fits_acts_and_what_is_missing_is_told() -> None:
    out = reconcile(batch=BATCH, results=rows(("P1", "成功", 5000), ("P3", "Returned", None)))
    assert [(act, r.number) for act, r in out.acts] == [("pay", "P1"), ("return", "P3")]
    assert [(m.row, m.number) for m in out.mismatches] == [(0, "P2")]


def test_a_file_read_twice_changes_nothing_the_second_time() -> None:
    first = reconcile(batch=BATCH, results=rows(("P1", "paid", 5000), ("P2", "失败", 700)))
    assert [act for act, _ in first.acts] == ["pay", "fail"]
    after = [Asked("P1", 5000, "paid"), Asked("P2", 700, "failed"), *BATCH[2:]]
    again = reconcile(batch=after, results=rows(("P1", "paid", 5000), ("P2", "失败", 700)))
    assert (again.acts, again.known, again.mismatches) == ((), ("P1", "P2"), ())


@pytest.mark.parametrize(
    ("number", "outcome", "amount", "told"),
    [
        ("P1", "paid", 5001, "amount differs"),
        ("P9", "paid", 5000, "no such payout"),
        ("", "paid", 5000, "no payout number"),
        ("P1", "maybe", 5000, "unknown outcome"),
        ("P1", "returned", 5000, "cannot become"),
        ("P4", "paid", 90, "cannot become"),
        ("P3", "failed", 90, "cannot become"),
    ],
)
def test_what_does_not_fit_acts_on_nothing(
    number: str, outcome: str, amount: int, told: str
) -> None:
    out = reconcile(batch=BATCH, results=rows((number, outcome, amount)))
    assert out.acts == ()
    wrong = [m for m in out.mismatches if m.row]
    assert len(wrong) == 1
    assert told in wrong[0].en
    assert wrong[0].row == 2
    assert not set(re.findall("[a-z]+", wrong[0].zh)) - {"maybe"}, "plain words, no codes"


def test_a_number_that_occurs_twice_acts_once() -> None:
    out = reconcile(batch=BATCH, results=rows(("P1", "paid", 5000), ("P1", "failed", 5000)))
    assert [act for act, _ in out.acts] == ["pay"]
    assert [m.row for m in out.mismatches] == [3, 0]

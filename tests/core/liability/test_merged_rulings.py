"""A ruling holds for everything merged into one matter, and no longer once it is parted."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from uuid import UUID

from huiyin.core.liability import Ruling, root, ruling_of

A, B, C, D = (UUID(int=n) for n in range(1, 5))
START = datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=8)))
EARLY = Ruling(A, START, {"w1": 10_000})
LATE = Ruling(B, START + timedelta(days=1), {"w2": 10_000})


def test_merged_complaints_are_one_matter() -> None:
    merged = {A: B, B: C, C: None, D: None}
    assert root(complaint=A, merged_into=merged) == C
    for one in (A, B, C):
        assert ruling_of(complaint=one, merged_into=merged, rulings=[LATE, EARLY]) == LATE
    assert ruling_of(complaint=D, merged_into=merged, rulings=[LATE, EARLY]) is None


def test_parted_complaints_follow_their_own() -> None:
    parted = {A: None, B: None, C: None}
    assert ruling_of(complaint=A, merged_into=parted, rulings=[LATE, EARLY]) == EARLY
    assert ruling_of(complaint=B, merged_into=parted, rulings=[LATE, EARLY]) == LATE
    assert ruling_of(complaint=C, merged_into=parted, rulings=[LATE, EARLY]) is None


def test_a_ring_does_not_hang() -> None:
    assert root(complaint=A, merged_into={A: B, B: A}) in {A, B}

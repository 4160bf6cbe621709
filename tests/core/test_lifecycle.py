"""The ways a complaint may go."""

from __future__ import annotations

import pytest

from huiyin.core.lifecycle import MOVES, STATUS_NAMES, CannotMove, Progress, move


def test_every_move_ends_in_a_named_status() -> None:
    for status, moves in MOVES.items():
        assert status in STATUS_NAMES
        assert set(moves.values()) <= set(STATUS_NAMES)


def test_resolving_needs_a_verdict_and_decided_remedies() -> None:
    with pytest.raises(CannotMove, match="verdict"):
        move(status="working", action="resolve", progress=Progress())
    with pytest.raises(CannotMove, match="remedy"):
        move(
            status="working",
            action="resolve",
            progress=Progress(verdict="upheld", remedies_waiting=1),
        )
    assert (
        move(status="working", action="resolve", progress=Progress(verdict="upheld")) == "resolved"
    )


@pytest.mark.parametrize("action", ["take", "reply", "resolve", "verdict", "propose"])
def test_a_closed_complaint_is_not_worked(action: str) -> None:
    with pytest.raises(CannotMove):
        move(status="closed", action=action)

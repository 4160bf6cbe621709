"""Agreement with labels, by hand."""

from __future__ import annotations

import pytest

from huiyin.core.triage.score import Judged, score


def row(id: str, true: str, said: str, sure: float = 0.95, *urgency: str) -> Judged:
    return Judged(
        id=id,
        category=said,
        urgency=urgency[1] if urgency else "normal",
        confidence=sure,
        true_category=true,
        true_urgency=urgency[0] if urgency else "",
    )


def test_f1_by_hand() -> None:
    found = score(
        judged=[
            row("1", "delay", "delay"),
            row("2", "delay", "lost"),
            row("3", "lost", "lost"),
            row("4", "fee", "other"),
        ]
    ).category
    assert found.accuracy == 0.5
    assert found.per_class["delay"].recall == 0.5
    assert found.per_class["delay"].f1 == pytest.approx(2 / 3)
    assert found.per_class["lost"].precision == 0.5
    assert found.per_class["fee"].f1 == 0.0
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 3) / 3)
    assert found.macro_f1_all == pytest.approx((2 / 3 + 2 / 3) / 4)
    assert found.confusion["delay", "lost"] == 1


def test_high_said_critical_is_found() -> None:
    found = score(
        judged=[
            row("1", "delay", "delay", 0.9, "high", "critical"),
            row("2", "delay", "delay", 0.9, "critical", "normal"),
            row("3", "delay", "delay", 0.9, "low", "high"),
        ]
    )
    assert found.grave_recall == 0.5
    assert found.urgency is not None
    assert found.urgency.accuracy == 0.0


def test_rows_without_urgency_are_left_out_of_it() -> None:
    found = score(judged=[row("1", "delay", "delay")])
    assert found.urgency is None
    assert found.grave_recall is None


def test_confidence_is_held_against_what_was_right() -> None:
    found = score(
        judged=[
            row("1", "delay", "delay", 0.85),
            row("2", "delay", "lost", 0.85),
            row("3", "delay", "delay", 1.0),
            row("4", "delay", "delay", 0.3),
        ]
    )
    assert [(r.low, r.rows, r.right) for r in found.reliability] == [
        (0.0, 1, 1.0),
        (0.8, 2, 0.5),
        (0.9, 1, 1.0),
    ]
    assert found.calibration_error == pytest.approx((2 * 0.35 + 0.0 + 0.7) / 4)
    assert [j.id for j in found.worst] == ["2"]


def test_nothing_to_judge_is_an_error() -> None:
    with pytest.raises(ValueError, match="no labelled rows"):
        score(judged=[])

"""A survey answered by one figure."""

from __future__ import annotations

import pytest

from huiyin.core.rehandling.digit import stars_said, survey_meant


@pytest.mark.parametrize(
    ("text", "stars"),
    [("4", 4), ("５", 5), (" 1。", 1), ("3分", 3), ("2星", 2), ("0", None), ("6", None),
     ("12", None), ("4 但是没收到", None), ("", None), ("四", None), ("四星", None)],
)  # fmt: skip
def test_only_a_figure_alone_is_stars(text: str, stars: int | None) -> None:
    assert stars_said(text=text) == stars


def test_only_one_open_survey_can_be_meant() -> None:
    assert survey_meant(stars=4, waiting=[]) is None
    assert survey_meant(stars=4, waiting=["HY1", "HY2"]) is None
    why = survey_meant(stars=4, waiting=["HY1"])
    assert why is not None and why.words == ("4", "HY1")

"""The colour of a change on the board: what is better, what is worse, what is neither."""

from __future__ import annotations

import pytest

from huiyin.doors.look import tone


@pytest.mark.parametrize(
    ("code", "more", "fewer"),
    [
        ("satisfaction", "good", "bad"),
        ("promises_kept", "good", "bad"),
        ("breached", "bad", "good"),
        ("resolve", "bad", "good"),
        ("repeat", "bad", "good"),
        ("received", "", ""),
        ("promises", "", ""),
    ],
)
def test_more_and_fewer(code: str, more: str, fewer: str) -> None:
    assert (tone("+4.9", code), tone("-4.9", code)) == (more, fewer)
    assert tone("±0", code) == tone("", code) == ""

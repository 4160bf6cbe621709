"""Numbers of the front desk: who is next, and what may become of a number."""

from __future__ import annotations

import pytest

from huiyin.core.counter import Waiting, following, label, step


def test_the_lowest_number_that_waits_is_next() -> None:
    drawn = [
        Waiting("c", 4, "waiting"),
        Waiting("a", 1, "served"),
        Waiting("b", 3, "waiting"),
        Waiting("d", 2, "absent"),
    ]
    found = following(drawn=drawn)
    assert found is not None
    assert found.number == 3
    assert following(drawn=drawn[1:2]) is None


@pytest.mark.parametrize(
    ("state", "act", "after"),
    [
        ("waiting", "call", "called"),
        ("called", "call", "called"),
        ("absent", "call", "called"),
        ("called", "absent", "absent"),
        ("called", "serve", "served"),
        ("waiting", "serve", ""),
        ("waiting", "absent", ""),
        ("served", "call", ""),
        ("", "call", ""),
        ("called", "sing", ""),
    ],
)
def test_what_becomes_of_a_number(state: str, act: str, after: str) -> None:
    stepped = step(state=state, act=act)
    assert stepped.state == after
    assert stepped.because[0].rule == ("counter.step" if after else "counter.refused")


def test_a_number_as_it_is_called() -> None:
    assert [label(prefix=p, number=n) for p, n in (("A", 7), ("", 12), ("B", 1203))] == [
        "A007",
        "012",
        "B1203",
    ]

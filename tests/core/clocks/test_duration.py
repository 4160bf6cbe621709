"""ISO 8601 durations."""

from __future__ import annotations

import pytest

from huiyin.core.clocks import CannotReadDuration, parse_duration


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("PT4H", (0, 0, 14400)),
        ("PT30M", (0, 0, 1800)),
        ("PT90S", (0, 0, 90)),
        ("PT1.5H", (0, 0, 5400)),
        ("PT0,5H", (0, 0, 1800)),
        ("P7D", (0, 7, 0)),
        ("P2W", (0, 14, 0)),
        ("P1Y6M", (18, 0, 0)),
        ("P1DT12H", (0, 1, 43200)),
        ("PT0S", (0, 0, 0)),
    ],
)
def test_lengths(text: str, parts: tuple[int, int, int]) -> None:
    found = parse_duration(text=text)
    assert (found.months, found.days, found.seconds) == parts
    assert found.is_exact is not bool(parts[0] or parts[1])


@pytest.mark.parametrize(
    "text",
    [
        "", "P", "PT", "P1DT", "4H", "PT4", "pt4h", "-PT4H", "PT-4H", "P1.5D", "PT0.0001S",
        "P1H", "PT1D", "PT4H ", "PT４H", "PT99999999999H", "P0.5Y",
    ],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(CannotReadDuration):
        parse_duration(text=text)


@pytest.mark.parametrize("value", [None, 4, ["PT4H"]])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(CannotReadDuration, match="text"):
        parse_duration(text=value)  # type: ignore[arg-type]

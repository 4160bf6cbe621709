"""A number given in a field of its own reads like the same number in the words."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from huiyin.core.extract import PHONE_LABEL, Entity, extract, extract_given


def _said(label: str, number: str, start: int) -> tuple[Entity, ...]:
    found = extract(text=label + number)
    return tuple(replace(e, start=e.start + start, end=e.end + start) for e in found)


def test_mobile_numbers_read_as_in_words() -> None:
    chance = random.Random(5)
    for _ in range(300):
        number = f"1{chance.randrange(3 * 10**9, 10**10)}"
        said = _said(PHONE_LABEL, number, 17)
        assert extract_given(label=PHONE_LABEL, number=number, start=17) == said
        assert [one.value for one in said] == [number]


@pytest.mark.parametrize(
    ("label", "number"),
    [
        (PHONE_LABEL, "0731-88478000转8"),
        (PHONE_LABEL, "139 1234 5678"),
        (PHONE_LABEL, "１３９１２３４５６７８"),
        (PHONE_LABEL, "12345678901"),
        (PHONE_LABEL, "不方便"),
        ("运单号", "SF1525758519313"),
        ("运单号", "13912345678"),
    ],
)
def test_other_numbers_read_as_in_words(label: str, number: str) -> None:
    assert extract_given(label=label, number=number, start=3) == _said(label, number, 3)

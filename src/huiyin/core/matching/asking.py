"""Asking a person whether two complaints are one: what speaks against it, when it is worth it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from huiyin.core.because import Reason

_AGAINST: Final = frozenset(
    f"match.{name}"
    for name in (
        "name_other", "surname_other", "waybill_other", "tail_other", "city_other",
        "carrier_other", "goods_other", "count_other", "kind_other", "unprompted", "told_never",
        "thin", "new_parcel", "ended", "doubt_calm", "doubt_close", "doubt_bare", "doubt_names",
        "doubt_cities", "doubt_asked", "doubt_alone",
    )
)  # fmt: skip

_BAND: Final = 0.1
_BANDS: Final = 10
ENOUGH: Final = 20
"""Answers about a band from which they count."""
_RARELY: Final = 0.05
"""A band in which fewer than this were one is not asked about."""
_NONE: Final = 1.01
"""No score comes up to this: the highest band, too, is nearly always denied."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person said of two complaints, and how likely the matcher held it (0 to 1)."""

    score: float
    same: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Pairs that were held about equally likely: how many were answered, how many were one."""

    low: float
    high: float
    answers: int
    same: int


def sides(*, because: Iterable[Reason]) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Return what speaks for two complaints being one, and what against it."""
    whole = tuple(because)
    return (
        tuple(r for r in whole if r.rule not in _AGAINST),
        tuple(r for r in whole if r.rule in _AGAINST),
    )


def bands(*, answered: Iterable[Answered]) -> tuple[Band, ...]:
    """Return how often people found pairs to be one, by how likely they were held."""
    many, same = [0] * _BANDS, [0] * _BANDS
    for one in answered:
        place = min(max(int(one.score / _BAND), 0), _BANDS - 1)
        many[place] += 1
        same[place] += one.same
    return tuple(
        Band(round(i * _BAND, 1), round((i + 1) * _BAND, 1), many[i], same[i])
        for i in range(_BANDS)
    )


def worth_from(*, answered: Sequence[Answered]) -> float:
    """Return the score from which asking is worth a person's time; 0 as long as little is known.

    The lowest bands are left out one after another while at least ENOUGH answers say that next to
    none of them was one.
    """
    floor = 0.0
    for band in bands(answered=answered):
        if not band.answers:
            continue
        if band.answers < ENOUGH or band.same / band.answers >= _RARELY:
            break
        floor = band.high if band.high < 1.0 else _NONE
    return floor

"""What is known of a present complaint and of an ended one when they are likened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_KIND: Final = "zk"
_PLACE: Final = "zp"
_GOODS: Final = "zg"
"""How the key of a fact begins, so that no word is taken for it."""


@dataclass(frozen=True, slots=True)
class Present:
    """The complaint for which others are sought. ``band`` is the lower end of its band of value,
    分."""

    terms: tuple[str, ...]
    category: str
    places: tuple[str, ...] = ()
    goods: str = ""
    band: int | None = None


@dataclass(frozen=True, slots=True)
class PastCase:
    """An ended complaint as it is remembered; amounts in 分, ``minutes`` from receipt to answer."""

    id: str
    terms: tuple[str, ...]
    category: str
    places: tuple[str, ...] = ()
    goods: str = ""
    band: int | None = None
    verdict: str = ""
    remedy: str = ""
    amount: int = 0
    minutes: int = 0
    stars: int | None = None
    level: int = 0
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Likely:
    """What of two cases is the same."""

    text: float
    """Likeness of the words, 0..1."""
    words: tuple[str, ...]
    category: bool
    places: tuple[str, ...]
    goods: bool
    band: bool


def kind_key(*, category: str) -> str:
    """Return the key under which all ended complaints of a category stand."""
    return _KIND + _plain(category)


def fact_keys(*, category: str, places: Sequence[str], goods: str) -> tuple[str, ...]:
    """Return the keys under which those of a category and of a place, or of an article, stand.

    One key for the two together: to ask an index for both costs ten times as much.
    """
    kind = _plain(category)
    return (
        *(f"{_PLACE}{kind}{_plain(place)}" for place in places),
        *((f"{_GOODS}{kind}{_plain(goods)}",) if goods else ()),
    )


def _plain(text: str) -> str:
    """Return letters and digits alone: an index would part the text at whatever else it holds."""
    return "".join(c for c in text if c.isalnum())


def past_terms(
    *, terms: tuple[str, ...], category: str, places: tuple[str, ...], goods: str
) -> tuple[str, ...]:
    """Return the keys under which an ended complaint is looked up: its words and its facts."""
    facts = fact_keys(category=category, places=places, goods=goods)
    return (*terms, kind_key(category=category), *facts)

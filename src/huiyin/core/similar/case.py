"""What is known of a present complaint and of an ended one when they are likened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CATEGORY: Final = "zk"
PLACE: Final = "zp"
GOODS: Final = "zg"
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


def past_terms(
    *, terms: tuple[str, ...], category: str, places: tuple[str, ...], goods: str
) -> tuple[str, ...]:
    """Return the keys under which an ended complaint is looked up: its words and its facts."""
    return (
        *terms,
        CATEGORY + category,
        *(PLACE + p for p in places),
        *((GOODS + goods,) if goods else ()),
    )

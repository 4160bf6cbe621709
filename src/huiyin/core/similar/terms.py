"""The words by which complaints are likened, and how common each is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import rjieba

from huiyin.core.search.words import plain

MOST: Final = 48
"""Words of one complaint that are kept."""
HEAD: Final = 10
"""First words of a text, in which people name the matter."""
HEAD_WEIGHT: Final = 2.0
"""How much more they count."""
_READ: Final = 2000
_HAN: Final = re.compile(r"[㐀-鿿]+")
_EMPTY: Final = frozenset("rpucdmyoeqt")
"""Kinds of words, by the first letter of their tag, that tell nothing of the matter."""
_CITY: Final = ("市", "州", "盟", "地区")
_MOST_PLACES: Final = 4
_FEW: Final = 60
"""A sample smaller than this says little about how common a word is."""


def terms_of(*, text: str) -> tuple[str, ...]:
    """Return the Chinese words of a text of two characters and more, each once, in order.

    Numbers and Latin words name one case alone and are left out; pronouns, particles, numerals
    and words of time tell nothing of the matter. A long word also counts by the words within it.
    """
    out: dict[str, None] = {}
    for run in _HAN.findall(plain(text=text[:_READ])):
        for word, kind in rjieba.tag(run, True):
            if len(word) < 2 or kind[:1] in _EMPTY:
                continue
            out[word] = None
            if len(word) > 2:
                out.update(dict.fromkeys(w for w in rjieba.cut_for_search(word) if len(w) > 1))
    return tuple(out)[:MOST]


def places_of(*, entities: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the cities (else provinces) that a complaint's addresses and places name, in order."""
    out: dict[str, None] = {}
    for entity in entities:
        if entity.get("type") not in {"address", "place"}:
            continue
        parts = [p for p in str(entity.get("value", "")).split("/") if p]
        if parts:
            city = next((p for p in parts if p.endswith(_CITY)), parts[0])
            if city.isalnum():
                out[city] = None
    return tuple(out)[:_MOST_PLACES]


@dataclass(frozen=True, slots=True)
class Commonness:
    """In how many of ``n`` sampled cases words stand; there are ``total`` cases."""

    n: int
    found: Mapping[str, int]
    total: int = 0

    @classmethod
    def of(cls, *, cases: Sequence[Iterable[str]], total: int = 0) -> Commonness:
        """Count the words of sampled cases."""
        counted: Counter[str] = Counter()
        for terms in cases:
            counted.update(terms)
        return cls(n=len(cases), found=counted, total=max(total, len(cases)))

    def expected(self, *, terms: Iterable[str]) -> float:
        """Return in how many of all cases words are expected to stand together."""
        share = 1.0
        for term in terms:
            share *= (self.found.get(term, 0) + 0.5) / (self.n + 1)
        return self.total * share

    def share(self, *, term: str) -> float:
        """Return the part of all cases that hold a word, 0..1."""
        return self.found.get(term, 0) / max(self.n, _FEW)

    def weight(self, *, term: str) -> float:
        """Return how much a word tells: much when it is rare, almost nothing when all say it."""
        return math.log((self.n + 2) / (self.found.get(term, 0) + 1))

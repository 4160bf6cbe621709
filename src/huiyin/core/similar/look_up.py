"""Which lists of the index are read to find candidates: few, and short from the newest on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

from huiyin.core.similar.case import Present, fact_keys, kind_key
from huiyin.core.similar.terms import HEAD, HEAD_WEIGHT, Commonness

_SHORT: Final = 300
"""A list that is expected to be no longer than this is read by itself."""
_UNSEEN, _ALONE, _HEAD_ALONE = 3, 4, 5
"""How many words are read by themselves: unknown to the sample, rare ones, those of the head."""
_COMBINED: Final = 5
_TOGETHER: Final = 5
"""Words of the head, and rarest ones, that are combined; sets of each that are read."""
_PLACES: Final = 2
"""Places of the complaint whose cases are read."""
_COMMON: Final = 0.5
"""A word in more cases than this tells nothing."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Sets of keys that must stand together: what a match counts, how many are expected."""

    keys: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...]
    expected: tuple[float, ...]


def lists(*, present: Present, common: Commonness) -> Lists:
    """Choose the lists for a complaint: rare words alone, others together, and its facts.

    Half of them come from the head of the text, where people name the matter; the rarest words of
    a long story are seldom what it is about. The more cases there are, the more words must stand
    together, so that a list stays short although only its newest part is read. The number of
    lists is bounded.
    """
    known = [t for t in present.terms if common.share(term=t) <= _COMMON]
    rarest = sorted(known, key=lambda t: (common.found.get(t, 0), -len(t), t))
    unseen = [t for t in rarest if common.found.get(t, 0) < 2]
    seen = [t for t in rarest if common.found.get(t, 0) >= 2]
    head = [t for t in seen if t in present.terms[:HEAD]]
    alone = dict.fromkeys(
        (
            *unseen[:_UNSEEN],
            *_short(seen, common)[:_ALONE],
            *_short(head, common)[:_HEAD_ALONE],
        )
    )
    sets = dict.fromkeys(
        (*_together(head[:_COMBINED], common), *_together(seen[:_COMBINED], common))
    )
    facts = fact_keys(
        category=present.category, places=present.places[:_PLACES], goods=present.goods
    )
    chosen = [
        *(((t,), _weight((t,), present, common)) for t in alone),
        *((s, _weight(s, present, common)) for s in sets if not set(s) <= set(alone)),
        *(((fact,), 1.0) for fact in facts),
        ((kind_key(category=present.category),), 0.5),
    ]
    return Lists(
        keys=tuple(k for k, _w in chosen),
        weights=tuple(w for _k, w in chosen),
        expected=tuple(common.expected(terms=k) for k, _w in chosen),
    )


def _short(terms: list[str], common: Commonness) -> list[str]:
    return [t for t in terms if common.expected(terms=(t,)) <= _SHORT]


def _together(terms: list[str], common: Commonness) -> list[tuple[str, ...]]:
    """Return the sets of two words that are expected to be short, else of three."""
    for many in (2, 3):
        sets = sorted(combinations(terms, many), key=lambda s: common.expected(terms=s))
        few = [s for s in sets if many == 3 or common.expected(terms=s) <= _SHORT]
        if few:
            return few[:_TOGETHER]
    return []


def _weight(terms: tuple[str, ...], present: Present, common: Commonness) -> float:
    head = present.terms[:HEAD]
    return sum(common.weight(term=t) * (HEAD_WEIGHT if t in head else 1.0) for t in terms)

"""Which lists of the index are read to find candidates: few, and short from the newest on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

from huiyin.core.similar.case import CATEGORY, GOODS, PLACE, Present
from huiyin.core.similar.terms import Commonness

_SHORT: Final = 300
"""A list that is expected to be no longer than this is read by itself."""
_MOST_ALONE: Final = 6
_WEIGHED: Final = 6
"""Rarest words that are combined."""
_MOST_TOGETHER: Final = 8
_COMMON: Final = 0.5
"""A word in more cases than this tells nothing."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Sets of keys that must stand together, each with what a match counts."""

    keys: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...]


def lists(*, present: Present, common: Commonness) -> Lists:
    """Choose the lists for a complaint: rare words alone, others together, and its facts.

    The more cases there are, the more words must stand together, so that a list stays short
    although only its newest part is read. The number of lists is bounded.
    """
    known = sorted(
        (t for t in present.terms if common.share(term=t) <= _COMMON),
        key=lambda t: (common.share(term=t), -len(t), t),
    )
    alone = [t for t in known if common.expected(terms=(t,)) <= _SHORT][:_MOST_ALONE]
    rarest = known[:_WEIGHED]
    together: list[tuple[str, ...]] = []
    for many in (2, 3):
        sets = [s for s in combinations(rarest, many) if not set(s) <= set(alone)]
        sets.sort(key=lambda s: common.expected(terms=s))
        short = [s for s in sets if many == 3 or common.expected(terms=s) <= _SHORT]
        together.extend(short[: _MOST_TOGETHER - len(together)])
        if len(together) >= _MOST_TOGETHER:
            break
    kind = CATEGORY + present.category
    chosen = [
        *((s, sum(common.weight(term=t) for t in s)) for s in (*((t,) for t in alone), *together)),
        *(((kind, PLACE + p), 1.0) for p in present.places[:2]),
        *([((kind, GOODS + present.goods), 1.0)] if present.goods else []),
        ((kind,), 0.5),
    ]
    return Lists(tuple(k for k, _w in chosen), tuple(w for _k, w in chosen))

"""Which lists of the index are read to find candidates: few, and short from the newest on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

from huiyin.core.similar.case import CATEGORY, GOODS, PLACE, Present
from huiyin.core.similar.terms import Commonness

_RARE: Final = 0.03
"""A word in fewer cases than this is looked up by itself."""
_MOST_RARE: Final = 8
_MOST_PAIRS: Final = 6
_COMMON: Final = 0.5
"""A word in more cases than this tells nothing."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Sets of keys that must stand together, each with what a match counts."""

    keys: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...]


def lists(*, present: Present, common: Commonness) -> Lists:
    """Choose the lists for a complaint: its rarest words each, pairs of the others, its facts.

    The number of lists is bounded, whatever the length of the text.
    """
    known = sorted(
        (t for t in present.terms if common.share(term=t) <= _COMMON),
        key=lambda t: (common.share(term=t), -len(t), t),
    )
    rare = [t for t in known if common.share(term=t) <= _RARE][:_MOST_RARE]
    often = [t for t in known if common.share(term=t) > _RARE][:4]
    chosen: list[tuple[tuple[str, ...], float]] = [((t,), common.weight(term=t)) for t in rare]
    kind = CATEGORY + present.category
    pairs = [*combinations(often, 2)][:_MOST_PAIRS] if len(rare) < _MOST_RARE else []
    chosen.extend(
        ((one, other), common.weight(term=one) + common.weight(term=other)) for one, other in pairs
    )
    chosen.extend(((kind, PLACE + p), 1.0) for p in present.places[:2])
    if present.goods:
        chosen.append(((kind, GOODS + present.goods), 1.0))
    chosen.append(((kind,), 0.5))
    return Lists(tuple(k for k, _w in chosen), tuple(w for _k, w in chosen))

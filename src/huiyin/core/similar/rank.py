"""Ranking ended complaints by likeness and by how well they ended."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.similar.case import Likely, PastCase, Present
from huiyin.core.similar.terms import HEAD, HEAD_WEIGHT, Commonness

_LEAST, _LEAST_OTHER = 0.1, 0.18
"""Least likeness of the words of a case of the same kind, and of another, that is shown."""
_SAME_KIND, _SAME_LINE, _SAME_PLACE, _SAME_GOODS, _SAME_BAND = 0.14, 0.12, 0.06, 0.10, 0.05
_GOOD, _BAD, _AGAIN = 0.1, -0.2, -0.16
_SATISFIED: Final = 4
_SHOWN_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Similar:
    """An ended complaint, how like it is (about 0..1.6, the outcome included), and why."""

    case: PastCase
    score: float
    likely: Likely
    because: tuple[Reason, ...]


def rank(
    *, present: Present, past: Iterable[PastCase], common: Commonness, most: int
) -> tuple[Similar, ...]:
    """Return the ``most`` ended complaints worth showing, the best first.

    Words count by their rarity, then kind, line, goods and band of value; a satisfied customer
    lifts a case, a second handling or a dissatisfied customer puts it back.
    """
    weights: dict[str, float] = {}
    own, length = _weighed(present.terms, common, weights)
    found: list[tuple[float, PastCase, float]] = []
    for case in past:
        other, norm = _weighed(case.terms, common, weights)
        text = sum([w * other[t] for t, w in own.items() if t in other]) / (length * norm)
        if text < (_LEAST if present.category == case.category else _LEAST_OTHER):
            continue
        facts = _facts(_likely(present=present, case=case, text=text))
        found.append((round(text + facts + _outcome(case), 4), case, text))
    found.sort(key=lambda f: (-f[0], f[1].id))
    out = []
    # words and reasons are found for those alone that are shown
    for score, case, text in islice(_apart(found), most):
        shared = sorted((t for t in case.terms if t in own), key=lambda t: (-own[t], t))
        likely = _likely(present=present, case=case, text=text, words=tuple(_told(shared)))
        because = (_because(likely), *_ending(case))
        out.append(Similar(case=case, score=score, likely=likely, because=because))
    return tuple(out)


def _apart(
    found: Iterable[tuple[float, PastCase, float]],
) -> Iterator[tuple[float, PastCase, float]]:
    """Pass over what says the same words with the same ending as one before it."""
    seen: set[tuple[object, ...]] = set()
    for one in found:
        case = one[1]
        what = (frozenset(case.terms), case.verdict, case.remedy, case.amount)
        if what not in seen:
            seen.add(what)
            yield one


def _likely(
    *, present: Present, case: PastCase, text: float, words: tuple[str, ...] = ()
) -> Likely:
    return Likely(
        text=text,
        words=words,
        category=present.category == case.category,
        places=tuple([p for p in present.places if p in case.places]),
        goods=bool(present.goods) and present.goods == case.goods,
        band=present.band is not None and present.band == case.band,
    )


def _weighed(
    terms: tuple[str, ...], common: Commonness, weights: dict[str, float]
) -> tuple[dict[str, float], float]:
    """Return how much each word counts, by its rarity and more in the head; and their length.

    ``weights`` remembers the rarity of words across cases.
    """
    out = {}
    for term in terms:
        weight = weights.get(term)
        if weight is None:
            weight = weights[term] = common.weight(term=term)
        out[term] = weight
    for term in terms[:HEAD]:
        out[term] = weights[term] * HEAD_WEIGHT
    return out, math.sqrt(sum([w * w for w in out.values()])) or 1.0


def _told(shared: list[str]) -> list[str]:
    """Choose the words to show: the rarest, none within another."""
    out: list[str] = []
    for word in shared:
        if not any(word in other or other in word for other in out):
            out.append(word)
        if len(out) == _SHOWN_WORDS:
            break
    return out


def _facts(likely: Likely) -> float:
    places = _SAME_LINE if len(likely.places) > 1 else _SAME_PLACE if likely.places else 0.0
    return (
        _SAME_KIND * likely.category
        + places
        + _SAME_GOODS * likely.goods
        + _SAME_BAND * likely.band
    )


def _outcome(case: PastCase) -> float:
    score = 0.0
    if case.stars is not None:
        score += _GOOD if case.stars >= _SATISFIED else _BAD if case.stars < 3 else 0.0
    return score + (_AGAIN if case.level or case.reopened else 0.0)


def _because(likely: Likely) -> Reason:
    same: list[tuple[str, str]] = []
    if likely.category:
        same.append(("同类", "same kind"))
    if len(likely.places) > 1:
        same.append(("同线路", "same line"))
    elif likely.places:
        same.append(("同地区", "same area"))
    if likely.goods:
        same.append(("同类物品", "same goods"))
    if likely.band:
        same.append(("金额相近", "like amount"))
    same.append(("文字相近", "like words"))
    said = "、".join(likely.words)
    spoken = ", ".join(likely.words)
    return Reason(
        rule="similar.like",
        zh="、".join(zh for zh, _en in same) + (f"：{said}" if said else ""),
        en=", ".join(en for _zh, en in same) + (f": {spoken}" if spoken else ""),
        words=likely.words,
    )


def _ending(case: PastCase) -> tuple[Reason, ...]:
    if case.level or case.reopened:
        return (
            Reason(
                rule="similar.again",
                zh="那一件后来重新处理过，答复要斟酌",
                en="that one had to be handled again: weigh its answer",
            ),
        )
    if case.stars is not None and case.stars < 3:
        return (
            Reason(
                rule="similar.dissatisfied",
                zh=f"那一件客户只给 {case.stars} 星",
                en=f"the customer gave that one {case.stars} stars",
            ),
        )
    return ()

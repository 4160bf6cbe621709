"""Which articles help with a text, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.similar.terms import Commonness

LEAST: Final = 0.12
_SAME_KIND: Final = 0.3
_IN_TITLE: Final = 2.0
"""How much more a word of the title counts."""
_HELPFUL: Final = 0.1
_SHOWN_WORDS: Final = 3
_OFTEN: Final = 0.3
_FEW: Final = 3
"""A word in more articles than this, or than that part of them, says nothing here."""


@dataclass(frozen=True, slots=True)
class Known:
    """An article as it is suggested: its words, categories and how it was received.

    ``helpful`` is the share of votes and satisfied uses, 0..1; 0.5 where nobody said anything.
    """

    slug: str
    title_terms: tuple[str, ...]
    terms: tuple[str, ...]
    categories: tuple[str, ...] = ()
    helpful: float = 0.5


@dataclass(frozen=True, slots=True)
class Suggested:
    """An article that helps with a text."""

    slug: str
    score: float
    because: Reason


def suggest(
    *, terms: Sequence[str], articles: Iterable[Known], category: str = "", most: int = 3
) -> tuple[Suggested, ...]:
    """Return the articles that share the most telling words with a text, the best first.

    A word tells the more the fewer articles hold it, twice as much in the title. The category
    counts by itself: people say the same thing in other words. What readers said lifts an article.
    """
    known = list(articles)
    common = Commonness.of(cases=[set((*a.title_terms, *a.terms)) for a in known])
    often = max(_FEW, _OFTEN * len(known))
    weights = {
        t: common.weight(term=t) for t in dict.fromkeys(terms) if common.found.get(t, 0) <= often
    }
    whole = _IN_TITLE * sum(weights.values()) or 1.0
    out = []
    for article in known:
        title, body = set(article.title_terms), set(article.terms)
        shared = {
            t: w * (_IN_TITLE if t in title else 1.0)
            for t, w in weights.items()
            if t in title or t in body
        }
        same = bool(category) and category in article.categories
        score = sum(shared.values()) / whole + _SAME_KIND * same
        if score < LEAST:
            continue
        words = sorted(shared, key=lambda t: (-shared[t], t))[:_SHOWN_WORDS]
        out.append(
            Suggested(
                slug=article.slug,
                score=round(score + _HELPFUL * (article.helpful - 0.5), 4),
                because=_because(words, same),
            )
        )
    out.sort(key=lambda s: (-s.score, s.slug))
    return tuple(out[:most])


def _because(words: list[str], same: bool) -> Reason:
    parts_zh = ["同类问题"] if same else []
    parts_en = ["same kind"] if same else []
    if words:
        parts_zh.append("提到" + "、".join(words))
        parts_en.append("speaks of " + ", ".join(words))
    return Reason(
        rule="knowledge.suggested",
        zh="；".join(parts_zh),
        en="; ".join(parts_en),
        words=tuple(words),
    )

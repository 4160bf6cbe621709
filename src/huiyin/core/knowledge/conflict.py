"""Articles that contradict each other: almost the same sentence with other numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from rapidfuzz import fuzz

from huiyin.core.because import Reason
from huiyin.core.knowledge.markup import plain_of

_SENTENCE: Final = re.compile(r"[^。！？!?；;\n]+")
_NUMBER: Final = re.compile(
    r"(?P<n>\d+(?:\.\d+)?|[一二两三四五六七八九十百千]+)\s*"
    r"(?P<unit>个?工作日|日历天|天|日|个?小时|分钟|周|个月|月|年|元|块|倍|%|％|次|公里|公斤)"
)
_HAN: Final = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_ALIKE: Final = 82.0
"""Likeness of two sentences without their numbers, 0..100."""
_LEAST: Final = 8
"""Characters a sentence must have besides its numbers to say something."""


@dataclass(frozen=True, slots=True)
class Passages:
    """An article's words for comparison; articles without a category are held against all."""

    slug: str
    text: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two passages that say the same with different numbers."""

    one: str
    other: str
    passage: str
    other_passage: str
    because: Reason


@dataclass(frozen=True, slots=True)
class _Sentence:
    said: str
    bare: str
    numbers: frozenset[tuple[int, str]]


def conflicts(*, articles: Sequence[Passages]) -> tuple[Conflict, ...]:
    """Return the contradictions between articles of one category, one a pair of articles."""
    read = [(a, tuple(_sentences(a.text))) for a in articles]
    out = []
    for (one, mine), (other, theirs) in combinations(read, 2):
        if one.categories and other.categories and not one.categories & other.categories:
            continue
        found = _between(mine, theirs)
        if found is None:
            continue
        a, b = found
        only = sorted(a.numbers - b.numbers), sorted(b.numbers - a.numbers)
        said = tuple("、".join(f"{n / 100:g}{unit}" for n, unit in part) or "—" for part in only)
        out.append(
            Conflict(
                one=one.slug,
                other=other.slug,
                passage=a.said,
                other_passage=b.said,
                because=Reason(
                    rule="knowledge.conflict",
                    zh=f"说法几乎相同，数字不同：{said[0]} 和 {said[1]}",
                    en=f"almost the same words, other numbers: {said[0]} and {said[1]}",
                    words=said,
                ),
            )
        )
    return tuple(out)


def _between(
    mine: Sequence[_Sentence], theirs: Sequence[_Sentence]
) -> tuple[_Sentence, _Sentence] | None:
    best: tuple[float, _Sentence, _Sentence] | None = None
    for a in mine:
        for b in theirs:
            if a.numbers == b.numbers:
                continue
            alike = fuzz.ratio(a.bare, b.bare)
            if alike >= _ALIKE and (best is None or alike > best[0]):
                best = (alike, a, b)
    return best[1:] if best else None


def _sentences(text: str) -> Iterator[_Sentence]:
    for line in text.split("\n"):
        for found in _SENTENCE.finditer(plain_of(text=line)):
            said = found.group().strip()
            numbers = frozenset((_value(m["n"]), _unit(m["unit"])) for m in _NUMBER.finditer(said))
            bare = re.sub(r"[\s，,、：:（）()“”\"'《》]", "", _NUMBER.sub("", said))
            if numbers and len(bare) >= _LEAST:
                yield _Sentence(said, bare, numbers)


def _value(text: str) -> int:
    """Return a number times a hundred, so that 1.5 and 2 differ."""
    try:
        return round(float(text) * 100)
    except ValueError:
        pass
    tens, _ten, ones = text.rpartition("十")
    if "十" in text:
        return 100 * ((_HAN.get(tens, 1) if tens else 1) * 10 + _HAN.get(ones, 0))
    return 100 * _HAN.get(text[:1], 0)


def _unit(text: str) -> str:
    text = text.removeprefix("个")
    return {"日": "天", "日历天": "天", "块": "元", "％": "%", "月": "个月"}.get(text, text)

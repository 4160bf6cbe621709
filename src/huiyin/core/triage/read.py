"""Read signals, weighing words and emotion out of texts by the language pack, no model needed."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huiyin.core.triage.encode import Encoded, Hashes, encode, rolling
from huiyin.core.triage.language import EMOTION, PATTERN, LanguagePack, Signal
from huiyin.core.triage.pattern import Pattern

_SENTENCE_END = re.compile(r"[。！？!?;；]")
_CLAUSE_BEFORE = 12
_NEAR = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of one text say.

    ``every`` holds all signal ids including those that only serve the classifier, ``words`` the
    words that carried each of them, ``at`` where these begin, ``weights`` (category, weight)
    pairs, ``emotion`` 0..1.
    """

    every: tuple[str, ...]
    words: tuple[str, ...]
    at: tuple[int, ...]
    weights: tuple[tuple[str, float], ...]
    emotion: float


def read_batch(*, texts: Sequence[str], language: LanguagePack) -> list[Reading]:
    """Read each text; the result does not depend on what else is in the batch."""
    normal = [language.normal(text) for text in texts]
    encoded = encode(texts=normal)
    longest = max(language.gates.lengths, default=1)
    return read_encoded(
        texts=normal,
        encoded=encoded,
        hashes=rolling(encoded=encoded, longest=longest),
        language=language,
    )


def read_encoded(
    *, texts: Sequence[str], encoded: Encoded, hashes: Sequence[Hashes], language: LanguagePack
) -> list[Reading]:
    """As :func:`read_batch`, for texts that are normalised and hashed already."""
    docs, things = language.gates.open(encoded=encoded, hashes=hashes)
    edges = np.searchsorted(docs, np.arange(len(texts) + 1)).tolist()
    opened = things.tolist()
    return [_read(text, opened[edges[i] : edges[i + 1]], language) for i, text in enumerate(texts)]


def _read(text: str, things: Sequence[int], language: LanguagePack) -> Reading:
    weights: dict[str, float] = {}
    feeling = 0.0
    found: list[int] = []
    words: list[str] = []
    at: list[int] = []
    sentences = _Sentences(text)
    for thing in things:
        kind, number = language.opened[thing]
        if kind == PATTERN:
            owner = number >> 12
            if found and found[-1] == owner:
                continue
            match = _match(text, language.signals[owner], number & 0xFFF, sentences)
            if match is not None:
                found.append(owner)
                words.append(match.group())
                at.append(match.start())
        elif kind == EMOTION:
            word, value = language.emotion_words[number]
            if word in text:
                feeling += value
        else:
            word, category, weight = language.category_words[number]
            if word in text:
                weights[category] = weights.get(category, 0.0) + weight
    every = [language.signals[i].id for i in found]
    for group, members in language.groups:
        first = next((place for place, name in enumerate(every) if name in members), None)
        if first is not None:
            every.append(group)
            words.append(words[first])
            at.append(at[first])
    return Reading(
        every=tuple(every),
        words=tuple(words),
        at=tuple(at),
        weights=tuple(sorted(weights.items())),
        emotion=_emotion(text, feeling),
    )


class _Sentences:
    """Where the sentences of a text begin and end, looked for when first asked."""

    __slots__ = ("_marks", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._marks: list[int] | None = None

    def around(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the sentence that a match from ``start`` to ``end`` stands in."""
        if self._marks is None:
            self._marks = [mark.start() for mark in _SENTENCE_END.finditer(self._text)]
        marks = self._marks
        before = bisect.bisect_left(marks, start)
        after = bisect.bisect_left(marks, end)
        return (
            marks[before - 1] + 1 if before else 0,
            marks[after] + 1 if after < len(marks) else len(self._text),
        )


def _match(text: str, signal: Signal, place: int, sentences: _Sentences) -> re.Match[str] | None:
    """Return the first match that nothing speaks against."""
    for match in signal.patterns[place].regex.finditer(text):
        if signal.any_inside is not None and _inside(text, signal, match):
            continue
        if signal.unless is None and signal.contexts is None:
            return match
        start, end = sentences.around(match.start(), match.end())
        if signal.unless is not None and signal.unless.regex.search(text[start:end]):
            continue
        if signal.contexts is not None:
            before = text[max(start, match.start() - _CLAUSE_BEFORE) : match.start()]
            if signal.contexts.regex.search(before):
                continue
        return match
    return None


def _inside(text: str, signal: Signal, match: re.Match[str]) -> bool:
    """Tell whether the match overlaps one of what it must not stand in."""
    near = max(0, match.start() - _NEAR), match.end() + _NEAR
    if signal.any_inside is None or not signal.any_inside.regex.search(text, *near):
        return False
    return any(_overlaps(one, text, match) for one in signal.inside)


def _overlaps(other: Pattern, text: str, match: re.Match[str]) -> bool:
    """Tell whether the other pattern matches anywhere across this match."""
    begin = max(0, match.start() - _NEAR)
    for found in other.regex.finditer(text, begin, match.end() + _NEAR):
        if found.start() >= match.end():
            return False
        if found.end() > match.start():
            return True
    return False


def _emotion(text: str, feeling: float) -> float:
    marks = text.count("!") + text.count("！")
    feeling += 0.12 * min(marks, 4) + (0.1 if "??" in text or "？？" in text else 0.0)
    return round(1.0 - 1.0 / (1.0 + max(feeling, 0.0)), 2)

"""Read signals, weighing words and emotion out of texts by the language pack, no model needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huiyin.core.triage.encode import Encoded, Hashes, encode, rolling
from huiyin.core.triage.language import EMOTION, PATTERN, LanguagePack, Signal

_SENTENCE_END = re.compile(r"[。！？!?;；]")
_CLAUSE_BEFORE = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of one text say.

    ``every`` holds all signal ids including those that only serve the classifier, ``words`` the
    words that carried each of them, ``weights`` (category, weight) pairs, ``emotion`` 0..1.
    """

    every: tuple[str, ...]
    words: tuple[str, ...]
    weights: tuple[tuple[str, float], ...]
    emotion: float


def read_batch(*, texts: Sequence[str], language: LanguagePack) -> list[Reading]:
    """Read each text; the result does not depend on what else is in the batch."""
    normal = [language.normal(text) for text in texts]
    encoded = encode(texts=normal)
    longest = max(language.gate_lengths, default=1)
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
    opened: list[set[int]] = [set() for _ in texts]
    for length in language.gate_lengths:
        at, gate = language.gate_table.find(hashes=hashes[length - 1])
        if not len(at):
            continue
        pairs = np.unique(encoded.doc[at] << 32 | gate)
        for pair in pairs.tolist():
            opened[pair >> 32].add(pair & 0xFFFFFFFF)
    return [_read(text, gates, language) for text, gates in zip(texts, opened, strict=True)]


def _read(text: str, gates: set[int], language: LanguagePack) -> Reading:
    if not gates:
        return Reading(every=(), words=(), weights=(), emotion=_emotion(text, 0.0))
    candidates: set[int] = set()
    weights: dict[str, float] = {}
    feeling = 0.0
    for gate in gates:
        for kind, number in language.gates[gate]:
            if kind == PATTERN:
                candidates.add(number)
            elif kind == EMOTION:
                word, value = language.emotion_words[number]
                if word in text:
                    feeling += value
            else:
                word, category, weight = language.category_words[number]
                if word in text:
                    weights[category] = weights.get(category, 0.0) + weight
    found: dict[int, str] = {}
    for number in sorted(candidates):
        owner = number >> 12
        if owner in found:
            continue
        signal = language.signals[owner]
        carried = _match(text, signal, number & 0xFFF)
        if carried is not None:
            found[owner] = carried
    order = sorted(found)
    return Reading(
        every=tuple(language.signals[i].id for i in order),
        words=tuple(found[i] for i in order),
        weights=tuple(sorted(weights.items())),
        emotion=_emotion(text, feeling),
    )


def _match(text: str, signal: Signal, place: int) -> str | None:
    """Return the words of the first match that nothing speaks against."""
    for match in signal.patterns[place].regex.finditer(text):
        if not signal.unless and not signal.contexts:
            return match.group()
        start = 0
        for end in _SENTENCE_END.finditer(text, 0, match.start()):
            start = end.end()
        after = _SENTENCE_END.search(text, match.end())
        sentence = text[start : after.end() if after else len(text)]
        if any(one.regex.search(sentence) for one in signal.unless):
            continue
        before = text[max(start, match.start() - _CLAUSE_BEFORE) : match.start()]
        if any(one.regex.search(before) for one in signal.contexts):
            continue
        return match.group()
    return None


def _emotion(text: str, feeling: float) -> float:
    marks = text.count("!") + text.count("！")
    feeling += 0.12 * min(marks, 4) + (0.1 if "??" in text or "？？" in text else 0.0)
    return round(1.0 - 1.0 / (1.0 + max(feeling, 0.0)), 2)

"""The language pack: words, signals and rules of one language, ready for use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from huiyin.core.triage.gates import Gates
from huiyin.core.triage.normal import normalise
from huiyin.core.triage.pattern import Pattern
from huiyin.core.triage.words import Splitter

PHRASE_KINDS: dict[str, tuple[str, bool]] = {
    "critical": ("critical", True),
    "high": ("high", True),
    "normal": ("normal", True),
    "mild": ("low", True),
    "settled": ("low", False),
    "ask": ("low", False),
    "praise": ("low", False),
    "noise": ("low", False),
}


class CannotLoadLanguage(ValueError):
    """The language pack is broken; the message names the file, the entry and the remedy."""


# What gates open: a pattern of a signal, a word that weighs for a category, or one that tells
# emotion.
PATTERN, WORD, EMOTION = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Phrase:
    """An example sentence for training. ``urgency`` and ``complaint`` follow from its kind."""

    text: str
    category: str
    urgency: str
    complaint: bool
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """A compiled signal.

    A match is void where it overlaps one of ``inside``, where ``unless`` matches in the same
    sentence, and where ``contexts`` stands shortly before it.

    ``of`` is the category that it speaks for, or empty.
    """

    id: str
    zh: str
    en: str
    of: str
    patterns: tuple[Pattern, ...]
    inside: tuple[Pattern, ...]
    any_inside: Pattern | None
    """Found wherever one of ``inside`` is."""
    unless: Pattern | None
    contexts: Pattern | None
    shown: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule."""

    id: str
    program: Any
    then: str
    zh: str
    en: str
    source: str
    asks: frozenset[str]
    """The facts that the condition asks for."""
    signals: tuple[str, ...]
    """The signals that the condition names, for the words in its reason."""


@dataclass(frozen=True, slots=True, eq=False)
class LanguagePack:
    """A language ready for use. Built by ``load_language`` only.

    ``needs`` names for a category the signals of which one must stand in the text before it is
    said: categories so rare that a likeness of wording alone would be wrong too often. ``rare``
    is what the score of a category or an urgency must make up for, in logarithms of odds (less
    than nothing: what it gains).
    """

    name: str
    spelling: dict[int, str | int | None]
    splitter: Splitter
    signals: tuple[Signal, ...]
    category_words: tuple[tuple[str, str, float], ...]
    emotion_words: tuple[tuple[str, float], ...]
    categories: tuple[Rule, ...]
    urgency: tuple[Rule, ...]
    needs: Mapping[str, frozenset[str]]
    rare: Mapping[str, float]
    calibration: tuple[tuple[float, float], ...]
    phrases: tuple[Phrase, ...]
    groups: tuple[tuple[str, frozenset[str]], ...]
    """Signals that are found where one of others is."""
    shown: frozenset[str]
    gates: Gates = field(repr=False)
    opened: tuple[tuple[int, int], ...] = field(repr=False)
    """What each thing behind the gates is: (kind, number)."""

    def normal(self, text: str) -> str:
        """Return ``text`` in the spelling that patterns are matched against."""
        return normalise(text=text, table=self.spelling)

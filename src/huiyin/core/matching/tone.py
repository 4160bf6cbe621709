"""What a contact wants, learned from whole sentences: something put right, or nothing more."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_BETWEEN: Final = re.compile(r"[^0-9a-z一-鿿?!]+")
_NUMBER: Final = re.compile(r"\d+")
_LONGEST: Final = 300
_GRAM: Final = 3
_SMOOTH: Final = 0.5


class CannotReadPhrases(ValueError):
    """The phrases are not of the expected form."""


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """The log odds by which each run of up to three characters speaks of a grievance."""

    weights: Mapping[str, float]

    @classmethod
    def learned(cls, *, calm: Iterable[str], grievance: Iterable[str]) -> Tone:
        """Learn from sentences that ask for nothing, and from those that do (naive Bayes)."""
        counts: tuple[dict[str, int], dict[str, int]] = ({}, {})
        seen = [0, 0]
        for side, phrases in enumerate((calm, grievance)):
            for phrase in phrases:
                seen[side] += 1
                for gram in _grams(phrase):
                    counts[side][gram] = counts[side].get(gram, 0) + 1
        ground = math.log((seen[0] + 2 * _SMOOTH) / (seen[1] + 2 * _SMOOTH))
        calm_of, grievance_of = counts
        return cls(
            weights={
                gram: ground
                + math.log((grievance_of.get(gram, 0) + _SMOOTH) / (calm_of.get(gram, 0) + _SMOOTH))
                for gram in {*calm_of, *grievance_of}
            }
        )

    @classmethod
    def from_data(cls, *, data: Any) -> Tone:
        """Learn from ``matching_phrases.yaml``: two sides, each with groups of sentences.

        Raises:
            CannotReadPhrases: a side is missing, or a sentence is none.
        """
        try:
            calm, grievance = (
                [phrase for group in data[side].values() for phrase in group]
                for side in ("calm", "grievance")
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise CannotReadPhrases(f"matching phrases: {error!r}") from error
        strange = [phrase for phrase in (*calm, *grievance) if not isinstance(phrase, str)]
        if strange:
            raise CannotReadPhrases(f"matching phrases: not a sentence: {strange[0]!r}")
        return cls.learned(calm=calm, grievance=grievance)

    def of(self, *, text: str) -> float:
        """Return the log odds that ``text`` has a grievance; 0 where it says nothing known."""
        known = self.weights
        return sum([known[gram] for gram in _grams(text) if gram in known])


def _grams(text: str) -> set[str]:
    plain = _NUMBER.sub("0", _BETWEEN.sub(" ", text[:_LONGEST].lower()))
    return {
        plain[i : i + size] for size in range(1, _GRAM + 1) for i in range(len(plain) - size + 1)
    }

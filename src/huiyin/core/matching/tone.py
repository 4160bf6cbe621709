"""What a contact wants, learned from whole sentences: something put right, or nothing more."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_BETWEEN: Final = re.compile(r"[^0-9a-z一-鿿?!]+")
_NUMBER: Final = re.compile(r"\d+")
_LONGEST: Final = 300
_PARTS: Final = 1000
"""Weights are kept in thousandths."""


class CannotReadTone(ValueError):
    """The weights are not of the expected form."""


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """By how much each character and pair of characters speaks of a grievance, in log odds.

    What a text says is the sum over its pairs, less the more of them there are (by the root of
    their number), and ``base``.
    """

    base: float
    weights: Mapping[str, float]

    @classmethod
    def from_data(cls, *, data: Any) -> Tone:
        """Read what :meth:`as_data` wrote.

        Raises:
            CannotReadTone: a part is missing or of another form.
        """
        try:
            weights = {str(gram): said / _PARTS for gram, said in data["weights"].items()}
            return cls(data["base"] / _PARTS, weights)
        except (KeyError, TypeError, AttributeError) as error:
            raise CannotReadTone(f"weights of the tone: {error!r}") from error

    def as_data(self) -> dict[str, Any]:
        """Return the weights in thousandths, those that say nothing left out."""
        rounded = {gram: round(weight * _PARTS) for gram, weight in self.weights.items()}
        return {
            "base": round(self.base * _PARTS),
            "weights": {gram: rounded[gram] for gram in sorted(rounded) if rounded[gram]},
        }

    def of(self, *, text: str) -> float:
        """Return the log odds that ``text`` has a grievance, around 0 where it says nothing."""
        known, grams = self.weights, grams_of(text=text)
        return self.base + sum([known[gram] for gram in grams if gram in known]) / math.sqrt(
            len(grams)
        )


def grams_of(*, text: str) -> set[str]:
    """Return the characters and pairs of characters of a text, all numbers alike."""
    plain = f"^{_NUMBER.sub('0', _BETWEEN.sub(' ', text[:_LONGEST].lower()))}$"
    return {*plain, *map(str.__add__, plain, plain[1:])}

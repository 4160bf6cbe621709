"""Words of a text and pairs of neighbouring words, as the classifier counts them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import rjieba
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

_JOIN = " "


class Splitter:
    """Cuts texts into words by a dictionary of its own, loaded when it first cuts."""

    __slots__ = ("_words",)

    def __init__(self, *, words: Iterable[str]) -> None:
        """Prepare for the ``words`` of the trade, which are never cut, beside the dictionary's."""
        self._words = tuple(sorted(set(words)))

    def terms(self, text: str) -> list[str]:
        """Return the words and the pairs of neighbours, each once, in order of appearance."""
        words = [word for word in _dictionary(self._words).cut(text, True) if not word.isspace()]
        pairs = [f"{one}{_JOIN}{other}" for one, other in itertools.pairwise(words)]
        return list(dict.fromkeys(words + pairs))


@functools.lru_cache(maxsize=4)
def _dictionary(words: tuple[str, ...]) -> rjieba.Jieba:
    loaded = rjieba.Jieba()
    for word in words:
        loaded.add_word(word, _OFTEN, "n")
    return loaded


_OFTEN = 100_000


def spoken(*, term: str) -> str:
    """Return a term as it stood in the text."""
    return term.replace(_JOIN, "")


@dataclass(frozen=True, slots=True)
class Hits:
    """Known terms of a batch in order of text, each once per text.

    ``value`` is the weight of the term within its text; the values of a text have length one.
    """

    doc: Indices
    row: Indices
    value: Floats


def find_terms(
    *, texts: Sequence[str], splitter: Splitter, rows: Mapping[str, int], rarity: Floats
) -> Hits:
    """Find the known terms of each text. ``rows`` numbers the terms that are known."""
    doc: list[int] = []
    row: list[int] = []
    for number, text in enumerate(texts):
        known = [rows[term] for term in splitter.terms(text) if term in rows]
        row += known
        doc += [number] * len(known)
    docs = np.array(doc, dtype=np.int64)
    found = np.array(row, dtype=np.int64)
    value = rarity[found] if len(found) else np.zeros(0, dtype=np.float32)
    size = np.sqrt(np.bincount(docs, weights=value * value, minlength=len(texts)))
    return Hits(docs, found, (value / np.maximum(size[docs], 1e-9)).astype(np.float32))

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

    def words(self, text: str) -> list[str]:
        """Return the words in order of appearance."""
        return [word for word in _dictionary(self._words).cut(text, True) if not word.isspace()]

    def terms(self, text: str) -> list[str]:
        """Return the words and the pairs of neighbours, each once, in order of appearance."""
        words = self.words(text)
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


class Terms:
    """Known terms: the words, and for each word the ones known to follow it."""

    __slots__ = ("_pairs", "_words")

    def __init__(self, *, rows: Mapping[str, int]) -> None:
        """Prepare for ``rows``, which numbers the terms that are known."""
        self._words: dict[str, int] = {}
        self._pairs: dict[str, dict[str, int]] = {}
        for term, row in rows.items():
            one, pair, other = term.partition(_JOIN)
            if pair:
                self._pairs.setdefault(one, {})[other] = row
            else:
                self._words[one] = row

    def known(self, *, words: Sequence[str]) -> list[int]:
        """Return the rows of the terms in a text's words, each once, words before pairs."""
        rows = [self._words[word] for word in words if word in self._words]
        for one, other in itertools.pairwise(words):
            after = self._pairs.get(one)
            if after is not None and other in after:
                rows.append(after[other])
        return list(dict.fromkeys(rows))


def find_terms(*, texts: Sequence[str], splitter: Splitter, terms: Terms, rarity: Floats) -> Hits:
    """Find the known terms of each text."""
    doc: list[int] = []
    row: list[int] = []
    for number, text in enumerate(texts):
        known = terms.known(words=splitter.words(text))
        row += known
        doc += [number] * len(known)
    docs = np.array(doc, dtype=np.int64)
    found = np.array(row, dtype=np.int64)
    value = rarity[found] if len(found) else np.zeros(0, dtype=np.float32)
    size = np.sqrt(np.bincount(docs, weights=value * value, minlength=len(texts)))
    return Hits(docs, found, (value / np.maximum(size[docs], 1e-9)).astype(np.float32))

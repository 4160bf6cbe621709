"""Which patterns are worth trying on which text: those whose fixed words all stand in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from huiyin.core.triage.encode import Encoded, Hashes, Known, hash_words

Groups = tuple[frozenset[str], ...]


class Gates:
    """Opens things by groups of words: a thing opens where each group has a word in the text."""

    __slots__ = ("_counts", "_group", "_groups", "_known", "_of_group", "_start", "lengths")

    def __init__(self, *, things: Sequence[Groups]) -> None:
        """Prepare the gates. ``things`` are numbered by their place; each has at least a group."""
        opens: dict[str, list[int]] = {}
        first: list[int] = []
        number = 0
        for groups in things:
            first.append(number)
            for group in groups:
                for word in group:
                    opens.setdefault(word, []).append(number)
                number += 1
        hashes = hash_words(words=list(opens))
        words = [word for _, word in sorted(zip(hashes.tolist(), opens, strict=True))]
        self._groups = number
        self._of_group = np.array(first, dtype=np.int64)
        self._counts = np.array([len(opens[word]) for word in words], dtype=np.int64)
        self._start = np.concatenate([[0], np.cumsum(self._counts)]).astype(np.int64)
        self._group = np.array([g for word in words for g in opens[word]], dtype=np.int64)
        lengths = np.array([len(word) for word in words], dtype=np.int64)
        self.lengths: tuple[int, ...] = tuple(np.unique(lengths).tolist())
        hashes.sort()
        self._known = {
            length: (Known(keys=hashes[lengths == length]), np.flatnonzero(lengths == length))
            for length in self.lengths
        }

    def open(
        self, *, encoded: Encoded, hashes: Sequence[Hashes]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (text, thing) pairs in order of text, then of thing."""
        none = np.zeros(0, dtype=np.int64)
        if not self._groups:
            return none, none
        many_words = np.int64(len(self._counts))
        seen = [none]
        for length in self.lengths:
            keys, words = self._known[length]
            at, place = keys.find(hashes=hashes[length - 1])
            seen.append(encoded.doc[at] * many_words + words[place])
        doc, known = np.divmod(np.unique(np.concatenate(seen)), many_words)
        many = self._counts[known]
        ends = np.cumsum(many)
        steps = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - many, many)
        group = self._group[np.repeat(self._start[known], many) + steps]
        open_ = np.zeros((encoded.size, self._groups), dtype=np.bool_)
        open_[np.repeat(doc, many), group] = True
        docs, things = np.nonzero(np.logical_and.reduceat(open_, self._of_group, axis=1))
        return docs.astype(np.int64), things.astype(np.int64)

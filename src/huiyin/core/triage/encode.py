"""Many texts at once as arrays: rolling hashes of every short run of characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

START, END = "\x03", "\x02"
LONGEST = 8

_BASE = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A batch of texts laid end to end.

    ``codes`` is one character code per position, ``doc`` the text that the position belongs to,
    ``first`` the first position of each text (that of its start mark), ``size`` the number of
    texts.
    """

    codes: NDArray[np.uint64]
    doc: Indices
    first: Indices
    size: int


def encode(*, texts: Sequence[str]) -> Encoded:
    """Lay normalised texts end to end, each between a start and an end mark."""
    joined = "".join(f"{START}{text}{END}" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    lengths = np.fromiter((len(t) + 2 for t in texts), dtype=np.int64, count=len(texts))
    first = np.zeros(len(texts), dtype=np.int64)
    np.cumsum(lengths[:-1], out=first[1:])
    doc = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    return Encoded(codes=codes.astype(np.uint64), doc=doc, first=first, size=len(texts))


def rolling(*, encoded: Encoded, longest: int) -> list[Hashes]:
    """Return for each length 1..``longest`` the hash of the run that starts at each position.

    The array for length n is n - 1 shorter than the text. Runs that cross from one text into the
    next are included; they contain an end mark followed by a start mark, which no word does.
    """
    mixed = (encoded.codes + np.uint64(1)) * _SPREAD
    mixed ^= mixed >> np.uint64(29)
    out = [mixed]
    for n in range(2, longest + 1):
        if len(mixed) < n:
            out.append(np.zeros(0, dtype=np.uint64))
            continue
        out.append(out[-1][: len(mixed) - n + 1] * _BASE + mixed[n - 1 :])
    return out


def hash_words(*, words: Sequence[str]) -> Hashes:
    """Return the hash of each word as :func:`rolling` computes it. No word is empty."""
    values = np.zeros(len(words), dtype=np.uint64)
    lengths = np.fromiter((len(word) for word in words), dtype=np.int64, count=len(words))
    for length in np.unique(lengths).tolist():
        which = np.flatnonzero(lengths == length)
        joined = "".join(words[place] for place in which.tolist())
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        mixed = (codes.astype(np.uint64).reshape(-1, length) + np.uint64(1)) * _SPREAD
        mixed ^= mixed >> np.uint64(29)
        value = mixed[:, 0]
        for place in range(1, length):
            value = value * _BASE + mixed[:, place]
        values[which] = value
    return values


class Table:
    """Finds the index of a hash among known ones, for a whole array at once."""

    __slots__ = ("_bits", "_levels")

    def __init__(self, *, keys: Hashes) -> None:
        """Build the table. ``keys`` are distinct; the answer for a key is its index."""
        self._bits = max(8, int(np.ceil(np.log2(max(len(keys), 1)))) + 2)
        self._levels: list[tuple[Hashes, NDArray[np.int32]]] = []
        left = np.arange(len(keys), dtype=np.int32)
        level = 0
        while len(left) and level < 24:
            slot = self._slot(keys[left], level)
            values = np.full(1 << self._bits, -1, dtype=np.int32)
            values[slot[::-1]] = left[::-1]
            stored = np.zeros(1 << self._bits, dtype=np.uint64)
            taken = values >= 0
            stored[taken] = keys[values[taken]]
            self._levels.append((stored, values))
            left = left[values[slot] != left]
            level += 1

    def _slot(self, hashes: Hashes, level: int) -> Indices:
        turn = np.uint64((level * 13 + 7) % 40)
        return (
            ((hashes ^ (hashes >> np.uint64(31))) * _SPREAD >> turn)
            & np.uint64((1 << self._bits) - 1)
        ).astype(np.int64)

    def find(self, *, hashes: Hashes) -> tuple[Indices, NDArray[np.int32]]:
        """Return (positions, indices) of the hashes that are known, in order of position."""
        if not self._levels or not len(hashes):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
        found = np.full(len(hashes), -1, dtype=np.int32)
        for level, (stored, values) in enumerate(self._levels):
            slot = self._slot(hashes, level)
            same = stored[slot] == hashes
            np.copyto(found, values[slot], where=same & (values[slot] >= 0))
        at = np.flatnonzero(found >= 0)
        return at, found[at]

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


class Known:
    """Tells which hashes are known ones; those that are not are seen by their first bits."""

    __slots__ = ("_bits", "_keys")

    def __init__(self, *, keys: Hashes) -> None:
        """Prepare for ``keys``, which rise and are at least one; equal ones may stand together."""
        self._keys = keys
        self._bits = np.zeros(1 << 16, dtype=np.bool_)
        self._bits[_first_bits(keys)] = True

    def find(self, *, hashes: Hashes) -> tuple[Indices, Indices]:
        """Return where known hashes stand in ``hashes``, and the place of each among the keys."""
        at = np.flatnonzero(self._bits[_first_bits(hashes)])
        asked = hashes[at]
        place = np.searchsorted(self._keys, asked)
        place[place == len(self._keys)] = 0
        hit = self._keys[place] == asked
        return at[hit], place[hit]


def _first_bits(hashes: Hashes) -> Indices:
    return (hashes >> np.uint64(48)).astype(np.int64)

"""The classifier as plain arrays: character runs and signals weighed for each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.core.triage.decision import CATEGORIES, URGENCIES
from huiyin.core.triage.encode import Encoded, Hashes, Table

LONGEST_RUN = 3
FORMAT = 2

Floats = NDArray[np.float32]

_HEADS = (("category", len(CATEGORIES)), ("urgency", len(URGENCIES)), ("complaint", 1))
WIDTH = sum(size for _, size in _HEADS)


class CannotReadModel(ValueError):
    """The stored arrays are not a model of this version."""


@dataclass(frozen=True, slots=True)
class TriageModel:
    """Weights per known run of characters and per signal. Built by ``train`` or from arrays.

    ``keys`` are the hashes of the known runs, ``rarity`` their inverse document frequency;
    ``weights`` has one row per run, then one per name in ``signals``, and one column per answer:
    the categories, the urgencies, and whether it is a complaint. ``follows`` holds what each
    category, once it is decided, adds to each urgency.
    """

    keys: Hashes
    rarity: Floats
    weights: Floats
    bias: Floats
    follows: Floats
    signals: tuple[str, ...]
    table: Table

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the model as named arrays, fit for ``numpy.savez``."""
        return {
            "format": np.array([FORMAT], dtype=np.int64),
            "keys": self.keys,
            "rarity": self.rarity,
            "weights": self.weights,
            "bias": self.bias,
            "follows": self.follows,
            "signals": np.array(self.signals, dtype=np.str_),
        }

    @classmethod
    def from_arrays(cls, *, arrays: Mapping[str, NDArray[Any]]) -> TriageModel:
        """Rebuild a model from its arrays. Raises CannotReadModel."""
        try:
            version = int(arrays["format"][0])
            keys = np.ascontiguousarray(arrays["keys"], dtype=np.uint64)
            rarity = np.ascontiguousarray(arrays["rarity"], dtype=np.float32)
            weights = np.ascontiguousarray(arrays["weights"], dtype=np.float32)
            bias = np.ascontiguousarray(arrays["bias"], dtype=np.float32)
            follows = np.ascontiguousarray(arrays["follows"], dtype=np.float32)
            signals = tuple(str(name) for name in arrays["signals"].tolist())
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise CannotReadModel(f"not a triage model: {error}") from error
        fits = (
            version == FORMAT
            and rarity.shape == keys.shape
            and weights.shape == (len(keys) + len(signals), WIDTH)
            and bias.shape == (WIDTH,)
            and follows.shape == (len(CATEGORIES), len(URGENCIES))
        )
        if not fits:
            raise CannotReadModel(f"a triage model of another version ({version}, not {FORMAT})")
        return cls(keys, rarity, weights, bias, follows, signals, Table(keys=keys))


@dataclass(frozen=True, slots=True)
class Hits:
    """Known runs found in a batch, sorted by text and run, each once per text.

    ``value`` is the weight of the run within its text (texts have length one), ``at`` the
    position where it first stands.
    """

    doc: NDArray[np.int64]
    run: NDArray[np.int64]
    value: Floats
    at: NDArray[np.int64]
    length: NDArray[np.int64]


def find_runs(*, encoded: Encoded, hashes: Sequence[Hashes], table: Table, rarity: Floats) -> Hits:
    """Find the known runs of each text of the batch."""
    at_parts, run_parts, length_parts = [], [], []
    for n in range(1, LONGEST_RUN + 1):
        where, which = table.find(hashes=hashes[n - 1])
        at_parts.append(where)
        run_parts.append(which.astype(np.int64))
        length_parts.append(np.full(len(where), n, dtype=np.int64))
    at, run = np.concatenate(at_parts), np.concatenate(run_parts)
    length = np.concatenate(length_parts)
    if not len(at):
        none = np.zeros(0, dtype=np.int64)
        return Hits(none, none, np.zeros(0, dtype=np.float32), none, none)
    joint = encoded.doc[at] * np.int64(len(rarity)) + run
    _, first = np.unique(joint, return_index=True)
    at, run, length = at[first], run[first], length[first]
    doc = encoded.doc[at]
    value = rarity[run]
    size = np.sqrt(np.bincount(doc, weights=value * value, minlength=encoded.size))
    value = (value / np.maximum(size[doc], 1e-9)).astype(np.float32)
    return Hits(doc, run, value, at, length)


def add_up(*, hits: Hits, model: TriageModel, signals: Sequence[Sequence[int]]) -> Floats:
    """Return the raw score of each text for each answer. ``signals`` are row numbers per text."""
    out = np.tile(model.bias, (len(signals), 1)).astype(np.float64)
    if len(hits.doc):
        parts = model.weights[hits.run] * hits.value[:, None]
        starts = np.flatnonzero(np.r_[True, hits.doc[1:] != hits.doc[:-1]])
        out[hits.doc[starts]] += np.add.reduceat(parts.astype(np.float64), starts, axis=0)
    offset = len(model.keys)
    for number, found in enumerate(signals):
        for row in found:
            out[number] += model.weights[offset + row]
    return out.astype(np.float32)

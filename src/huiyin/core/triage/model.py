"""The classifier as plain arrays: terms and signals weighed for each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.core.triage.decision import CATEGORIES, URGENCIES
from huiyin.core.triage.words import Floats, Hits

FORMAT = 3

_HEADS = (("category", len(CATEGORIES)), ("urgency", len(URGENCIES)), ("complaint", 1))
WIDTH = sum(size for _, size in _HEADS)


class CannotReadModel(ValueError):
    """The stored arrays are not a model of this version."""


@dataclass(frozen=True, slots=True, eq=False)
class TriageModel:
    """Weights per known term and per signal. Built by ``train`` or from arrays.

    ``rows`` numbers the known terms, ``rarity`` is their inverse document frequency; ``weights``
    has one row per term, then one per name in ``signals``, and one column per answer: the
    categories, the urgencies, and whether it is a complaint. ``follows`` holds what each
    category, once it is decided, adds to each urgency.
    """

    rows: Mapping[str, int]
    rarity: Floats
    weights: Floats
    bias: Floats
    follows: Floats
    signals: tuple[str, ...]

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the model as named arrays, fit for ``numpy.savez``."""
        return {
            "format": np.array([FORMAT], dtype=np.int64),
            "terms": np.array(list(self.rows), dtype=np.str_),
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
            terms = [str(term) for term in arrays["terms"].tolist()]
            rarity = np.ascontiguousarray(arrays["rarity"], dtype=np.float32)
            weights = np.ascontiguousarray(arrays["weights"], dtype=np.float32)
            bias = np.ascontiguousarray(arrays["bias"], dtype=np.float32)
            follows = np.ascontiguousarray(arrays["follows"], dtype=np.float32)
            signals = tuple(str(name) for name in arrays["signals"].tolist())
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise CannotReadModel(f"not a triage model: {error}") from error
        fits = (
            version == FORMAT
            and rarity.shape == (len(terms),)
            and weights.shape == (len(terms) + len(signals), WIDTH)
            and bias.shape == (WIDTH,)
            and follows.shape == (len(CATEGORIES), len(URGENCIES))
        )
        if not fits:
            raise CannotReadModel(f"a triage model of another version ({version}, not {FORMAT})")
        rows = {term: number for number, term in enumerate(terms)}
        return cls(rows, rarity, weights, bias, follows, signals)


def add_up(*, hits: Hits, model: TriageModel, signals: Sequence[Sequence[int]]) -> Floats:
    """Return the raw score of each text for each answer. ``signals`` are row numbers per text."""
    out = np.tile(model.bias, (len(signals), 1)).astype(np.float64)
    if len(hits.doc):
        parts = model.weights[hits.row] * hits.value[:, None]
        starts = np.flatnonzero(np.r_[True, hits.doc[1:] != hits.doc[:-1]])
        out[hits.doc[starts]] += np.add.reduceat(parts.astype(np.float64), starts, axis=0)
    many = [len(found) for found in signals]
    if sum(many):
        of = np.repeat(np.arange(len(signals)), many)
        said = np.array([row for found in signals for row in found], dtype=np.int64)
        np.add.at(out, of, model.weights[len(model.rows) + said].astype(np.float64))
    return out.astype(np.float32)

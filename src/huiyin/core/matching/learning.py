"""Learning the tone and the doubt: done when the sentences change, not while the system runs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from huiyin.core.matching.tone import Tone, grams_of

_Vector = NDArray[np.float64]
_STEPS: Final = 20
_TURNS: Final = 200
_NEAR: Final = 1e-8


def learn_tone(
    *,
    calm: Mapping[str, float],
    grievance: Mapping[str, float],
    least: int = 2,
    firm: float = 0.03,
) -> Tone:
    """Learn from sentences that ask for nothing, and from those that do, each with its weight.

    Logistic regression, both sides weighing the same: what fewer than ``least`` sentences hold is
    not learned, and the larger ``firm``, the nearer to nothing the weights stay. The same
    sentences give the same weights.
    """
    grams = [grams_of(text=text) for text in (*calm, *grievance)]
    times = Counter(gram for one in grams for gram in one)
    known = sorted(gram for gram, n in times.items() if n >= least)
    place = {gram: n for n, gram in enumerate(known, 1)}
    cells = [
        (row, place[gram], 1.0 / math.sqrt(len(one)))
        for row, one in enumerate(grams)
        for gram in sorted(one)
        if gram in place
    ]
    cells += [(row, 0, 1.0) for row in range(len(grams))]
    truth = np.repeat([0.0, 1.0], [len(calm), len(grievance)])
    level = sum(grievance.values()) / max(sum(calm.values()), 1e-9)
    share = np.array([*(weight * level for weight in calm.values()), *grievance.values()])
    found = _fitted(cells, truth=truth, share=share, wide=len(known) + 1, firm=firm)
    return Tone(float(found[0]), {gram: float(found[n]) for gram, n in place.items()})


def learn_doubt(
    *, joins: Sequence[tuple[Mapping[str, float], bool]], firm: float = 0.3
) -> tuple[float, dict[str, float]]:
    """Learn from the measures of joins, right and wrong, how likely one is right.

    Returns the base and the weight of each measure, in log odds; the larger ``firm``, the nearer
    to nothing the weights stay. The same joins give the same weights.
    """
    names = sorted({name for measured, _right in joins for name in measured})
    place = {name: n for n, name in enumerate(names, 1)}
    cells = [
        (row, place[name], value)
        for row, (measured, _right) in enumerate(joins)
        for name, value in measured.items()
        if value
    ]
    cells += [(row, 0, 1.0) for row in range(len(joins))]
    truth = np.array([float(right) for _measured, right in joins])
    share = np.ones(len(joins))
    found = _fitted(cells, truth=truth, share=share, wide=len(names) + 1, firm=firm)
    return float(found[0]), {name: float(found[n]) for name, n in place.items()}


def _fitted(
    cells: Sequence[tuple[int, int, float]],
    *,
    truth: _Vector,
    share: _Vector,
    wide: int,
    firm: float,
) -> _Vector:
    """Return the weights of a logistic regression over sparse rows, by Newton's steps."""
    rows = np.array([row for row, _place, _value in cells])
    places = np.array([place for _row, place, _value in cells])
    values = np.array([value for _row, _place, value in cells])
    held = np.full(wide, firm)
    held[0] = 1e-6

    def along(weights: _Vector) -> _Vector:
        return np.bincount(rows, weights=values * weights[places], minlength=len(truth)).astype(
            np.float64
        )

    def back(over: _Vector) -> _Vector:
        return np.bincount(places, weights=values * over[rows], minlength=wide).astype(np.float64)

    found = np.zeros(wide)
    for _ in range(_STEPS):
        likely = 1.0 / (1.0 + np.exp(-np.clip(along(found), -30.0, 30.0)))
        slope = back(share * (truth - likely)) - held * found
        curve = share * likely * (1.0 - likely)
        # conjugate gradients: the step without ever writing down the matrix of the curve
        step, rest = np.zeros(wide), slope.copy()
        ahead, size = rest.copy(), float(rest @ rest)
        if size < _NEAR:
            break
        for _ in range(_TURNS):
            turned = back(curve * along(ahead)) + held * ahead
            by = size / float(ahead @ turned)
            step += by * ahead
            rest -= by * turned
            before, size = size, float(rest @ rest)
            if size < _NEAR:
                break
            ahead = rest + size / before * ahead
        found += step
    return found

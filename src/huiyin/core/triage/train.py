"""Learn the weights from example sentences; the same sentences give the same model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from huiyin.core.triage.decision import CATEGORIES, URGENCIES
from huiyin.core.triage.encode import Table, encode, rolling
from huiyin.core.triage.language import LanguagePack, Phrase
from huiyin.core.triage.model import LONGEST_RUN, WIDTH, TriageModel, find_runs
from huiyin.core.triage.read import read_batch

_FEWEST_TEXTS = 2
_SIGNAL_STRENGTH = 0.35


class CannotTrain(ValueError):
    """The example sentences do not suffice."""


def train(*, language: LanguagePack, phrases: Sequence[Phrase] | None = None) -> TriageModel:
    """Fit the classifier on the pack's phrases, or on ``phrases`` in their place.

    Raises CannotTrain when a category has no sentence at all.
    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    examples = list(language.phrases if phrases is None else phrases)
    missing = sorted(set(CATEGORIES) - {p.category for p in examples})
    if missing:
        raise CannotTrain(f"no example sentences for {', '.join(missing)}")
    texts = [p.text for p in examples]
    encoded = encode(texts=[language.normal(t) for t in texts])
    hashes = rolling(encoded=encoded, longest=LONGEST_RUN)
    pairs = []
    for n, values in enumerate(hashes, start=1):
        inside = encoded.doc[: len(values)] == encoded.doc[n - 1 :]
        both = np.stack([values[inside], encoded.doc[: len(values)][inside].astype(np.uint64)])
        pairs.append(np.unique(both, axis=1)[0])
    keys, counts = np.unique(np.concatenate(pairs), return_counts=True)
    kept = counts >= _FEWEST_TEXTS
    keys, counts = keys[kept], counts[kept]
    rarity = (np.log((1 + len(texts)) / (1 + counts)) + 1.0).astype(np.float32)
    hits = find_runs(encoded=encoded, hashes=hashes, table=Table(keys=keys), rarity=rarity)

    readings = read_batch(texts=texts, language=language)
    names = tuple(signal.id for signal in language.signals)
    rows = {name: number for number, name in enumerate(names)}
    signal_doc = [d for d, reading in enumerate(readings) for _ in reading.every]
    signal_row = [len(keys) + rows[name] for reading in readings for name in reading.every]
    matrix = csr_matrix(
        (
            np.concatenate([hits.value, np.full(len(signal_doc), _SIGNAL_STRENGTH)]),
            (
                np.concatenate([hits.doc, np.array(signal_doc, dtype=np.int64)]),
                np.concatenate([hits.run, np.array(signal_row, dtype=np.int64)]),
            ),
        ),
        shape=(len(texts), len(keys) + len(names)),
    )
    weights = np.zeros((len(keys) + len(names), WIDTH))
    bias = np.zeros(WIDTH)
    column = 0
    heads: list[tuple[list[int], int]] = [
        ([CATEGORIES.index(p.category) for p in examples], len(CATEGORIES)),
        ([URGENCIES.index(p.urgency) for p in examples], len(URGENCIES)),
        ([int(p.complaint) for p in examples], 1),
    ]
    for answers, width in heads:
        if len(set(answers)) < 2:
            column += width
            continue
        fitted = LogisticRegression(C=20.0, class_weight="balanced", max_iter=400, tol=1e-3)
        fitted.fit(matrix, np.array(answers))
        if width == 1:
            weights[:, column] = fitted.coef_[0]
            bias[column] = fitted.intercept_[0]
        else:
            bias[column : column + width] = -20.0
            for place, answer in enumerate(fitted.classes_):
                weights[:, column + answer] = fitted.coef_[place]
                bias[column + answer] = fitted.intercept_[place]
        column += width
    weights[len(keys) :] *= _SIGNAL_STRENGTH
    return TriageModel(
        keys=keys,
        rarity=rarity,
        weights=weights.astype(np.float32),
        bias=bias.astype(np.float32),
        signals=names,
        table=Table(keys=keys),
    )

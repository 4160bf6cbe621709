"""Learn the weights from example sentences; the same sentences give the same model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.core.triage.decision import CATEGORIES, URGENCIES
from huiyin.core.triage.encode import Table, encode, rolling
from huiyin.core.triage.language import LanguagePack, Phrase
from huiyin.core.triage.model import LONGEST_RUN, WIDTH, TriageModel, find_runs
from huiyin.core.triage.read import read_batch

_FEWEST_TEXTS = 2
# How much the wording counts beside the signals, and how freely each may fit the sentences:
# measured on labelled texts, see docs/how-to/triage-quality.md.
_WORDING_SHARE = {"category": 0.4, "urgency": 0.3, "complaint": 0.5}
_WORDING_FREEDOM = 2.0
_SIGNAL_FREEDOM = {"category": 0.1, "urgency": 0.3, "complaint": 0.3}

Weights = NDArray[np.float64]


class CannotTrain(ValueError):
    """The example sentences do not suffice."""


def train(*, language: LanguagePack, phrases: Sequence[Phrase] | None = None) -> TriageModel:
    """Fit the classifier on the pack's phrases, or on ``phrases`` in their place.

    Two models are fitted for each question, one on the wording (runs of characters), one on the
    signals, and added up: signals carry over to texts of any style, wording fills their gaps.
    Raises CannotTrain when a category has no sentence at all.
    """
    from scipy.sparse import csr_matrix, hstack

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
    wording = csr_matrix((hits.value, (hits.doc, hits.run)), shape=(len(texts), len(keys)))

    readings = read_batch(texts=texts, language=language)
    names = tuple(signal.id for signal in language.signals)
    rows = {name: number for number, name in enumerate(names)}
    found = [(d, rows[name]) for d, reading in enumerate(readings) for name in reading.every]
    signals = csr_matrix(
        (np.ones(len(found)), tuple(np.array(found, dtype=np.int64).reshape(-1, 2).T)),
        shape=(len(texts), len(names)),
    )
    kinds = np.array([CATEGORIES.index(p.category) for p in examples])
    decided = csr_matrix(np.eye(len(CATEGORIES))[kinds])

    weights = np.zeros((len(keys) + len(names), WIDTH))
    bias = np.zeros(WIDTH)
    follows = np.zeros((len(CATEGORIES), len(URGENCIES)))
    column = 0
    for head, answers, width in (
        ("category", kinds, len(CATEGORIES)),
        ("urgency", np.array([URGENCIES.index(p.urgency) for p in examples]), len(URGENCIES)),
        ("complaint", np.array([int(p.complaint) for p in examples]), 1),
    ):
        span = slice(column, column + width)
        column += width
        if len(set(answers.tolist())) < 2:
            continue
        share = _WORDING_SHARE[head]
        by_word, word_bias = _fit(wording, answers, width, _WORDING_FREEDOM)
        beside = hstack([signals, decided]).tocsr() if head == "urgency" else signals
        by_signal, signal_bias = _fit(beside, answers, width, _SIGNAL_FREEDOM[head])
        weights[: len(keys), span] = share * by_word
        weights[len(keys) :, span] = by_signal[: len(names)]
        bias[span] = share * word_bias + signal_bias
        if head == "urgency":
            follows = by_signal[len(names) :]
    return TriageModel(
        keys=keys,
        rarity=rarity,
        weights=weights.astype(np.float32),
        bias=bias.astype(np.float32),
        follows=follows.astype(np.float32),
        signals=names,
        table=Table(keys=keys),
    )


def _fit(matrix: Any, answers: NDArray[Any], width: int, freedom: float) -> tuple[Weights, Weights]:
    """Return weights (features x ``width``) and biases; an answer that never occurs stays out."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=freedom, class_weight="balanced", max_iter=400, tol=1e-3)
    fitted.fit(matrix, answers)
    if width == 1:
        return fitted.coef_.T, fitted.intercept_
    weights = np.zeros((matrix.shape[1], width))
    bias = np.full(width, -20.0)
    for place, answer in enumerate(fitted.classes_):
        weights[:, answer] = fitted.coef_[place]
        bias[answer] = fitted.intercept_[place]
    return weights, bias

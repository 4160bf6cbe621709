"""Learn the weights from example sentences; the same sentences give the same model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.core.triage.decision import CATEGORIES, URGENCIES
from huiyin.core.triage.language import LanguagePack, Phrase
from huiyin.core.triage.model import WIDTH, TriageModel
from huiyin.core.triage.read import read_batch
from huiyin.core.triage.words import find_terms

_FEWEST_TEXTS = 2
# How much the wording counts beside the signals, how much an unseen term is trusted, and how
# freely the signals may fit the sentences: measured, see docs/how-to/triage-quality.md.
_WORDING_SHARE = {"category": 2.0, "urgency": 0.5, "complaint": 2.0}
_SMOOTHING = 0.3
_SIGNAL_FREEDOM = {"category": 0.1, "urgency": 0.1, "complaint": 0.3}

Weights = NDArray[np.float64]


class CannotTrain(ValueError):
    """The example sentences do not suffice."""


def train(*, language: LanguagePack, phrases: Sequence[Phrase] | None = None) -> TriageModel:
    """Fit the classifier on the pack's phrases, or on ``phrases`` in their place.

    Two models are fitted for each question and added up: complement naive Bayes on the wording,
    logistic regression on the signals. Signals carry over to texts of any style, wording fills
    their gaps. Raises CannotTrain when a category has no sentence at all.
    """
    from scipy.sparse import csr_matrix, hstack

    examples = list(language.phrases if phrases is None else phrases)
    missing = sorted(set(CATEGORIES) - {p.category for p in examples})
    if missing:
        raise CannotTrain(f"no example sentences for {', '.join(missing)}")
    texts = [language.normal(p.text) for p in examples]
    counts = Counter(term for text in texts for term in language.splitter.terms(text))
    rows = {
        term: number
        for number, term in enumerate(sorted(t for t, n in counts.items() if n >= _FEWEST_TEXTS))
    }
    often = np.array([counts[term] for term in rows])
    rarity = (np.log((1 + len(texts)) / (1 + often)) + 1.0).astype(np.float32)
    hits = find_terms(texts=texts, splitter=language.splitter, rows=rows, rarity=rarity)
    wording = csr_matrix((hits.value, (hits.doc, hits.row)), shape=(len(texts), len(rows)))

    readings = read_batch(texts=[p.text for p in examples], language=language)
    names = tuple(signal.id for signal in language.signals if signal.patterns)
    places = {name: number for number, name in enumerate(names)}
    found = [
        (d, places[n]) for d, reading in enumerate(readings) for n in reading.every if n in places
    ]
    signals = csr_matrix(
        (np.ones(len(found)), tuple(np.array(found, dtype=np.int64).reshape(-1, 2).T)),
        shape=(len(texts), len(names)),
    )
    kinds = np.array([CATEGORIES.index(p.category) for p in examples])
    decided = csr_matrix(np.eye(len(CATEGORIES))[kinds])

    weights = np.zeros((len(rows) + len(names), WIDTH))
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
        beside = hstack([signals, decided]).tocsr() if head == "urgency" else signals
        by_signal, bias[span] = _fit(beside, answers, width, _SIGNAL_FREEDOM[head])
        weights[: len(rows), span] = _WORDING_SHARE[head] * _weigh(wording, answers, width)
        weights[len(rows) :, span] = by_signal[: len(names)]
        if head == "urgency":
            follows = by_signal[len(names) :]
    return TriageModel(
        rows=rows,
        rarity=rarity,
        weights=weights.astype(np.float32),
        bias=bias.astype(np.float32),
        follows=follows.astype(np.float32),
        signals=names,
    )


def _weigh(matrix: Any, answers: NDArray[Any], width: int) -> Weights:
    """Complement naive Bayes: a term speaks against an answer by its weight in all the others.

    Source: Rennie et al., Tackling the Poor Assumptions of Naive Bayes Text Classifiers, 2003.
    """
    many = max(width, 2)
    seen = np.stack(
        [np.asarray(matrix[answers == answer].sum(axis=0))[0] for answer in range(many)], axis=1
    )
    others = seen.sum(axis=1, keepdims=True) - seen + _SMOOTHING
    weights: Weights = -np.log(others / others.sum(axis=0, keepdims=True))
    return weights if width > 1 else weights[:, 1:] - weights[:, :1]


def _fit(matrix: Any, answers: NDArray[Any], width: int, freedom: float) -> tuple[Weights, Weights]:
    """Return weights (features x ``width``) and biases; an answer that never occurs stays out."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=freedom, class_weight="balanced", max_iter=400, tol=1e-4)
    fitted.fit(matrix, answers)
    if width == 1:
        return fitted.coef_.T, fitted.intercept_
    weights = np.zeros((matrix.shape[1], width))
    bias = np.full(width, -20.0)
    for place, answer in enumerate(fitted.classes_):
        weights[:, answer] = fitted.coef_[place]
        bias[answer] = fitted.intercept_[place]
    return weights, bias

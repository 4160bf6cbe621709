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
from huiyin.core.triage.words import Hits, Terms, find_terms

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
    hits = find_terms(
        texts=texts, splitter=language.splitter, terms=Terms(rows=rows), rarity=rarity
    )
    names = tuple(signal.id for signal in language.signals if signal.patterns)
    places = {name: number for number, name in enumerate(names)}
    signals = np.zeros((len(texts), len(names)))
    for number, reading in enumerate(
        read_batch(texts=[p.text for p in examples], language=language)
    ):
        signals[number, [places[name] for name in reading.every if name in places]] = 1.0
    kinds = np.array([CATEGORIES.index(p.category) for p in examples])
    decided = np.eye(len(CATEGORIES))[kinds]

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
        beside = np.hstack([signals, decided]) if head == "urgency" else signals
        by_signal, bias[span] = _fit(beside, answers, width, _SIGNAL_FREEDOM[head])
        weights[: len(rows), span] = _WORDING_SHARE[head] * _weigh(hits, answers, width, len(rows))
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


def _weigh(hits: Hits, answers: NDArray[Any], width: int, terms: int) -> Weights:
    """Complement naive Bayes: a term speaks against an answer by its weight in all the others.

    Source: Rennie et al., Tackling the Poor Assumptions of Naive Bayes Text Classifiers, 2003.
    """
    many = max(width, 2)
    seen = np.zeros((terms, many))
    np.add.at(seen, (hits.row, answers[hits.doc]), hits.value)
    others = seen.sum(axis=1, keepdims=True) - seen + _SMOOTHING
    weights: Weights = -np.log(others / others.sum(axis=0, keepdims=True))
    return weights if width > 1 else weights[:, 1:] - weights[:, :1]


def _fit(
    matrix: Weights, answers: NDArray[Any], width: int, freedom: float
) -> tuple[Weights, Weights]:
    """Logistic regression with every answer weighing the same, however many sentences it has.

    Returns weights (features x ``width``) and biases; ``freedom`` is the inverse of the penalty.
    """
    from scipy.optimize import minimize

    many = max(width, 2)
    rows, features = matrix.shape
    true = np.eye(many)[answers]
    occurs = true.any(axis=0)
    balance = (rows / occurs.sum() / np.maximum(true.sum(axis=0), 1.0))[answers]

    def loss(flat: Weights) -> tuple[float, Weights]:
        weights = flat.reshape(features + 1, many)
        scores = matrix @ weights[:-1] + weights[-1]
        scores -= scores.max(axis=1, keepdims=True)
        raised = np.exp(scores)
        total = raised.sum(axis=1, keepdims=True)
        missed = (raised / total - true) * balance[:, None]
        value = balance @ (np.log(total[:, 0]) - (scores * true).sum(axis=1))
        value += (weights[:-1] ** 2).sum() / (2 * freedom)
        slope = np.vstack([matrix.T @ missed + weights[:-1] / freedom, missed.sum(axis=0)])
        return float(value), slope.ravel()

    start = np.zeros((features + 1) * many)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 400})
    weights = found.x.reshape(features + 1, many)
    weights[-1, ~occurs] = -20.0
    if width == 1:
        return weights[:-1, 1:] - weights[:-1, :1], weights[-1, 1:] - weights[-1, :1]
    return weights[:-1], weights[-1]

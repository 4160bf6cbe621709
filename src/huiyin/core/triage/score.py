"""How well the sorting agrees with labels: kinds, urgency, and whether confidence means it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

GRAVE = frozenset({"high", "critical"})
_STEPS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """One text: what was said of it and what is true. Empty urgency means it is not labelled."""

    id: str
    category: str
    urgency: str
    confidence: float
    true_category: str
    true_urgency: str = ""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Precision, recall and F1 of one class, 0 to 1, and how many texts truly belong to it."""

    precision: float
    recall: float
    f1: float
    rows: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement over the classes of one question.

    ``macro_f1`` is the mean F1 over the classes that truly occur, ``macro_f1_all`` over those
    that occur or were said. ``confusion`` counts (true, said) pairs.
    """

    rows: int
    accuracy: float
    macro_f1: float
    macro_f1_all: float
    per_class: dict[str, ClassScore]
    confusion: dict[tuple[str, str], int]

    def as_json(self) -> dict[str, Any]:
        """Return accuracy, macro-F1 and the table per class as a JSON object."""
        return {
            "accuracy": round(self.accuracy, 4),
            "macro_f1": round(self.macro_f1, 4),
            "macro_f1_all": round(self.macro_f1_all, 4),
            "per_class": {
                name: {
                    "precision": round(one.precision, 4),
                    "recall": round(one.recall, 4),
                    "f1": round(one.f1, 4),
                    "rows": one.rows,
                }
                for name, one in self.per_class.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Reliability:
    """Texts whose confidence lies from ``low`` up to ``high``: what was said, what was right."""

    low: float
    high: float
    rows: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class TriageScore:
    """The whole report.

    ``grave_recall`` is the share of truly high or critical texts that were said to be either,
    None where there is none. ``calibration_error`` is the mean distance between confidence and
    accuracy, weighted by rows. ``worst`` are the wrong texts, the most confident first.
    """

    category: Agreement
    urgency: Agreement | None
    grave_recall: float | None
    reliability: tuple[Reliability, ...]
    calibration_error: float
    worst: tuple[Judged, ...]


def score(*, judged: Sequence[Judged]) -> TriageScore:
    """Return how well the sorting agrees with the labels. Raises ValueError without any row."""
    if not judged:
        raise ValueError("no labelled rows")
    pressed = [(j.true_urgency, j.urgency) for j in judged if j.true_urgency]
    grave = [said for true, said in pressed if true in GRAVE]
    reliability = _reliability(judged)
    return TriageScore(
        category=agreement(pairs=[(j.true_category, j.category) for j in judged]),
        urgency=agreement(pairs=pressed) if pressed else None,
        grave_recall=sum(said in GRAVE for said in grave) / len(grave) if grave else None,
        reliability=reliability,
        calibration_error=sum(r.rows * abs(r.said - r.right) for r in reliability) / len(judged),
        worst=tuple(
            sorted(
                (j for j in judged if j.category != j.true_category),
                key=lambda j: (-j.confidence, j.id),
            )
        ),
    )


def agreement(*, pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Return the agreement of (true, said) pairs; a class that is never said has F1 0."""
    confusion = Counter(pairs)
    meant, given = Counter(t for t, _ in pairs), Counter(s for _, s in pairs)
    table = {}
    for name in sorted(meant):
        hits = confusion[name, name]
        precision = hits / given[name] if given[name] else 0.0
        recall = hits / meant[name]
        both = precision + recall
        f1 = 2 * precision * recall / both if both else 0.0
        table[name] = ClassScore(precision, recall, f1, meant[name])
    total = sum(one.f1 for one in table.values())
    return Agreement(
        rows=len(pairs),
        accuracy=sum(confusion[n, n] for n in meant) / len(pairs),
        macro_f1=total / len(table),
        macro_f1_all=total / len(set(meant) | set(given)),
        per_class=table,
        confusion=dict(confusion),
    )


def _reliability(judged: Sequence[Judged]) -> tuple[Reliability, ...]:
    out = []
    for low, high in pairwise(_STEPS):
        inside = [j for j in judged if low <= j.confidence < high or j.confidence == high == 1.0]
        if inside:
            said = sum(j.confidence for j in inside) / len(inside)
            right = sum(j.category == j.true_category for j in inside) / len(inside)
            out.append(Reliability(low, high, len(inside), said, right))
    return tuple(out)

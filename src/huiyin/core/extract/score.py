"""How well what was found agrees with labels: precision and recall of every sort of entity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Named = tuple[str, str]
"""The type of an entity and its words."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares from 0 to 1 of one sort; a share of nothing is 1. ``labelled`` counts the labels."""

    precision: float
    recall: float
    labelled: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the shares as a JSON object."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "labelled": self.labelled,
        }


@dataclass(frozen=True, slots=True)
class ExtractionScore:
    """All sorts together, and each by itself."""

    rows: int
    whole: Agreement
    per_type: dict[str, Agreement]

    def as_json(self) -> dict[str, Any]:
        """Return the score as a JSON object."""
        return {
            "rows": self.rows,
            **self.whole.as_json(),
            "per_type": {name: one.as_json() for name, one in self.per_type.items()},
        }


def score(*, judged: Iterable[tuple[Sequence[Named], Sequence[Named]]]) -> ExtractionScore:
    """Compare labels with what was found, row by row.

    Only sorts that some row labels are judged: what nobody labelled is not counted as wrong.
    """
    rows = [(Counter(labels), Counter(found)) for labels, found in judged]
    types = sorted({kind for labels, _found in rows for kind, _words in labels})
    hits, said, true = Counter[str](), Counter[str](), Counter[str]()
    for labels, found in rows:
        for (kind, _words), many in (labels & found).items():
            hits[kind] += many
        for (kind, _words), many in found.items():
            said[kind] += many
        for (kind, _words), many in labels.items():
            true[kind] += many
    return ExtractionScore(
        rows=len(rows),
        whole=_agreement(
            sum(hits[t] for t in types), sum(said[t] for t in types), sum(true[t] for t in types)
        ),
        per_type={t: _agreement(hits[t], said[t], true[t]) for t in types},
    )


def _agreement(hits: int, said: int, true: int) -> Agreement:
    return Agreement(
        precision=hits / said if said else 1.0,
        recall=hits / true if true else 1.0,
        labelled=true,
    )

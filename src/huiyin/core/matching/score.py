"""How well decisions agree with the truth: links, and the five labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_LINKED = frozenset({"join", "reopen"})


@dataclass(frozen=True, slots=True)
class Judged:
    """One contact: what was decided, and what is true.

    ``complaint`` and ``true_complaint`` name the contact that opened the complaint, None where
    there is none.
    """

    decision: str
    complaint: str | None
    true_decision: str
    true_complaint: str | None


@dataclass(frozen=True, slots=True)
class MatchScore:
    """Shares from 0 to 1; a share of nothing is 1.

    ``link_precision``: of contacts attached to a complaint (join, reopen), those attached to the
    right one. ``link_recall``: of true joins and reopens, those attached to the right one.
    ``decision_accuracy``: over the five labels.
    """

    contacts: int
    link_precision: float
    link_recall: float
    decision_accuracy: float
    per_decision: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        """Return the score as a JSON object."""
        return {
            "contacts": self.contacts,
            "link_precision": round(self.link_precision, 4),
            "link_recall": round(self.link_recall, 4),
            "decision_accuracy": round(self.decision_accuracy, 4),
            "per_decision": self.per_decision,
        }


def score(*, judged: Iterable[Judged]) -> MatchScore:
    """Return how well decisions agree with the truth, without any correction on the way."""
    rows = list(judged)
    attached = [r for r in rows if r.decision in _LINKED]
    true_links = [r for r in rows if r.true_decision in _LINKED]
    right = sum(
        1
        for r in attached
        if r.true_decision in _LINKED and r.complaint == r.true_complaint is not None
    )
    decided = Counter(r.decision for r in rows)
    true = Counter(r.true_decision for r in rows)
    agreed = Counter(r.decision for r in rows if r.decision == r.true_decision)
    return MatchScore(
        contacts=len(rows),
        link_precision=_share(right, len(attached)),
        link_recall=_share(right, len(true_links)),
        decision_accuracy=_share(sum(agreed.values()), len(rows)),
        per_decision={
            name: {
                "precision": round(_share(agreed[name], decided[name]), 4),
                "recall": round(_share(agreed[name], true[name]), 4),
                "true": true[name],
            }
            for name in sorted(set(decided) | set(true))
        },
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0

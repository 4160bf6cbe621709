"""How sure it is that a contact belongs to the complaint it fits best.

The sum of the evidence ranks the candidates; it does not tell how often the first of them is the
right one. That is learned from joins that were right and wrong, by a handful of measures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from huiyin.core.because import Reason
from huiyin.core.matching.evidence import Weighed
from huiyin.core.matching.facts import UNKNOWN, ComplaintFacts, ContactFacts
from huiyin.core.matching.grievance import PLEASED, tone
from huiyin.core.matching.shipped import shipped

_MATTER: Final = frozenset(
    {
        "match.tail", "match.head", "match.place", "match.goods", "match.event", "match.money",
        "match.count", "match.content", "match.told_then", "match.waybill_mentioned",
        "match.waybill_mistaken", "match.kind",
    }
)  # fmt: skip
_CALM: Final = 1.2
_NEAR: Final = 3.0
_FAR: Final = 9.0
_BREATH: Final = timedelta(hours=1)
_SHORT: Final = 8
_TONES: Final = (-2.0, 4.0)
_SLIGHT: Final = 4.5


class CannotReadDoubt(ValueError):
    """The weights of the measures are not of the expected form."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Weights in log odds that a join is right; below ``ask_below`` (0 to 1) a person decides."""

    ask_below: float
    base: float
    weights: Mapping[str, float]

    @classmethod
    def from_data(cls, *, data: Any) -> Doubt:
        """Read ``matching_doubt.yaml``.

        Raises:
            CannotReadDoubt: a part is missing, or a measure is unknown.
        """
        try:
            weights = {str(name): float(weight) for name, weight in data["weights"].items()}
            read = cls(float(data["ask_below"]), float(data["base"]), weights)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CannotReadDoubt(f"weights of doubt: {error!r}") from error
        strange = weights.keys() ^ MEASURES
        if strange:
            raise CannotReadDoubt(f"weights of doubt: {sorted(strange)[0]} is no measure, or none")
        return read

    def sure(self, *, measured: Mapping[str, float]) -> float:
        """Return how likely a join with these measures is right, 0 to 1."""
        total = self.base
        for name, value in measured.items():
            total += self.weights[name] * value
        return likelihood(odds=total)


def likelihood(*, odds: float) -> float:
    """Return the likelihood, 0 to 1, of log odds."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


MEASURES: Final = frozenset(
    {
        "tone", "close", "apart", "bare", "short", "cities", "pleased", "then", "asked", "alone",
        "count_other", "goods_other",
    }
)  # fmt: skip


def measure(
    *, contact: ContactFacts, first: Weighed, others: Sequence[Weighed]
) -> dict[str, float]:
    """Return what is telling about joining ``contact`` to ``first``, each about 0 to 1.

    ``tone`` is how much it sounds like a grievance (-1 to 2); ``close`` how near the second
    candidate comes, ``apart`` how far it stays behind; ``bare`` that only the writer is known and
    nothing of the matter; ``cities`` that the complaint does not know one that is named,
    ``count_other`` and ``goods_other`` that it knows others; ``alone`` that a stranger who refers
    to nothing has little in common with it.
    """
    complaint = first.complaint
    rules = {rule for rule, *_ in first.said}
    mood = tone(contact=contact)
    bare = first.same_customer and first.anchored and rules.isdisjoint(_MATTER)
    rivals = [w.total for w in others if not one_matter(complaint, w.complaint)]
    apart = max(first.total - max(rivals, default=-math.inf), 0.0)
    return {
        "tone": min(max(mood, _TONES[0]), _TONES[1]) / 2,
        "close": max(0.0, _NEAR - apart) / _NEAR,
        "apart": min(apart, _FAR) / _FAR,
        "bare": float(bare),
        "short": float(contact.length < _SHORT),
        "cities": float(not contact.cities <= complaint.cities),
        "pleased": float(not contact.signals.isdisjoint(PLEASED)),
        "then": float("match.told_then" in rules),
        "asked": float(bool(complaint.asked) and not _goes_on(contact, complaint)),
        "count_other": float("match.count_other" in rules),
        "goods_other": float("match.goods_other" in rules),
        "alone": float(
            not first.anchored and first.total < _SLIGHT and "match.unprompted" in rules
        ),
    }


def _goes_on(contact: ContactFacts, complaint: ComplaintFacts) -> bool:
    """Tell whether the writer who opened it goes on within the hour: no second one is opened."""
    return (
        contact.identity in complaint.senders and contact.at - complaint.last_contact_at <= _BREATH
    )


def one_matter(one: ComplaintFacts, other: ComplaintFacts) -> bool:
    """Tell whether a person is being asked if the two are the same, or the same as a third."""
    family = {one.asked or one.id, other.asked or other.id}
    return UNKNOWN not in family and len(family) == 1


def against(*, measured: Mapping[str, float]) -> tuple[Reason, ...]:
    """Return what makes a join doubtful."""
    calm = (_CALMLY,) if measured["tone"] < _CALM / 2 else ()
    return (*calm, *(reason for name, reason in _AGAINST if measured[name] > _HALF))


_HALF: Final = 0.5
_CALMLY: Final = Reason(
    "match.doubt_calm", "语气平静，像是另外询问", "calm, as one who asks for something else"
)
_AGAINST: Final = (
    ("close", Reason(
        "match.doubt_close", "另一件投诉几乎同样相符", "another complaint fits nearly as well",
    )),
    ("bare", Reason(
        "match.doubt_bare", "只有来件人相符，没说是哪件事", "only the writer fits, no matter",
    )),
    ("cities", Reason(
        "match.doubt_cities", "说到该投诉里没有的城市", "names a city it does not know",
    )),
    ("alone", Reason(
        "match.doubt_alone", "陌生人，没提此前联系，相符之处不多",
        "a stranger who refers to nothing, with little in common",
    )),
    ("asked", Reason(
        "match.doubt_asked", "该投诉本身可能并入另一件", "it may be another complaint itself",
    )),
)  # fmt: skip

DOUBT: Final = Doubt.from_data(data=shipped("matching_doubt.yaml"))
"""The weights that travel with the package."""

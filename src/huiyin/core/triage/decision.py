"""What triage decides about one text."""

from __future__ import annotations

from dataclasses import dataclass

from huiyin.core.because import Reason

CATEGORIES: tuple[str, ...] = (
    "delay",
    "delivery",
    "lost",
    "damaged",
    "attitude",
    "tracking",
    "fee",
    "claim",
    "pickup",
    "cod",
    "access",
    "other",
)
URGENCIES: tuple[str, ...] = ("low", "normal", "high", "critical")


@dataclass(frozen=True, slots=True)
class Triage:
    """Kind, urgency and tone of one text, with the reasons.

    ``emotion`` is the strength of emotion, 0 calm to 1 furious or desperate, whatever its sign.
    ``is_complaint`` is the probability that the writer has a grievance at all. ``confidence`` is
    the calibrated probability that ``category`` is right; ``unsure`` says that a person should
    look. ``category_scores`` holds every category's probability, the highest first. ``signals``
    are identifiers from the language pack, in its order.
    """

    category: str
    secondary: tuple[str, ...]
    urgency: str
    emotion: float
    is_complaint: float
    signals: tuple[str, ...]
    category_scores: tuple[tuple[str, float], ...]
    confidence: float
    unsure: bool
    because: tuple[Reason, ...]

"""How right the automatic answer was week by week, and whether what comes in is changing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

FEWEST = 20
"""Complaints below which a week says nothing about a change of what comes in."""


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """One week of complaints. ``kinds`` counts the category at which each stands now.

    ``settled`` are those that a person worked through to the end or corrected; of these
    ``category`` and ``urgency`` count whose automatic answer was corrected to another one.
    ``confidence`` is the mean that the model gave itself, 0 to 1.
    """

    monday: date
    kinds: Mapping[str, int]
    settled: int
    category: int
    urgency: int
    confidence: float | None


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """A week in percent; None where there is nothing to say.

    ``shift`` is the share of complaints that would have to be of another kind for the week to
    look like all the weeks before it (total variation distance).
    """

    monday: date
    received: int
    settled: int
    category: float | None
    urgency: float | None
    shift: float | None
    confidence: float | None


def weigh_weeks(*, weeks: Sequence[WeekFacts]) -> tuple[WeekFigures, ...]:
    """Return the figures of weeks, oldest first."""
    past: Counter[str] = Counter()
    out = []
    for week in sorted(weeks, key=lambda w: w.monday):
        received = sum(week.kinds.values())
        out.append(
            WeekFigures(
                monday=week.monday,
                received=received,
                settled=week.settled,
                category=_agreed(week.settled, week.category),
                urgency=_agreed(week.settled, week.urgency),
                shift=_shift(week.kinds, past),
                confidence=None if week.confidence is None else round(100 * week.confidence, 1),
            )
        )
        past.update(week.kinds)
    return tuple(out)


def _agreed(settled: int, changed: int) -> float | None:
    return round(100 * (settled - changed) / settled, 1) if settled else None


def _shift(kinds: Mapping[str, int], past: Mapping[str, int]) -> float | None:
    here, there = sum(kinds.values()), sum(past.values())
    if here < FEWEST or there < FEWEST:
        return None
    names = sorted({*kinds, *past})
    apart = sum(abs(kinds.get(n, 0) / here - past.get(n, 0) / there) for n in names)
    return round(100 * apart / 2, 1)

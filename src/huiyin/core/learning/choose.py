"""Is a new model better than the running one? Only then it may take its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.learning.lessons import Lessons, Policy


@dataclass(frozen=True, slots=True)
class Measure:
    """Macro-F1 of both questions, 0 to 1, over ``rows`` texts."""

    category: float
    urgency: float
    rows: int

    def as_json(self) -> dict[str, Any]:
        """Return the measure as a JSON object, to four places."""
        return {
            "category": round(self.category, 4),
            "urgency": round(self.urgency, 4),
            "rows": self.rows,
        }

    @classmethod
    def from_json(cls, *, data: dict[str, Any]) -> Measure:
        """Rebuild a measure stored by :meth:`as_json`."""
        return cls(float(data["category"]), float(data["urgency"]), int(data["rows"]))


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether the new model may be taken, and why."""

    better: bool
    because: tuple[Reason, ...]


_NAMES = {"category": ("类别", "category"), "urgency": ("紧急程度", "urgency")}


def enough(*, lessons: Lessons, policy: Policy) -> Choice:
    """Decide whether there is enough to learn from, before any time is spent on it."""
    if lessons.total < policy.least:
        return Choice(
            False,
            (
                Reason(
                    rule="learning.too_few",
                    zh=f"可用的更正有 {lessons.total} 条，至少要 {policy.least} 条才训练",
                    en=f"{lessons.total} usable corrections; {policy.least} are needed to train",
                    words=(str(lessons.total), str(policy.least)),
                ),
                *lessons.because,
            ),
        )
    if not lessons.held_out or not lessons.train:
        return Choice(
            False,
            (
                Reason(
                    rule="learning.nothing_apart",
                    zh="更正太少，留不出用来检验的部分",
                    en="too few corrections to keep some apart for measuring",
                ),
                *lessons.because,
            ),
        )
    return Choice(True, lessons.because)


def choose(
    *,
    candidate: Measure,
    running: Measure,
    book_candidate: Measure,
    book_running: Measure,
    policy: Policy,
) -> Choice:
    """Decide whether a candidate is better than the running model.

    On the held-out corrections neither macro-F1 may fall and one must rise; on the held-out part
    of the shipped examples neither may fall by more than the policy's margin.
    """
    because: list[Reason] = []
    better = False
    worse = False
    for name in ("category", "urgency"):
        old, new = _shown(running, name), _shown(candidate, name)
        zh, en = _NAMES[name]
        if new < old:
            worse = True
            said = ("learning.worse", "变差", "worse")
        elif new > old:
            better = True
            said = ("learning.better", "变好", "better")
        else:
            said = ("learning.same", "没有变化", "the same")
        because.append(
            Reason(
                rule=said[0],
                zh=f"在留出的 {candidate.rows} 条更正上，{zh}的宏平均 F1 由 {old:.3f} "
                f"到 {new:.3f}，{said[1]}",
                en=f"on {candidate.rows} held-out corrections macro-F1 of {en} went from "
                f"{old:.3f} to {new:.3f}: {said[2]}",
                words=(f"{old:.3f}", f"{new:.3f}"),
            )
        )
    for name in ("category", "urgency"):
        old, new = _shown(book_running, name), _shown(book_candidate, name)
        zh, en = _NAMES[name]
        lost = round((old - new) * 100, 2)
        if lost > policy.margin_percent:
            worse = True
            because.append(
                Reason(
                    rule="learning.forgets",
                    zh=f"在出厂例句的留出部分上，{zh}的宏平均 F1 由 {old:.3f} 降到 {new:.3f}，"
                    f"超过允许的 {policy.margin_percent} 个百分点",
                    en=f"on the held-out part of the shipped examples macro-F1 of {en} fell from "
                    f"{old:.3f} to {new:.3f}, more than the {policy.margin_percent} points allowed",
                    words=(f"{old:.3f}", f"{new:.3f}"),
                )
            )
    return Choice(better and not worse, tuple(because))


def _shown(measure: Measure, name: str) -> float:
    """Return a score to three places: what cannot be seen does not decide."""
    return round(measure.category if name == "category" else measure.urgency, 3)

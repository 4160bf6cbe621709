"""Learn how likely a join is right from the invented inboxes in tests/core/matching.

Every inbox is matched with the weights that are kept, and what fits best is held against the truth
wherever there was a doubt to be had, joined or not. The weights are written to
matching_doubt.yaml, where the notes, the mark and what is held stay; what a person is asked changes
what comes after it, so run it until little changes. With --judge nothing is written: each inbox is
judged by what the others teach, precision and recall of all links by the mark below which a person
decides.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "src" / "huiyin" / "playbooks" / "language" / "matching_doubt.yaml"
MARKS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
sys.path.insert(0, str(ROOT / "tests"))

import conversations  # noqa: E402
from huiyin.core.matching import MatchDecision  # noqa: E402
from huiyin.core.matching.doubt import DOUBT, Doubt  # noqa: E402
from huiyin.core.matching.learning import learn_doubt  # noqa: E402


@dataclass(frozen=True, slots=True)
class Watched(Doubt):
    """The doubt that is kept; it remembers what it was asked last."""

    last: list[Mapping[str, float]] = field(default_factory=list)

    def sure(self, *, measured: Mapping[str, float]) -> float:
        """Return what the kept doubt says, and remember the measures."""
        self.last.append(measured)
        return Doubt.sure(self, measured=measured)


@dataclass(slots=True)
class Inboxes:
    """What matching showed: measures with inbox and truth, and links that were never in doubt."""

    joins: list[tuple[str, Mapping[str, float], bool]] = field(default_factory=list)
    sure: int = 0
    sure_right: int = 0
    true: int = 0


def matched() -> Inboxes:
    """Match every inbox; return what was in doubt, and whether the first candidate was right."""
    out = Inboxes()
    watched = Watched(DOUBT.ask_below, DOUBT.base, DOUBT.weights)
    for name in conversations.LEARNED:
        openers = conversations.openers(name=name)
        for line, made in conversations.play(name=name, doubt=watched):
            belongs = openers[line.complaint] if line.decision in ("join", "reopen") else None
            out.true += belongs is not None
            if watched.last:
                out.joins.append((name, watched.last.pop(), first(made) == belongs))
            elif made.complaint_id is not None:
                out.sure += 1
                out.sure_right += made.complaint_id == belongs
    return out


def first(made: MatchDecision) -> str | None:
    """Return the complaint that a contact was put to, or that a person is asked about."""
    if made.complaint_id or made.about:
        return made.complaint_id or made.about
    likeliest = max(made.maybe, key=lambda maybe: maybe.score, default=None)
    return likeliest.complaint_id if likeliest else None


def judge(found: Inboxes) -> None:
    """Print precision and recall by mark, each inbox judged by what the others teach."""
    sure: list[tuple[float, bool]] = []
    for name in conversations.LEARNED:
        base, weights = learn_doubt(
            joins=[(m, right) for of, m, right in found.joins if of != name]
        )
        doubt = Doubt(0.0, base, weights)
        sure += [(doubt.sure(measured=m), right) for of, m, right in found.joins if of == name]
    for mark in MARKS:
        taken = [right for likely, right in sure if likely >= mark]
        links, right = found.sure + len(taken), found.sure_right + sum(taken)
        print(f"{mark:.2f}  precision {right / links:.4f}  recall {right / found.true:.4f}")


def main() -> None:
    """Write the weights, or judge them."""
    found = matched()
    if "--judge" in sys.argv:
        judge(found)
        return
    base, weights = learn_doubt(joins=[(measured, right) for _of, measured, right in found.joins])
    text = KEPT.read_text(encoding="utf-8")
    for name, value in {**weights, "base": base}.items():
        text = re.sub(
            rf"(?m)^( *{name}: )-?[\d.]+(?![\d.])(?! *# held)", rf"\g<1>{value:.2f}", text
        )
    KEPT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Whether a channel stands out: gone silent, or flooding."""

from __future__ import annotations

from dataclasses import dataclass

from huiyin.core.because import Reason
from huiyin.core.playbook.volume import Volume

_LEAST_WEEKS = 2
"""What is usual is known after so many weeks."""
_CALM = 0.75
"""A flood is over when so much of what made it one does not come any more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A channel's contacts in the two windows, and how many are usual there."""

    quiet: int
    """Contacts in the window of silence."""
    quiet_usual: float
    lately: int
    """Contacts in the window of flooding."""
    lately_usual: float
    weeks: int
    """How many weeks the usual rests on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out: kind (silent or flooding), the figures, and why."""

    kind: str
    seen: float
    usual: float
    because: Reason


def judge(
    *, seen: Seen, terms: Volume, standing: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """Return what stands out of a channel; nothing while what is usual is not known yet.

    ``standing`` are the kinds that stood out before: a flood about its limit is one flood.
    """
    if seen.weeks < _LEAST_WEEKS:
        return ()
    found = []
    if seen.quiet == 0 and seen.quiet_usual >= terms.silent_least:
        found.append(
            Finding(
                "silent",
                0,
                seen.quiet_usual,
                Reason(
                    rule="volume.silent",
                    zh=f"{terms.silent_minutes} 分钟没有来件，"
                    f"平时这段时间约 {seen.quiet_usual:.0f} 件",
                    en=f"nothing for {terms.silent_minutes} minutes, some"
                    f" {seen.quiet_usual:.0f} are usual",
                    words=("0", f"{seen.quiet_usual:.1f}"),
                    source="volume",
                ),
            )
        )
    most = max(float(terms.flood_least), terms.flood_times * seen.lately_usual)
    if seen.lately >= most * (_CALM if "flooding" in standing else 1):
        found.append(
            Finding(
                "flooding",
                seen.lately,
                seen.lately_usual,
                Reason(
                    rule="volume.flooding",
                    zh=f"{terms.flood_minutes} 分钟来了 {seen.lately} 件，"
                    f"平时约 {seen.lately_usual:.1f} 件",
                    en=f"{seen.lately} in {terms.flood_minutes} minutes, some"
                    f" {seen.lately_usual:.1f} are usual",
                    words=(str(seen.lately), f"{seen.lately_usual:.1f}"),
                    source="volume",
                ),
            )
        )
    return tuple(found)

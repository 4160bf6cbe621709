"""A queue number at the front desk: who is next, and what may become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huiyin.core.because import Reason

WAITING, CALLED, SERVED, ABSENT = "waiting", "called", "served", "absent"

_STEPS: dict[str, dict[str, str]] = {
    "call": {WAITING: CALLED, CALLED: CALLED, ABSENT: CALLED},
    "absent": {CALLED: ABSENT},
    "serve": {CALLED: SERVED},
}
"""act → state before → state after; calling again is calling."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number that was drawn today."""

    id: str
    number: int
    state: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """What a number becomes; ``state`` is empty where the act is refused."""

    state: str
    because: tuple[Reason, ...]


def step(*, state: str, act: str) -> Stepped:
    """Decide what an act (call, absent, serve) makes of a number."""
    after = _STEPS.get(act, {}).get(state, "")
    if after:
        return Stepped(after, (Reason("counter.step", f"{state} → {after}", words=(act,)),))
    return Stepped(
        "",
        (
            Reason(
                rule="counter.refused",
                zh="这个号刚被处理过，请看最新的队列",
                en="somebody has just dealt with this number; look at the queue again",
                words=(state, act),
            ),
        ),
    )


def following(*, drawn: Sequence[Waiting]) -> Waiting | None:
    """Return who is called next: the lowest number that waits; None when nobody does."""
    return min((d for d in drawn if d.state == WAITING), key=lambda d: d.number, default=None)


def label(*, prefix: str, number: int) -> str:
    """Return a number as it is printed and called: A and 7 give A007."""
    return f"{prefix}{number:03d}"

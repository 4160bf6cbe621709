"""What the look at a reply has to say: a remark with the words that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from huiyin.core.because import Reason

Level = Literal["stop", "look"]

Span = tuple[int, int]

LONGEST: Final = 80
"""Characters of a customer's question that are repeated."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at before sending.

    ``level`` "stop" wants a reason before the reply goes out all the same; "look" never blocks.
    ``spans`` are the places in the reply, none where something is missing; ``words`` what stands
    there, or the question that has no answer.
    """

    code: str
    level: Level
    spans: tuple[Span, ...]
    words: tuple[str, ...]
    because: Reason


def remark(
    *,
    code: str,
    level: Level,
    zh: str,
    en: str,
    text: str = "",
    spans: tuple[Span, ...] = (),
    words: tuple[str, ...] = (),
) -> Remark:
    """Return a remark; its words are those at ``spans`` unless ``words`` gives others."""
    said = words or tuple(dict.fromkeys(text[a:b].strip() for a, b in spans))
    return Remark(
        code=code,
        level=level,
        spans=spans,
        words=said,
        because=Reason(rule=f"reply.{code}", zh=zh, en=en, words=said),
    )

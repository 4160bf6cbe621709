"""The passage of a text in which the words of a question stand, with those words marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BEFORE: Final = 18
"""Characters shown before the first marked word."""
_MARK: Final = re.compile(r"[。！？!?；;\n，,]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a passage; ``hit`` where it is a word of the question."""

    text: str
    hit: bool = False


_FOLDED: Final = {
    c: low
    for c in (*range(0x250), *range(0xFF01, 0xFF5F))
    if len(low := chr(c - 0xFEE0 if c > 0x250 else c).lower()) == 1
}
"""Letters to what they are found by; none to more than one, so that a text keeps its length."""


def _folded(text: str) -> str:
    """Return a text of the same length in which width and case of letters do not matter."""
    return text.translate(_FOLDED)


def places(*, text: str, words: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return where the words stand in a text, joined where they touch."""
    wanted = sorted({w for w in words if w}, key=len, reverse=True)
    if not wanted:
        return ()
    pattern = re.compile("|".join(map(re.escape, wanted)))
    out: list[tuple[int, int]] = []
    for found in pattern.finditer(_folded(text)):
        if out and out[-1][1] >= found.start():
            out[-1] = (out[-1][0], found.end())
        else:
            out.append(found.span())
    return tuple(out)


def marked(*, text: str, words: Sequence[str], length: int = 120) -> tuple[Piece, ...]:
    """Return the passage of ``length`` characters with most of the words, cut into pieces.

    The pieces joined are the passage; "…" says that something was left out. Without a hit it is
    the beginning of the text.
    """
    text = re.sub(r"\s+", " ", text).strip()
    found = places(text=text, words=words)
    start = _start(text=text, found=found, length=length)
    end = min(len(text), start + length)
    out: list[Piece] = []
    if start:
        out.append(Piece("…"))
    at = start
    for a, b in found:
        if b <= start or a >= end:
            continue
        a, b = max(a, start), min(b, end)
        if a > at:
            out.append(Piece(text[at:a]))
        out.append(Piece(text[a:b], hit=True))
        at = b
    if at < end:
        out.append(Piece(text[at:end]))
    if end < len(text):
        out.append(Piece("…"))
    return tuple(out)


def _start(*, text: str, found: tuple[tuple[int, int], ...], length: int) -> int:
    """Return where to begin so that the most different words are seen."""
    if not found or len(text) <= length:
        return 0
    best, most = 0, -1
    for a, _b in found:
        begin = max(0, a - _BEFORE)
        seen = {text[c:d] for c, d in found if begin <= c and d <= begin + length}
        if len(seen) > most:
            best, most = begin, len(seen)
    cut = [m.end() for m in _MARK.finditer(text, max(0, best - 8), best + _BEFORE)]
    first = next(a for a, _b in found if a >= best)
    better = [c for c in cut if c <= first]
    best = better[0] if better else best
    return max(0, min(best, len(text) - length))

"""Breaks text as Chinese and English are set: no stop begins a line, no word is torn."""

from __future__ import annotations

import re
from collections.abc import Callable

Width = Callable[[str], float]
"""The width of a text, in the unit of the limit."""

_CLOSING = "，。、；：？！）】》」』”’…—·％%,.;:?!)]}"
_OPENING = "（【《「『“‘([{"
_PIECE = re.compile(r"[A-Za-z0-9À-ɏ@#&+=/_\\'.,:%-]+|\s|.", re.DOTALL)


def lines(*, text: str, width: Width, limit: float) -> list[str]:
    """Break ``text`` into lines no wider than ``limit``; always at least one line.

    Line breaks of the text are kept. A word that is wider than a line is broken where it must be.
    """
    out: list[str] = []
    for paragraph in text.replace("\r\n", "\n").replace("\t", "    ").split("\n"):
        out.extend(_fill(_unbroken(paragraph), width, limit))
    return out


def _unbroken(text: str) -> list[str]:
    """Return the pieces between which a line may end."""
    pieces: list[str] = []
    for piece in _PIECE.findall(text):
        glued = pieces and (
            (piece[0] in _CLOSING and not pieces[-1].isspace()) or pieces[-1][-1] in _OPENING
        )
        if glued:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _fill(pieces: list[str], width: Width, limit: float) -> list[str]:
    out: list[str] = []
    line = ""
    for piece in pieces:
        if line and width(line + piece) > limit:
            out.append(line.rstrip())
            line = ""
            if piece.isspace():
                continue
        line += piece
        while len(line) > 1 and width(line) > limit:
            cut = _most(line, width, limit)
            out.append(line[:cut])
            line = line[cut:]
    out.append(line.rstrip())
    return out


def _most(text: str, width: Width, limit: float) -> int:
    """Return how many characters fit: at least one."""
    low, high = 1, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low

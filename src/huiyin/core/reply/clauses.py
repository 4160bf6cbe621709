"""Sentences and clauses of a text, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SENTENCE: Final = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")
_CLAUSE: Final = re.compile(r"[^，,。！？!?；;：\n]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: ``text`` is exactly ``source[start:end]``."""

    text: str
    start: int
    end: int


def _pieces(pattern: re.Pattern[str], text: str, offset: int) -> tuple[Piece, ...]:
    return tuple(
        Piece(m.group(), offset + m.start(), offset + m.end()) for m in pattern.finditer(text)
    )


def sentences(*, text: str) -> tuple[Piece, ...]:
    """Return the sentences of a text with the marks that end them."""
    return _pieces(_SENTENCE, text, 0)


def clauses(*, sentence: Piece) -> tuple[Piece, ...]:
    """Return the clauses of a sentence, without the marks between them."""
    return _pieces(_CLAUSE, sentence.text, sentence.start)

"""The fixed words of a regular expression: of some of them, every text that matches holds one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as grammar  # type: ignore[attr-defined]
from typing import Any, Final

Texts = frozenset[str]

_MOST: Final = 1500
"""A part that stands for more texts than this is known by a part of it."""
_WIDEST: Final = 40
"""A range of more characters than this is any character."""
_SINGLE: Final = 20.0
"""How much oftener one character is met than two certain ones beside each other."""
_COMMON: Final = frozenset("的了没不有是我你一个到这在他就给来说要都也还好件送快上下收人电话")
_NOTHING: Final[Texts] = frozenset({""})
_REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_WIDTHLESS: Final = (op.AT, op.ASSERT, op.ASSERT_NOT)


def fixed_words(*, source: str) -> frozenset[str] | None:
    """Return words of one or two characters of which every match holds one, None for none.

    No word holds a space. Raises re.error.
    """
    return _best(_needs(grammar.parse(source)))


def alternatives(*, source: str) -> list[str]:
    """Return the choices that an expression consists of: ``a|b(c|d)`` is ``a`` and ``b(c|d)``."""
    out, depth, begin, at = [], 0, 0, 0
    while at < len(source):
        char = source[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = _class_end(source, at)
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and not depth:
            out.append(source[begin:at])
            begin = at + 1
        at += 1
    return [*out, source[begin:]]


def _class_end(source: str, at: int) -> int:
    at += 2 if source.startswith("[^", at) else 1
    first = at
    while at < len(source) and (source[at] != "]" or at == first):
        at += 2 if source[at] == "\\" else 1
    return at


def _needs(parts: Any) -> list[Texts]:
    """Return lists of words; of each, every text that matches the sequence holds one."""
    needs: list[Texts] = []
    run = _NOTHING
    for kind, detail in parts:
        if kind in _WIDTHLESS:
            needs += _needs(detail[1]) if kind is op.ASSERT else ()
            continue
        texts = _texts(kind, detail)
        if texts is not None and len(run) * len(texts) <= _MOST:
            run = _joined(run, texts)
            continue
        needs += _known_by(run)
        if texts is None:
            needs += _within(kind, detail)
        run = texts or _NOTHING
    return needs + _known_by(run)


def _within(kind: Any, detail: Any) -> list[Texts]:
    """Return the needs of a part that stands for too many texts to name them."""
    if kind is op.SUBPATTERN:
        return [] if detail[1] & re.I else _needs(detail[3])
    if kind is op.ATOMIC_GROUP:
        return _needs(detail)
    if kind in _REPEATS:
        return _needs(detail[2]) if detail[0] else []
    if kind is op.BRANCH:
        each = [_best(_needs(branch)) for branch in detail[1]]
        every = [words for words in each if words is not None]
        return [frozenset[str]().union(*every)] if len(every) == len(each) else []
    return []


def _texts(kind: Any, detail: Any) -> Texts | None:
    """Return the texts that a part stands for, None where they are too many."""
    if kind is op.LITERAL:
        return None if chr(detail) == " " else frozenset({chr(detail)})
    if kind is op.IN:
        return _members(detail)
    if kind is op.SUBPATTERN:
        return None if detail[1] & re.I else _sequence(detail[3])
    if kind is op.BRANCH:
        return _union(_sequence(branch) for branch in detail[1])
    if kind in _REPEATS and detail[1] == 1:
        texts = _sequence(detail[2])
        return texts if detail[0] or texts is None else texts | _NOTHING
    return None


def _sequence(parts: Any) -> Texts | None:
    run = _NOTHING
    for kind, detail in parts:
        if kind in _WIDTHLESS:
            continue
        texts = _texts(kind, detail)
        if texts is None or len(run) * len(texts) > _MOST:
            return None
        run = _joined(run, texts)
    return run


def _joined(run: Texts, texts: Texts) -> Texts:
    return frozenset(one + other for one in run for other in texts)


def _union(every: Iterable[Texts | None]) -> Texts | None:
    out: Texts = frozenset()
    for texts in every:
        if texts is None:
            return None
        out |= texts
    return out if len(out) <= _MOST else None


def _members(detail: Any) -> Texts | None:
    """Return the characters of a class."""
    out: set[str] = set()
    for kind, what in detail:
        if kind is op.LITERAL:
            out.add(chr(what))
        elif kind is op.RANGE and what[1] - what[0] < _WIDEST:
            out.update(map(chr, range(what[0], what[1] + 1)))
        else:
            return None
    return None if " " in out else frozenset(out)


def _known_by(texts: Texts) -> list[Texts]:
    """Return the one list of words that texts are known by, none where one of them is empty."""
    return [] if "" in texts else [frozenset(_word(text) for text in texts)]


def _word(text: str) -> str:
    """Return the two neighbouring characters of a text that are the rarest, or its only one."""
    if len(text) == 1:
        return text
    return min((text[i : i + 2] for i in range(len(text) - 1)), key=_often)


def _often(word: str) -> float:
    often = 1.0 + sum(char in _COMMON for char in word)
    return often if len(word) > 1 else often * _SINGLE


def _best(needs: list[Texts]) -> Texts | None:
    """Return the list whose words are the least likely to be met."""
    return min(needs, key=lambda words: sum(map(_often, words)), default=None)

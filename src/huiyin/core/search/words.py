"""Cutting texts and questions for the search index.

Chinese is indexed by pairs of characters, so that a word is found wherever it stands: cutting into
words would see 没收|到货 in 没收到货 and lose 收到. Numbers are indexed whole and by every four
characters in a row, so that any part of four finds them; and by what very many of them begin with,
since a question for all words that begin so would read all of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import rjieba

LONGEST: Final = 4000
"""Characters of a text that are indexed."""
MOST_WORDS: Final = 8
_ASKED: Final = 200
_GRAM: Final = 4
_START: Final = 3
"""Characters of a number's beginning by which it is found."""
_NUMBER: Final = 5
"""Characters from which on a number is also found by its parts."""
_LONGEST_NUMBER: Final = 40
_RUN: Final = re.compile(r"[0-9a-z]+|[㐀-鿿]+")
_DIGIT: Final = re.compile(r"[0-9]")
_DATED: Final = re.compile(r"^hy\d{8}$")
"""The first half of a complaint's number: the day, which thousands share."""
_DATING: Final = re.compile(r"^hy\d{1,8}$")


@dataclass(frozen=True, slots=True)
class Asked:
    """One word of a question.

    ``text`` is as it stands in texts. All of ``keys`` must be in the index; where ``start`` is
    set, a key that begins with it will do instead.
    """

    text: str
    keys: tuple[str, ...]
    start: str = ""


def plain(*, text: str) -> str:
    """Return a text in half width and lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def keys_of(*, text: str) -> tuple[str, ...]:
    """Return the keys under which a text is found, each once, in their order."""
    out: dict[str, None] = {}
    for run in _RUN.findall(plain(text=text[:LONGEST])):
        if run[0] >= "㐀":
            for at in range(len(run) - 1):
                out[run[at : at + 2]] = None
            out[run[-1]] = None
            continue
        run = run[:_LONGEST_NUMBER]
        out[run] = None
        for length in range(_START, 10 if _DATED.match(run) else _START + 1):
            if length < len(run) and _DIGIT.search(run[:length]):
                out[run[:length]] = None
        if _is_number(run):
            for at in range(len(run) - _GRAM + 1):
                out["x" + run[at : at + _GRAM]] = None
    return tuple(out)


def _is_number(run: str) -> bool:
    if len(run) < _NUMBER or _DATED.match(run):
        return False
    return run.isdecimal() or len(_DIGIT.findall(run)) >= _GRAM


def asked(*, text: str) -> tuple[Asked, ...]:
    """Return the words of a question, at most eight; quotes, stars and operators mean nothing.

    Two characters of Chinese and three of a number or Latin word are enough; a single Chinese
    character is looked for only where it is the whole question.
    """
    out: dict[str, Asked] = {}
    for run in _RUN.findall(plain(text=text[:_ASKED])):
        for word in _words(run) if run[0] >= "㐀" else (run[:_LONGEST_NUMBER],):
            if one := _asked(word):
                out.setdefault(one.text, one)
    if not out:
        single = next((r[0] for r in _RUN.findall(plain(text=text[:_ASKED])) if r[0] >= "㐀"), "")
        return (Asked(single, (single,), single),) if single else ()
    return tuple(out.values())[:MOST_WORDS]


def _words(run: str) -> tuple[str, ...]:
    """Cut a run of Chinese: a short one is one word, a long one is cut into its words."""
    if len(run) <= _GRAM:
        return (run,)
    words = tuple(w for w in rjieba.cut(run, True) if len(w) > 1)
    return words or (run,)


def _asked(word: str) -> Asked | None:
    if word[0] >= "㐀":
        pairs = tuple(dict.fromkeys(word[at : at + 2] for at in range(len(word) - 1)))
        return Asked(word, pairs) if pairs else None
    if len(word) < 2:
        return None
    if _DATING.match(word) or (len(word) == _START and _DIGIT.search(word)):
        return Asked(word, (word,))
    if len(word) >= _GRAM and _DIGIT.search(word):
        # every second part is enough, and the last
        parts = [*range(0, len(word) - _GRAM, 2), len(word) - _GRAM]
        keys = tuple(dict.fromkeys("x" + word[at : at + _GRAM] for at in parts))
        return Asked(word, keys, word)
    return Asked(word, (word,), word if len(word) >= _START else "")

"""A small pattern language for people who write rules, safe against runaway matching.

``没(有)?收到`` characters stand for themselves, ``(a|b)`` is a choice, ``?`` makes the character
or group before it optional, ``*`` lets it stand up to four times or not at all, ``~`` is up to
four characters of the same clause, ``…`` up to ten of the same sentence, ``#`` a number in digits
or Chinese, ``{name}`` a named choice of the pack, ``^`` and ``$`` the start and end of the text,
``\\`` takes the next character literally.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

_GAP = {"~": r"[^，。！？,!?;； ]{0,4}?", "…": r"[^。！？!?;；]{0,10}?"}
_NUMBER = r"[0-9一二两三四五六七八九十几半多数]+"
_REPEAT = {"?": "?", "*": "{0,4}"}
_LONGEST_GATE = 8


class CannotReadPattern(ValueError):
    """The pattern breaks the little grammar; the message says where."""


@dataclass(frozen=True)
class Pattern:
    """A pattern that was read. At least one of ``gates`` is contained in every text it matches."""

    source: str
    expression: str
    gates: frozenset[str]

    @functools.cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern as a regular expression, compiled when a gate first opens it."""
        return re.compile(self.expression)


def read_pattern(*, source: str, named: Mapping[str, str] | None = None) -> Pattern:
    """Compile one pattern. Raises CannotReadPattern."""
    reader = _Reader(source=source, named=named or {}, depth=0)
    expression, gates = reader.choice()
    if reader.at < len(source):
        raise CannotReadPattern(f"pattern {source!r}: ')' without '(' at {reader.at + 1}")
    if not gates:
        raise CannotReadPattern(f"pattern {source!r} needs at least one fixed character")
    return Pattern(source=source, expression=expression, gates=gates)


class _Reader:
    def __init__(self, *, source: str, named: Mapping[str, str], depth: int) -> None:
        if depth > 8:
            raise CannotReadPattern(f"pattern {source!r}: names refer to each other too deeply")
        self.source, self.named, self.depth, self.at = source, named, depth, 0

    def choice(self) -> tuple[str, frozenset[str]]:
        parts = [self.sequence()]
        while self.at < len(self.source) and self.source[self.at] == "|":
            self.at += 1
            parts.append(self.sequence())
        every = [gates for _, gates in parts]
        gates = frozenset().union(*every) if all(every) else frozenset()
        return "(?:" + "|".join(regex for regex, _ in parts) + ")", gates

    def sequence(self) -> tuple[str, frozenset[str]]:
        regex: list[str] = []
        found: list[frozenset[str]] = []
        run = ""
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            part, gates, plain = self.atom()
            repeat = _REPEAT.get(self.source[self.at : self.at + 1], "")
            if repeat:
                self.at += 1
                part, gates = f"(?:{part}){repeat}", frozenset()
            regex.append(part)
            if plain and not repeat:
                run += plain
                continue
            if run:
                found.append(frozenset({run[:_LONGEST_GATE]}))
                run = ""
            if gates:
                found.append(gates)
        if run:
            found.append(frozenset({run[:_LONGEST_GATE]}))
        best = max(found, key=lambda g: (min(map(len, g)), -len(g)), default=frozenset[str]())
        return "".join(regex), best

    def atom(self) -> tuple[str, frozenset[str], str]:
        char = self.source[self.at]
        self.at += 1
        if char == "(":
            regex, gates = self.choice()
            if self.at >= len(self.source):
                raise CannotReadPattern(f"pattern {self.source!r}: '(' is not closed")
            self.at += 1
            return regex, gates, ""
        if char in _GAP:
            return _GAP[char], frozenset(), ""
        if char == "#":
            return _NUMBER, frozenset(), ""
        if char in "^$":
            return ("^" if char == "^" else "$"), frozenset(), ""
        if char == "{":
            end = self.source.find("}", self.at)
            name = self.source[self.at : end]
            if end < 0 or name not in self.named:
                raise CannotReadPattern(f"pattern {self.source!r}: no such name {{{name}}}")
            self.at = end + 1
            inner = _Reader(source=self.named[name], named=self.named, depth=self.depth + 1)
            regex, gates = inner.choice()
            return regex, gates, ""
        if char in _REPEAT:
            raise CannotReadPattern(f"pattern {self.source!r}: {char!r} follows nothing")
        if char == "\\" and self.at < len(self.source):
            char = self.source[self.at]
            self.at += 1
        return re.escape(char), frozenset({char}), char

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huiyin.core.triage.encode import END, START
from huiyin.core.triage.gates import Groups

_GAP = {"~": r"[^，。！？,!?;； ]{0,4}?", "…": r"[^。！？!?;；]{0,10}?"}
_NUMBER = r"[0-9一二两三四五六七八九十几半多数]+"
_REPEAT = {"?": "?", "*": "{0,4}"}
_LONGEST_GATE = 8
_MOST_TEXTS = 400
_MOST_GROUPS = 3
# Words that many texts have, and how likely any other word of 1, 2, … characters stands in one.
_COMMON = frozenset("没不未无的了我你他是有在就都也还到一个上下来去给这要好说快送货件什么,。? !0")
_COMMON |= {"快递", "物流", "客服", "订单", "商品", "东西", "配送"}
_CHANCES = (0.08, 0.01, 0.001, 0.0002)


class CannotReadPattern(ValueError):
    """The pattern breaks the little grammar; the message says where."""


@dataclass(frozen=True)
class Pattern:
    """A pattern that was read.

    Every text that matches contains at least one word of each group in ``gates``.
    """

    source: str
    expression: str
    gates: Groups

    @functools.cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern as a regular expression, compiled when its gates first open."""
        return re.compile(self.expression)


def read_pattern(*, source: str, named: Mapping[str, str] | None = None) -> Pattern:
    """Compile one pattern. Raises CannotReadPattern."""
    reader = _Reader(source=source, named=named or {}, depth=0)
    part = reader.choice()
    if reader.at < len(source):
        raise CannotReadPattern(f"pattern {source!r}: ')' without '(' at {reader.at + 1}")
    if not part.gates:
        raise CannotReadPattern(f"pattern {source!r} needs at least one fixed character")
    return Pattern(
        source=source,
        expression=part.regex,
        gates=tuple(sorted(part.gates, key=_chance)[:_MOST_GROUPS]),
    )


def _chance(group: frozenset[str]) -> float:
    """Guess how likely a text has one of the words."""
    return sum(
        0.3 if word in _COMMON else _CHANCES[min(len(word), len(_CHANCES)) - 1] for word in group
    )


def either(*, patterns: Sequence[Pattern]) -> Pattern | None:
    """Return one pattern that is found where any of these is, None for none."""
    if not patterns:
        return None
    return Pattern(
        source="|".join(one.source for one in patterns),
        expression="|".join(one.expression for one in patterns),
        gates=(),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern: what it says, the texts it stands for if they are few, its gates."""

    regex: str
    exact: frozenset[str] | None
    gates: Groups


class _Reader:
    def __init__(self, *, source: str, named: Mapping[str, str], depth: int) -> None:
        if depth > 8:
            raise CannotReadPattern(f"pattern {source!r}: names refer to each other too deeply")
        self.source, self.named, self.depth, self.at = source, named, depth, 0

    def choice(self) -> _Part:
        parts = [self.sequence()]
        while self.at < len(self.source) and self.source[self.at] == "|":
            self.at += 1
            parts.append(self.sequence())
        regex = "(?:" + "|".join(part.regex for part in parts) + ")"
        if len(parts) == 1:
            return _Part(regex, parts[0].exact, parts[0].gates)
        texts: frozenset[str] | None = frozenset()
        for part in parts:
            if texts is not None:
                texts = texts | part.exact if part.exact is not None else None
        if texts is not None and len(texts) <= _MOST_TEXTS:
            return _Part(regex, texts, _groups_of(texts))
        every = [min(part.gates, key=_chance, default=frozenset[str]()) for part in parts]
        return _Part(regex, None, (frozenset().union(*every),) if all(every) else ())

    def sequence(self) -> _Part:
        regex: list[str] = []
        gates: list[frozenset[str]] = []
        exact: frozenset[str] | None = frozenset({""})
        run = frozenset({""})
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            part = self.atom()
            sign = self.source[self.at : self.at + 1]
            if sign in _REPEAT:
                self.at += 1
                texts = part.exact | {""} if part.exact is not None and sign == "?" else None
                part = _Part(f"(?:{part.regex}){_REPEAT[sign]}", texts, ())
            regex.append(part.regex)
            if part.exact is not None and len(run) * len(part.exact) <= _MOST_TEXTS:
                run = frozenset(a + b for a in run for b in part.exact)
                continue
            gates += _groups_of(run)
            exact = None
            if part.exact is not None:
                run = part.exact
            else:
                gates += part.gates
                run = frozenset({""})
        gates += _groups_of(run)
        return _Part("".join(regex), run if exact is not None else None, tuple(gates))

    def atom(self) -> _Part:
        char = self.source[self.at]
        self.at += 1
        if char == "(":
            part = self.choice()
            if self.at >= len(self.source):
                raise CannotReadPattern(f"pattern {self.source!r}: '(' is not closed")
            self.at += 1
            return part
        if char in _GAP:
            return _Part(_GAP[char], None, ())
        if char == "#":
            return _Part(_NUMBER, None, ())
        if char in "^$":
            return _Part(char, frozenset({START if char == "^" else END}), ())
        if char == "{":
            end = self.source.find("}", self.at)
            name = self.source[self.at : end]
            if end < 0 or name not in self.named:
                raise CannotReadPattern(f"pattern {self.source!r}: no such name {{{name}}}")
            self.at = end + 1
            inner = _Reader(source=self.named[name], named=self.named, depth=self.depth + 1)
            return inner.choice()
        if char in _REPEAT:
            raise CannotReadPattern(f"pattern {self.source!r}: {char!r} follows nothing")
        if char == "\\" and self.at < len(self.source):
            char = self.source[self.at]
            self.at += 1
        return _Part(re.escape(char), frozenset({char}), ())


def _groups_of(texts: frozenset[str]) -> Groups:
    """Return the one group that texts open by, or none where one of them is empty."""
    words = frozenset(text.strip(START + END)[:_LONGEST_GATE] for text in texts)
    return () if "" in words else (words,)

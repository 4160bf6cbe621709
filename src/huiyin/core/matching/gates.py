"""Which expressions are worth trying on a text: those of whose fixed words one stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from operator import add

from huiyin.core.matching.fixed import fixed_words


class Expression:
    """A regular expression, compiled when it is first tried.

    Every text in which it is found holds one of its fixed ``words``; None where there is no such
    list and it has to be tried on every text.
    """

    def __init__(self, *, source: str) -> None:
        """Read the expression. Raises re.error."""
        self.source = source
        self.words = fixed_words(source=source)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The expression, compiled."""
        return re.compile(self.source)


class Choice:
    """An expression that consists of alternatives, the first that fits being found."""

    __slots__ = ("alternatives", "whole")

    def __init__(self, *, sources: Iterable[str]) -> None:
        """Read the alternatives. Raises re.error."""
        every = tuple(sources)
        self.whole = Expression(source="|".join(f"(?:{source})" for source in every))
        self.alternatives = tuple(Expression(source=source) for source in every)


class Opened:
    """The alternatives that may be found in one text, or in a part of it."""

    __slots__ = ("_parts",)

    def __init__(self, *, parts: dict[Choice, list[Expression]]) -> None:
        """Hold, for each choice that may be found, the alternatives that may be."""
        self._parts = parts

    def finds(self, choice: Choice, text: str) -> bool:
        """Tell whether the choice is found in the text."""
        parts = self._parts.get(choice)
        return parts is not None and any(one.regex.search(text) for one in parts)

    def find(self, choice: Choice) -> re.Pattern[str] | None:
        """Return what finds all that the choice finds, None where it finds nothing."""
        parts = self._parts.get(choice)
        if parts is None:
            return None
        return parts[0].regex if len(parts) == 1 else choice.whole.regex

    def each(self, choice: Choice, text: str) -> Iterator[re.Match[str]]:
        """Return the places where the choice is found in the text."""
        regex = self.find(choice)
        return iter(()) if regex is None else regex.finditer(text)


class Gates:
    """Opens choices by the words of their alternatives, many choices in one look at a text."""

    __slots__ = ("_always", "_opens", "_words")

    def __init__(self, *, choices: Iterable[Choice]) -> None:
        """Prepare for the choices."""
        opens: dict[str, list[tuple[Choice, Expression]]] = {}
        self._always: list[tuple[Choice, Expression]] = []
        for choice in choices:
            for one in choice.alternatives:
                if one.words is None:
                    self._always.append((choice, one))
                for word in one.words or ():
                    opens.setdefault(word, []).append((choice, one))
        self._opens = {word: tuple(every) for word, every in opens.items()}
        self._words = frozenset(opens)

    def open(self, *, text: str) -> Opened:
        """Return what may be found in the text.

        The same may be found in what is left of it where parts were replaced by spaces.
        """
        opens = self._opens
        parts: dict[Choice, list[Expression]] = {}
        seen: set[Expression] = set()
        for choice, one in self._always:
            parts.setdefault(choice, []).append(one)
        for word in self._words.intersection(chain(text, map(add, text, text[1:]))):
            for choice, one in opens[word]:
                if one not in seen:
                    seen.add(one)
                    parts.setdefault(choice, []).append(one)
        return Opened(parts=parts)

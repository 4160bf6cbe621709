"""Which expressions are worth trying on a text: those of whose fixed words one stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
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

    def __init__(self, *, sources: Iterable[str]) -> None:
        """Read the alternatives. Raises re.error."""
        self.alternatives = tuple(Expression(source=source) for source in sources)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """All alternatives as one expression, compiled."""
        return re.compile("|".join(f"(?:{one.source})" for one in self.alternatives))


class Opened(dict[Choice, dict[Expression, None]]):
    """The choices that may be found in one text or in a part of it, with the alternatives."""

    __slots__ = ()

    def finds(self, choice: Choice, text: str) -> bool:
        """Tell whether the choice is found in the text."""
        if choice in self:
            for one in self[choice]:
                if one.regex.search(text):
                    return True
        return False

    def find(self, choice: Choice) -> re.Pattern[str] | None:
        """Return what finds all that the choice finds, None where it finds nothing."""
        if choice not in self:
            return None
        parts = self[choice]
        return next(iter(parts)).regex if len(parts) == 1 else choice.regex

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
        opens, words = self._opens, self._words
        opened = Opened()
        for choice, one in self._always:
            opened.setdefault(choice, {})[one] = None
        for found in (words.intersection(text), words.intersection(map(add, text, text[1:]))):
            for word in found:
                for choice, one in opens[word]:
                    if choice in opened:
                        opened[choice][one] = None
                    else:
                        opened[choice] = {one: None}
        return opened

"""One pass over a text for all the names that are known as whole words."""

from __future__ import annotations

from functools import cache
from operator import add
from typing import Final

from huiyin.core.extract.divisions import Division, Named, divisions
from huiyin.core.extract.shipped import shipped_words

Entry = tuple[str, Named | Division | None]
"""A word, and the place it names; None for goods."""


@cache
def _heads() -> dict[str, tuple[Entry, ...]]:
    """Return the words by their first two characters, the longest first."""
    heads: dict[str, list[Entry]] = {}
    known = divisions()
    for name, named in known.by_name.items():
        heads.setdefault(name[:2], []).append((name, named))
    for name, town in known.towns().items():
        heads.setdefault(name[:2], []).append((name, town))
    for word in shipped_words().goods:
        heads.setdefault(word[:2], []).append((word, None))
    return {
        head: tuple(sorted(entries, key=_length, reverse=True)) for head, entries in heads.items()
    }


_LENGTH: Final = len


def _length(entry: Entry) -> int:
    return len(entry[0])


def words_in(*, plain: str) -> list[tuple[int, str, Named | Division | None]]:
    """Return (start, word, place) of the known words in ``plain``; overlapping ones included."""
    heads = _heads()
    found = []
    for start, head in enumerate(map(add, plain, plain[1:])):
        if head in heads:
            for word, place in heads[head]:
                if plain.startswith(word, start):
                    found.append((start, word, place))
                    break
    return found

"""Windows of a table that only grows, so that PostgreSQL reads its newest matches alone.

A GIN index gives matches in no order: of a common word it would have to be asked for all of them.
So each row carries, beside its words, the names of the blocks that its number lies in; a word and
the names of the newest blocks together are few matches. SQLite reads its index from the newest
on by itself.
"""

from __future__ import annotations

from typing import Final

_LEVELS: Final = (14, 16, 18, 20)
"""Blocks of 16,384 numbers, and of four times as many each; narrower ones cost more than they
save, for every name that is asked for is one more list to be merged."""


def blocks_sql(*, number: str) -> str:
    """Return SQL of the names of the blocks in which a number lies; no word is taken for one."""
    return "ARRAY[" + ", ".join(f"'~{n}.' || ({number} >> {n})" for n in _LEVELS) + "]"


def _name(level: int, place: int) -> str:
    return f"~{level}.{place}"


def windows(*, newest: int) -> list[tuple[int, tuple[str, ...]]]:
    """Return windows, the newest first and each about twice as wide as the last.

    Each is the number at which it begins and the names of its blocks; the last may not reach to
    the oldest number.
    """
    end = ((newest >> _LEVELS[0]) + 1) << _LEVELS[0]
    out: list[tuple[int, tuple[str, ...]]] = []
    # the first is never narrower than a whole block, however few rows the newest one has
    for width in range(_LEVELS[0] + 1, _LEVELS[-1] + 2):
        level = max(n for n in _LEVELS if n < width)
        start = max(0, (end - (1 << width)) >> level << level)
        out.append((start, _tiles(start=start, end=end)))
        end = start
        if not end:
            break
    return out


def newest_blocks(*, newest: int, many: int) -> tuple[str, ...]:
    """Name the blocks that hold at least the ``many`` newest numbers, and some still to come."""
    level = next((n for n in _LEVELS[:-1] if many < 4 << n), _LEVELS[-1])
    unit = _LEVELS[0]
    end = ((newest >> unit) + 2) << unit
    return _tiles(start=max(0, newest - many) >> level << level, end=end)


def _tiles(*, start: int, end: int) -> tuple[str, ...]:
    """Name the fewest blocks that hold the numbers from ``start`` to before ``end``."""
    names = []
    while end > start:
        level = max(n for n in _LEVELS if not end % (1 << n) and end - (1 << n) >= start)
        end -= 1 << level
        names.append(_name(level, end >> level))
    return tuple(names)


def named(*, names: tuple[str, ...]) -> str:
    """Return the question for what lies in any of the blocks, in PostgreSQL's language."""
    return " | ".join(f"'{name}'" for name in names)

"""Which characters of a text already belong to an entity."""

from __future__ import annotations

from huiyin.core.because import Reason
from huiyin.core.extract.entity import Candidate, Entity, EntityType


class Spans:
    """The entities found so far in one text; the first to claim a character keeps it."""

    __slots__ = ("found", "source", "taken")

    def __init__(self, *, source: str) -> None:
        self.source = source
        self.taken = bytearray(len(source))
        self.found: list[Entity] = []

    def free(self, start: int, end: int) -> bool:
        """Tell whether no entity holds a character of [start, end)."""
        return self.taken.find(1, start, end) < 0

    def hide(self, start: int, end: int) -> None:
        """Keep [start, end) from becoming an entity."""
        self.taken[start:end] = b"\x01" * (end - start)

    def add(
        self,
        kind: EntityType,
        start: int,
        end: int,
        value: str | int,
        because: tuple[Reason, ...],
        candidates: tuple[Candidate, ...] = (),
    ) -> bool:
        """Record an entity; return False, recording nothing, where a character is taken."""
        if end <= start or self.taken.find(1, start, end) >= 0:
            return False
        self.taken[start:end] = b"\x01" * (end - start)
        self.found.append(
            Entity(kind, self.source[start:end], start, end, value, candidates, because)
        )
        return True

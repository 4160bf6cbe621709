"""Which ruling a complaint's costs follow when complaints are merged and parted again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ruling:
    """A final ruling: the complaint it was made about, when, and its shares in basis points."""

    complaint: UUID
    at: datetime
    shares: Mapping[str, int]


def root(*, complaint: UUID, merged_into: Mapping[UUID, UUID | None]) -> UUID:
    """Return the complaint that one was merged into in the end; itself when it was not."""
    seen = {complaint}
    while (above := merged_into.get(complaint)) is not None and above not in seen:
        complaint = above
        seen.add(above)
    return complaint


def ruling_of(
    *, complaint: UUID, merged_into: Mapping[UUID, UUID | None], rulings: Iterable[Ruling]
) -> Ruling | None:
    """Return the ruling that holds for a complaint: the latest about the same matter.

    One matter is everything that was merged, directly or not, into the same complaint.
    """
    whole = root(complaint=complaint, merged_into=merged_into)
    about = [
        r for r in rulings if root(complaint=r.complaint, merged_into=merged_into) == whole
    ]  # fmt: skip
    return max(about, key=lambda r: r.at, default=None)

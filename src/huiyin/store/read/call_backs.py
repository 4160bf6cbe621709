"""Call-backs that are owed to customers, as rooms and the list of calls see them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from huiyin.store import models


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call-back as the room that records it needs it."""

    id: UUID
    complaint_id: UUID
    occasion: str
    name: dict[str, str]
    state: str
    attempts: int


def one(*, call_back_id: UUID) -> Waiting | None:
    """Return a call-back, None when there is none."""
    row = models.CallBack.objects.filter(id=call_back_id).first()
    if row is None:
        return None
    return Waiting(
        id=row.id,
        complaint_id=row.complaint_id,
        occasion=row.occasion,
        name=row.name,
        state=row.state,
        attempts=row.attempts,
    )


def waiting(*, complaint_id: UUID) -> list[UUID]:
    """Return the call-backs of a complaint that are still owed."""
    return list(
        models.CallBack.objects.filter(complaint_id=complaint_id, state="due")
        .order_by("id")
        .values_list("id", flat=True)
    )

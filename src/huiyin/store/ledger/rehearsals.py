"""Writing of rehearsals: past complaints led through a draft, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from huiyin.store import models
from huiyin.store.ids import new_id

PREFIX = "rehearsal:"
LEASE = timedelta(minutes=1)
"""How long a rehearsal is its worker's without a word of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A rehearsal that a worker took: of which draft, how many complaints, and its token."""

    draft_id: UUID
    limit: int
    token: str


def ask(*, draft_id: UUID, revision: int, limit: int, now: datetime) -> None:
    """Ask for a rehearsal; one of the same draft that is under way is given up for it."""
    state = {
        "phase": "asked", "token": new_id(now=now).hex, "limit": limit, "revision": revision,
        "asked_at": now.isoformat(), "done": 0, "total": 0,
    }  # fmt: skip
    models.Job.objects.update_or_create(
        name=PREFIX + draft_id.hex, defaults={"next_at": now, "lease_until": None, "state": state}
    )


def claim(*, now: datetime) -> Asked | None:
    """Take the next rehearsal that nobody works on, also one whose worker was killed."""
    free = models.Job.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        name__startswith=PREFIX, state__phase__in=("asked", "running"), next_at__lte=now,
    )  # fmt: skip
    for row in free.order_by("next_at")[:5]:
        if free.filter(name=row.name).update(lease_until=now + LEASE):
            return Asked(
                UUID(row.name.removeprefix(PREFIX)), int(row.state["limit"]), row.state["token"]
            )
    return None


def note(*, asked: Asked, now: datetime, last: bool = False, **what: Any) -> bool:
    """Note how far a rehearsal is, or with ``last`` what came of it; False once it was given up."""
    mine = models.Job.objects.filter(
        name=PREFIX + asked.draft_id.hex, state__token=asked.token
    ).first()
    if mine is None:
        return False
    state: Mapping[str, Any] = {**mine.state, "phase": "running", **what}
    return bool(
        models.Job.objects.filter(name=mine.name, state__token=asked.token).update(
            state=dict(state), lease_until=None if last else now + LEASE
        )
    )

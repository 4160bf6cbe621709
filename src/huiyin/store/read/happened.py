"""The events of complaints as their procedure reads them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from huiyin.core.playbook.steps import BY_HAND, Happened
from huiyin.core.playbook.taken_back import READ
from huiyin.store import models

_READ = BY_HAND | READ


def happened(
    *, complaint_ids: Collection[UUID], kinds: Iterable[str]
) -> dict[UUID, list[Happened]]:
    """Return the written events of some kinds by complaint, oldest first; one query."""
    out: dict[UUID, list[Happened]] = {id: [] for id in complaint_ids}
    rows = models.Event.objects.filter(complaint_id__in=list(complaint_ids), kind__in=list(kinds))
    for id, seq, kind, at, actor, data in rows.order_by("complaint_id", "seq").values_list(
        "complaint_id", "seq", "kind", "at", "actor", "data"
    ):
        out[id].append(one(seq, kind, at, actor, data))
    return out


def one(seq: int, kind: str, at: datetime, actor: str, data: str) -> Happened:
    """Make an event of its columns; data are read of the procedure's own events and proposals."""
    read = json.loads(data) if kind in _READ else {}
    return Happened(seq=seq, kind=kind, at=at, actor=actor, data=read)


def of_rows(*, events: Sequence[models.Event]) -> list[Happened]:
    """Return events that a page has read already."""
    return [one(e.seq, e.kind, e.at, e.actor, e.data) for e in events]

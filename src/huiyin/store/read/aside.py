"""Contacts that were taken for no complaint, as they came, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.because import Reason
from huiyin.store import models
from huiyin.store.read import labels
from huiyin.store.read.viewer import Viewer, visible


@dataclass(frozen=True, slots=True)
class Aside:
    """One contact as it came: nothing of it is read or masked yet."""

    id: UUID
    channel: str
    kind: str
    external_id: str
    raw: bytes
    headers: Mapping[str, Any]
    received_at: datetime
    why: tuple[str, ...]
    complaint: str
    number: str
    """The complaint that it may be about; empty without one that the viewer may see."""


def aside(*, viewer: Viewer, before: UUID | None, limit: int) -> list[Aside]:
    """Return contacts set aside, newest first, those before ``before`` where one is named."""
    found = models.InboxItem.objects.filter(state="set_aside").order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    rows = list(found[:limit])
    about = {r.complaint_id for r in rows if r.complaint_id}
    numbers: dict[UUID | None, str] = dict(
        models.Complaint.objects.filter(visible(viewer=viewer), id__in=about).values_list(
            "id", "number"
        )
    )
    return [
        Aside(
            id=r.id,
            channel=r.channel,
            kind=r.kind,
            external_id=r.external_id,
            raw=bytes(r.raw),
            headers=r.headers,
            received_at=r.received_at,
            why=tuple(labels.said(Reason.from_json(data=w)) for w in r.reason[:3]),
            complaint=r.complaint_id.hex if r.complaint_id and r.complaint_id in numbers else "",
            number=numbers.get(r.complaint_id, ""),
        )
        for r in rows
    ]

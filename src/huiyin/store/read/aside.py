"""Contacts that were taken for no complaint, as they came, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from huiyin.core.because import Reason
from huiyin.store import models
from huiyin.store.ledger.inbox import RawContact
from huiyin.store.read import labels, office
from huiyin.store.read.viewer import Viewer, visible


@dataclass(frozen=True, slots=True)
class Aside:
    """One contact as it came: nothing of it is read or masked yet."""

    raw: RawContact
    why: tuple[str, ...]
    complaint: str
    number: str
    """The complaint that it may be about; empty without one that the viewer may see."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which of the contacts set aside are asked for: of a channel, of the days from, to."""

    channel: str = ""
    since: date | None = None
    until: date | None = None


def aside(*, viewer: Viewer, sought: Sought, before: UUID | None, limit: int) -> list[Aside]:
    """Return contacts set aside, newest first, those before ``before`` where one is named."""
    found = models.InboxItem.objects.filter(state="set_aside").order_by("-received_at", "-id")
    zone = ZoneInfo(office.current_playbook().timezone)
    if sought.channel:
        found = found.filter(channel=sought.channel)
    if sought.since:
        found = found.filter(received_at__gte=datetime.combine(sought.since, time(), tzinfo=zone))
    if sought.until:
        end = datetime.combine(sought.until + timedelta(days=1), time(), tzinfo=zone)
        found = found.filter(received_at__lt=end)
    if before is not None:
        last = models.InboxItem.objects.filter(id=before).values_list("received_at", flat=True)
        for at in last:
            found = found.filter(Q(received_at__lt=at) | Q(received_at=at, id__lt=before))
    rows = list(found[:limit])
    about = {r.complaint_id for r in rows if r.complaint_id}
    numbers: dict[UUID | None, str] = dict(
        models.Complaint.objects.filter(visible(viewer=viewer), id__in=about).values_list(
            "id", "number"
        )
    )
    return [
        Aside(
            raw=RawContact(
                id=r.id,
                channel=r.channel,
                kind=r.kind,
                external_id=r.external_id,
                raw=bytes(r.raw),
                received_at=r.received_at,
                attempts=r.attempts,
                headers=r.headers,
            ),
            why=tuple(labels.said(Reason.from_json(data=w)) for w in r.reason[:3]),
            complaint=r.complaint_id.hex if r.complaint_id and r.complaint_id in numbers else "",
            number=numbers.get(r.complaint_id, ""),
        )
        for r in rows
    ]

"""Writing of incidents, their lists of waybills, and who is taken off them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from huiyin.core.incident import Listed
from huiyin.store import bulk, models
from huiyin.store.ids import new_id
from huiyin.store.ledger.tally import hold, write_tallies

_ZONE = ZoneInfo("Asia/Shanghai")


def create(
    *, now: datetime, user_id: int, fields: Mapping[str, Any], parcels: Sequence[Listed]
) -> UUID:
    """Keep an incident as a draft with its list; nothing is linked yet. Returns its id."""
    incident_id = new_id(now=now)
    day = now.astimezone(_ZONE).strftime("%Y%m%d")
    name = f"incident:{day}"
    with transaction.atomic():
        number = hold(name=name) + 1
        write_tallies(deltas={name: 1})
        models.Incident.objects.create(
            id=incident_id,
            number=f"SJ{day}-{number:02d}",
            state="draft",
            made_by_id=user_id,
            made_at=now,
            **fields,
        )
        _list(incident_id=incident_id, parcels=parcels)
    return incident_id


def change(*, id: UUID, fields: Mapping[str, Any], parcels: Sequence[Listed] | None) -> None:
    """Change the rule of an incident that has not ended; all complaints are looked at again.

    ``parcels`` replaces the list, None leaves it as it is.
    """
    with transaction.atomic():
        found = models.Incident.objects.filter(id=id, state__in=["draft", "open"])
        if not found.update(**fields, looked_to=None):
            return
        if parcels is not None:
            models.IncidentWaybill.objects.filter(incident_id=id).delete()
            _list(incident_id=id, parcels=parcels)


def _list(*, incident_id: UUID, parcels: Sequence[Listed]) -> None:
    bulk.insert(
        model=models.IncidentWaybill,
        rows=[
            {"incident_id": incident_id, "waybill": p.waybill, "facts": dict(p.facts)}
            for p in parcels
        ],
    )
    models.Incident.objects.filter(id=incident_id).update(listed=len(parcels))


def start(*, id: UUID, now: datetime) -> bool:
    """Let complaints be linked from now on; False when it is open or ended already."""
    drafts = models.Incident.objects.filter(id=id, state="draft")
    return bool(drafts.update(state="open", opened_at=now, looked_to=None))


def end(*, id: UUID, now: datetime) -> bool:
    """Let no more complaints be linked; what is linked stays. False when it is not open."""
    return bool(
        models.Incident.objects.filter(id=id, state="open").update(state="ended", ended_at=now)
    )


def look_again(*, id: UUID) -> None:
    """Let every complaint of the incident's time be looked at again."""
    models.Incident.objects.filter(id=id, state="open").update(looked_to=None)


def looked(*, id: UUID, to: datetime) -> None:
    """Note up to which moment complaints were looked at."""
    models.Incident.objects.filter(id=id, state="open").update(looked_to=to)

"""Tracks as they are read: by rooms whole, by pages for whoever may see the complaint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huiyin.core import masking
from huiyin.core.parcel.findings import Finding, findings
from huiyin.core.parcel.track import SIGNERS, STATES, Scan, Track
from huiyin.store import models
from huiyin.store.read import labels
from huiyin.store.read.viewer import Viewer, visible


@dataclass(frozen=True, slots=True)
class Kept:
    """A track with what was remembered of asking."""

    track: Track
    told_at: datetime | None
    told_by: str
    asked_at: datetime | None
    subscribed: bool
    cared_for: str
    error: str


@dataclass(frozen=True, slots=True)
class Station:
    """One scan on the page."""

    at: datetime
    text: str
    place: str
    state: str
    label: str


@dataclass(frozen=True, slots=True)
class TrackCard:
    """The track beside a complaint, the newest scan first."""

    waybill: str
    state: str
    state_label: str
    signed_label: str
    promised_at: datetime | None
    told_at: datetime | None
    told_by: str
    asked_at: datetime | None
    error: str
    stations: tuple[Station, ...]
    findings: tuple[Finding, ...]


def _kept(row: models.ParcelTrack) -> Kept:
    return Kept(
        track=Track(
            waybill=row.waybill,
            carrier=row.carrier,
            phone=row.phone,
            name=row.name,
            state=row.state,
            signed_by=row.signed_by,
            promised_at=row.promised_at,
            scans=tuple(Scan.from_json(data=s) for s in row.scans),
            facts=row.facts,
        ),
        told_at=row.told_at,
        told_by=row.told_by,
        asked_at=row.asked_at,
        subscribed=row.subscribed,
        cared_for=row.cared_for,
        error=row.error,
    )


def several(*, waybills: Iterable[str]) -> list[Kept]:
    """Return what is known of parcels; those never heard of are left out."""
    rows = models.ParcelTrack.objects.filter(waybill__in=list(waybills)).order_by("waybill")
    return [_kept(row) for row in rows]


def complaints_of(*, waybills: Iterable[str]) -> dict[str, list[UUID]]:
    """Return the live complaints of parcels by waybill."""
    found: dict[str, list[UUID]] = {}
    rows = models.Complaint.objects.filter(waybill__in=list(waybills), live=True).values_list(
        "waybill", "id"
    )
    for waybill, id in rows:
        found.setdefault(waybill, []).append(id)
    return found


def cared_today(*, since: datetime) -> int:
    """Return how many cases of care were opened since a moment."""
    return models.InboxItem.objects.filter(
        channel="care", received_at__gte=since, external_id__startswith="care:"
    ).count()


def card(*, viewer: Viewer, complaint_id: UUID, now: datetime) -> TrackCard | None:
    """Return the track of a complaint's parcel; None where there is none or nothing to see."""
    found = (
        models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
        .values_list("waybill", "category")
        .first()
    )
    if not found or not found[0]:
        return None
    row = models.ParcelTrack.objects.filter(waybill=found[0]).first()
    if row is None:
        return None
    kept = _kept(row)
    track = kept.track
    return TrackCard(
        waybill=track.waybill,
        state=track.state,
        state_label=labels.pick(STATES, track.state),
        signed_label=labels.pick(SIGNERS, track.signed_by) if track.signed_by else "",
        promised_at=track.promised_at,
        told_at=kept.told_at,
        told_by=kept.told_by,
        asked_at=kept.asked_at,
        error=kept.error,
        stations=tuple(
            Station(
                at=s.at,
                text=masking.mask_text(text=s.text),
                place=s.place,
                state=s.state,
                label=labels.pick(STATES, s.state) if s.state else "",
            )
            for s in reversed(track.scans)
        ),
        findings=findings(track=track, category=found[1], now=now),
    )

"""Calls as rooms and pages see them: whose telephone is whose, what rings for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from huiyin.core.access import Actor
from huiyin.store import models
from huiyin.store.read import labels, lookup
from huiyin.store.read.pages import RelatedRow
from huiyin.store.read.viewer import Viewer, on_visible, viewer_of

FRESH = timedelta(minutes=30)
"""So long a call that ended still waits on its card to be written down."""
STALE = timedelta(hours=4)
"""A call of which nothing was heard for so long is over: its end was lost."""
OPEN = ("ringing", "talking")
_MOST = 40


def extensions() -> Mapping[str, int]:
    """Return whose telephone each extension is."""
    rows = models.User.objects.filter(is_active=True).exclude(extension="")
    return dict(rows.values_list("extension", "id"))


def actor_of(*, person: int) -> Actor:
    """Return somebody who had a call, as rights see him."""
    return viewer_of(user=models.User.objects.get(id=person)).actor


def holder_of(*, extension: str, but: int | None) -> str:
    """Return the name of another person who has this telephone; empty where nobody has it."""
    if not extension:
        return ""
    rows = models.User.objects.filter(extension=extension, is_active=True).exclude(id=but or 0)
    return rows.values_list("name", flat=True).first() or ""


def open_calls(*, account_id: int) -> dict[str, str]:
    """Return the calls of a telephone system that are not over: its id of each → its state."""
    rows = models.PhoneCall.objects.filter(account_id=account_id, state__in=OPEN)
    return dict(rows.values_list("external_id", "state"))


def open_complaint(*, number: str) -> UUID | None:
    """Return the open complaint that a number belongs to: the one last heard of."""
    if not number:
        return None
    return (
        models.Complaint.objects.filter(customer__phone=number, live=True)
        .order_by("-last_contact_at")
        .values_list("id", flat=True)
        .first()
    )


@dataclass(frozen=True, slots=True)
class CallCard:
    """A call on the screen of who has it."""

    id: str
    stamp: str
    state: str
    state_label: str
    direction: str
    number: str
    queue: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    customers: tuple[tuple[str, str, int], ...]
    complaints: tuple[RelatedRow, ...]
    waybills: tuple[str, ...]
    missed: int
    """How many of his calls nobody took before."""
    by_hand: bool
    """No telephone system tells when it ends."""


STATE_NAMES: Mapping[str, tuple[str, str]] = {
    "ringing": ("来电", "Ringing"),
    "talking": ("通话中", "Talking"),
    "ended": ("已挂断", "Ended"),
    "missed": ("没人接", "Missed"),
    "unreached": ("没打通", "Not reached"),
}


def _mine(*, viewer: Viewer, now: datetime) -> models.PhoneCall | None:
    """Return the call that concerns the viewer now: one in hand before one that rings."""
    rows = list(
        models.PhoneCall.objects.filter(
            Q(state__in=OPEN, changed_at__gte=now - STALE)
            | Q(person_id=viewer.id, changed_at__gte=now - FRESH),
            noted_at=None,
        ).order_by("-id")[:_MOST]
    )
    own = [r for r in rows if r.person_id == viewer.id and r.state != "unreached"]
    talking = [r for r in own if r.state in OPEN]
    ringing = [r for r in rows if r.state == "ringing" and viewer.id in r.rang]
    return next(iter([*talking, *ringing, *own]), None)


def stamp(*, viewer: Viewer, now: datetime) -> str:
    """Return what changes when the viewer's call does; empty when he has none."""
    row = _mine(viewer=viewer, now=now)
    return _stamp(row) if row else ""


def _stamp(row: models.PhoneCall) -> str:
    return f"{row.id.hex[-12:]}-{row.changed_at.timestamp():.6f}"


def card(*, viewer: Viewer, now: datetime) -> CallCard | None:
    """Return the viewer's call with what is known of who calls; None when he has none."""
    row = _mine(viewer=viewer, now=now)
    return _card(row=row, viewer=viewer) if row else None


def _card(*, row: models.PhoneCall, viewer: Viewer) -> CallCard:
    found = lookup.lookup(viewer=viewer, phone=row.number, waybill="", name="")
    waybills = (
        models.Complaint.objects.filter(
            on_visible(viewer=viewer, column="id"), customer__phone=row.number
        )
        .exclude(waybill="")
        .order_by("-opened_at")
        .values_list("waybill", flat=True)[:8]
        if row.number
        else []
    )
    missed = (
        models.MissedCall.objects.filter(number=row.number, state="due")
        .values_list("count", flat=True)
        .first()
        if row.number
        else None
    )
    return CallCard(
        id=row.id.hex,
        stamp=_stamp(row),
        state=row.state,
        state_label=labels.pick(STATE_NAMES, row.state)
        if row.direction == "in" or row.state != "ringing"
        else _("呼出"),
        direction=row.direction,
        number=row.number,
        queue=row.queue,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        customers=found.customers,
        complaints=found.complaints,
        waybills=tuple(dict.fromkeys(waybills)),
        missed=missed or 0,
        by_hand=row.account_id is None,
    )


def in_hand(*, call_id: UUID, viewer: Viewer) -> CallCard | None:
    """Return a call that the viewer has or that rings for him, by its id."""
    row = models.PhoneCall.objects.filter(id=call_id).first()
    if row is None or (row.person_id != viewer.id and viewer.id not in row.rang):
        return None
    return _card(row=row, viewer=viewer)

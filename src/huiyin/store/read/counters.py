"""Counters as they are read: by a device with the secret, by people at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from huiyin.core.counter import CALLED, WAITING, Waiting, label
from huiyin.store import models
from huiyin.store.ledger.counters import hash_of
from huiyin.store.read import cases, labels, office
from huiyin.store.read.viewer import Viewer, visible
from huiyin.store.sealed import CannotUnseal, unseal


@dataclass(frozen=True, slots=True)
class CounterView:
    """One counter."""

    id: int
    name: str
    prefix: str
    party: str
    party_name: str
    enabled: bool
    idle_seconds: int


@dataclass(frozen=True, slots=True)
class TicketView:
    """One number. It says nothing of who drew it."""

    id: str
    label: str
    state: str
    state_label: str
    branch: str
    calls: int
    mine: bool
    taken_at: datetime
    called_at: datetime | None
    complaint_id: str
    complaint: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a customer takes home."""

    label: str
    before: int
    """How many are called before him."""
    taken_at: datetime
    complaint_id: UUID | None
    complaint: str
    own: bool
    """The complaint began with this contact; the link of an older one is not given away."""
    signature: str


@dataclass(frozen=True, slots=True)
class Screen:
    """What hangs over the counter: numbers alone."""

    rang: int
    """How often somebody was called today: a sound is heard when it grows."""
    called: tuple[str, ...]
    waiting: tuple[str, ...]


def _view(row: models.Counter) -> CounterView:
    return CounterView(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        party=row.party_id or "",
        party_name=row.party.name if row.party else "",
        enabled=row.enabled,
        idle_seconds=row.idle_seconds,
    )


def by_token(*, token: str) -> CounterView | None:
    """Return the counter of a device's secret; None for a wrong or a withdrawn one."""
    rows = models.Counter.objects.select_related("party")
    row = rows.filter(token_hash=hash_of(token=token), enabled=True).first()
    return _view(row) if row else None


def everything() -> tuple[CounterView, ...]:
    """Return all counters."""
    return tuple(_view(r) for r in models.Counter.objects.select_related("party").order_by("id"))


def one(*, id: int) -> CounterView | None:
    """Return a counter."""
    row = models.Counter.objects.select_related("party").filter(id=id).first()
    return _view(row) if row else None


def token_of(*, id: int) -> str:
    """Return a counter's secret; empty where it was sealed with another key."""
    sealed = models.Counter.objects.filter(id=id).values_list("token_sealed", flat=True).first()
    try:
        return str(unseal(text=sealed or "") or "")
    except CannotUnseal:
        return ""


def drawn(*, counter_id: int, day: date) -> tuple[Waiting, ...]:
    """Return the day's numbers as the next one is chosen from them."""
    rows = models.Ticket.objects.filter(counter_id=counter_id, day=day)
    return tuple(
        Waiting(id=id.hex, number=number, state=state)
        for id, number, state in rows.values_list("id", "number", "state").order_by("number")
    )


def state_of(*, ticket_id: UUID, counter_id: int, day: date) -> str:
    """Return a number's state; empty where there is none of the day."""
    rows = models.Ticket.objects.filter(id=ticket_id, counter_id=counter_id, day=day)
    return rows.values_list("state", flat=True).first() or ""


def called_by(*, counter_id: int, day: date, person: int) -> tuple[UUID, ...]:
    """Return the numbers that somebody called and has not finished."""
    rows = models.Ticket.objects.filter(
        counter_id=counter_id, day=day, state=CALLED, called_by_id=person
    )
    return tuple(rows.values_list("id", flat=True))


def queue(*, counter: CounterView, day: date, viewer: Viewer) -> tuple[TicketView, ...]:
    """Return the day's numbers for the people at the desk, in their order; three queries.

    A complaint that the viewer may not see is left out of its number.
    """
    playbook = office.current_playbook()
    names: dict[str, str] = {b.code: labels.said(b.name) for b in playbook.branches}
    rows = list(models.Ticket.objects.filter(counter_id=counter.id, day=day).order_by("number"))
    contacts = models.InboxItem.objects.filter(id__in=[r.inbox_id for r in rows])
    gone_to = {
        contact: complaint
        for contact, complaint in contacts.values_list("id", "complaint_id")
        if complaint is not None
    }
    seen = models.Complaint.objects.filter(visible(viewer=viewer), id__in=gone_to.values())
    numbers = dict(seen.values_list("id", "number"))
    out = []
    for row in rows:
        complaint = gone_to.get(row.inbox_id)
        number = numbers.get(complaint, "") if complaint else ""
        out.append(
            TicketView(
                id=row.id.hex,
                label=label(prefix=counter.prefix, number=row.number),
                state=row.state,
                state_label=labels.pick(labels.TICKET_STATES, row.state),
                branch=names.get(row.branch, row.branch),
                calls=row.calls,
                mine=row.called_by_id == viewer.id,
                taken_at=row.taken_at,
                called_at=row.called_at,
                complaint_id=complaint.hex if complaint and number else "",
                complaint=number,
            )
        )
    return tuple(out)


def waiting(*, day: date) -> dict[int, int]:
    """Return how many wait at each counter."""
    out: dict[int, int] = {}
    rows = models.Ticket.objects.filter(day=day, state=WAITING)
    for id in rows.values_list("counter_id", flat=True):
        out[id] = out.get(id, 0) + 1
    return out


def given_since(*, counter_id: int, day: date, since: datetime, but: str) -> int:
    """Return how many numbers a counter gave since a moment; 0 where the form has its number."""
    rows = models.Ticket.objects.filter(counter_id=counter_id, day=day)
    if rows.filter(once=but).exists():
        return 0
    return rows.filter(taken_at__gt=since).count()


def screen(*, counter: CounterView, day: date) -> Screen:
    """Return what the calling screen shows, who was called last first."""
    rows = models.Ticket.objects.filter(counter_id=counter.id, day=day)
    called = rows.filter(state=CALLED).order_by("-called_at").values_list("number", flat=True)
    waits = rows.filter(state=WAITING).order_by("number").values_list("number", flat=True)
    return Screen(
        rang=sum(rows.exclude(calls=0).values_list("calls", flat=True)),
        called=tuple(label(prefix=counter.prefix, number=n) for n in called[:6]),
        waiting=tuple(label(prefix=counter.prefix, number=n) for n in waits[:12]),
    )


def receipt(*, counter: CounterView, ticket_id: UUID) -> Receipt | None:
    """Return what is printed for a number; None where this counter never gave it."""
    row = models.Ticket.objects.filter(id=ticket_id, counter_id=counter.id).first()
    if row is None:
        return None
    gone_to = models.InboxItem.objects.filter(id=row.inbox_id)
    complaint = gone_to.values_list("complaint_id", flat=True).first()
    own = complaint is not None and cases.opened_by(complaint_id=complaint) == row.inbox_id
    before = models.Ticket.objects.filter(
        counter_id=counter.id, day=row.day, state=WAITING, number__lt=row.number
    ).count()
    return Receipt(
        label=label(prefix=counter.prefix, number=row.number),
        before=before,
        taken_at=row.taken_at,
        complaint_id=complaint,
        complaint=cases.number_of(complaint_id=complaint) if complaint else "",
        own=own,
        signature=row.signature,
    )

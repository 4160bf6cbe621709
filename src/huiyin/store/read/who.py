"""What rooms need to know of customers: their identities, complaints and moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from huiyin.core.customer import Move
from huiyin.store import models


@dataclass(frozen=True, slots=True)
class Known:
    """An identity: its row, kind, value, the customer whose it is, and whether that is proven."""

    id: int
    kind: str
    value: str
    customer_id: UUID
    proven: bool


def exists(*, customer_id: UUID) -> bool:
    """Tell whether there is such a customer."""
    return models.Customer.objects.filter(id=customer_id).exists()


def identities(*, customer_id: UUID) -> list[Known]:
    """Return the identities of a customer."""
    return _known(models.Identity.objects.filter(customer_id=customer_id).order_by("id"))


def identities_by(*, ids: Iterable[int]) -> list[Known]:
    """Return identities by their rows' ids."""
    return _known(models.Identity.objects.filter(id__in=list(ids)).order_by("id"))


def _known(rows: Iterable[models.Identity]) -> list[Known]:
    return [Known(r.id, r.kind, r.value, r.customer_id, r.proven) for r in rows]


def complaints(*, customer_id: UUID, most: int) -> list[UUID]:
    """Return a customer's complaints, the newest first, at most one more than ``most``."""
    rows = models.Complaint.objects.filter(customer_id=customer_id).order_by("-opened_at", "-id")
    return list(rows.values_list("id", flat=True)[: most + 1])


def live_complaints(*, customer_id: UUID, most: int) -> list[UUID]:
    """Return a customer's complaints that are being worked, the newest first."""
    rows = models.Complaint.objects.filter(customer_id=customer_id, live=True)
    return list(rows.order_by("-opened_at", "-id").values_list("id", flat=True)[:most])


def owners_of(*, complaints: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return whose complaints are now."""
    rows = models.Complaint.objects.filter(id__in=list(complaints), customer_id__isnull=False)
    return {id: who for id, who in rows.values_list("id", "customer_id") if who}


def proven_elsewhere(*, identity: Known) -> UUID | None:
    """Return another customer whose the same address is proven to be."""
    rows = models.Identity.objects.filter(kind=identity.kind, value=identity.value, proven=True)
    others = rows.exclude(id=identity.id)
    return others.values_list("customer_id", flat=True).first()


def came_by(
    *, customer_id: UUID, identities: Iterable[Known], since: datetime | None = None
) -> list[UUID]:
    """Return the customer's complaints whose first message was written by one of the identities."""
    mine = list(identities)
    senders = {(k.kind, k.value.lower()) for k in mine}
    phones = {k.value for k in mine if k.kind == "phone"}
    rows = models.Complaint.objects.filter(customer_id=customer_id)
    if since is not None:
        rows = rows.filter(opened_at__gte=since)
    ids = list(rows.values_list("id", flat=True)[:2000])
    first: dict[UUID, models.Message] = {}
    for message in models.Message.objects.filter(complaint_id__in=ids, direction="in").order_by(
        "-at", "-id"
    ):
        first[message.complaint_id] = message
    return [
        id
        for id, m in first.items()
        if m.sender in phones or (m.channel, m.sender.lower()) in senders
    ]


def move(*, move_id: UUID) -> models.CustomerMove | None:
    """Return a move."""
    return models.CustomerMove.objects.filter(id=move_id).first()


def moves_around(*, customers: Iterable[UUID]) -> list[Move]:
    """Return the moves from or to these customers, and from or to whom those lead; oldest first."""
    met: set[UUID] = set()
    found: dict[UUID, models.CustomerMove] = {}
    fresh = set(customers)
    while fresh:
        met |= fresh
        rows = models.CustomerMove.objects.filter(Q(from_id__in=fresh) | Q(to_id__in=fresh))
        new = {row.id: row for row in rows if row.id not in found}
        found.update(new)
        fresh = {c for row in new.values() for c in (row.from_id, row.to_id)} - met
    return [
        Move(
            id=row.id.hex,
            from_id=row.from_id.hex,
            to_id=row.to_id.hex,
            items=things(row=row),
            stands=row.undone_at is None,
        )
        for row in sorted(found.values(), key=lambda row: row.id)
    ]


def things(*, row: models.CustomerMove) -> frozenset[str]:
    """Return the names of what a move gave: i:7 for an identity, c:<hex> for a complaint."""
    return frozenset([*(f"i:{i}" for i in row.identities), *(f"c:{c}" for c in row.complaints)])


def by_contact(*, said: str) -> UUID | None:
    """Return the customer whom a complaint's number, a telephone, a mail or an account names."""
    wanted = said.strip()
    if not wanted:
        return None
    found = (
        models.Complaint.objects.filter(number=wanted.upper(), customer_id__isnull=False)
        .values_list("customer_id", flat=True)
        .first()
    )
    if found:
        return found
    rows = models.Identity.objects.filter(value__in={wanted, wanted.lower()})
    return rows.order_by("-proven", "id").values_list("customer_id", flat=True).first()

"""What happened to a complaint: events and messages that a room needs to undo something."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from huiyin.store import models


def event(*, event_id: UUID) -> models.Event | None:
    """Return an event."""
    return models.Event.objects.filter(id=event_id).first()


def undone(*, complaint_id: UUID, event_id: UUID) -> bool:
    """Tell whether a later event says that this one was undone."""
    return models.Event.objects.filter(
        complaint_id=complaint_id,
        kind__in=["JoinUndone", "MergeUndone"],
        data__contains=f'"event":"{event_id.hex}"',
    ).exists()


def message(*, message_id: UUID) -> models.Message | None:
    """Return a message."""
    return models.Message.objects.filter(id=message_id).first()


def speaker(*, message: models.Message) -> UUID | None:
    """Return the customer known by the address a message came from, or first shown by it."""
    said = {message.sender, message.sender.lower()}
    known = models.Identity.objects.filter(value__in=said).order_by("-proven", "id")
    found = (known.first() if message.sender else None) or models.Identity.objects.filter(
        message_id=message.id
    ).first()
    return found.customer_id if found else None


def keys_of(*, message_id: UUID) -> frozenset[str]:
    """Return the match keys of a message: what it named, in words or in fields of a form."""
    rows = models.MatchKey.objects.filter(message_id=message_id)
    return frozenset(rows.values_list("key", flat=True))


def is_contact(*, message_id: UUID) -> bool:
    """Tell whether a message came from a customer and counts as a contact."""
    return (
        models.Message.objects.filter(id=message_id, direction="in")
        .exclude(channel="survey")
        .exists()
    )


def messages(*, complaint_id: UUID) -> list[models.Message]:
    """Return all messages of a complaint, oldest first."""
    return list(models.Message.objects.filter(complaint_id=complaint_id).order_by("at", "id"))


def inbound_messages(*, complaint_id: UUID) -> Iterable[models.Message]:
    """Return what the customer said, oldest first."""
    return (
        models.Message.objects.filter(complaint_id=complaint_id, direction="in")
        .exclude(channel="survey")
        .order_by("at", "id")
    )


def by_number(*, number: str) -> UUID | None:
    """Return the complaint with this number."""
    return (
        models.Complaint.objects.filter(number=number.strip().upper())
        .values_list("id", flat=True)
        .first()
    )


def by_numbers(*, numbers: Iterable[str]) -> dict[str, UUID]:
    """Return the complaints of numbers as people wrote them, in one query."""
    asked = {number: number.strip().upper() for number in numbers if number.strip()}
    if not asked:
        return {}
    found = dict(
        models.Complaint.objects.filter(number__in=set(asked.values())).values_list("number", "id")
    )
    return {said: found[number] for said, number in asked.items() if number in found}


def latest_event(*, complaint_id: UUID, kind: str) -> str:
    """Return the id of a complaint's newest event of a kind, in hexadecimal; empty without one."""
    found = (
        models.Event.objects.filter(complaint_id=complaint_id, kind=kind)
        .order_by("-seq")
        .values_list("id", flat=True)
        .first()
    )
    return found.hex if found else ""


def newest_about(*, complaint_id: UUID, kind: str, other: UUID) -> str:
    """Return the id of a complaint's newest event of a kind that names another complaint."""
    found = (
        models.Event.objects.filter(
            complaint_id=complaint_id, kind=kind, data__contains=f'"other":"{other.hex}"'
        )
        .order_by("-seq")
        .values_list("id", flat=True)
        .first()
    )
    return found.hex if found else ""

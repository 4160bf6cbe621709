"""Facts of single complaints that rooms gather while they hold the pen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from huiyin.store import models
from huiyin.store.read import office


class Addressee(NamedTuple):
    """Whom a message goes to: his name, and the channel that he chose, if any."""

    name: str
    prefers: str = ""


def addressees(*, ids: Iterable[UUID | None]) -> dict[UUID, Addressee]:
    """Return the names and wishes of customers."""
    wanted = {id for id in ids if id is not None}
    if not wanted:
        return {}
    rows = models.Customer.objects.filter(id__in=wanted).values_list("id", "name", "prefers")
    return {id: Addressee(name, prefers) for id, name, prefers in rows}


def company_name() -> str:
    """Return the company's name."""
    return office.company().name


def last_thread(*, complaint_id: UUID) -> str:
    """Return the e-mail thread id of the customer's last mail, empty when there is none."""
    return (
        models.Message.objects.filter(complaint_id=complaint_id, direction="in", channel="email")
        .exclude(thread="")
        .order_by("-at")
        .values_list("thread", flat=True)
        .first()
        or ""
    )


def remedies_waiting(*, complaint_id: UUID) -> int:
    """Return how many remedies of a complaint wait for approval."""
    return models.Remedy.objects.filter(complaint_id=complaint_id, state="waiting").count()


def open_surveys(*, complaint_id: UUID) -> list[UUID]:
    """Return the surveys of a complaint that may still be answered, oldest first."""
    return list(
        models.Survey.objects.filter(complaint_id=complaint_id, state="open")
        .order_by("id")
        .values_list("id", flat=True)
    )


def surveys_by_number(*, numbers: Sequence[str], now: datetime) -> dict[str, dict[UUID, str]]:
    """Return which complaints' surveys telephone numbers may still answer: id and number."""
    if not numbers:
        return {}
    rows = (
        models.Survey.objects.filter(state="open", expires_at__gt=now)
        .filter(complaint__status__in=["resolved", "closed"])
        .filter(
            Q(complaint__reply_channel="sms", complaint__reply_to__in=numbers)
            | Q(complaint__customer__phone__in=numbers)
        )
        .values_list(
            "complaint_id", "complaint__number", "complaint__reply_to", "complaint__customer__phone"
        )
    )
    found: dict[str, dict[UUID, str]] = {}
    for id, number, reply_to, phone in rows:
        for own in {reply_to, phone} & set(numbers):
            found.setdefault(own, {})[id] = number
    return found


def surveys_to_remind(*, now: datetime, limit: int) -> list[tuple[UUID, UUID, int]]:
    """Return (survey, complaint, reminders sent) of surveys whose reminder is due."""
    return list(
        models.Survey.objects.filter(state="open", remind_at__lte=now, expires_at__gt=now)
        .order_by("remind_at")
        .values_list("id", "complaint_id", "reminders")[:limit]
    )


def surveys_expired(*, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Return (survey, complaint) of surveys whose time is over."""
    return list(
        models.Survey.objects.filter(state="open", expires_at__lte=now)
        .order_by("expires_at")
        .values_list("id", "complaint_id")[:limit]
    )


def complaint_of_inbox(*, id: UUID) -> UUID | None:
    """Return the complaint an inbox row went to."""
    return models.InboxItem.objects.filter(id=id).values_list("complaint_id", flat=True).first()


def opened_by(*, complaint_id: UUID | None) -> UUID | None:
    """Return the contact that opened a complaint.

    Who sent it may see the complaint; who sent a later one may be somebody else, who knows a
    number of the parcel or of the telephone.
    """
    if complaint_id is None:
        return None
    sent = models.InboxItem.objects.filter(complaint_id=complaint_id)
    return sent.order_by("received_at", "id").values_list("id", flat=True).first()


def number_of(*, complaint_id: UUID) -> str:
    """Return a complaint's number, empty when there is none."""
    return (
        models.Complaint.objects.filter(id=complaint_id).values_list("number", flat=True).first()
        or ""
    )

"""Counters' writing: their secrets, the numbers drawn there, who is called."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import AbstractContextManager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.sealed import seal


def hash_of(*, token: str) -> str:
    """Return what is kept of a counter's secret to find it again."""
    return hashlib.sha256(token.encode()).hexdigest()


def _fresh() -> dict[str, str]:
    token = secrets.token_urlsafe(24)
    return {"token_hash": hash_of(token=token), "token_sealed": seal(value=token)}


def save(
    *,
    id: int | None,
    name: str,
    prefix: str,
    party: str | None,
    enabled: bool,
    idle_seconds: int,
    person: int,
    now: datetime,
) -> int:
    """Set a counter up with a new secret, or change it; returns its id."""
    values = {
        "name": name,
        "prefix": prefix,
        "party_id": party,
        "enabled": enabled,
        "idle_seconds": idle_seconds,
        "changed_at": now,
        "changed_by_id": person,
    }
    if id is None:
        return int(models.Counter.objects.create(created_at=now, **_fresh(), **values).id)
    models.Counter.objects.filter(id=id).update(**values)
    return id


def renew(*, id: int, person: int, now: datetime) -> None:
    """Give a counter another secret; devices that know the old one are shut out at once."""
    models.Counter.objects.filter(id=id).update(**_fresh(), changed_at=now, changed_by_id=person)


def atomic() -> AbstractContextManager[None]:
    """Return the transaction in which a counter is held."""
    return transaction.atomic()


def hold(*, counter_id: int) -> None:
    """Let nobody else draw or call at this counter until the transaction ends."""
    models.Counter.objects.select_for_update().get(id=counter_id)


def draw(
    *,
    counter_id: int,
    day: date,
    once: str,
    branch: str,
    signature: str,
    inbox_id: UUID,
    now: datetime,
) -> UUID:
    """Draw the day's next number and return its id; the same form has the same number."""
    with transaction.atomic():
        hold(counter_id=counter_id)
        tickets = models.Ticket.objects.filter(counter_id=counter_id)
        known = tickets.filter(once=once).values_list("id", flat=True).first()
        if known is not None:
            return known
        last = tickets.filter(day=day).aggregate(last=Max("number"))["last"] or 0
        row = models.Ticket.objects.create(
            id=new_id(now=now), counter_id=counter_id, day=day, number=last + 1, once=once,
            branch=branch, signature=signature, inbox_id=inbox_id, taken_at=now,
        )  # fmt: skip
        return row.id


def put(*, id: UUID, state: str, person: int, now: datetime) -> None:
    """Write what became of a number; being called counts."""
    row = models.Ticket.objects.filter(id=id)
    if state == "called":
        row.update(
            state=state, calls=F("calls") + 1, called_at=now, called_by_id=person, done_at=None
        )
    else:
        row.update(state=state, done_at=now)

"""Calls' writing: what is known of each, its recording, and the debts of missed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from huiyin.core.because import Reason
from huiyin.core.phone import Known
from huiyin.store import models
from huiyin.store.ids import new_id

FETCH_LEASE = timedelta(minutes=2)
FETCH_TRIES = 8


@dataclass(frozen=True, slots=True)
class HeldCall:
    """A call that nobody else changes until the transaction ends."""

    id: UUID
    known: Known
    complaint_id: UUID | None


def hold(*, account_id: int | None, external_id: str) -> HeldCall | None:
    """Return a call of a telephone system, kept from others; None when it is not known."""
    row = (
        models.PhoneCall.objects.select_for_update()
        .filter(account_id=account_id, external_id=external_id)
        .first()
    )
    return _held(row) if row else None


def hold_id(*, id: UUID) -> HeldCall | None:
    """Return a call by its own id, kept from others."""
    row = models.PhoneCall.objects.select_for_update().filter(id=id).first()
    return _held(row) if row else None


def _held(row: models.PhoneCall) -> HeldCall:
    return HeldCall(
        id=row.id,
        known=Known(
            direction=row.direction,
            number=row.number,
            queue=row.queue,
            state=row.state,
            rang=tuple(row.rang),
            person=row.person_id,
            started_at=row.started_at,
            answered_at=row.answered_at,
            ended_at=row.ended_at,
        ),
        complaint_id=row.complaint_id,
    )


def _values(call: Known, now: datetime) -> dict[str, Any]:
    return {
        "direction": call.direction,
        "number": call.number,
        "queue": call.queue,
        "state": call.state,
        "rang": list(call.rang),
        "person_id": call.person,
        "started_at": call.started_at or now,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "changed_at": now,
    }


def begin(*, account_id: int | None, external_id: str, call: Known, now: datetime) -> UUID:
    """Write a call that was not known; returns its id."""
    row = models.PhoneCall.objects.create(
        id=new_id(now=now), account_id=account_id, external_id=external_id, **_values(call, now)
    )
    return row.id


def keep(*, id: UUID, call: Known, now: datetime) -> None:
    """Write what a call is now."""
    models.PhoneCall.objects.filter(id=id).update(**_values(call, now))


def noted(*, id: UUID, now: datetime, complaint_id: UUID | None = None) -> None:
    """Note that a call was written down (for a complaint), or put aside."""
    changes: dict[str, Any] = {"noted_at": now, "changed_at": now}
    if complaint_id is not None:
        changes["complaint_id"] = complaint_id
        models.PhoneCall.objects.filter(id=id, recording_state="wanted").update(
            recording_next_at=now
        )
    models.PhoneCall.objects.filter(id=id).update(**changes)


def recorded(*, id: UUID, recording: str, now: datetime) -> None:
    """Note where a call's recording can be fetched."""
    models.PhoneCall.objects.filter(id=id, recording_state="").update(
        recording=recording, recording_state="wanted", recording_next_at=now
    )


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording to be fetched for a complaint."""

    call_id: UUID
    account_id: int | None
    where: str
    complaint_id: UUID
    person_id: int
    started_at: datetime
    number: str
    tries: int


def claim_recordings(*, now: datetime, limit: int) -> list[Recording]:
    """Claim recordings of calls that belong to a complaint; a lapsed claim is free again."""
    rows = models.PhoneCall.objects.filter(
        recording_state="wanted",
        recording_next_at__lte=now,
        complaint__isnull=False,
        person__isnull=False,
    ).order_by("recording_next_at")[:limit]
    out = []
    for row in rows:
        if not models.PhoneCall.objects.filter(
            id=row.id, recording_next_at=row.recording_next_at
        ).update(recording_next_at=now + FETCH_LEASE, recording_tries=F("recording_tries") + 1):
            continue
        assert row.complaint_id is not None and row.person_id is not None
        out.append(
            Recording(
                call_id=row.id,
                account_id=row.account_id,
                where=row.recording,
                complaint_id=row.complaint_id,
                person_id=row.person_id,
                started_at=row.started_at,
                number=row.number,
                tries=row.recording_tries + 1,
            )
        )
    return out


def recording_kept(*, call_id: UUID) -> None:
    """Note that a recording lies among the evidence."""
    models.PhoneCall.objects.filter(id=call_id).update(recording_state="kept", recording_error="")


def recording_failed(*, recording: Recording, now: datetime, error: str, final: bool) -> None:
    """Note why a recording could not be fetched: tried again later, a few times."""
    over = final or recording.tries >= FETCH_TRIES
    models.PhoneCall.objects.filter(id=recording.call_id).update(
        recording_state="failed" if over else "wanted",
        recording_error=error[:200],
        recording_next_at=now + timedelta(seconds=15 * 2**recording.tries),
    )


@dataclass(frozen=True, slots=True)
class Missed:
    """A debt to a caller, kept from others until the transaction ends."""

    id: UUID
    number: str
    first_at: datetime
    last_at: datetime
    count: int
    complaint_id: UUID | None
    due_at: datetime
    state: str
    attempts: int
    escalation: int
    fire_at: datetime | None


def _missed(row: models.MissedCall) -> Missed:
    return Missed(
        id=row.id,
        number=row.number,
        first_at=row.first_at,
        last_at=row.last_at,
        count=row.count,
        complaint_id=row.complaint_id,
        due_at=row.due_at,
        state=row.state,
        attempts=row.attempts,
        escalation=row.escalation,
        fire_at=row.fire_at,
    )


def missed_of(*, number: str) -> Missed | None:
    """Return what is owed to a number, kept from others; None when nothing is."""
    row = (
        models.MissedCall.objects.select_for_update().filter(number=number, state="due").first()
        if number
        else None
    )
    return _missed(row) if row else None


def missed_by_id(*, id: UUID) -> Missed | None:
    """Return a debt by its id, kept from others."""
    row = models.MissedCall.objects.select_for_update().filter(id=id).first()
    return _missed(row) if row else None


def missed_late(*, now: datetime, limit: int) -> list[Missed]:
    """Return debts whose time to be looked at has come, kept from others."""
    rows = (
        models.MissedCall.objects.select_for_update()
        .filter(Q(fire_at__lte=now), state="due")
        .order_by("fire_at")[:limit]
    )
    return [_missed(row) for row in rows]


def owe(
    *,
    number: str,
    queue: str,
    at: datetime,
    due_at: datetime,
    complaint_id: UUID | None,
    department: str,
    because: Sequence[Reason],
    now: datetime,
) -> UUID:
    """Write a new debt; returns its id."""
    row = models.MissedCall.objects.create(
        id=new_id(now=now),
        number=number,
        queue=queue,
        first_at=at,
        last_at=at,
        complaint_id=complaint_id,
        department=department,
        due_at=due_at,
        fire_at=due_at,
        because=[r.as_json() for r in because],
    )
    return row.id


def change_missed(*, id: UUID, changes: Mapping[str, Any]) -> None:
    """Change a debt."""
    models.MissedCall.objects.filter(id=id).update(**changes)

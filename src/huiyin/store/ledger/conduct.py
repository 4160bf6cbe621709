"""Writing of files on service attitude: each change with its event on the file's own chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from huiyin.core.access import Dossier
from huiyin.core.because import Reason
from huiyin.core.chain import canonical, link
from huiyin.core.conduct import Standing
from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.ledger.tally import hold, write_tallies


@dataclass(frozen=True, slots=True)
class Held:
    """A file in hand: what a room decides by."""

    id: UUID
    number: str
    dossier: Dossier
    standing: Standing
    complaint_id: UUID | None
    playbook_version: str
    measure: str


def open_file(
    *,
    now: datetime,
    actor: str,
    zone: ZoneInfo,
    fields: Mapping[str, Any],
    because: Sequence[Reason],
) -> UUID:
    """Write a new file with its number and first event; returns its id."""
    day = now.astimezone(zone).strftime("%Y%m%d")
    name = f"conduct:{day}"
    with transaction.atomic():
        number = f"TD{day}-{hold(name=name) + 1:03d}"
        write_tallies(deltas={name: 1})
        row = models.ConductFile(
            id=new_id(now=now), number=number, stage="recorded", objection="open", opened_at=now,
            **fields,
        )  # fmt: skip
        row.save(force_insert=True)
        shown = ("kind", "employee_id", "superior_id", "administration_id", "words", "charge")
        _record(
            row=row, now=now, actor=actor, kind="ConductRecorded",
            data={k: fields[k] for k in shown if k in fields}, because=because,
        )  # fmt: skip
    return row.id


def take(*, file_id: UUID) -> Held | None:
    """Take a file in hand, locked where the database locks rows; None when there is none."""
    rows = models.ConductFile.objects.filter(id=file_id)
    if connection.vendor != "sqlite":
        rows = rows.select_for_update()
    row = rows.first()
    if row is None:
        return None
    return Held(
        id=row.id,
        number=row.number,
        dossier=Dossier(
            recorded_by=row.recorded_by_id,
            superior=row.superior_id,
            employee=row.employee_id,
            administration=row.administration_id,
        ),
        standing=Standing(
            stage=row.stage,
            objection=row.objection,
            verdict=row.verdict,
            stated=row.stated_at is not None,
            object_until=row.object_until,
        ),
        complaint_id=row.complaint_id,
        playbook_version=row.playbook_version,
        measure=row.measure,
    )


def change(
    *,
    file_id: UUID,
    now: datetime,
    actor: str,
    kind: str,
    data: Mapping[str, Any],
    because: Sequence[Reason] = (),
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Set fields of a file and append the event that says why."""
    with transaction.atomic():
        row = models.ConductFile.objects.get(id=file_id)
        for name, value in (changes or {}).items():
            setattr(row, name, value)
        _record(row=row, now=now, actor=actor, kind=kind, data=data, because=because)


def write(*, file_id: UUID, changes: Mapping[str, Any]) -> None:
    """Set fields of a file whose event is recorded in the same transaction."""
    models.ConductFile.objects.filter(id=file_id).update(**changes)


def _record(
    *,
    row: models.ConductFile,
    now: datetime,
    actor: str,
    kind: str,
    data: Mapping[str, Any],
    because: Sequence[Reason],
) -> None:
    seq = row.last_seq + 1
    text, why = canonical(value=dict(data)), canonical(value=[r.as_json() for r in because])
    digest = link(
        before=row.last_hash, complaint_id=row.id, seq=seq, kind=kind, at=now, actor=actor,
        data=text, because=why, playbook_version=row.playbook_version,
    )  # fmt: skip
    models.ConductEvent.objects.create(
        id=new_id(now=now), file_id=row.id, seq=seq, kind=kind, at=now, actor=actor, data=text,
        because=why, playbook_version=row.playbook_version, hash=digest,
    )  # fmt: skip
    row.last_seq, row.last_hash = seq, digest
    row.save(force_update=True)

"""The inbox's writing: accept first, claim for deciding, mark what became of a contact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import F

from huiyin.core.because import Reason
from huiyin.store import bulk, files, models
from huiyin.store.durable import on_disk
from huiyin.store.ids import new_id
from huiyin.store.ledger import volume
from huiyin.store.ledger.tally import write_tallies

STATES = ("opened", "joined", "reopened", "set_aside", "quarantined", "pending")


@dataclass(frozen=True, slots=True)
class Accepted:
    """Receipt for a contact: the inbox id, and whether the same external id was known."""

    id: UUID
    repeated: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """One contact to be accepted: raw bytes and how they are read."""

    channel: str
    kind: str
    external_id: str
    raw: bytes
    headers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RawContact:
    """One claimed inbox row."""

    id: UUID
    channel: str
    kind: str
    external_id: str
    raw: bytes
    received_at: datetime
    attempts: int
    headers: Mapping[str, Any] = field(default_factory=dict)
    """What was found out while it was taken, as with :class:`Arrival`."""


def _known(*, named: Sequence[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Return the contacts stored before under (channel, external id); one statement.

    Put into words here: every callback waits for it, and the framework takes longer to word it
    than to ask it.
    """
    by_channel: dict[str, list[str]] = {}
    for channel, external in named:
        by_channel.setdefault(channel, []).append(external)
    if not by_channel:
        return {}
    clauses = [
        f"(channel = %s AND external_id IN ({', '.join(['%s'] * len(externals))}))"
        for externals in by_channel.values()
    ]
    values = [v for channel, externals in by_channel.items() for v in (channel, *externals)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT channel, external_id, id FROM inbox WHERE {' OR '.join(clauses)}", values
        )
        return {
            (channel, external): bulk.read_id(value=id)
            for channel, external, id in cursor.fetchall()
        }


def accept(*, now: datetime, arrivals: Sequence[Arrival]) -> list[Accepted]:
    """Store contacts durably; the caller may acknowledge once this returns.

    An external id that is already known for its channel is recognised: the first contact's id is
    returned and nothing is stored twice. An empty external id gets the row's own id.
    """
    with on_disk():
        out: list[Accepted] = []
        fresh: list[dict[str, Any]] = []
        known = _known(named=[(a.channel, a.external_id[:200]) for a in arrivals if a.external_id])
        repeats: Counter[UUID] = Counter()
        for arrival in arrivals:
            key = (arrival.channel, arrival.external_id[:200])
            if arrival.external_id and key in known:
                repeats[known[key]] += 1
                out.append(Accepted(id=known[key], repeated=True))
                continue
            row_id = new_id()
            if arrival.external_id:
                known[key] = row_id
            fresh.append(
                {
                    "id": row_id,
                    "channel": arrival.channel,
                    "external_id": arrival.external_id[:200] or row_id.hex,
                    "received_at": now,
                    "raw": arrival.raw,
                    "kind": arrival.kind,
                    "headers": dict(arrival.headers),
                }
            )
            out.append(Accepted(id=row_id, repeated=False))
        bulk.insert(model=models.InboxItem, rows=fresh)
        for row_id, times in repeats.items():
            models.InboxItem.objects.filter(id=row_id).update(repeats=F("repeats") + times)
        write_tallies(
            deltas={
                "inbox:received": len(fresh),
                "inbox:pending": len(fresh),
                "inbox:duplicates": sum(repeats.values()),
            }
        )
        # a call that is written down was counted when it rang
        volume.count(
            now=now,
            channels=Counter(
                r["channel"]
                for r in fresh
                if r["channel"] != "history" and "call" not in r["headers"]
            ),
        )
    return out


def claim(
    *, now: datetime, lease: timedelta, limit: int, ids: Sequence[UUID] | None = None
) -> list[RawContact]:
    """Claim pending contacts by one conditional update; a claim that is not finished lapses.

    Returns the oldest first. With ``ids`` only those are claimed.
    """
    sqlite = connection.vendor == "sqlite"
    among, skip = "", "" if sqlite else " FOR UPDATE SKIP LOCKED"
    parameters: list[Any] = [bulk.raw_time(now + lease), bulk.raw_time(now)]
    if ids is not None:
        among = " AND id IN (SELECT value FROM json_each(%s))" if sqlite else " AND id = ANY(%s)"
        parameters.append(bulk.dump_json([i.hex for i in ids]) if sqlite else list(ids))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inbox SET lease_until = %s, attempts = attempts + 1 WHERE id IN"
            " (SELECT id FROM inbox WHERE state = 'pending'"
            f" AND (lease_until IS NULL OR lease_until < %s){among} ORDER BY id LIMIT %s{skip})"
            " RETURNING id, channel, kind, external_id, raw, received_at, attempts, headers",
            [*parameters, limit],
        )
        rows = sorted(cursor.fetchall())
    return [
        RawContact(
            id=bulk.read_id(value=id),
            channel=channel,
            kind=kind,
            external_id=external_id,
            raw=bytes(raw),
            received_at=received_at.replace(tzinfo=UTC) if sqlite else received_at,
            attempts=attempts,
            headers=orjson.loads(headers) if isinstance(headers, str) else headers,
        )
        for id, channel, kind, external_id, raw, received_at, attempts, headers in rows
    ]


def settle(
    *,
    now: datetime,
    outcomes: Mapping[UUID, tuple[str, UUID | None, UUID | None, Sequence[Reason]]],
) -> Counter[str]:
    """Mark claimed contacts inside the caller's transaction; returns the counters to change.

    ``outcomes``: inbox id → (state, complaint id, message id, reasons).
    """
    bulk.update_tuples(
        model=models.InboxItem,
        names=("state", "complaint_id", "message_id", "reason", "lease_until", "decided_at"),
        rows=[
            (state, complaint, message, [r.as_json() for r in reasons], None, now, key)
            for key, (state, complaint, message, reasons) in outcomes.items()
        ],
    )
    counted = Counter(f"inbox:{state}" for state, *_ in outcomes.values())
    counted["inbox:pending"] -= len(outcomes)
    return counted


def still_held(*, claimed: Sequence[RawContact]) -> frozenset[UUID]:
    """Return which claimed contacts nobody else took over after the claim lapsed.

    Called under :func:`lock_intake`, so that the answer holds until the transaction ends: a worker
    that slept too long decides nothing twice.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT id, attempts FROM inbox WHERE state = 'pending'"
                " AND id IN (SELECT value FROM json_each(%s))",
                [bulk.dump_json([c.id.hex for c in claimed])],
            )
        else:
            cursor.execute(
                "SELECT translate(id::text, '-', ''), attempts FROM inbox"
                " WHERE state = 'pending' AND id = ANY(%s)",
                [[c.id for c in claimed]],
            )
        attempts = dict(cursor.fetchall())
    return frozenset(c.id for c in claimed if attempts.get(c.id.hex) == c.attempts)


def quarantine(*, now: datetime, claimed: Sequence[RawContact], why: Mapping[UUID, Reason]) -> None:
    """Put contacts aside that cannot be read: whole, with the reason, visible and retryable."""
    with transaction.atomic():
        lock_intake()
        held = still_held(claimed=claimed)
        outcomes = {k: ("quarantined", None, None, [r]) for k, r in why.items() if k in held}
        write_tallies(deltas=settle(now=now, outcomes=outcomes))


def retry(*, id: UUID, raw: bytes | None = None) -> bool:
    """Put a quarantined contact back to the pending ones, with corrected bytes where given.

    The bytes as they came are kept as a file, whose hash stands in the contact's headers.
    Returns False when it is not in quarantine (any more).
    """
    with transaction.atomic():
        changes: dict[str, Any] = {"lease_until": None}
        item = models.InboxItem.objects.filter(id=id, state="quarantined").first()
        if raw is not None and item is not None:
            kept = item.headers.get("original") or files.keep(content=bytes(item.raw))
            changes.update(raw=raw, headers={**item.headers, "original": kept})
        return _moved(id=id, before="quarantined", after="pending", **changes)


def discard(*, now: datetime, id: UUID, reason: Reason) -> bool:
    """Set a quarantined contact aside for good; its bytes stay. False when not in quarantine."""
    with transaction.atomic():
        return _moved(
            id=id, before="quarantined", after="set_aside",
            discarded_at=now, decided_at=now, reason=[reason.as_json()],
        )  # fmt: skip


def written_down(*, now: datetime, id: UUID, complaint_id: UUID, reason: Reason) -> bool:
    """Let a quarantined contact lead to the complaint as which a person wrote it down.

    Its bytes stay. Returns False when it is not in quarantine (any more).
    """
    with transaction.atomic():
        return _moved(
            id=id, before="quarantined", after="joined",
            complaint_id=complaint_id, decided_at=now, reason=[reason.as_json()],
        )  # fmt: skip


def take_up(*, id: UUID, by: str) -> bool:
    """Put a contact that was set aside back to the pending ones: a person says it is a complaint.

    ``by`` names the person in its headers, which whoever decides it next reads. Returns False when
    it is not set aside (any more).
    """
    with transaction.atomic():
        headers = models.InboxItem.objects.filter(id=id).values_list("headers", flat=True).first()
        return _moved(
            id=id, before="set_aside", after="pending", lease_until=None,
            headers={**(headers or {}), "taken_up": by}, complaint_id=None, discarded_at=None,
        )  # fmt: skip


def _moved(*, id: UUID, before: str, after: str, **changes: Any) -> bool:
    """Move a contact from one state to another with its counters; False when it is not there."""
    hit = models.InboxItem.objects.filter(id=id, state=before).update(state=after, **changes)
    if hit:
        write_tallies(deltas={f"inbox:{before}": -1, f"inbox:{after}": 1})
    return bool(hit)


def release(*, ids: Sequence[UUID]) -> None:
    """Give claimed contacts back after a failure that is not theirs."""
    models.InboxItem.objects.filter(id__in=ids, state="pending").update(lease_until=None)


def restate(*, id: UUID, state: str, complaint_id: UUID | None) -> None:
    """Move a decided contact to another outcome (join undone), inside the caller's transaction."""
    row = models.InboxItem.objects.filter(id=id).values_list("state", flat=True).first()
    if row is None or row == state:
        models.InboxItem.objects.filter(id=id).update(complaint_id=complaint_id)
        return
    models.InboxItem.objects.filter(id=id).update(state=state, complaint_id=complaint_id)
    write_tallies(deltas={f"inbox:{row}": -1, f"inbox:{state}": 1})


_INTAKE_LOCK = 0x48595F494E
"""Key of the advisory lock under which one batch at a time is matched."""


def lock_intake() -> None:
    """Let one intake transaction at a time match and write, so that no two open the same matter.

    SQLite has one writer at a time anyway; PostgreSQL takes an advisory lock until the commit.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_INTAKE_LOCK])

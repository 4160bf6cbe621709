"""The index written anew from complaints and messages, while the system runs.

Four phases, each in small transactions that leave their place behind, so that a stopped run goes
on where it stood: complaints, ties of messages to complaints, words, the memory of ended
complaints. On SQLite the words are written into a table beside, which takes the old one's place in
the transaction of the last batch; on PostgreSQL they are replaced in place. What is written
meanwhile is in the index by itself, and the run reads ties up to the last one: nothing is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from huiyin.core.search import keys_of
from huiyin.store import bulk, models, past, search
from huiyin.store.windows import blocks_sql

BATCH = 500
JOB = "reindex"
PHASES = ("cases", "entries", "words", "past")
_LEASE = timedelta(minutes=1)
_REST = 0.01
"""Seconds between two batches in which others may write."""
_MESSAGE = (
    "id", "complaint_id", "direction", "channel", "author_id", "subject", "text", "sender_name",
    "complaint__number", "complaint__waybill", "complaint__customer__phone",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; ``phase`` is empty when none was ever asked for, 'done' after one."""

    phase: str
    done: int
    total: int
    at: str

    @property
    def running(self) -> bool:
        """True while there is something left to do."""
        return self.phase in PHASES


def progress() -> Progress:
    """Return how far the last run is."""
    state = models.Job.objects.filter(name=JOB).values_list("state", flat=True).first() or {}
    return _progress(state)


def _progress(state: Mapping[str, Any]) -> Progress:
    return Progress(
        phase=str(state.get("phase", "")),
        done=int(state.get("done", 0)),
        total=int(state.get("total", 0)),
        at=str(state.get("at", "")),
    )


def ask(*, now: datetime) -> None:
    """Ask for a run from the beginning; one that is under way goes on."""
    models.Job.objects.get_or_create(name=JOB, defaults={"next_at": now})
    total = 2 * (models.Complaint.objects.count() + models.Message.objects.count())
    state = {"phase": PHASES[0], "done": 0, "total": total, "at": now.isoformat()}
    with transaction.atomic():
        row = models.Job.objects.select_for_update().get(name=JOB)
        if row.state.get("phase") not in PHASES:
            models.Job.objects.filter(name=JOB).update(state=state)


def go_on(
    *,
    now: datetime,
    seconds: float | None = None,
    say: Callable[[Progress], None] = lambda _progress: None,
) -> bool:
    """Do what is left of a run, for ``seconds`` at most; True when it is done or none is asked for.

    One process works at a time; another's lease lapses after a minute.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    if not models.Job.objects.filter(free, name=JOB, state__phase__in=PHASES).update(
        lease_until=now + _LEASE
    ):
        return not progress().running
    began = time.monotonic()
    try:
        while True:
            passed = timedelta(seconds=time.monotonic() - began)
            state = _batch(now=now + passed)
            say(_progress(state))
            if state["phase"] not in PHASES:
                return True
            if seconds is not None and passed.total_seconds() > seconds:
                return False
            time.sleep(0 if connection.in_atomic_block else _REST)
    finally:
        models.Job.objects.filter(name=JOB).update(lease_until=None)


def rebuild() -> int:
    """Write the index anew in one transaction (after a restore); returns how many messages."""
    state: dict[str, Any] = {"phase": PHASES[0]}
    with transaction.atomic():
        while state["phase"] in PHASES:
            state = _step(state)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM search_entry")
        return int(cursor.fetchone()[0])


def _batch(*, now: datetime) -> dict[str, Any]:
    with transaction.atomic():
        row = models.Job.objects.select_for_update().get(name=JOB)
        state = _step(row.state)
        if state["phase"] == "done":
            state.update(at=now.isoformat(), total=state["done"])
        models.Job.objects.filter(name=JOB).update(state=state, lease_until=now + _LEASE)
    return state


def _step(state: Mapping[str, Any]) -> dict[str, Any]:
    """Do the next batch; returns the place from which to go on."""
    phase = state["phase"]
    steps = {"cases": _cases, "entries": _entries, "words": _words, "past": _past}
    count, last = steps[phase](state.get("after"))
    if last is None:
        at = PHASES.index(phase) + 1
        phase = PHASES[at] if at < len(PHASES) else "done"
    return {**state, "phase": phase, "after": last, "done": state.get("done", 0) + count}


def _after(rows: QuerySet[Any], after: str | None) -> QuerySet[Any]:
    rows = rows.order_by("id")
    return rows.filter(id__gt=UUID(after)) if after else rows


def _cases(after: str | None) -> tuple[int, str | None]:
    """Repeat what filters ask for of the next complaints."""
    rows = _after(models.Complaint.objects.all(), after)
    if connection.vendor != "sqlite":
        rows = rows.select_for_update()
    ids = list(rows.values_list("id", flat=True)[:BATCH])
    if not ids:
        return 0, None
    values = models.Complaint.objects.filter(id__in=ids).values_list(
        "category", "department_id", "assignee_id", "channel", "status", "opened_at", "id"
    )
    given = [(v[0], v[1] or "", *v[2:5], int(v[5].timestamp()), search.key(v[6])) for v in values]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO search_case"
            " (category, department, assignee, channel, status, opened, complaint_id)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (complaint_id) DO UPDATE SET"
            " category = excluded.category, department = excluded.department,"
            " assignee = excluded.assignee, channel = excluded.channel,"
            " status = excluded.status, opened = excluded.opened",
            given,
        )
    return len(ids), ids[-1].hex if len(ids) == BATCH else None


def _entries(after: str | None) -> tuple[int, str | None]:
    """Tie the next messages to their complaints where the tie is missing or wrong."""
    rows = _after(models.Message.objects.all(), after)
    if connection.vendor != "sqlite":
        rows = rows.select_for_update()
    found = list(
        rows.values_list("id", "complaint_id", "direction", "author_id", "channel")[:BATCH]
    )
    if not found:
        return 0, None
    ties = [
        (search.key(m), search.key(c))
        for m, c, direction, author, channel in found
        if search.worth(direction=direction, author_id=author, channel=channel)
    ]
    words = ", words" if connection.vendor != "sqlite" else ""
    empty = ", ''::tsvector" if words else ""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO search_entry (message_id, case_no{words})"
            f" SELECT %s, no{empty} FROM search_case WHERE complaint_id = %s"
            " ON CONFLICT (message_id) DO UPDATE SET case_no = excluded.case_no"
            " WHERE search_entry.case_no <> excluded.case_no",
            ties,
        )
    return len(found), found[-1][0].hex if len(found) == BATCH else None


def _words(after: str | None) -> tuple[int, str | None]:
    """Write the words of the next ties; behind the last one the new index takes over."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if sqlite and after is None:
            cursor.execute("DROP TABLE IF EXISTS search_words_next")
            cursor.execute(
                "CREATE VIRTUAL TABLE search_words_next USING"
                " fts5(words, content='', tokenize='unicode61', detail=none)"
            )
        cursor.execute(
            "SELECT id, message_id FROM search_entry WHERE id > %s ORDER BY id LIMIT %s",
            [int(after or 0), BATCH],
        )
        ties = [(int(i), bulk.read_id(value=m)) for i, m in cursor.fetchall()]
        texts = {
            row["id"]: words_of(row=row)
            for row in models.Message.objects.filter(id__in=[m for _i, m in ties]).values(*_MESSAGE)
        }
        if sqlite:
            cursor.executemany(
                "INSERT INTO search_words_next (rowid, words) VALUES (%s, %s)",
                [(i, " ".join(keys_of(text=texts[m]))) for i, m in ties if m in texts],
            )
        else:
            cursor.executemany(
                "UPDATE search_entry SET words ="
                f" array_to_tsvector(%s::text[] || {blocks_sql(number='id')}) WHERE id = %s",
                [(list(keys_of(text=texts[m])), i) for i, m in ties if m in texts],
            )
        cursor.executemany(
            "DELETE FROM search_entry WHERE id = %s", [(i,) for i, m in ties if m not in texts]
        )
        if len(ties) == BATCH:
            return BATCH, str(ties[-1][0])
        if sqlite:
            cursor.execute("DROP TABLE search_words")
            cursor.execute("ALTER TABLE search_words_next RENAME TO search_words")
    return len(ties), None


def _past(after: str | None) -> tuple[int, str | None]:
    """Remember the next ended complaints."""
    rows = _after(models.Complaint.objects.filter(status__in=past.ENDED), after)
    if connection.vendor != "sqlite":
        rows = rows.select_for_update()
    ids = list(rows.values_list("id", flat=True)[:BATCH])
    past.keep(ids=ids)
    return len(ids), ids[-1].hex if len(ids) == BATCH else None


def words_of(*, row: dict[str, Any]) -> str:
    """Return the text under which a message is found, as the pen indexed it."""
    said = f"{row['subject']} {row['text']}"
    if row["direction"] != "in" or row["channel"] == "survey":
        return said
    known = (row["complaint__number"], row["complaint__waybill"])
    phone = row["complaint__customer__phone"] or ""
    return f"{' '.join(known)} {phone} {row['sender_name']} {said}"

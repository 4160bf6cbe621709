"""Candidates for the matcher: complaints found by short keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from huiyin.store import models

NEWEST_PER_KEY = 20
UNION = 250
"""Keys asked for in one statement; SQLite takes at most 500 terms."""
WINDOW = timedelta(days=365)


def candidates(*, keys: Iterable[str], now: datetime) -> dict[str, list[UUID]]:
    """Return for each key the complaints it leads to, newest first.

    A key shared by many complaints (a shop's telephone) reads and gives only its newest, so the
    cost does not grow with the number of complaints.
    """
    wanted = list(dict.fromkeys(keys))
    found: dict[str, list[UUID]] = {}
    sqlite = connection.vendor == "sqlite"
    since: Any = (now - WINDOW).astimezone(UTC)
    if sqlite:
        since = since.replace(tzinfo=None).isoformat(sep=" ")
    one = (
        "SELECT * FROM (SELECT key, complaint_id FROM match_key WHERE key = %s AND at >= %s"
        f" ORDER BY at DESC LIMIT {NEWEST_PER_KEY}) k{{}}"
    )
    for start in range(0, len(wanted), UNION):
        part = wanted[start : start + UNION]
        sql = " UNION ALL ".join(one.format(n) for n in range(len(part)))
        parameters = [value for key in part for value in (key, since)]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            for key, complaint_id in cursor.fetchall():
                known = found.setdefault(key, [])
                value = UUID(complaint_id) if sqlite else complaint_id
                if value not in known:
                    known.append(value)
    return found


def sent_about(*, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the complaint of each of our outgoing messages."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    rows = models.Outbox.objects.filter(id__in=wanted, complaint_id__isnull=False)
    return {id: about for id, about in rows.values_list("id", "complaint_id") if about}


def facts(*, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the stored match facts of complaints."""
    return dict(models.Complaint.objects.filter(id__in=list(ids)).values_list("id", "match_facts"))


def identities(*, values: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Return the customer known by each (kind, value)."""
    wanted = list(dict.fromkeys(values))
    out: dict[tuple[str, str], UUID] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = models.Identity.objects.filter(value__in=[v for _, v in part]).values_list(
            "kind", "value", "customer_id"
        )
        out.update({(k, v): c for k, v, c in rows if (k, v) in set(part)})
    return out

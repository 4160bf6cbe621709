"""Candidates for the matcher: complaints found by short keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from huiyin.store import models

NEWEST_PER_KEY = 20
WINDOW = timedelta(days=365)


def candidates(*, keys: Iterable[str], now: datetime) -> dict[str, list[UUID]]:
    """Return for each key the complaints it leads to, newest first, one indexed query.

    A key shared by many complaints (a shop's telephone) gives only its newest.
    """
    wanted = list(dict.fromkeys(keys))
    found: dict[str, list[UUID]] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = (
            models.MatchKey.objects.filter(key__in=part, at__gte=now - WINDOW)
            .order_by("key", "-at")
            .values_list("key", "complaint_id")
        )
        for key, complaint_id in rows.iterator(chunk_size=2000):
            known = found.setdefault(key, [])
            if len(known) < NEWEST_PER_KEY and complaint_id not in known:
                known.append(complaint_id)
    return found


def facts(*, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the stored match facts of complaints."""
    return dict(
        models.Complaint.objects.filter(id__in=list(ids)).values_list("id", "match_facts")
    )


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


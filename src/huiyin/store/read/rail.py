"""How much waits for a viewer, as the navigation beside every page tells it: one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Value

from huiyin.store.read import (
    call_backs,
    conduct,
    doubt_pages,
    liability_list,
    missed_calls,
    tasks,
    volume,
)
from huiyin.store.read.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a viewer, counted up to 100; nothing where he may not see it."""

    tasks: int
    calls: int
    doubts: int
    files: int
    """Files on service attitude that wait for his own act."""
    disputes: int
    """Claims of liability and fines that wait for his ruling or his department's word."""
    alerts: int
    """Channels that stand out and that nobody looks after."""


def waiting(*, viewer: Viewer, now: datetime) -> Waiting:
    """Return what waits for a viewer."""
    can = viewer.can
    disputes = can["liability_see"] or can["outlet_see"]
    sql, values = _written(
        viewer=viewer,
        until=call_backs.end_of_day(now=now),
        may=(
            can["tasks_see"],
            can["call_backs_see"],
            can["call_backs_see"],
            can["doubts_see"],
            True,
            disputes,
            disputes,
            can["monitor_see"],
        ),
        vendor=connection.vendor,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        of_tasks, calls, missed, doubts, files, claims, fines, alerts = cursor.fetchone()
    return Waiting(
        tasks=of_tasks,
        calls=calls + missed,
        doubts=doubts,
        files=conduct.waiting(viewer=viewer, now=now) if files else 0,
        disputes=claims + fines,
        alerts=alerts,
    )


@lru_cache(maxsize=256)
def _written(
    *, viewer: Viewer, until: datetime, may: tuple[bool, ...], vendor: str
) -> tuple[str, list[Any]]:
    """Write the statement; kept, because writing it takes ten times as long as asking it."""
    asked = (
        tasks.open_tasks(viewer=viewer),
        call_backs.due_until(viewer=viewer, until=until),
        missed_calls.given(viewer=viewer),
        doubt_pages.open_doubts(),
        conduct.unfiled(viewer=viewer),
        liability_list.claims_waiting(viewer=viewer),
        liability_list.fines_waiting(viewer=viewer),
        volume.alerts_open(),
    )
    counts: list[str] = []
    values: list[Any] = []
    for allowed, rows in zip(may, asked, strict=True):
        if not allowed:
            counts.append("0")
            continue
        few = rows.order_by().values_list(Value(1))[:100]
        try:
            sql, its_values = few.query.sql_with_params()
        except EmptyResultSet:  # it asks for one of no parties: nothing can wait
            counts.append("0")
            continue
        counts.append(f"(SELECT COUNT(*) FROM ({sql}) AS few)")
        values.extend(its_values)
    return f"SELECT {', '.join(counts)}", values

"""Intake: contacts accepted one at a time, and decided by the batch, against the raw database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huiyin.doors.bench import ground
from huiyin.flows import intake
from huiyin.flows.ahead import Reader

_SEEDS = (2, 3, 4)


class _Taps:
    """Records what reaches the database, so that the raw database can be asked to do the same."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any, bool]] = []

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if sql.startswith(("INSERT", "UPDATE")):
            self.calls.append((sql, list(params) if many and params else params, many))
        return execute(sql, params, many, context)


def bench_intake(*, rows: int) -> dict[str, Any]:
    """Raw contacts → matched, sorted, assigned, clocks started, durable; and the ratio to raw.

    Decided as the worker does it: the next batch is read by a process beside. The raw database
    writes the very same rows with executemany, in transactions of one batch, before and after.
    """
    ground.found()
    reader = Reader(beside=True)
    try:
        ground.accept(rows=2 * ground.BATCH, seed=99)
        ground.decide(reader=reader)
        with CaptureQueriesContext(connection) as captured:
            intake.accept(now=timezone.now(), arrivals=ground.arrivals(rows=ground.BATCH, seed=98))
            before = len(captured)
            intake.decide(now=timezone.now(), limit=ground.BATCH)
            statements = len(captured) - before
        reset_queries()
        speeds = []
        for seed in _SEEDS:
            ground.accept(rows=rows, seed=seed)
            speeds.append(rows / ground.decide(reader=reader))
        taps = _Taps()
        ground.accept(rows=rows, seed=5)
        with connection.execute_wrapper(taps):
            ground.decide(reader=reader)
    finally:
        reader.close()
    raws = [_replay(calls=taps.calls, rows=rows) for _again in _SEEDS]
    speed, raw = statistics.median(speeds), statistics.median(raws)
    return {
        "bench": "intake", "rows": rows, "per_second": round(speed, 1),
        "raw_per_second": round(raw, 1), "ratio": round(speed / raw, 3),
        "statements_per_batch": statements, "batch": ground.BATCH,
        "database": connection.vendor,
        "runs": [round(s, 1) for s in speeds], "raw_runs": [round(r, 1) for r in raws],
    }  # fmt: skip


def _replay(*, calls: list[tuple[str, Any, bool]], rows: int) -> float:
    """Write the recorded rows into emptied copies of the tables; returns complaints a second."""
    from django.core.management import call_command
    from django.db import transaction

    call_command("flush", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM search_entry")
            cursor.execute("DELETE FROM search_case")
            cursor.execute("INSERT INTO search_words(search_words) VALUES('delete-all')")
            cursor.execute("PRAGMA foreign_keys = OFF")
        else:
            cursor.execute("TRUNCATE search_entry, search_case")
            cursor.execute("SET session_replication_role = replica")
    batches: list[list[tuple[str, Any, bool]]] = [[]]
    for call in calls:
        batches[-1].append(call)
        if call[0].startswith("INSERT INTO tally") and len(batches[-1]) > 5:
            batches.append([])
    began = time.perf_counter()
    for batch in batches:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, params, many in batch:
                if many:
                    cursor.executemany(sql, params)
                else:
                    cursor.execute(sql, params)
    took = time.perf_counter() - began
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")
    return rows / took


def bench_accept(*, rows: int) -> dict[str, Any]:
    """One contact at a time: stored durably and acknowledged."""
    ground.found()
    arrivals = iter(ground.arrivals(rows=rows, seed=7))
    p50, p95 = ground.timed(
        call=lambda: intake.accept(now=timezone.now(), arrivals=[next(arrivals)]), times=rows
    )
    return {"bench": "accept", "rows": rows, "p50_ms": p50, "p95_ms": p95}

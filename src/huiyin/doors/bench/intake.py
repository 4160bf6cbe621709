"""Intake: contacts accepted one at a time, and decided by the batch, against the raw database."""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, reset_queries, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huiyin.doors.bench import ground
from huiyin.flows import intake
from huiyin.flows.ahead import Reader

_SEEDS = (2, 3, 4, 6, 7)
_Call = tuple[str, Any, bool]
"""A statement, its parameters, and whether they are those of many rows."""


class _Taps:
    """Records what reaches the database, so that the raw database can be asked to do the same."""

    def __init__(self) -> None:
        self.calls: list[_Call] = []

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if sql.startswith(("INSERT", "UPDATE")):
            self.calls.append((sql, params, many))
        return execute(sql, params, many, context)


def bench_intake(*, rows: int) -> dict[str, Any]:
    """Raw contacts → matched, sorted, assigned, clocks started, durable; and the ratio to raw.

    Decided as the worker does it: the next batch is read by a process beside. Right after each
    run the raw database writes the very same rows with executemany, in transactions of one
    batch, into the database as it was before the run; ``ratio`` is the median of the ratios of
    neighbours, since cores change their speed.
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
        speeds, raws = [], []
        for seed in _SEEDS:
            ground.accept(rows=rows, seed=seed)
            with _state() as state:
                taps = _Taps()
                with connection.execute_wrapper(taps):
                    speeds.append(rows / ground.decide(reader=reader))
                batches = _batches(calls=taps.calls)
                if state is not None:
                    raws.append(rows / _replayed_apart(batches=batches, state=state))
    finally:
        reader.close()
    if not raws:
        raws = [rows / _replayed_here(batches=batches) for _again in _SEEDS]
    speed, raw = statistics.median(speeds), statistics.median(raws)
    ratio = statistics.median(s / r for s, r in zip(speeds, raws, strict=True))
    return {
        "bench": "intake", "rows": rows, "per_second": round(speed, 1),
        "raw_per_second": round(raw, 1), "ratio": round(ratio, 3),
        "statements_per_batch": statements, "batch": ground.BATCH,
        "database": connection.vendor,
        "runs": [round(s, 1) for s in speeds], "raw_runs": [round(r, 1) for r in raws],
    }  # fmt: skip


def _batches(*, calls: list[_Call]) -> list[list[_Call]]:
    """Part what reached the database into its transactions; each ends with the counters."""
    batches: list[list[_Call]] = [[]]
    for call in calls:
        batches[-1].append(call)
        if call[0].startswith("INSERT INTO tally") and len(batches[-1]) > 5:
            batches.append([])
    return batches


@contextlib.contextmanager
def _state() -> Iterator[Path | None]:
    """Keep a copy of the SQLite file as it is now while the block runs; None on PostgreSQL."""
    if connection.vendor != "sqlite":
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "raw.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.execute("VACUUM INTO %s", [str(copy)])
        yield copy


def _replayed_apart(*, batches: list[list[_Call]], state: Path) -> float:
    """Write recorded rows into the database as it was before them; returns the seconds."""
    raw = sqlite3.connect(state, isolation_level=None)
    try:
        raw.executescript(connection.settings_dict["OPTIONS"]["init_command"])
        raw.execute("PRAGMA foreign_keys = ON")
        # as for the runs, whoever commits does not move the log
        raw.execute("PRAGMA wal_autocheckpoint = 0")
        asked = [[(sql.replace("%s", "?"), p, many) for sql, p, many in b] for b in batches]
        began = time.perf_counter()
        for batch in asked:
            raw.execute("BEGIN IMMEDIATE")
            _write(batch=batch, to=raw)
            raw.execute("COMMIT")
        return time.perf_counter() - began
    finally:
        raw.close()


def _replayed_here(*, batches: list[list[_Call]]) -> float:
    """Write recorded rows into emptied tables of PostgreSQL; returns the seconds."""
    call_command("flush", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE search_entry, search_case")
        cursor.execute("SET session_replication_role = replica")
        began = time.perf_counter()
        for batch in batches:
            with transaction.atomic():
                _write(batch=batch, to=cursor)
        took = time.perf_counter() - began
        cursor.execute("SET session_replication_role = DEFAULT")
    return took


def _write(*, batch: list[_Call], to: Any) -> None:
    """Give a connection or a cursor the statements of one transaction."""
    for sql, params, many in batch:
        (to.executemany if many else to.execute)(sql, params or ())


def bench_accept(*, rows: int) -> dict[str, Any]:
    """One contact at a time: stored durably and acknowledged."""
    ground.found()
    arrivals = iter(ground.arrivals(rows=rows, seed=7))
    p50, p95 = ground.timed(
        call=lambda: intake.accept(now=timezone.now(), arrivals=[next(arrivals)]), times=rows
    )
    return {"bench": "accept", "rows": rows, "p50_ms": p50, "p95_ms": p95}

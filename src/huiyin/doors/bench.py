"""Benchmarks of the product on a database of their own; ratios to the raw database."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.doors import bench_search as bench_of_search
from huiyin.doors.bench_match import bench_match
from huiyin.doors.bench_quality import bench_quality
from huiyin.doors.bench_remedy import bench_remedy
from huiyin.doors.bench_steps import bench_steps
from huiyin.flows import intake, journey, watch
from huiyin.store import models
from huiyin.store.ledger import people
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import queue as queue_read
from huiyin.store.read.viewer import Viewer, viewer_of

BATCH = 200
_KINDS = (
    "{w}三天没更新了，到底到哪里了",
    "{w}显示签收可我没收到",
    "{w}的{g}摔碎了，要求赔偿{m}元",
    "{w}丢件了怎么办，里面是{g}",
    "派件员态度很差，单号{w}",
    "{w}催一下，{g}等着用",
)
_GOODS = ("茶杯", "手机", "图书", "药品", "衣服", "显示器", "水果", "合同")


def found() -> None:
    """Found a company with forty handlers."""
    now = timezone.now()
    text = playbooks.text(name="express-default")
    playbook = load_playbook(text=text)
    people.found_company(now=now, name="bench", playbook=playbook, text=text)
    codes = [d.code for d in playbook.departments]
    for number in range(40):
        people.add_person(
            now=now, username=f"p{number}", name=f"处理人{number}", role="handler",
            password="not-for-login", department=codes[number % len(codes)], capacity=10**6,
        )  # fmt: skip
    people.add_person(
        now=now, username="boss", name="经理", role="manager", password="not-for-login",
        department=codes[0],
    )  # fmt: skip


def _arrivals(*, rows: int, seed: int) -> list[Arrival]:
    rng = random.Random(seed)
    out = []
    for number in range(rows):
        waybill = f"SF{rng.randrange(10**12, 10**13)}"
        phone = f"1{rng.randrange(3 * 10**9, 10**10)}"
        text = rng.choice(_KINDS).replace("{w}", waybill).replace("{g}", rng.choice(_GOODS))
        body = {
            "channel": "api", "sender": phone, "phone": phone, "branch": "complaint",
            "text": text.replace("{m}", str(rng.randrange(20, 3000))),
        }  # fmt: skip
        out.append(
            Arrival(
                channel="api",
                kind="contact",
                external_id=f"b{seed}-{number}",
                raw=json.dumps(body, ensure_ascii=False).encode(),
                headers={},
            )
        )
    return out


def fill(*, rows: int, seed: int = 1) -> float:
    """Send contacts through accept and intake; returns the seconds that deciding took."""
    arrivals = _arrivals(rows=rows, seed=seed)
    for start in range(0, rows, 1000):
        intake.accept(now=timezone.now(), arrivals=arrivals[start : start + 1000])
    began = time.perf_counter()
    while intake.decide(now=timezone.now(), limit=BATCH):
        pass
    return time.perf_counter() - began


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

    The raw database writes the very same rows with executemany in transactions of one batch.
    """
    found()
    fill(rows=BATCH, seed=99)
    with CaptureQueriesContext(connection) as captured:
        intake.accept(now=timezone.now(), arrivals=_arrivals(rows=BATCH, seed=98))
        before = len(captured)
        intake.decide(now=timezone.now(), limit=BATCH)
        statements = len(captured) - before
    reset_queries()
    speeds = [rows / fill(rows=rows, seed=seed) for seed in (2, 3, 4)]
    taps = _Taps()
    intake.accept(now=timezone.now(), arrivals=_arrivals(rows=rows, seed=5))
    with connection.execute_wrapper(taps):
        while intake.decide(now=timezone.now(), limit=BATCH):
            pass
    raw = _replay(calls=taps.calls, rows=rows)
    speed = statistics.median(speeds)
    return {
        "bench": "intake", "rows": rows, "per_second": round(speed, 1),
        "raw_per_second": round(raw, 1), "ratio": round(speed / raw, 3),
        "statements_per_batch": statements, "batch": BATCH, "database": connection.vendor,
        "runs": [round(s, 1) for s in speeds],
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


def _timed(*, call: Callable[[], Any], times: int) -> tuple[float, float]:
    spans = []
    for _n in range(times):
        began = time.perf_counter()
        call()
        spans.append((time.perf_counter() - began) * 1000)
    spans.sort()
    return round(statistics.median(spans), 2), round(spans[int(len(spans) * 0.95)], 2)


def bench_accept(*, rows: int) -> dict[str, Any]:
    """One contact at a time: stored durably and acknowledged."""
    found()
    arrivals = iter(_arrivals(rows=rows, seed=7))
    p50, p95 = _timed(
        call=lambda: intake.accept(now=timezone.now(), arrivals=[next(arrivals)]), times=rows
    )
    return {"bench": "accept", "rows": rows, "p50_ms": p50, "p95_ms": p95}


def bench_queue(*, rows: int) -> dict[str, Any]:
    """The queue and one complaint's page at two sizes, so that growth shows."""
    found()
    viewer = viewer_of(user=models.User.objects.get(username="boss"))
    out: dict[str, Any] = {"bench": "queue", "rows": rows}
    for size, name in ((max(rows // 10, 100), "small"), (rows, "full")):
        fill(rows=size - models.Complaint.objects.count(), seed=size)
        one = models.Complaint.objects.order_by("id").values_list("id", flat=True)[size // 2]
        now = timezone.now()
        calls: dict[str, Callable[[], Any]] = {
            "queue": lambda: queue_read.queue(viewer=viewer, view="all"),
            "page": partial(complaint_read.page, viewer=viewer, complaint_id=one, now=now),
        }
        for what, call in calls.items():
            call()
            with CaptureQueriesContext(connection) as captured:
                call()
            p50, p95 = _timed(call=call, times=40)
            out[f"{what}_{name}"] = {"p50_ms": p50, "p95_ms": p95, "queries": len(captured)}
    full = out["queue_full"]
    out.update(p50_ms=full["p50_ms"], p95_ms=full["p95_ms"], queries=full["queries"])
    out["growth"] = round(full["p50_ms"] / max(out["queue_small"]["p50_ms"], 0.01), 2)
    return out


def bench_clocks(*, rows: int) -> dict[str, Any]:
    """Due clocks swept: warned, breached, escalated."""
    found()
    fill(rows=rows, seed=11)
    now = timezone.now()
    due = models.Clock.objects.filter(fire_at__isnull=False).count()
    models.Clock.objects.filter(fire_at__isnull=False).update(due_at=now, warn_at=now, fire_at=now)
    began, swept = time.perf_counter(), 0
    while True:
        with journey.writing(now=now, actor="system") as pen:
            done = watch.sweep_due(pen=pen, limit=500)
        swept += done
        if not done:
            break
    took = time.perf_counter() - began
    return {
        "bench": "clocks", "rows": rows, "due": due, "swept": swept, "seconds": round(took, 2),
        "per_second": round(swept / took, 1),
    }  # fmt: skip


def _boss() -> Viewer:
    found()
    return viewer_of(user=models.User.objects.get(username="boss"))


def bench_search(*, rows: int) -> dict[str, Any]:
    """Words, parts of numbers and filters over all messages, at two sizes."""
    return bench_of_search.bench_search(rows=rows, viewer=_boss())


def bench_similar(*, rows: int) -> dict[str, Any]:
    """Ended complaints most like a live one, at two sizes."""
    return bench_of_search.bench_similar(rows=rows, viewer=_boss())


BENCHES: dict[str, tuple[Callable[..., dict[str, Any]], int]] = {
    "intake": (bench_intake, 2000),
    "accept": (bench_accept, 500),
    "queue": (bench_queue, 20000),
    "clocks": (bench_clocks, 2500),
    "search": (bench_search, 100_000),
    "similar": (bench_similar, 100_000),
    "match": (bench_match, 100_000),
    "remedy": (bench_remedy, 20_000),
    "steps": (bench_steps, 20_000),
    "quality": (bench_quality, 5000),
}

"""What benchmarks stand on: a company, contacts that never saw each other, and timing."""

from __future__ import annotations

import contextlib
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.flows import intake
from huiyin.flows.ahead import Reader
from huiyin.store import models
from huiyin.store.checkpoint import moved_beside
from huiyin.store.ledger import people
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read.viewer import Viewer, viewer_of

BATCH = 200
_CAPACITY = 30_000
_ACCEPTED = 1000
_ROOM_KIB = 1_500_000
_LONG = timedelta(hours=6)
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
            password="not-for-login", department=codes[number % len(codes)], capacity=_CAPACITY,
        )  # fmt: skip
    people.add_person(
        now=now, username="boss", name="经理", role="manager", password="not-for-login",
        department=codes[0],
    )  # fmt: skip


def boss() -> Viewer:
    """Return the manager of the company founded: who sees everything."""
    return viewer_of(user=models.User.objects.get(username="boss"))


def arrivals(*, rows: int, seed: int) -> list[Arrival]:
    """Return contacts as programs send them, each of another person about another parcel."""
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


def accept(*, rows: int, seed: int) -> None:
    """Put contacts into the inbox."""
    waiting = arrivals(rows=rows, seed=seed)
    for start in range(0, rows, _ACCEPTED):
        intake.accept(now=timezone.now(), arrivals=waiting[start : start + _ACCEPTED])


def decide(*, reader: Reader) -> float:
    """Decide all that waits as the worker does; returns the seconds it took."""
    began = time.perf_counter()
    with moved_beside():
        while intake.work_off(clock=timezone.now, reader=reader, limit=BATCH, within=_LONG):
            pass
    return time.perf_counter() - began


def fill(*, rows: int, seed: int) -> None:
    """Let complaints come the way every complaint comes."""
    reader = Reader(beside=True)
    try:
        for start in range(0, rows, 10 * _ACCEPTED):
            accept(rows=min(10 * _ACCEPTED, rows - start), seed=seed * 1000 + start)
            decide(reader=reader)
    finally:
        reader.close()


@contextlib.contextmanager
def much_room() -> Iterator[None]:
    """Let SQLite hold its indexes in memory while very many rows are written.

    Afterwards the product's own setting holds again, for what is measured.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = int(cursor.execute("PRAGMA cache_size").fetchone()[0])
        cursor.execute(f"PRAGMA cache_size=-{_ROOM_KIB}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size={usual}")
            cursor.execute("PRAGMA shrink_memory")


def timed(*, call: Callable[[], Any], times: int) -> tuple[float, float]:
    """Return median and 95th percentile in milliseconds."""
    spans = []
    for _n in range(times):
        began = time.perf_counter()
        call()
        spans.append((time.perf_counter() - began) * 1000)
    spans.sort()
    return round(statistics.median(spans), 2), round(spans[int(len(spans) * 0.95)], 2)

"""Benchmarks of search and of similar cases, each at two sizes so that growth shows."""

from __future__ import annotations

import contextlib
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huiyin.core.playbook import Playbook
from huiyin.doors.bench import ground
from huiyin.store import bulk, models, past, search, triage_model
from huiyin.store.case import CASE_FIELDS, Case
from huiyin.store.ids import new_id
from huiyin.store.read import finding, office, similar
from huiyin.store.read.viewer import Viewer

_BATCH = 2000
_LIVE = 50
"""One complaint in so many is live: an edited copy of an ended one."""
_CITIES = ("广州市", "杭州市", "长沙市", "成都市", "武汉市", "沈阳市", "西安市", "昆明市")
_GOODS = ("茶杯", "手机", "图书", "药品", "衣服", "显示器", "水果", "合同")
_ANSWER = "您的件{w}已查清，{m}元退到您的账户，给您添麻烦了。"


@dataclass
class _Loader:
    """Writes complaints with a contact and an answer each, as the pen leaves them."""

    playbook: Playbook
    author: int
    rng: random.Random = field(default_factory=lambda: random.Random(20240229))
    texts: list[tuple[str, UUID]] = field(default_factory=list)
    copies: list[tuple[UUID, UUID]] = field(default_factory=list)
    """(live complaint, the ended one whose words it repeats)."""
    waybills: list[str] = field(default_factory=list)
    done: int = 0

    def load(self, *, rows: int) -> None:
        """Write until there are ``rows`` complaints."""
        language, _model = triage_model.ready()
        phrases = language.phrases
        with ground.much_room(), _words_indexed_after():
            while self.done < rows:
                many = min(_BATCH, rows - self.done)
                with transaction.atomic():
                    self._batch([self._one(phrases) for _n in range(many)])
                self.done += many
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")

    def _one(self, phrases: Any) -> tuple[Case, str, str]:
        rng = self.rng
        at = timezone.now() - timedelta(minutes=rng.randrange(1, 600_000))
        first, second = rng.choice(phrases), rng.choice(phrases)
        waybill = f"SF{rng.randrange(10**12, 10**13)}"
        text = f"{first.text}，{second.text}，单号{waybill}"
        live = bool(self.texts) and rng.randrange(_LIVE) == 0
        complaint_id = new_id(now=at)
        if live:
            said, other = rng.choice(self.texts)
            text = "".join(c for c in said if rng.random() > 0.1)
            self.copies.append((complaint_id, other))
        elif rng.random() < 0.05:
            self.texts.append((text, complaint_id))
        self.waybills.append(waybill)
        number = self.done + len(self.waybills)
        case = self._case(complaint_id, f"HY{at:%Y%m%d}-{number:07d}", at, first.category)
        case.title, case.waybill = text[:60], waybill
        case.triage["entities"] = [
            {"type": "goods", "text": "", "value": rng.choice(_GOODS)},
            {"type": "place", "text": "", "value": f"中国/{rng.choice(_CITIES)}"},
        ]
        if not live:
            case.status, case.live, case.verdict = "closed", False, "upheld"
            case.resolved_at = case.closed_at = at + timedelta(hours=rng.randrange(1, 90))
            case.stars = rng.choice((None, None, 5, 4, 3, 1))
            case.level = int(rng.random() < 0.05)
        return case, text, "" if live else _ANSWER.format(w=waybill, m=rng.randrange(5, 900))

    def _case(self, id: UUID, number: str, at: Any, category: str) -> Case:
        blank: dict[str, Any] = dict.fromkeys(CASE_FIELDS)
        for name in (
            "title", "reply_channel", "reply_to", "waybill", "carrier", "region", "due_rule",
            "verdict", "cause", "liable_department", "last_hash",
        ):  # fmt: skip
            blank[name] = ""
        for name in ("urgency_rank", "level", "contacts", "reopened", "last_seq"):
            blank[name] = 0
        blank.update(
            id=id, number=number, channel=self.rng.choice(("portal", "phone", "email", "wechat")),
            branch="complaint", category=category, secondary=[], urgency="normal", emotion=0.0,
            confidence=0.9, triage={}, status="working", live=True, watch_level="ok",
            department_id=self.playbook.category(code=category).department, unread=False,
            playbook_version=self.playbook.version_id, opened_at=at, last_contact_at=at,
            updated_at=at, flags=[], handled_by=[], match_facts={},
        )  # fmt: skip
        return Case(**blank)

    def _batch(self, cases: list[tuple[Case, str, str]]) -> None:
        bulk.insert(
            model=models.Complaint,
            rows=[{n: getattr(c, n) for n in CASE_FIELDS} for c, _t, _a in cases],
        )
        search.add_cases(cases=[c for c, _t, _a in cases])
        words = list(self._messages(cases))
        bulk.insert(model=models.Message, rows=[row for row, _index in words])
        search.add(
            rows=[
                (row["complaint_id"], row["id"], search.keys_said(text=index))
                for row, index in words
            ]
        )
        past.keep(ids=[c.id for c, _t, answer in cases if answer])

    def _messages(self, cases: list[tuple[Case, str, str]]) -> Iterator[tuple[dict[str, Any], str]]:
        for case, text, answer in cases:
            phone = f"1{self.rng.randrange(3 * 10**9, 10**10)}"
            index = f"{case.number} {case.waybill} {phone}"
            for direction, said, author, known in (
                ("in", text, None, index), ("out", answer, self.author, ""),
            ):  # fmt: skip
                if said:
                    row = {
                        "id": new_id(now=case.opened_at), "complaint_id": case.id,
                        "direction": direction, "channel": case.channel, "at": case.opened_at,
                        "author_id": author, "text": said, "subject": "",
                    }  # fmt: skip
                    yield row, f"{known} {said}"


@contextlib.contextmanager
def _words_indexed_after() -> Iterator[None]:
    """Let PostgreSQL build its indexes of words once, behind very many rows; SQLite needs no such.

    Nothing waits in their pending lists then, as after a VACUUM.
    """
    if connection.vendor == "sqlite":
        yield
        return
    tables = {"search_words": "search_entry", "past_words": "past_case"}
    with connection.cursor() as cursor:
        for index in tables:
            cursor.execute(f"DROP INDEX {index}")
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for index, table in tables.items():
            cursor.execute(f"CREATE INDEX {index} ON {table} USING gin (words)")
        cursor.execute("RESET maintenance_work_mem")


def _loader(*, viewer: Viewer) -> _Loader:
    return _Loader(playbook=office.current_playbook(), author=viewer.id)


def _sizes(rows: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("small", max(rows // 10, 1000)), ("full", rows)


def _spans(*, calls: list[tuple[str, Callable[[], Any]]]) -> dict[str, Any]:
    """Time calls in turn; returns milliseconds, and which kind of call is the slowest.

    ``cpu_p95_ms`` is this process's own time: on a shared machine the clock also counts waiting.
    """
    for _kind, call in calls[:3]:
        call()
    spans: list[float] = []
    own: list[float] = []
    kinds: dict[str, list[float]] = {}
    for kind, call in calls:
        began, busy = time.perf_counter(), time.process_time()
        call()
        own.append((time.process_time() - busy) * 1000)
        took = (time.perf_counter() - began) * 1000
        spans.append(took)
        kinds.setdefault(kind, []).append(took)
    spans.sort()
    own.sort()
    medians = {k: round(statistics.median(v), 1) for k, v in kinds.items()}
    slowest = max(medians, key=medians.__getitem__)
    return {
        "p50_ms": round(statistics.median(spans), 2),
        "p95_ms": round(spans[int(len(spans) * 0.95)], 2),
        "cpu_p95_ms": round(own[int(len(own) * 0.95)], 2),
        "slowest": slowest,
        "slowest_ms": medians[slowest],
        "kinds": medians,
    }


def _questions(loader: _Loader) -> list[tuple[str, str, dict[str, str]]]:
    rng = random.Random(3)
    waybills = rng.sample(loader.waybills, 20)
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("common word", "快递", {}), ("common word", "签收", {}), ("one character", "药", {}),
        ("two words", "签收 没收到", {}), ("two words", "手机 赔偿", {}),
        ("three words", "派件员 态度 投诉", {}), ("sentence", "显示签收可我没收到", {}),
        ("answer", "退到您的账户 添麻烦", {}), ("nothing", "量子纠缠", {}),
        ("filter", "快递", {"category": "cod"}), ("filter", "赔偿", {"status": "live"}),
        ("filter", "签收", {"department": "claims", "channel": "phone"}),
        ("filter", "没收到", {"since": "2020-01-01", "until": "2020-02-01"}),
        ("start", "138", {}), ("start", "SF1", {}), ("start", "HY2026", {}),
    ]  # fmt: skip
    for waybill in waybills:
        start = rng.randrange(3, len(waybill) - 6)
        asked.append(("waybill", waybill, {}))
        asked.append(("tail", waybill[-4:], {}))
        asked.append(("part", waybill[start : start + 6], {}))
    return asked


def bench_search(*, rows: int) -> dict[str, Any]:
    """Words, parts of numbers and filters over all messages, the page included."""
    ground.found()
    viewer = ground.boss()
    loader = _loader(viewer=viewer)
    out: dict[str, Any] = {"bench": "search", "rows": rows, "database": connection.vendor}
    for name, size in _sizes(rows):
        began = time.perf_counter()
        loader.load(rows=size)
        loaded = round(time.perf_counter() - began, 1)
        asked = _questions(loader)
        calls: list[tuple[str, Callable[[], Any]]] = [
            (kind, partial(finding.found, viewer=viewer, text=text, filters=filters))
            for kind, text, filters in asked * 2
        ]
        with CaptureQueriesContext(connection) as captured:
            calls[0][1]()
        out[name] = {"rows": size, "load_seconds": loaded, **_spans(calls=calls)}
        out["queries"] = len(captured)
    return _summed(out)


def bench_similar(*, rows: int) -> dict[str, Any]:
    """Ended complaints most like a live one; live ones repeat an ended one with a tenth left out.

    ``found`` is the part of them whose original is among the five shown.
    """
    ground.found()
    viewer = ground.boss()
    loader = _loader(viewer=viewer)
    out: dict[str, Any] = {"bench": "similar", "rows": rows, "database": connection.vendor}
    for name, size in _sizes(rows):
        began = time.perf_counter()
        loader.load(rows=size)
        loaded = round(time.perf_counter() - began, 1)
        pairs = random.Random(5).sample(loader.copies, min(100, len(loader.copies)))
        calls: list[tuple[str, Callable[[], Any]]] = [
            ("similar", partial(similar.similar, viewer=viewer, complaint_id=live))
            for live, _other in pairs
        ]
        with CaptureQueriesContext(connection) as captured:
            calls[0][1]()
        hits = [
            any(row.id == other.hex for row in similar.similar(viewer=viewer, complaint_id=live))
            for live, other in pairs
        ]
        out[name] = {
            "rows": size, "load_seconds": loaded, "found": round(sum(hits) / len(hits), 3),
            **_spans(calls=calls),
        }  # fmt: skip
        out["queries"] = len(captured)
    return _summed(out)


def _summed(out: dict[str, Any]) -> dict[str, Any]:
    full = out["full"]
    out.update(p50_ms=full["p50_ms"], p95_ms=full["p95_ms"])
    if "found" in full:
        out["found"] = full["found"]
    out["growth"] = round(full["p50_ms"] / max(out["small"]["p50_ms"], 0.01), 2)
    return out

"""How long it takes to find which complaints a contact may be about, among very many."""

from __future__ import annotations

import itertools
import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huiyin.core.extract import extract
from huiyin.core.matching import (
    ComplaintFacts,
    ContactFacts,
    choose,
    decide,
    index_keys,
    lookup_keys,
    open_complaint,
    read_contact,
)
from huiyin.doors.bench import ground
from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.read import matching as lookups

_CHUNK = 5000
_NUMBERS = itertools.count()
_ASKED = 400
_NUMBERED = frozenset({"w", "s", "wt", "pt", "wr"})
"""Keys that every complaint has for itself, not from its story."""
_TEXTS = 1500
_PLACES = """澧县 桃源漆河镇 石门 安乡 临澧合口镇 津市 汉寿 华容东山镇 湘阴 平江三阳乡 汨罗
君山 桃江 沅江 安化 隆回高平 洞口 武冈 绥宁 新宁 芷江 麻阳 溆浦低庄镇 沅陵 会同 靖州 双峰
新化上梅镇 涟源 冷水江 三台 盐亭 平武 北川 梓潼 江油 南康 信丰 兴国 于都"""
_CITIES = """上海 成都 苏州 南京 武汉 西安 兰州 银川 杭州 宁波 广州 深圳 珠海 厦门 青岛
天津 郑州 合肥"""
_GOODS = """腊肉 黄桃 冰糖橙 大闸蟹 羽绒服 电热毯 平衡车 净化器 练习册 发票 合同 假牙 助听器
胰岛素 奶粉 猫粮 沙发 花瓶 茶具 二胡 手链 手机 键盘 显示器 打印机 种子 鱼竿 婚纱 校服 通知书"""
_SURNAMES = "谭周邓龙段欧肖阮褚庄熊焦温尚祝莫伍岳彭蒋康廖钟舒卜秋贾丁覃毕石佘邬文仇晏庹冷荀竺桂"
_TROUBLES = (
    "三天没动",
    "显示签收，人在外地没收到",
    "摔碎了，要赔",
    "少了一件，封口被划开",
    "没打电话放驿站",
    "多收了{n}块",
    "约了上门没来收",
    "派件员骂人",
    "找不到了",
)


def bench_match(*, rows: int) -> dict[str, Any]:
    """Candidate lookup for one contact at a tenth of ``rows`` complaints and at all of them.

    The complaints are written straight into the tables; every one has its keys and its facts. A
    lookup is: read the keys' newest complaints, choose, read the facts of those chosen. ``cpu``
    is this process's own time: on a shared machine the clock also counts waiting.
    """
    rng = random.Random(7)
    texts = [_text(rng) for _ in range(_TEXTS)]
    now = timezone.now()
    base = [_read(text, f"1{rng.randrange(3 * 10**9, 10**10)}", now) for text in texts]
    few = max(rows // 10, 1)
    with ground.much_room():
        filled = _fill(count=few, base=base, rng=rng, now=now)
    small = _measure(filled=filled, rng=rng, now=now)
    with ground.much_room():
        filled += _fill(count=rows - few, base=base, rng=rng, now=now)
    large = _measure(filled=filled, rng=rng, now=now)
    return {
        "bench": "match", "rows": rows, "p50_ms": large["p50_ms"], "p95_ms": large["p95_ms"],
        "cpu_p50_ms": large["cpu_p50_ms"], "cpu_p95_ms": large["cpu_p95_ms"],
        "decide_p50_ms": large["decide_p50_ms"], "queries": large["queries"],
        "candidates": large["candidates"], "keys": models.MatchKey.objects.count(),
        "at_a_tenth": {"rows": few, **small},
        "growth": round(large["p50_ms"] / small["p50_ms"], 2),
        "reading_p50_ms": _reading(texts=texts, now=now), "database": connection.vendor,
    }  # fmt: skip


def _text(rng: random.Random) -> str:
    trouble = rng.choice(_TROUBLES).replace("{n}", str(rng.randrange(2, 30)))
    return (
        f"{rng.choice(_PLACES.split())}{rng.choice(_SURNAMES)}女士，{rng.choice(_CITIES.split())}寄来的"
        f"{rng.choice(_GOODS.split())}，{trouble}"
    )


def _read(text: str, phone: str, at: datetime) -> ContactFacts:
    entities = extract(text=text, at=at)
    return read_contact(id="0", at=at, channel="phone", sender=phone, text=text, entities=entities)


def _fill(
    *, count: int, base: list[ContactFacts], rng: random.Random, now: datetime
) -> list[ContactFacts]:
    """Write complaints with a number and a telephone of their own, spread over the last year.

    Returns a sample of the contacts that opened them.
    """
    kept = [
        (
            contact,
            open_complaint(id="", number="", contact=contact).as_json(),
            [k for k in index_keys(contact=contact) if k.partition(":")[0] not in _NUMBERED],
        )
        for contact in base
    ]
    row = _row(now)
    sample: list[ContactFacts] = []
    for start in range(0, count, _CHUNK):
        complaints: list[list[Any]] = []
        keys: list[tuple[Any, ...]] = []
        for _ in range(min(_CHUNK, count - start)):
            contact, facts, shared = rng.choice(kept)
            own = _own(contact, rng, now)
            id, at = new_id(now=own.at), own.at.isoformat(sep=" ")
            waybill, phone = own.waybills[0], own.phones[0]
            facts |= {
                "id": id.hex, "waybills": [waybill], "phones": [phone],
                "senders": [own.identity], "owners": [own.identity],
            }  # fmt: skip
            complaints.append(_with(row, id=id.hex, at=at, facts=json.dumps(facts)))
            keys += [
                (key, id.hex, at, id.hex)
                for key in (
                    f"w:{waybill}", f"s:{own.identity}", f"wt:{waybill[-4:]}",
                    f"pt:{phone[-4:]}", f"wr:{waybill[:-3]}", *shared,
                )
            ]  # fmt: skip
            if rng.random() < _ASKED / count:
                sample.append(own)
        with transaction.atomic():
            _write("complaint", list(row), complaints)
            _write("match_key", ["key", "complaint_id", "at", "message_id"], keys)
    return sample


def _row(now: datetime) -> dict[str, Any]:
    """Return the columns of a plain complaint as the database takes them."""
    complaint = models.Complaint(
        title="", channel="phone", category="lost", urgency="normal", status="working",
        playbook_version="", opened_at=now, last_contact_at=now, updated_at=now,
    )  # fmt: skip
    return {
        str(field.column): field.get_db_prep_save(getattr(complaint, field.attname), connection)
        for field in models.Complaint._meta.concrete_fields
    }


def _with(row: dict[str, Any], *, id: str, at: str, facts: str) -> list[Any]:
    own = {"id": id, "number": f"B{next(_NUMBERS)}", "opened_at": at, "match_facts": facts}
    return list((row | own).values())


def _write(table: str, columns: list[str], rows: Sequence[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        return
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _own(contact: ContactFacts, rng: random.Random, now: datetime) -> ContactFacts:
    phone = f"1{rng.randrange(3 * 10**9, 10**10)}"
    return replace(
        contact,
        at=now - timedelta(minutes=rng.randrange(1, 500_000)),
        sender=phone,
        identity=f"p:{phone}",
        phones=(phone,),
        waybills=(f"SF{rng.randrange(10**12, 10**13)}",),
    )


def _asked(known: ContactFacts, rng: random.Random, now: datetime) -> ContactFacts:
    """Return a later contact: with the number, from the telephone, its end, or the story alone."""
    how = rng.randrange(4)
    contact = _read(f"我打过电话的，{known.text}，到底怎么说", "13000000000", now)
    if how == 0:
        return replace(contact, waybills=known.waybills)
    if how == 1:
        return replace(contact, identity=known.identity, phones=known.phones)
    return replace(contact, tails=(known.waybills[0][-4:],)) if how == 2 else contact


def _measure(*, filled: list[ContactFacts], rng: random.Random, now: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    contacts = [_asked(rng.choice(filled), rng, now) for _ in range(_ASKED)]
    found, own, decided, candidates = [], [], [], []
    for number, contact in enumerate((*contacts[:20], *contacts)):
        began, busy = time.perf_counter(), time.process_time()
        known = _look_up(contact, now)
        middle, used = time.perf_counter(), time.process_time() - busy
        decide(contact=contact, candidates=known, now=now)
        if number >= 20:
            found.append(middle - began)
            own.append(used)
            decided.append(time.perf_counter() - middle)
            candidates.append(len(known))
    with CaptureQueriesContext(connection) as captured:
        _look_up(contacts[0], now)
    found.sort()
    own.sort()
    return {
        "p50_ms": round(statistics.median(found) * 1000, 3),
        "p95_ms": round(found[int(len(found) * 0.95)] * 1000, 3),
        "cpu_p50_ms": round(statistics.median(own) * 1000, 3),
        "cpu_p95_ms": round(own[int(len(own) * 0.95)] * 1000, 3),
        "decide_p50_ms": round(statistics.median(decided) * 1000, 3),
        "candidates": statistics.median(candidates),
        "queries": len(captured),
    }


def _look_up(contact: ContactFacts, now: datetime) -> list[ComplaintFacts]:
    keys = lookup_keys(contact=contact)
    chosen = choose(keys=keys, found=lookups.candidates(keys=keys, now=now))
    stored = lookups.known(ids=chosen)
    return [
        ComplaintFacts.from_json(data=orjson.loads(stored[id].facts))
        for id in chosen
        if id in stored
    ]


def _reading(*, texts: list[str], now: datetime) -> float:
    took = []
    for text in texts[:_ASKED]:
        began = time.perf_counter()
        _read(text, "13000000000", now)
        took.append(time.perf_counter() - began)
    return round(statistics.median(took) * 1000, 3)

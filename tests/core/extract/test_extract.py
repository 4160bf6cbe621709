"""Extraction as a whole: what it finds, where, and that it takes any text."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from huiyin.core.extract import Entity, extract

pytestmark = pytest.mark.thorough

AT = datetime(2026, 11, 12, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def found(text: str) -> set[tuple[str, str, str | int]]:
    return {(e.type, e.text, e.value) for e in extract(text=text, at=AT)}


def test_a_plain_complaint_yields_its_parts() -> None:
    text = "陈女士来电：中通７３５00011122233，昨天下午显示签收，要求赔偿1,200元，电话13800001111"
    assert {
        ("person", "陈女士", "陈女士"),
        ("waybill", "７３５00011122233", "73500011122233"),
        ("money", "1,200元", 120_000),
        ("phone", "13800001111", "13800001111"),
        ("date", "昨天下午", "2026-11-11T12:00+08:00/2026-11-11T18:00+08:00"),
    } <= found(text)


def test_entities_come_in_order_and_never_overlap() -> None:
    text = "寄到衡阳市蒸湘区的两箱柚子，单号CY2600011112，等了四五天，运费25块，11月3号寄的"
    entities = extract(text=text, at=AT)
    assert [e.type for e in entities] == [
        "address",
        "waybill",
        "duration",
        "money",
        "date",
    ]
    for one, next_one in pairwise(entities):
        assert one.end <= next_one.start
    for entity in entities:
        assert text[entity.start : entity.end] == entity.text


def test_every_entity_says_why_in_both_languages() -> None:
    text = (
        "顺丰SF1400012345678，前天寄的，退我300，尾号4471，"
        "常德市武陵区，刘女士，等了三天，订单号88001122"
    )
    entities = extract(text=text, at=AT)
    assert len({e.type for e in entities}) >= 7
    for entity in entities:
        assert entity.because
        for reason in entity.because:
            assert reason.rule.startswith("extract.")
            assert reason.zh
            assert reason.en


def test_json_keeps_what_a_reader_needs_and_drops_the_empty() -> None:
    (entity,) = extract(text="YT2200033344455")
    data = json.loads(json.dumps(entity.as_json(), ensure_ascii=False))
    assert data["type"] == "waybill"
    assert (data["start"], data["end"]) == (0, 15)
    assert data["candidates"][0]["carrier"] == "yto"
    assert "candidates" not in Entity("money", "3元", 0, 2, 300).as_json()


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "🙂", "的" * 50, "￥", "第", "，，，"])
def test_a_text_without_entities_has_none(text: str) -> None:
    assert extract(text=text, at=AT) == ()


@pytest.mark.parametrize(
    "unit",
    ["1", "138 ", "1-", "11.", "长沙一", "单号a", "尾号1", "赔3", "7栋", "\n张三", "sf 1", "幺"],
)
def test_a_very_long_text_is_read_to_its_end(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    for entity in extract(text=text, at=AT):
        assert text[entity.start : entity.end] == entity.text


def test_real_texts_are_taken_whole() -> None:
    path = DATA / "contacts_dev.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    contacts = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [contact["text"] for contact in contacts if "text" in contact]
    with_waybill = 0
    for text in texts:
        entities = extract(text=text, at=AT)
        assert all(text[e.start : e.end] == e.text for e in entities)
        with_waybill += any(e.type == "waybill" for e in entities)
    assert with_waybill > len(texts) // 3

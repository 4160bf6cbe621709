"""Extraction as a whole: what it finds, where, and with which value."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from huiyin.core.extract import extract

AT = datetime(2026, 11, 12, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_plain_complaint_yields_its_parts() -> None:
    text = "陈女士来电：中通７３５11112222333，昨天下午说签收了，赔偿1,200元，电话13800001111"
    found = {(e.type, e.text, e.value) for e in extract(text=text, at=AT)}
    assert ("waybill", "７３５11112222333", "73511112222333") in found
    assert ("money", "1,200元", 120_000) in found
    assert ("phone", "13800001111", "13800001111") in found
    for entity in extract(text=text, at=AT):
        assert text[entity.start : entity.end] == entity.text


def test_empty_text_has_nothing() -> None:
    assert extract(text="") == ()

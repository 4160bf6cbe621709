"""From a text to the entities named in it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from huiyin.core.because import Reason
from huiyin.core.extract.carriers import CarrierPatterns
from huiyin.core.extract.entity import Candidate, Entity, EntityType
from huiyin.core.extract.shipped import DEFAULT

_FULL = {i: i - 0xFEE0 for i in range(0xFF01, 0xFF5F)}
_NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{9,32}(?![A-Za-z0-9])")
_LANDLINE = re.compile(r"(?<![0-9])0\d{2,3}-?\d{7,8}(?!\d)(?:\s?转\s?\d{1,6})?")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?:-\d{4})?(?!\d)")
_TAIL = re.compile(r"(?:尾号|末尾|后四位|末四位|尾数|后八位)[是为:：]?\s?(\d{3,10})")
_MONEY = re.compile(
    r"[¥￥]\s?\d[\d,]*(?:\.\d+)?\s?(?:万|千)?元?|\d[\d,]*(?:\.\d+)?\s?(万)?(?:元|块)"
)
_DATE = re.compile(
    r"(?:\d{4}年)?(\d{1,2})月(\d{1,2})[日号]|(大前天|前天|昨天|今天|今日|明天|后天)"
    r"(?:早上|上午|中午|下午|晚上)?"
)
_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "今天": 0, "今日": 0, "明天": 1, "后天": 2}


def extract(
    *, text: str, at: datetime | None = None, carriers: CarrierPatterns = DEFAULT
) -> tuple[Entity, ...]:
    """Return the entities named in ``text``, in order of their start, never overlapping.

    ``at`` is the moment (aware) from which relative dates are counted. Any text is accepted.
    """
    plain = text.translate(_FULL)
    found: list[Entity] = []
    taken = [False] * len(text)

    def add(
        kind: EntityType,
        start: int,
        end: int,
        value: str | int,
        reason: Reason,
        candidates: tuple[Candidate, ...] = (),
    ) -> None:
        if any(taken[start:end]):
            return
        taken[start:end] = [True] * (end - start)
        found.append(Entity(kind, text[start:end], start, end, value, candidates, (reason,)))

    for m in _LANDLINE.finditer(plain):
        value = re.sub(r"\s?转\s?", "-", m.group().replace("-", ""))
        add("phone", m.start(), m.end(), value, Reason("extract.landline", "固定电话的写法"))
    for m in _MOBILE.finditer(plain):
        value = re.sub(r"[ -]", "", m.group())
        value = value if len(value) == 11 else f"{value[:11]}-{value[11:]}"
        add("phone", m.start(), m.end(), value, Reason("extract.mobile", "手机号码的写法"))
    for m in _NUMBER.finditer(plain):
        value = m.group().upper()
        ranked = tuple(
            Candidate(c.code, c.name, 0.5, (Reason("extract.pattern", f"符合{c.name}单号格式"),))
            for c in carriers.carriers
            if any(p.fullmatch(value) for p in c.patterns)
        )
        if ranked:
            reason = Reason("extract.waybill", "符合快递单号格式")
            add("waybill", m.start(), m.end(), value, reason, ranked)
    for m in _TAIL.finditer(plain):
        reason = Reason("extract.tail", "说了单号的末几位")
        add("waybill_tail", m.start(1), m.end(1), m.group(1), reason)
    for m in _MONEY.finditer(plain):
        number = float(re.sub(r"[^\d.]", "", m.group()) or 0)
        fen = round(number * (1_000_000 if "万" in m.group() else 100))
        add("money", m.start(), m.end(), fen, Reason("extract.money", "带货币单位的数目"))
    for m in _DATE.finditer(plain):
        iso = ""
        if m.group(3) and at is not None:
            iso = (at + timedelta(days=_DAYS[m.group(3)])).date().isoformat()
        elif m.group(1):
            year = f"{at.year:04d}" if at is not None else "-"
            iso = f"{year}-{int(m.group(1)):02d}-{int(m.group(2)):02d}"
        add("date", m.start(), m.end(), iso, Reason("extract.date", "日期的说法"))
    return tuple(sorted(found, key=lambda e: e.start))

"""Lengths of time: how long somebody has waited, or is promised to wait."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.extract.dates import ago
from huiyin.core.extract.numerals import number
from huiyin.core.extract.spans import Spans

_HAN: Final = "一二两三四五六七八九十百"
_UNIT: Final = (
    r"(?:(?P<half>个半)|个)?\s?多?(?P<unit>工作日|工作天|小时|钟头|分钟|星期|礼拜|(?<=个)月|(?<=个多)月|(?<=个半)月"
    r"|天(?![然气猫线津空才使花下])|周(?![岁年边围到])|日(?=内|以内|之内)|年(?![级代货纪月]))"
)
_FIND: Final = re.compile(
    rf"(?P<n>\d{{1,4}}(?:\.\d)?|[{_HAN}]{{1,5}}几?|几十?|半)"
    rf"(?:\s?[-~—至到]\s?(?P<to>\d{{1,4}}|[{_HAN}]{{1,4}}))?(?P<more>[多几来余整])?"
    rf"{_UNIT}(?P<and>半)?(?P<ago>之?前|以前)?(?!无理由)"
)
_NOT_AFTER: Final = frozenset("第每前后头.")
_CODE: Final = {
    "工作日": ("P", "D", 1.0),
    "工作天": ("P", "D", 1.0),
    "小时": ("PT", "H", 1.0),
    "钟头": ("PT", "H", 1.0),
    "分钟": ("PT", "M", 1.0),
    "星期": ("P", "W", 7.0),
    "礼拜": ("P", "W", 7.0),
    "周": ("P", "W", 7.0),
    "天": ("P", "D", 1.0),
    "日": ("P", "D", 1.0),
    "月": ("P", "M", 30.0),
    "年": ("P", "Y", 365.0),
}
_SAID: Final = (Reason("extract.duration", "时间长短的说法", "a length of time"),)
_AGO: Final = (
    Reason("extract.date.ago", "从来件时间往前推算", "counted back from the time of writing"),
)
_ABOUT: Final = (
    Reason("extract.duration.vague", "约数，按最少的记", "a vague length, kept at its least"),
)


def duration_at(*, plain: str, start: int, spans: Spans, at: datetime | None) -> int:
    """Add the length of time that begins with the run of numerals at ``start``.

    A length before the day of writing (三天前) is a date, counted from ``at``; after (三天后)
    it stays a length, because it mostly counts from something told. Returns the end, or 0 where
    there is none.
    """
    m = _FIND.match(plain, start)
    if m is None:
        return 0
    before = plain[start - 1] if start else ""
    said = m["n"]
    if before in _NOT_AFTER or (before == "这" and said in ("两", "几")):
        return 0
    low, vague = _count(said)
    if low is None:
        return 0
    if before == "好" and said[0] == "几":
        start -= 1
    elif said == "半" and before in ("大", "小"):
        start -= 1
        vague = True
    if m["half"] or m["and"]:
        low += 0.5
    high = number(text=m["to"]) if m["to"] else _second(said)
    if m["ago"] and high is None and not _bounded(plain, start):
        value = ago(count=low, unit=m["unit"], at=at)
        return m.end() if spans.add("date", start, m.end(), value, _AGO) else 0
    end = m.start("ago") if m["ago"] else m.end()
    value = _iso(low, m["unit"])
    if high is not None:
        value = f"{value}/{_iso(high, m['unit'])}"
    because = _ABOUT if vague or m["more"] else _SAID
    return end if spans.add("duration", start, end, value, because) else 0


def _bounded(plain: str, start: int) -> bool:
    """Tell whether the length is a lead or a limit (提前三天, 超过两天前), not a point in time."""
    return plain[max(0, start - 2) : start] in ("提前", "超过")


def _count(said: str) -> tuple[float | None, bool]:
    if "几" in said:
        base = number(text=said.replace("几", ""))
        return (base if base is not None else 20.0 if said == "几十" else 3.0), True
    if said == "半":
        return 0.5, False
    value = number(text=said)
    if value is None and len(said) == 2:
        value = number(text=said[0])
        return value, True
    return value, False


def _second(said: str) -> float | None:
    """Return the second number of two said together: 四五天 is four to five days."""
    if len(said) == 2 and number(text=said) is None:
        return number(text=said[1])
    return None


def _iso(count: float, unit: str) -> str:
    prefix, letter, days = _CODE[unit]
    if count == int(count):
        return f"{prefix}{int(count)}{letter}"
    if letter == "H":
        return f"PT{round(count * 60)}M"
    if letter == "M" and prefix == "PT":
        return f"PT{round(count * 60)}S"
    if count * days < 1 or letter == "D":
        return f"PT{round(count * days * 24)}H"
    return f"P{round(count * days)}D"

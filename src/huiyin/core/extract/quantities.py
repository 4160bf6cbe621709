"""Runs of numerals, each judged once by what follows: a date, a sum or a length of time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from huiyin.core.extract.dates import date_at
from huiyin.core.extract.durations import duration_at
from huiyin.core.extract.money import money_at
from huiyin.core.extract.spans import Spans

_RUN: Final = re.compile(
    r"[0-9零〇一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟半几]+(?:[.,][0-9]+)*"
)
_DATE_NEXT: Final = frozenset("年月号日/-")
_TIME_NEXT: Final = frozenset("天小个周星礼年日分钟多来余整工半几-~—至到")
_MONEY_NEXT: Final = frozenset("元块毛角分把多来余几十百千万kKwW圆-~—至到")


def find_quantities(*, plain: str, spans: Spans, at: datetime | None) -> None:
    """Add the dates, sums and lengths of time that begin with a numeral to ``spans``."""
    done = 0
    length = len(plain)
    for run in _RUN.finditer(plain):
        start, end = run.span()
        if start < done:
            continue
        if not spans.free(start, end):
            # the tail of a number already taken may begin a quantity: …0008四天
            start = spans.taken.rfind(1, start, end) + 1
            if start >= end:
                continue
        after = plain[end] if end < length else ""
        if after == " " and end + 1 < length:
            after = plain[end + 1]
        said = plain[start:end]
        if after in _DATE_NEXT or "." in said:
            done = date_at(plain=plain, start=start, spans=spans, at=at)
            if done:
                continue
        if after in _TIME_NEXT:
            done = duration_at(plain=plain, start=start, spans=spans, at=at)
            if done:
                continue
        before = plain[start - 1] if start else ""
        short = said[-1] in "万千" or (len(said) == 3 and said[1] in "百千")
        if after in _MONEY_NEXT or before in "¥B bY" or short:
            done = money_at(plain=plain, start=start, spans=spans)

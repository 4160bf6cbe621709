"""Sums of money, written and spoken, in integer 分."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.extract.numerals import HAN_DIGITS, number
from huiyin.core.extract.shipped import shipped_words
from huiyin.core.extract.spans import Spans

_ARABIC: Final = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,9})(?:\.\d{1,2})?"
_HAN: Final = rf"[{HAN_DIGITS}]{{1,12}}"
_VAGUE: Final = r"(?:好几|[几数上成])[十百千万]{1,2}|[百千万]把"
_MORE: Final = r"[多来余几]?"

_WITH_UNIT: Final = (
    Reason("extract.money.unit", "带货币单位的数目", "an amount with its currency unit"),
)
_SIGN: Final = (
    Reason("extract.money.sign", "带货币符号的数目", "an amount with its currency sign"),
)
_BARE: Final = (
    Reason(
        "extract.money.cue", "前面的词说明是金额", "the words before it say that it is an amount"
    ),
)
_ABOUT: Final = (
    Reason(
        "extract.money.vague",
        "约数，按最小的整数记",
        "a vague amount, kept as the smallest round figure",
    ),
)

_VAGUE_STEP: Final = {"十": 10, "百": 100, "千": 1000, "万": 10000}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = shipped_words()
    pieces = "|".join(map(re.escape, words.money_pieces))
    counted = "|".join(map(re.escape, words.money_counted))
    stated = re.compile(
        rf"(?P<low>{_ARABIC}\s?[-~—至到]\s?)?"
        rf"(?P<number>{_ARABIC}\s?(?:[多来余几]?[十百千万][{HAN_DIGITS}0-9]{{0,8}}|[kKwW]\d?)?"
        rf"|{_VAGUE}|{_HAN}(?:几[十百千万]?)?)"
        rf"(?P<more>{_MORE})\s?"
        rf"(?:(?P<unit>元(?![旦月素件宵培气器帅首区镇里桥村街]|店镇)|圆整|块(?!{pieces}))"
        r"(?:(?P<jiao>[0-9两一二三四五六七八九])(?:毛(?:(?P<fen>[0-9一二三四五六七八九])分?)?"
        r"|(?![0-9.毛]|[个件天号点月箱斤])))?"
        r"(?:钱|整|人民币)?"
        r"|(?P<small>毛(?![发线衣巾笔病病落毛])|角(?=钱|[\d一二三四五六七八九]分|$|[，。,；;！!？?\s])|分钱)钱?)"
    )
    signed = re.compile(rf"{_ARABIC}(?:\s?[万千kKwW])?(?:\s?[元块](?:钱|整)?)?")
    short = re.compile(
        r"\d{1,3}[kKwW]\d(?![A-Za-z0-9])"
        rf"|\d{{1,6}}(?:\.\d{{1,2}})?万(?=$|[，。,；;！!？?\s的])"
        rf"|[\d两一二三四五六七八九]千(?![克瓦米卡万辛山军方差古年百多几零街镇乡村]|\s?(?:{counted}))"
        rf"|[{HAN_DIGITS}]{{1,4}}万[{HAN_DIGITS}]{{0,4}}(?=$|[，。,；;！!？?\s的])"
        r"|[一二两三四五六七八九](?:百[一二三四五六七八九]|千[一二三四五六七八九])"
        rf"(?=$|[，。,；;！!？?\s]|的?(?:那|这)?[笔单])"
    )
    return stated, signed, short


@cache
def _cued() -> re.Pattern[str]:
    words = shipped_words()
    counted = "|".join(map(re.escape, words.money_counted))
    cues = "|".join(map(re.escape, words.money_cue))
    return re.compile(
        rf"(?P<cue>{cues})(?:[了约为是的：: 共计]|大概|大约|最多|最少|至少|最高|只有)?"
        rf"(?P<number>{_ARABIC}\s?(?:[百千万][0-9{HAN_DIGITS}]{{0,4}}|[kKwW]\d?)?"
        rf"|[{HAN_DIGITS}]{{0,6}}[百千万][{HAN_DIGITS}]{{0,6}}|{_VAGUE})"
        rf"[多余]?(?![0-9A-Za-z.十百千万几]|,\d|{counted}|\s(?:[个件天号日点次]|小时|[kK][gG]))"
    )


def find_cued_money(*, plain: str, spans: Spans) -> None:
    """Add the bare numbers that the words before them make sums (赔偿300) to ``spans``."""
    for m in _cued().finditer(plain):
        _bare(m, plain, spans)


def money_at(*, plain: str, start: int, spans: Spans) -> int:
    """Add the sum that begins with the run of numerals at ``start``; return its end or 0."""
    stated, signed, short = _patterns()
    sign = _SIGN_BEFORE.search(plain[max(0, start - 4) : start])
    if sign is not None:
        m = signed.match(plain, start)
        if m is not None:
            value = number(text=m.group().rstrip("元块钱整 "))
            if value is not None:
                begin = start - len(sign.group())
                spans.add("money", begin, m.end(), round(value * 100), _SIGN)
                return m.end()
    if plain[start - 1 : start] in ("好", "上") and plain[start] in "几千百万":
        start -= 1
    m = stated.match(plain, start)
    if m is not None:
        return _stated(m, plain, spans)
    m = short.match(plain, start)
    if m is not None:
        value = number(text=m.group())
        if value and spans.add("money", start, m.end(), round(value * 100), _BARE):
            return m.end()
    return 0


_SIGN_BEFORE: Final = re.compile(r"(?:¥|RMB|rmb|CNY)\s?$")


def _stated(m: re.Match[str], plain: str, spans: Spans) -> int:
    start, end = m.span()
    if start and plain[start - 1] in ".第":
        return 0
    said = m["number"]
    because = _WITH_UNIT
    value = number(text=(m["low"] or said).rstrip(" -~—至到"))
    if value is None:
        value = _vague(said)
        because = _ABOUT
    if value is None:
        return 0
    if m["low"]:
        high = number(text=said)
        if high is not None and high >= 10000 > value and said[-1] in "万千":
            value *= _VAGUE_STEP[said[-1]]
        because = _ABOUT
    if m["more"]:
        because = _ABOUT
    if m["small"]:
        if said == "一" and not _is_money(plain, start, end):
            return 0
        fen = value * (1 if m["small"].startswith("分") else 10)
    else:
        if m["unit"] == "块" and said == "一" and not _is_money(plain, start, end):
            return 0
        fen = value * 100
        if m["jiao"]:
            fen += (number(text=m["jiao"][0]) or 0) * 10
        if m["fen"]:
            fen += number(text=m["fen"][0]) or 0
    return end if spans.add("money", start, end, round(fen), because) else 0


_TOGETHER: Final = re.compile(r"[起去来送发走到了给寄买拿吃玩干打合放]")
_PAID: Final = re.compile(r"[花收退赔付差要价费钱掉涨降扣多少毛][了我他你]?$")


def _is_money(plain: str, start: int, end: int) -> bool:
    """Tell 一块 (one yuan) from 一块 (together; a piece)."""
    if plain.endswith("钱", start, end):
        return True
    if _PAID.search(plain[max(0, start - 3) : start]) is None:
        return False
    return _TOGETHER.match(plain, end) is None


def _vague(text: str) -> float | None:
    """Return the smallest round figure a vague number may mean: 几百 → 100, 百把 → 100."""
    scale = 1
    seen = False
    for c in text:
        step = _VAGUE_STEP.get(c)
        if step is not None:
            scale *= step
            seen = True
    return float(scale) if seen else None


def _bare(m: re.Match[str], plain: str, spans: Spans) -> None:
    said = m["number"]
    start, end = m.span("number")
    cue = m["cue"]
    if cue in ("按", "共", "值") and len(said) < 2:
        return
    if cue == "按" and plain[end : end + 1] not in ("赔", "退", "算", "元"):
        return
    value = number(text=said)
    because = _BARE
    if value is None:
        value, because = _vague(said), _ABOUT
    if value is None or (said.isdigit() and (value < 1 or len(said) > 7)):
        return
    stripped = said.rstrip()
    spans.add("money", start, start + len(stripped), round(value * 100), because)

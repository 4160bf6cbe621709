"""Numbers as people write and say them."""

from __future__ import annotations

import re
from typing import Final

_HALF: Final[dict[int, int | str]] = {
    **{i: i - 0xFEE0 for i in range(0xFF10, 0xFF1A)},
    **{i: i - 0xFEE0 for i in range(0xFF21, 0xFF3B)},
    **{i: i - 0xFEE0 for i in range(0xFF41, 0xFF5B)},
    ord("－"): "-",
    ord("＋"): "+",
    ord("．"): ".",
    ord("￥"): "¥",
    ord("　"): " ",
    ord("\xa0"): " ",
}
_WIDE: Final = re.compile("[０-９Ａ-Ｚａ-ｚ－＋．￥　\xa0]")

_VALUE: Final = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    **{c: i for i, c in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "两": 2,
    "俩": 2,
    "○": 0,
}
_SCALE: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}

_SPOKEN: Final = {
    **{c: str(i) for i, c in enumerate("零一二三四五六七八九")},
    "〇": "0",
    "洞": "0",
    "幺": "1",
    "么": "1",
    "两": "2",
    "俩": "2",
    "拐": "7",
    "勾": "9",
    "杠": "",
    "-": "",
    " ": "",
    "O": "0",
    "o": "0",
}

HAN_DIGITS: Final = "零〇一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟"


def half_width(*, text: str) -> str:
    """Return ``text`` with full-width digits and letters made half width, length unchanged."""
    if _WIDE.search(text) is None:
        return text
    return text.translate(_HALF)


def spoken_digits(*, text: str) -> str:
    """Return the digits of a number read out one by one: 幺三八 → 138."""
    return "".join(_SPOKEN.get(c, c) for c in text)


def number(*, text: str) -> float | None:
    """Return the value of a number in Arabic, Chinese or mixed writing, or None.

    A digit after the last scale word counts the next lower scale, as spoken: 三百五 is 350,
    一万二 is 12,000, 1k2 is 1,200. 半 is one half. Commas between thousands are allowed.
    """
    text = text.replace(",", "").replace(" ", "")
    if not text:
        return None
    if _PLAIN.fullmatch(text):
        return float(text)
    return 0.5 if text == "半" else _mixed(text)


_PLAIN: Final = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_MIXED: Final = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s?([十百千万kKwW])(\d{0,4})([百千万]?)")
_STEP: Final = {
    "十": 10.0,
    "百": 100.0,
    "千": 1000.0,
    "k": 1000.0,
    "K": 1000.0,
    "万": 10000.0,
    "w": 10000.0,
    "W": 10000.0,
}


def _mixed(text: str) -> float | None:
    if text[0].isdigit() and text[0].isascii():
        m = _MIXED.fullmatch(text)
        if m is None:
            return None
        step = _STEP[m[2]]
        value = float(m[1]) * step
        if m[3]:
            low = int(m[3])
            if m[4]:
                value += low * _STEP[m[4]]
            elif len(m[3]) == 1:
                value += low * step / 10
            else:
                value += low
        elif m[4]:
            value *= _STEP[m[4]]
        return value
    return _han(text)


def _han(text: str) -> float | None:
    total = section = 0
    digit: int | None = None
    last_scale = 1
    zero = False
    for c in text:
        value = _VALUE.get(c)
        if value is not None:
            if digit is not None and digit != 0:
                return None
            zero = zero or value == 0
            digit = value
            continue
        scale = _SCALE.get(c)
        if scale is not None:
            section += (1 if digit is None else digit) * scale
            digit, last_scale, zero = None, scale, False
        elif c == "万":
            total += (section + (digit or 0) or 1) * 10000
            section, digit, last_scale, zero = 0, None, 10000, False
        else:
            return None
    if digit is not None:
        section += digit if zero or last_scale < 100 else digit * last_scale // 10
    return float(total + section)

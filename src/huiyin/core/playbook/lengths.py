"""Lengths of time as people write and read them: 4 小时, 30 分钟, 7 天."""

from __future__ import annotations

import re

_ISO = re.compile(r"P(?:([0-9]+)D|T(?:([0-9]+)H)?(?:([0-9]+)M)?)")
_UNITS = {
    "分钟": "M", "分": "M", "min": "M", "minute": "M", "minutes": "M", "m": "M",
    "小时": "H", "时": "H", "h": "H", "hour": "H", "hours": "H",
    "天": "D", "日": "D", "自然日": "D", "d": "D", "day": "D", "days": "D",
}  # fmt: skip
_SAID = re.compile(r"([0-9]{1,6})\s*个?\s*([a-zA-Z\u4e00-\u9fff]+)")


def length_words(*, length: str, english: bool) -> str:
    """Return an ISO length of a playbook in words; other text as it is."""
    found = _ISO.fullmatch(length)
    if found is None:
        return length
    parts = []
    for number, zh, en in zip(
        found.groups(), ("天", "小时", "分钟"), ("day", "hour", "minute"), strict=True
    ):
        if number is not None:
            n = int(number)
            parts.append(f"{n} {en}{'' if n == 1 else 's'}" if english else f"{n} {zh}")
    return " ".join(parts)


def length_from(*, text: str) -> str:
    """Read a length that a person wrote; what is none is returned as it is, for the checks."""
    word = text.strip()
    found = _SAID.findall(word)
    units = [_UNITS.get(unit.lower()) for _n, unit in found]
    if not found or None in units or _SAID.sub("", word).strip():
        return word.upper() if _ISO.fullmatch(word.upper()) else word
    if units == ["D"]:
        return f"P{int(found[0][0])}D"
    if units == ["H", "M"]:
        return f"PT{int(found[0][0])}H{int(found[1][0])}M"
    if units in (["H"], ["M"]):
        return f"PT{int(found[0][0])}{units[0]}"
    return word

"""One spelling for what means the same: width, case, numbers, placeholders, drawn-out letters."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_SEEN_AS = str.maketrans(
    {"\t": " ", "\r": " ", "\n": "。", "\u200b": None, "\ufeff": None, "｡": "。", "\x00": None}
    | {chr(code): " " for code in (0xA0, 0x2002, 0x2003, 0x2028, 0x2029)}
    | {chr(code): None for code in (1, 2, 3)}
)
# numbers say no more than that there is one, but for the lines that people threaten to call
_NUMBER = re.compile(
    r"\[(?:数字|金额|日期|时间|电话)x\]"
    r"|(?<!\d)(?!(?:12305|12315|12345|110|315)(?!\d))\d+(?:[.:]\d+)*"
)
_BLANK = re.compile(
    r"\[(?:地址|姓名|链接|站点|邮箱|商品|orderid)[^\[\]]{0,24}\]|https?://[\w./?=&%#-]*|\{%|%\}"
)
_DRAWN_OUT = re.compile(r"([^\d])\1{2,}")
_SPACES = re.compile(r" {2,}|^ +| +$")


def spelling(*, same: Mapping[str, str]) -> dict[int, str | int | None]:
    """Return the translation table for :func:`normalise`: width and case plus ``same``.

    ``same`` maps single characters to the character they are read as (traditional forms).
    """
    table: dict[int, str | int | None] = dict(_FULL_WIDTH)
    table.update({ord(k): v for k, v in same.items()})
    for key, value in _SEEN_AS.items():
        table[key] = value
    return table


def normalise(*, text: str, table: dict[int, str | int | None]) -> str:
    """Return ``text`` in the spelling that words and patterns are matched against.

    Numbers of any length become "0", anonymising placeholders such as "[数字x]" likewise; links
    and other placeholders vanish; a character written three times or more is written twice.
    """
    text = text.translate(table).lower()
    text = _NUMBER.sub("0", text)
    if "[" in text or "://" in text or "%" in text:
        text = _BLANK.sub(" ", text)
    text = _DRAWN_OUT.sub(r"\1\1", text)
    return _SPACES.sub(lambda m: " " if m.start() and m.end() < len(m.string) else "", text)

"""A list of waybills as people paste or upload it: what can be read, what cannot, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

MOST = 50_000
"""No list is longer."""
MOST_REJECTED = 200

_SPLIT = re.compile(r"[\s,，;；、|]+")
_WAYBILL = re.compile(r"[A-Z0-9][A-Z0-9-]{5,38}[A-Z0-9]", re.ASCII)
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "waybill": ("waybill", "运单号", "运单", "快递单号", "单号", "托运单号", "运单编号"),
    "fee": ("fee", "运费", "运费（元）", "运费(元)"),
    "insured_amount": ("insured_amount", "保价金额", "保价", "保价金额（元）", "保价金额(元)"),
    "real_value": ("real_value", "value", "实际价值", "货值", "声明价值", "货物价值"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A parcel on the list; ``facts`` of the compensation formula in 分 where the list has them."""

    waybill: str
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that cannot be taken: where it stands, what it says, and why."""

    row: int
    said: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as it was read; a waybill that stands twice counts once."""

    parcels: tuple[Listed, ...] = ()
    unread: tuple[Unread, ...] = ()
    repeated: int = 0


def waybill_key(*, text: str) -> str:
    """Return a waybill as it is compared: capital, without blanks."""
    return "".join(text.split()).upper()


class _Reader:
    def __init__(self) -> None:
        self.parcels: dict[str, Listed] = {}
        self.unread: list[Unread] = []
        self.repeated = 0

    def take(self, *, row: int, said: str, facts: Mapping[str, int]) -> None:
        key = waybill_key(text=said)
        if not _WAYBILL.fullmatch(key) or not any(c.isdigit() for c in key):
            self.leave(row, said, "不像运单号（应为 7–40 位字母和数字）",
                       "no waybill: 7 to 40 letters and digits are expected")  # fmt: skip
        elif key in self.parcels:
            self.repeated += 1
            self.parcels[key] = Listed(key, {**self.parcels[key].facts, **facts})
        elif len(self.parcels) >= MOST:
            self.leave(row, said, f"清单超过 {MOST} 个运单", f"more than {MOST} waybills")
        else:
            self.parcels[key] = Listed(key, dict(facts))

    def leave(self, row: int, said: str, zh: str, en: str) -> None:
        if len(self.unread) < MOST_REJECTED:
            self.unread.append(Unread(row, said[:60], zh, en))

    def done(self) -> Listing:
        return Listing(tuple(self.parcels.values()), tuple(self.unread), self.repeated)


def read_text(*, text: str) -> Listing:
    """Read waybills from pasted words, separated by blanks, commas or line ends."""
    reader = _Reader()
    for row, line in enumerate(text.splitlines(), start=1):
        for word in _SPLIT.split(line.strip()):
            if word:
                reader.take(row=row, said=word, facts={})
    return reader.done()


def read_rows(*, rows: Iterable[tuple[int, Mapping[str, Any] | str]]) -> Listing:
    """Read waybills and what is known of each from the rows of a table, money there in yuan.

    Without a column that names waybills the first column is taken, its head too where that is a
    waybill.
    """
    reader = _Reader()
    first = True
    for number, row in rows:
        if isinstance(row, str):
            reader.leave(number, row, "这一行无法读取", "the row cannot be read")
            continue
        low = {str(name).strip().lower(): name for name in row}
        at = {f: next((low[w] for w in ws if w in low), None) for f, ws in _COLUMNS.items()}
        column = at["waybill"] if at["waybill"] is not None else next(iter(row), None)
        head = waybill_key(text=str(column or ""))
        if first and _WAYBILL.fullmatch(head) and any(c.isdigit() for c in head):
            reader.take(row=1, said=head, facts={})
        first = False
        said = _plain(row.get(column)) if column is not None else ""
        if not said:
            reader.leave(number, "", "没有运单号", "no waybill")
            continue
        facts: dict[str, int] = {}
        wrong = ""
        for name in ("fee", "insured_amount", "real_value"):
            held_in = at[name]
            given = _plain(row.get(held_in)) if held_in is not None else ""
            if given:
                fen = _fen(given)
                if fen is None:
                    wrong = given
                else:
                    facts[name] = fen
        if wrong:
            reader.leave(number, f"{said}: {wrong}", "金额无法识别", "an amount cannot be read")
            continue
        reader.take(row=number, said=said, facts=facts)
    return reader.done()


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip().replace("\x00", "")


def _fen(text: str) -> int | None:
    plain = text.replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip()
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount <= 10**9 or amount != round(amount, 2):
        return None
    return int(amount * 100)

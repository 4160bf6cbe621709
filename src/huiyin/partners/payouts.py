"""Finance's files: the batch that goes out as xlsx or csv, and the result that comes back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from huiyin.core.remedy.reconcile import Order, Result

HEAD: tuple[str, ...] = (
    "付款单号", "金额(元)", "方式", "收款人", "收款账号", "投诉编号", "运单号",
    "结果", "流水号", "备注",
)  # fmt: skip
"""Columns of the batch file; the last three are left for finance to fill in."""
_COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("付款单号", "单号", "商户单号", "payout", "number", "payout_number"),
    "outcome": ("结果", "状态", "付款结果", "支付状态", "result", "status", "outcome"),
    "amount": ("金额(元)", "金额（元）", "金额", "实付金额", "amount"),
    "reference": ("流水号", "交易号", "银行流水", "reference", "transaction"),
    "note": ("备注", "原因", "失败原因", "note", "reason"),
}


class CannotReadResult(ValueError):
    """The file holds no results; ``zh`` and ``en`` say what is missing."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def _plain(text: str) -> str:
    """Keep a text from being taken for a formula."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _cells(row: Order) -> list[str]:
    return [
        _plain(t)
        for t in (
            row.number, f"{row.amount // 100}.{row.amount % 100:02d}", row.method, row.payee,
            row.account, row.complaint, row.waybill, "", "", "",
        )
    ]  # fmt: skip


def write_csv(*, rows: Iterable[Order]) -> bytes:
    """Return the batch as csv, UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows(_cells(r) for r in rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(*, rows: Iterable[Order]) -> bytes:
    """Return the batch as xlsx; account numbers are texts, amounts numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "付款"
    sheet.append(list(HEAD))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, row in enumerate(rows, start=2):
        sheet.append(_cells(row))
        amount = sheet.cell(row=number, column=2)
        amount.value = Decimal(row.amount) / 100
        amount.number_format = "0.00"
    for column, width in zip("ABCDEFGHIJ", (26, 12, 10, 14, 26, 22, 20, 10, 20, 24), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _mapping(names: Sequence[str]) -> dict[str, str]:
    low = {re.sub(r"\s", "", n).lower(): n for n in reversed(names)}
    return {
        field: low[word] for field, known in _COLUMNS.items() for word in known[::-1] if word in low
    }


def _fen(value: Any) -> int | None:
    text = str(value).strip().replace(",", "").lstrip("'¥￥")
    if not text:
        return None
    try:
        amount = Decimal(text) * 100
    except InvalidOperation:
        return -1
    whole = amount.to_integral_value() if amount.is_finite() else Decimal(-1)
    # An amount that is none, or has fractions of a 分, fits no payout.
    return int(whole) if whole == amount else -1


def read_results(*, records: Iterable[tuple[int, Mapping[str, Any] | str]]) -> list[Result]:
    """Return the rows of a result file: (row number, column → value).

    A row without an outcome is one that finance has not worked yet and is left out. Raises
    CannotReadResult when the columns of number or outcome are missing.
    """
    out: list[Result] = []
    columns: dict[str, str] | None = None
    for number, record in records:
        if isinstance(record, str):
            out.append(Result(row=number, number="", outcome=""))
            continue
        if columns is None:
            columns = _mapping([str(name) for name in record])
            if "number" not in columns or "outcome" not in columns:
                raise CannotReadResult(
                    zh="结果文件要有“付款单号”和“结果”两列",
                    en="the result file needs the columns 付款单号 and 结果",
                )
        found = {f: str(record.get(c, "") or "").strip() for f, c in columns.items()}
        if not found["outcome"]:
            continue
        out.append(
            Result(
                row=number,
                number=found["number"].lstrip("'"),
                outcome=found["outcome"],
                amount=_fen(found.get("amount", "")),
                reference=found.get("reference", "")[:80],
                note=found.get("note", "")[:300],
            )
        )
    if columns is None:
        raise CannotReadResult(zh="结果文件是空的", en="the result file is empty")
    return out

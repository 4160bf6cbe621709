"""Files of past complaints: xlsx, csv and jsonl read row by row, columns mapped by their names."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from charset_normalizer import from_bytes
from python_calamine import CalamineWorkbook

from huiyin.core.written import moment_written

FIELDS: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "content", "内容", "投诉内容", "问题描述", "描述", "留言详情", "诉求内容",
        "申诉内容", "售后原因", "退款说明", "评论内容", "评论", "review", "body",
    ),
    "title": ("title", "subject", "标题", "主题", "留言主题"),
    "at": (
        "at", "time", "created_at", "投诉时间", "时间", "受理时间", "留言时间", "日期",
        "申诉时间", "申请时间", "评论时间", "date",
    ),
    "id": (
        "id", "编号", "工单号", "投诉编号", "留言编号", "单号id", "售后单号", "退款编号",
        "订单号", "评论id", "review id",
    ),
    "reference": ("reference", "申诉编号", "申诉单号", "工单编号", "案件编号", "编号"),
    "until": ("until", "答复期限", "限办日期", "办理期限", "截止时间", "截止日期"),
    "phone": ("phone", "mobile", "联系电话", "电话", "手机", "手机号"),
    "name": ("name", "customer", "姓名", "客户", "客户姓名", "投诉人", "申诉人", "买家"),
    "user": ("user", "sender", "用户", "留言用户", "账号", "买家昵称", "用户昵称", "author"),
    "waybill": ("waybill", "运单号", "运单", "快递单号", "单号"),
    "channel": ("channel", "渠道", "来源"),
    "category": (
        "category", "申诉类别", "申诉类型", "投诉类别", "投诉类型", "问题类型", "申诉原因", "类别",
    ),
    "amount": ("amount", "退款金额", "申请金额", "金额"),
    "stars": ("stars", "rating", "评分", "星级", "score"),
    "reply": ("reply", "处理结果", "答复", "答复意见", "回复"),
    "replied_at": ("replied_at", "closed_at", "答复时间", "处理时间", "办结时间"),
}  # fmt: skip
OF_SORT: dict[str, tuple[str, ...]] = {
    "history": (
        "text", "title", "at", "id", "phone", "name", "user", "waybill", "channel", "category",
        "reply", "replied_at",
    ),
    "appeal": (
        "reference", "text", "at", "until", "name", "phone", "waybill", "title", "category",
    ),
    "marketplace": ("id", "text", "at", "name", "user", "phone", "waybill", "title", "amount"),
    "review": ("id", "text", "title", "at", "user", "stars"),
}  # fmt: skip
"""Which fields the rows of a file may have, by what they are."""
MOST_ROWS = 1_000_000


class CannotReadHistory(ValueError):
    """The file is none that can be taken in; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One past complaint."""

    row: int
    id: str
    text: str
    title: str
    at: datetime | None
    phone: str
    name: str
    user: str
    waybill: str
    channel: str
    reply: str
    replied_at: datetime | None
    reference: str = ""
    until: datetime | None = None
    category: str = ""
    amount: str = ""
    stars: str = ""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be taken, with its reason and what stood in it."""

    row: int
    zh: str
    en: str
    values: Mapping[str, str]


def kind_of(*, name: str, content: bytes) -> str:
    """Return xlsx, csv or jsonl by name and content. Raises CannotReadHistory."""
    low = name.lower()
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        return "xlsx"
    if low.endswith((".jsonl", ".ndjson")) or content.lstrip()[:1] == b"{":
        return "jsonl"
    if low.endswith((".csv", ".tsv", ".txt")):
        return "csv"
    raise CannotReadHistory(
        zh="只能导入 xlsx、csv 或 jsonl 文件", en="only xlsx, csv or jsonl can be imported"
    )


def _decoded(*, content: bytes) -> str:
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:].decode("utf-8", "replace")
    for charset in ("utf-8", "gb18030"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    best = from_bytes(content[:200_000]).best()
    return content.decode(best.encoding if best else "utf-8", "replace")


def tables(*, name: str, content: bytes) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield the rows of a table as :func:`records` does. Raises CannotReadHistory for others."""
    refused = CannotReadHistory(
        zh="只能上传 xlsx 或 csv 文件", en="only xlsx or csv can be uploaded"
    )
    try:
        kind = kind_of(name=name, content=content)
    except CannotReadHistory as error:
        raise refused from error
    if kind == "jsonl":
        raise refused
    return records(name=name, content=content)


def records(*, name: str, content: bytes) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield (row number, column → value), or a text where a row cannot be read at all."""
    kind = kind_of(name=name, content=content)
    if kind == "jsonl":
        for number, line in enumerate(io.BytesIO(content), start=1):
            if not line.strip():
                continue
            try:
                data = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except (ValueError, RecursionError):
                yield number, "not JSON"
                continue
            yield number, data if isinstance(data, dict) else "not a JSON object"
        return
    table: Sequence[Sequence[Any]]
    if kind == "xlsx":
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            table = book.get_sheet_by_index(0).to_python()
        except Exception as error:
            raise CannotReadHistory(
                zh="Excel 文件已损坏或加密，无法读取", en=f"cannot read the workbook: {error}"
            ) from error
    else:
        text = _decoded(content=content)
        head = text[:4000].split("\n", 1)[0]
        mark = max(",;\t", key=head.count)
        csv.field_size_limit(10_000_000)
        table = list(csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=mark))
    if not table:
        return
    names = [str(v).strip() for v in table[0]]
    for number, values in enumerate(table[1:MOST_ROWS], start=2):
        if any(str(v).strip() for v in values):
            yield number, dict(zip(names, values, strict=False))


def columns(
    *, name: str, content: bytes, sort: str = "history"
) -> tuple[list[str], dict[str, str]]:
    """Return the file's columns and the proposed mapping field → column."""
    found: list[str] = []
    for _number, record in records(name=name, content=content):
        if isinstance(record, dict):
            found = [str(c) for c in record]
            break
    low = {c.strip().lower(): c for c in reversed(found)}
    mapping = {}
    for field in OF_SORT[sort]:
        for word in FIELDS[field]:
            if word in low:
                mapping[field] = low[word]
                break
    return found, mapping


def read_rows(
    *, name: str, content: bytes, mapping: Mapping[str, str], zone: ZoneInfo
) -> Iterator[HistoryRow | RejectedRow]:
    """Yield each row as past complaint, or rejected with its reason."""
    for number, record in records(name=name, content=content):
        if isinstance(record, str):
            yield RejectedRow(number, "这一行无法读取", record, {})
            continue
        row = record

        def value(field: str, row: Mapping[str, Any] = row) -> str:
            raw = row.get(mapping.get(field, ""), "")
            if isinstance(raw, float) and raw.is_integer():
                raw = int(raw)
            return "" if raw is None else str(raw).strip().replace("\x00", "")

        shown = {k: str(v)[:200] for k, v in row.items()}
        if not value("text") and not value("title"):
            yield RejectedRow(number, "没有投诉内容", "no text", shown)
            continue
        try:
            at = moment_written(value=row.get(mapping.get("at", "")), zone=zone)
            replied = moment_written(value=row.get(mapping.get("replied_at", "")), zone=zone)
            until = moment_written(value=row.get(mapping.get("until", "")), zone=zone)
        except (ValueError, OverflowError) as error:
            yield RejectedRow(number, "时间无法识别", str(error), shown)
            continue
        yield HistoryRow(
            row=number,
            id=value("id")[:150],
            text=(value("text") or value("title"))[:20000],
            title=value("title")[:300],
            at=at,
            phone=value("phone")[:40],
            name=value("name")[:120],
            user=value("user")[:200],
            waybill=re.sub(r"\s", "", value("waybill"))[:40],
            channel=value("channel")[:20],
            reply=value("reply")[:20000],
            replied_at=replied,
            reference=value("reference")[:120],
            until=until,
            category=value("category")[:40],
            amount=value("amount")[:20],
            stars=value("stars")[:10],
        )

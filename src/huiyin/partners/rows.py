"""Rows of a company's own system read as tracks: one row a scan, columns named by the company."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from huiyin.channels.protocol import CannotRead
from huiyin.core.parcel.track import STATES, Scan, Track, joined
from huiyin.core.written import moment_written

COLUMNS: Final = (
    "waybill", "at", "text", "state", "place", "carrier", "signed_by", "promised_at",
    "phone", "name", "fee", "insured_amount", "cod_amount", "route",
)  # fmt: skip
"""What a row may tell; waybill, at and text are needed. Money in yuan."""
_MONEY: Final = {"fee", "insured_amount", "cod_amount"}
_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "waybill": ("运单号", "快递单号", "单号"),
    "at": ("时间", "扫描时间", "操作时间"),
    "text": ("描述", "轨迹", "内容"),
    "state": ("状态",),
    "place": ("地点", "网点", "站点", "城市"),
    "carrier": ("快递公司", "承运商"),
    "signed_by": ("签收方式",),
    "promised_at": ("承诺时间", "承诺送达时间", "预计送达"),
    "phone": ("收件电话", "收件人电话", "电话"),
    "name": ("收件人", "收件人姓名"),
    "fee": ("运费",),
    "insured_amount": ("保价金额",),
    "cod_amount": ("代收货款",),
    "route": ("线路",),
}
_STATE_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("退回签收", "returned"), ("退回", "returning"), ("拒", "refused"), ("签收", "signed"),
    ("派", "delivering"), ("揽", "picked_up"), ("收件", "picked_up"), ("异常", "problem"),
    ("问题", "problem"), ("转", "moving"), ("到", "moving"), ("发", "moving"), ("运输", "moving"),
)  # fmt: skip
_SIGNERS: Final[tuple[tuple[str, str], ...]] = (
    ("本人", "person"), ("柜", "locker"), ("驿站", "station"), ("代收点", "station"),
    ("代", "proxy"), ("门卫", "proxy"), ("家人", "proxy"), ("同事", "proxy"),
)  # fmt: skip


def named(*, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row under our column names; unknown columns are left out."""
    low = {re.sub(r"\s", "", str(k)).lower(): v for k, v in row.items()}
    out: dict[str, Any] = {}
    for column in COLUMNS:
        for word in (column, *_ALIASES[column]):
            if word in low and low[word] not in (None, ""):
                out[column] = low[word]
                break
    return out


def tracks_of(*, rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> list[Track]:
    """Return the tracks that rows tell, one for each waybill.

    Raises CannotRead naming the row and the column that is wrong.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows, start=1):
        known = named(row=row)
        for column in ("waybill", "at"):
            if column not in known:
                raise CannotRead(
                    zh=f"第 {number} 行缺少 {column}（{_ALIASES[column][0]}）",
                    en=f"row {number} lacks {column}",
                )
        known["at"] = moment(value=known["at"], zone=zone, number=number)
        found.setdefault(str(known["waybill"]).strip().upper()[:40], []).append(known)
    return [_track(waybill=w, rows=r, zone=zone) for w, r in found.items() if w]


def moment(*, value: Any, zone: ZoneInfo, number: int) -> datetime:
    """Return a time of a row; one without an offset is of the company's zone.

    Raises CannotRead.
    """
    try:
        at = moment_written(value=value, zone=zone)
    except ValueError as error:
        said = str(value)[:40]
        raise CannotRead(
            zh=f"第 {number} 行的时间读不懂：{said}", en=f"row {number}: no time: {said}"
        ) from error
    if at is None:
        raise CannotRead(zh=f"第 {number} 行没有时间", en=f"row {number}: no time")
    return at


def state_of(*, word: str) -> str:
    """Return our state for a word of the company, "" where it says none."""
    low = word.strip().lower()
    if low in STATES:
        return low
    for code, names in STATES.items():
        if low in {names[0], names[1].lower()}:
            return code
    return next((state for part, state in _STATE_WORDS if part in word), "")


def signer_of(*, word: str) -> str:
    """Return who signed as a word of the company tells it."""
    low = word.strip().lower()
    if low in {"person", "proxy", "locker", "station", "unknown"}:
        return low
    return next((who for part, who in _SIGNERS if part in word), "unknown")


def _track(*, waybill: str, rows: list[dict[str, Any]], zone: ZoneInfo) -> Track:
    scans = joined(
        known=(),
        fresh=(
            Scan(
                at=row["at"],
                text=str(row.get("text") or row.get("state") or "")[:500],
                state=state_of(word=str(row.get("state") or row.get("text") or "")),
                place=str(row.get("place") or "")[:80],
            )
            for row in rows
        ),
    )
    rows.sort(key=lambda r: r["at"])
    told: dict[str, Any] = {}
    for row in rows:
        told.update(row)
    last = scans[-1]
    facts: dict[str, Any] = {}
    for name in _MONEY & told.keys():
        amount = str(told[name]).replace(",", "").lstrip("¥￥")
        if re.fullmatch(r"\d{1,9}(\.\d{1,2})?", amount):
            facts[name] = round(float(amount) * 100)
    if told.get("route") in {"city", "domestic", "hkmt", "international"}:
        facts["route"] = told["route"]
    promised = told.get("promised_at")
    signed = last.state == "signed"
    return Track(
        waybill=waybill,
        scans=scans,
        state=last.state or "moving",
        carrier=str(told.get("carrier") or "")[:20],
        signed_by=signer_of(word=str(told.get("signed_by") or last.text)) if signed else "",
        promised_at=moment(value=promised, zone=zone, number=0) if promised else None,
        phone=str(told.get("phone") or "")[:40],
        name=str(told.get("name") or "")[:120],
        facts=facts,
    )

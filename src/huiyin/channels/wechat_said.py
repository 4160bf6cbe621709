"""What people say by WeChat, and what its logistics assistant tells, read into contacts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from huiyin.channels import tencent
from huiyin.channels.inbound import CannotRead, Inbound, InboundAttachment

WAYBILL: Final = "waybill|"
"""Begins the address of complaints that are answered by their waybill: waybill|number|token."""
_KINDS: Final = {
    "image": ("图片.jpg", "image/jpeg"),
    "voice": ("语音.amr", "audio/amr"),
    "video": ("视频.mp4", "video/mp4"),
    "shortvideo": ("视频.mp4", "video/mp4"),
}
_CATEGORIES: Final = {
    "1004": "delay",
    "1005": "lost",
    "1006": "damaged",
    "1007": "attitude",
    "1008": "other",
}


def fields_of(*, body: bytes) -> dict[str, str]:
    """Return the fields of a message in XML or JSON. Raises tencent.CannotOpen."""
    if not body.lstrip().startswith(b"{"):
        return tencent.read_xml(body=body)
    if len(body) > tencent.MOST:
        raise tencent.CannotOpen("too large")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise tencent.CannotOpen("no JSON") from error
    if not isinstance(data, dict):
        raise tencent.CannotOpen("no object")
    return {str(k): "" if v is None else str(v) for k, v in data.items()}


def id_of(*, said: Mapping[str, str]) -> str:
    """Return what stays the same when a message or event is sent again; "" for none."""
    if (id := said.get("MsgId", "")) and said.get("MsgType") != "event":
        return id
    sender, at = said.get("FromUserName", ""), said.get("CreateTime", "")
    if not sender or not at:
        return ""
    # the logistics assistant tells of everybody's waybills under one name
    return "-".join(
        part
        for part in (sender, at, said.get("Event", "").lower(), said.get("WayBillID", ""))
        if part
    )


def read(raw: bytes) -> Inbound:
    """Read a message. Raises CannotRead."""
    try:
        said = fields_of(body=raw)
    except tencent.CannotOpen as error:
        raise CannotRead(zh=f"微信消息无法读取：{error}", en=str(error)) from error
    if said.get("Event", "").lower() == "waybill_complaint":
        return _waybill(said=said)
    kind = said.get("MsgType", "")
    text, files = _content(kind=kind, said=said)
    if not text and not files:
        raise CannotRead(zh="微信消息没有内容", en="a message without content")
    if not said.get("FromUserName"):
        raise CannotRead(zh="微信消息没有发送人", en="a message without sender")
    return Inbound(
        channel="wechat",
        external_id=id_of(said=said),
        sender=said["FromUserName"],
        text=text,
        at=_moment(said),
        attachments=files,
        # a picture says nothing that could be weighed: a person looks at it
        branch="complaint" if files and text.startswith("[") else "",
    )


def _moment(said: Mapping[str, str]) -> datetime | None:
    stamp = said.get("CreateTime", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        return None
    return datetime.fromtimestamp(int(stamp), UTC)


def _content(*, kind: str, said: Mapping[str, str]) -> tuple[str, tuple[InboundAttachment, ...]]:
    if kind == "text":
        return said.get("Content", "").strip(), ()
    if kind in _KINDS and said.get("MediaId"):
        name, content_type = _KINDS[kind]
        file = InboundAttachment(
            name=name, content_type=content_type, remote=f"media:{said['MediaId']}"
        )
        words = said.get("Recognition", "").strip() if kind == "voice" else ""
        return words or f"[{name.partition('.')[0]}]", (file,)
    if kind == "location":
        place = said.get("Label", "").strip()
        point = f"{said.get('Location_X', '')},{said.get('Location_Y', '')}"
        return f"[位置] {place}（{point}）", ()
    if kind == "link":
        parts = (said.get("Title", ""), said.get("Description", ""), said.get("Url", ""))
        return "\n".join(["[链接]", *(p.strip() for p in parts if p.strip())]), ()
    raise CannotRead(zh=f"不认识的微信消息类型：{kind}", en=f"unknown type of message: {kind}")


def _waybill(*, said: Mapping[str, str]) -> Inbound:
    number = said.get("WayBillID", "").strip()
    text = said.get("Content", "").strip()
    if not number and not text:
        raise CannotRead(zh="物流投诉没有运单号和内容", en="neither waybill nor content")
    order = said.get("OrderID", "").strip()
    pictures = [url.strip() for url in said.get("Pic", "").split("|") if url.strip()]
    return Inbound(
        channel="wechat",
        external_id=id_of(said=said),
        sender=f"{WAYBILL}{number}|{said.get('Token', '')}"[:200],
        sender_name=said.get("Name", "").strip()[:60],
        text="\n".join(part for part in (text, f"订单号 {order}" if order else "") if part),
        at=_moment(said),
        waybill=number,
        phone="".join(c for c in said.get("Phone", "") if c.isdigit() or c in "+-"),
        category=_CATEGORIES.get(said.get("ComplainType", ""), ""),
        branch="complaint",
        attachments=tuple(
            InboundAttachment(name=f"图片{n}.jpg", content_type="image/jpeg", remote=f"url:{url}")
            for n, url in enumerate(pictures[:9], 1)
        ),
    )

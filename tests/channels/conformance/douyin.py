"""Douyin's side: signed events."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from channels.conformance.kit import Kit
from huiyin.channels.protocol import Request

SECRET = "client-secret"


def event(at: datetime, id: str, sender: str = "open-1", **content: Any) -> dict[str, Any]:
    """Return an event as the documentation shows it."""
    return {
        "event": "im_receive_msg", "from_user_id": sender, "to_user_id": "open-9",
        "client_key": "key-1",
        "content": {
            "conversation_short_id": "c-1", "server_message_id": id, "conversation_type": 1,
            "create_time": int(at.timestamp() * 1000),
            "user_infos": [{"open_id": sender, "nick_name": "小红", "avatar": ""}], **content,
        },
    }  # fmt: skip


def signed(body: bytes, at: datetime) -> Request:
    """Return a genuine callback."""
    return Request(
        method="POST",
        query={},
        headers={
            "content-type": "application/json",
            "x-douyin-signature": hashlib.sha1(SECRET.encode() + body).hexdigest(),
            "msg-id": "m-1",
        },
        body=body,
        at=at,
    )


def _made(at: datetime, id: str, sender: str = "open-1", **content: Any) -> Request:
    return signed(json.dumps(event(at, id, sender, **content), ensure_ascii=False).encode(), at)


_ONE_WAY = "回复需作者逐一授权，本渠道只接收"
KIT = Kit(
    code="douyin",
    settings=lambda base: {"client_key": "key-1", "client_secret": SECRET},
    text=lambda id, sender, text, at: _made(at, id, sender, message_type="text", text=text),
    forged=lambda request: replace(
        request, headers={**request.headers, "x-douyin-signature": "0" * 40}
    ),
    stale=lambda at: _made(at, "31", message_type="text", text="包裹丢了"),
    unknown=lambda at: signed(json.dumps({**event(at, "32"), "event": "im_hologram"}).encode(), at),
    empty=lambda at: _made(at, "33", message_type="text", text=""),
    wrong_charset=lambda at: signed(
        json.dumps(
            event(at, "36", message_type="text", text="包裹丢了"), ensure_ascii=False
        ).encode("gb18030"),
        at,
    ),
    why={
        "sent": _ONE_WAY,
        "window": _ONE_WAY,
        "image": "图片不给网址，只能在抖音里看",
        "voice": "没有语音类型",
    },
)

"""Douyin: private messages by webhook. Answers are not sent: that needs each author's consent.

Source: developer.open-douyin.com, Webhooks 概述; 接收私信消息事件 (im_receive_msg).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from huiyin.channels.inbound import CannotRead, Inbound
from huiyin.channels.protocol import (
    Answer,
    CannotTake,
    Channel,
    Field,
    Piece,
    Request,
    Settings,
    Taken,
)

_WORDLESS: Final = {"image": "[图片]", "video": "[视频]", "emoji": "[表情]"}


def _take(request: Request, settings: Settings) -> Taken:
    proof = hashlib.sha1(str(settings["client_secret"]).encode() + request.body).hexdigest()
    given = request.headers.get("x-douyin-signature", "")
    if not hmac.compare_digest(proof.encode(), given.lower().encode("utf-8", "replace")):
        raise CannotTake(status=403, told="wrong signature")
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        data = {}
    data = data if isinstance(data, dict) else {}
    content = _content(data)
    if data.get("event") == "verify_webhook":
        challenge = json.dumps({"challenge": content.get("challenge")}).encode()
        return Taken(answer=Answer(body=challenge, content_type="application/json"))
    # the header is not signed, the id in the body is
    id = str(content.get("server_message_id") or request.headers.get("msg-id") or "")
    id = id or hashlib.sha256(request.body).hexdigest()
    words = data.get("event") == "im_receive_msg" or not data
    return Taken(
        answer=Answer(body=b"success"),
        pieces=(Piece(external_id=id, raw=request.body, kind="contact" if words else "other"),),
    )


def _content(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of an event, which comes as an object or as its text."""
    content = data.get("content")
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            content = None
    return content if isinstance(content, dict) else {}


def read(raw: bytes) -> Inbound:
    """Read a private message. Raises CannotRead."""
    try:
        data = json.loads(raw)
        sender = str(data["from_user_id"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CannotRead(zh="抖音私信无法读取", en="a message that cannot be read") from error
    content = _content(data)
    kind = str(content.get("message_type", ""))
    text = str(content.get("text") or "").strip() if kind == "text" else _WORDLESS.get(kind, "")
    if not text:
        raise CannotRead(zh=f"抖音私信没有可读的内容：{kind}", en=f"nothing to read: {kind}")
    users = content.get("user_infos")
    names = [
        str(u.get("nick_name", ""))
        for u in (users if isinstance(users, list) else [])
        if isinstance(u, dict) and u.get("open_id") == sender
    ]
    return Inbound(
        channel="douyin",
        external_id=str(content.get("server_message_id", "")),
        sender=sender[:200],
        sender_name=names[0][:60] if names else "",
        text=text,
        at=_moment(content.get("create_time")),
        # pictures are only seen in the app: a person looks there
        branch="" if kind == "text" else "complaint",
    )


def _moment(stamp: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(stamp) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


CHANNEL: Final = Channel(
    code="douyin",
    name=("抖音私信", "Douyin messages"),
    about=("抖音企业号收到的私信", "Private messages to a Douyin business account"),
    guide="channel-douyin",
    fields=(
        Field(name="client_key", kind="text", label=("Client Key", "Client key"), required=True),
        Field(
            name="client_secret", kind="secret", label=("Client Secret", "Client secret"),
            required=True,
        ),
    ),
    take=_take,
    read=read,
)  # fmt: skip

"""Telephone systems of any make: they post call events to us as signed JSON."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from huiyin.channels import calls
from huiyin.channels.inbound import CannotRead
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

WINDOW: Final = 300
"""Seconds a signature stays valid."""
MOST: Final = 200
RECORDINGS: Final = Field(
    name="base",
    kind="url",
    label=("录音地址前缀", "Prefix of recordings"),
    help=(
        "录音只从这个前缀下取；事件里只给文件名时拼在它后面。留空则不取录音。",
        "Recordings are fetched below this prefix alone; left empty, none are fetched.",
    ),
)
PASS: Final = Field(
    name="recording_pass",
    kind="secret",
    label=("取录音的口令", "Pass for recordings"),
    help=(
        "用户名:密码（Basic）或令牌（Bearer），按录音服务器的要求。",
        "user:password (Basic) or a token (Bearer), as the server of recordings wants.",
    ),
)


def take(request: Request, settings: Settings) -> Taken:
    """Take events {"call","kind","at",…}, one or a list, signed by HMAC-SHA256. Raises CannotTake.

    X-Signature is the hex HMAC of X-Timestamp + "." + body; the timestamp is in seconds.
    """
    if request.method != "POST":
        raise CannotTake(status=405, told="POST")
    stamp = request.headers.get("x-timestamp", "")
    given = request.headers.get("x-signature", "").lower().removeprefix("sha256=")
    secret = str(settings.get("secret", ""))
    wanted = hmac.new(secret.encode(), stamp.encode() + b"." + request.body, hashlib.sha256)
    if not secret or not hmac.compare_digest(
        wanted.hexdigest().encode(), given.encode("utf-8", "replace")
    ):
        raise CannotTake(status=401, told="wrong signature")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12) or (
        abs(request.at.timestamp() - int(stamp)) > WINDOW
    ):
        raise CannotTake(status=401, told="the timestamp is more than 5 minutes off")
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise CannotTake(status=400, told="not JSON in UTF-8") from error
    items = data if isinstance(data, list) else [data]
    if len(items) > MOST:
        raise CannotTake(status=413, told=f"at most {MOST} events a call")
    pieces = []
    for place, item in enumerate(items):
        try:
            if not isinstance(item, dict):
                raise CannotRead(zh="事件不是 JSON 对象", en="an event is a JSON object")
            if isinstance(item.get("kind"), str) and item["kind"] not in calls.KINDS:
                pieces.append(_apart(item))
                continue
            pieces.append(calls.read(item).piece())
        except CannotRead as error:
            raise CannotTake(status=400, told=f"event {place}: {error.en}") from error
    return Taken(
        answer=Answer(body=b'{"ok":true}', content_type="application/json"), pieces=tuple(pieces)
    )


def _apart(item: Mapping[str, Any]) -> Piece:
    """Keep an event of a kind that nobody knows: the system is not told to send it again."""
    raw = json.dumps(item, ensure_ascii=False).encode("utf-8", "replace")
    return Piece(external_id=hashlib.sha256(raw).hexdigest(), raw=raw, kind="call")


CHANNEL = Channel(
    code="cti",
    said_as="phone",
    name=("电话系统（通用回调）", "Telephone system (webhook)"),
    about=(
        "任何呼叫中心把来电、接听、挂断、漏接、录音推过来：弹屏、回电任务、录音存证。",
        "Any call centre pushes its calls: screen pop, call-backs, recordings as evidence.",
    ),
    guide="channel-cti",
    fields=(
        Field(name="secret", kind="secret", label=("签名密钥", "Signing secret"), required=True),
        RECORDINGS,
        PASS,
    ),
    take=take,
)

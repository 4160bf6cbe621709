"""Call events of any telephone system, signed as docs/how-to/channel-cti.md says."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from channels.conformance.kit import Kit
from huiyin.channels.protocol import Request

SECRET = "cti-secret-7"
_NO_WORDS = "通话事件没有文字；重复、乱序、断线见 tests/doors/test_telephony.py"
_OUT = "电话不发文字消息"


def signed(body: bytes, at: datetime) -> Request:
    """Return a callback with the signature over timestamp and body."""
    stamp = str(int(at.timestamp()))
    mark = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return Request(
        method="POST",
        query={},
        headers={
            "content-type": "application/json", "x-timestamp": stamp, "x-signature": mark,
        },
        body=body,
        at=at,
    )  # fmt: skip


def _event(at: datetime, **more: Any) -> Request:
    told = {"call": "c-1", "kind": "ringing", "at": at.isoformat(), "caller": "13800001234", **more}
    return signed(json.dumps(told, ensure_ascii=False).encode(), at)


KIT = Kit(
    code="cti",
    settings=lambda base: {"secret": SECRET, "base": base},
    forged=lambda request: replace(request, headers={**request.headers, "x-signature": "0" * 64}),
    stale=lambda at: _event(at, call="c-31"),
    unknown=lambda at: _event(at, kind="hologram"),
    why={
        "text": _NO_WORDS,
        "empty": _NO_WORDS,
        "image": _NO_WORDS,
        "voice": "录音由后台另取，作为证据",
        "wrong_charset": "请求体必须是 UTF-8 的 JSON，否则拒收",
        "sent": _OUT,
    },
)

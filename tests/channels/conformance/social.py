"""A platform's side of the generic webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from channels.conformance.kit import Kit, Said
from huiyin.channels.protocol import Request
from huiyin.channels.social import MAPPING

SECRET = "shared-secret"
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)
_base: list[str] = [""]


def signed(body: bytes, at: datetime) -> Request:
    """Return a genuine callback."""
    stamp = str(int(at.timestamp()))
    proof = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return Request(
        method="POST",
        query={},
        headers={
            "content-type": "application/json",
            "x-huiyin-timestamp": stamp,
            "x-huiyin-signature": proof,
        },
        body=body,
        at=at,
    )


def post(id: str, text: str, sender: str = "1404376560", **more: Any) -> dict[str, Any]:
    """Return a post as Weibo writes it."""
    return {
        "id": id, "text": text, "created_at": "Thu Nov 26 21:08:04 +0800 2026",
        "user": {"id": sender, "screen_name": "等快递的人"}, **more,
    }  # fmt: skip


def _made(at: datetime, data: Any) -> Request:
    return signed(json.dumps(data, ensure_ascii=False).encode(), at)


def _settings(base: str) -> dict[str, Any]:
    _base[0] = base
    return {"secret": SECRET, "mapping": MAPPING, "base": base}


def _answers(path: str, body: bytes, state: str) -> Said:
    if path.startswith("/picture"):
        return Said(PICTURE, headers={"content-type": "image/jpeg"})
    status = {"ok": 200, "limited": 429, "refused": 403, "broken": 502, "closed": 403}
    return Said(b"{}", status=status.get(state, 200))


def _sent(path: str, body: bytes) -> str | None:
    return str(json.loads(body)["text"]) if body else None


KIT = Kit(
    code="social",
    settings=_settings,
    text=lambda id, sender, text, at: _made(at, post(id, text, sender)),
    forged=lambda request: replace(
        request, headers={**request.headers, "x-huiyin-signature": "0" * 64}
    ),
    stale=lambda at: _made(at, post("31", "包裹丢了")),
    unknown=lambda at: _made(at, {"kind": "hologram", "payload": [1, 2]}),
    empty=lambda at: _made(at, post("33", "")),
    image=lambda at: _made(at, post("34", "", pics=[{"url": f"{_base[0]}/picture/1"}])),
    wrong_charset=lambda at: signed(
        json.dumps(post("36", "包裹丢了"), ensure_ascii=False).encode("gb18030"), at
    ),
    answers=_answers,
    sent=_sent,
    same=lambda path, body: str(json.loads(body)["id"]) if body else None,
    recipient="1404376560",
    why={"voice": "通用回调只约定图片网址"},
)

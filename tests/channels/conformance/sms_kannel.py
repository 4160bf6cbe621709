"""SMS by Kannel: callbacks as Kannel 1.4.5 posts them, its smsbox's answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from channels.conformance.kit import Kit, Said
from huiyin.channels.protocol import Request

SECRET = "kannel-secret"


def _settings(base: str) -> dict[str, Any]:
    return {"base": base, "username": "u", "password": "p", "secret": SECRET, "longest": 500}


def _came(id: str, sender: str, body: bytes, at: datetime, kind: str) -> Request:
    return Request(
        method="POST",
        query={
            "secret": SECRET,
            "id": id,
            "from": sender,
            "to": "10690001",
            "at": str(int(at.timestamp())),
        },
        headers={
            "content-type": kind,
            "x-kannel-from": sender,
            "x-kannel-to": "10690001",
            "x-kannel-service": "default",
            "user-agent": "Kannel/1.4.5",
        },
        body=body,
        at=at,
    )


def _text(id: str, sender: str, text: str, at: datetime) -> Request:
    kind = 'text/plain; charset="UTF-16BE"'
    return _came(f"uuid-{id}", sender, text.encode("utf-16-be"), at, kind)


def _answers(path: str, body: bytes, state: str) -> Said:
    if state in {"limited", "broken"}:
        return Said(b"4: Temporal failure, try again later.", status=503)
    if state == "refused":
        return Said(b"Error converting.", status=400)
    return Said(b"0: Accepted for delivery", status=202, headers={"content-type": "text/html"})


KIT = Kit(
    code="sms_kannel",
    settings=_settings,
    text=_text,
    forged=lambda request: replace(request, query={**request.query, "secret": "guess"}),
    stale=lambda at: _text("old", "13800138000", "包裹 YT9876543210987 丢了，请赔", at),
    unknown=lambda at: _came(
        "data", "13800138000", b"\x06\x05\x04\x15\x8a\x00\xff", at, "application/octet-stream"
    ),
    empty=lambda at: _came("none", "13800138000", b"", at, 'text/plain; charset="UTF-8"'),
    wrong_charset=lambda at: _came(
        "wrong", "13800138000", "投诉".encode("gbk"), at, 'text/plain; charset="UTF-8"'
    ),
    answers=_answers,
    sent=lambda path, body: body.decode() if path == "/cgi-bin/sendsms" else None,
    recipient="13800138000",
    cut=True,
    why={"image": "短信没有图片", "voice": "短信没有语音"},
)

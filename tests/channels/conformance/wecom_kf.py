"""WeCom's side: a callback that says "fetch", and what waits to be fetched."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.conformance.kit import Kit, Said
from huiyin.channels.protocol import Request

CORP, TOKEN, ACCOUNT = "ww12345678910", "QDG6eK", "wkAJ2GCAAASSm4"
KEY = base64.b64encode(bytes(range(7, 39))).decode().rstrip("=")
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)
VOICE = b"#!AMR\n" + bytes(200)
WAITING: list[dict[str, Any]] = []


def _sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def envelope(message: bytes) -> str:
    """Seal a message as the documentation says."""
    key = base64.b64decode(KEY + "=")
    plain = os.urandom(16) + len(message).to_bytes(4, "big") + message + CORP.encode()
    pad = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()
    return base64.b64encode(sealed).decode()


def told(at: datetime, event: str = "kf_msg_or_event") -> Request:
    """Return the callback that something waits."""
    stamp, nonce = str(int(at.timestamp())), "263014780"
    message = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><CreateTime>{stamp}</CreateTime>"
        f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{event}]]></Event>"
        f"<Token><![CDATA[ENC{len(WAITING)}]]></Token>"
        f"<OpenKfId><![CDATA[{ACCOUNT}]]></OpenKfId></xml>"
    )
    text = envelope(message.encode())
    return Request(
        method="POST",
        query={
            "msg_signature": _sha1(TOKEN, stamp, nonce, text),
            "timestamp": stamp,
            "nonce": nonce,
        },
        headers={"content-type": "text/xml"},
        body=f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{text}</Encrypt></xml>".encode(),
        at=at,
    )


def waits(at: datetime, id: str, kind: str, sender: str = "wm-1", **said: Any) -> Request:
    """Let a customer's message wait; returns the callback that says so."""
    WAITING.append(
        {
            "msgid": id, "open_kfid": ACCOUNT, "external_userid": sender, "origin": 3,
            "send_time": int(at.timestamp()), "msgtype": kind, kind: said,
        }
    )  # fmt: skip
    return told(at)


def _settings(base: str) -> dict[str, Any]:
    WAITING.clear()
    return {
        "corp_id": CORP, "secret": "kf-secret", "token": TOKEN, "aes_key": KEY,
        "open_kfid": ACCOUNT, "base": base,
    }  # fmt: skip


def _answers(path: str, body: bytes, state: str) -> Said:
    if "/gettoken" in path:
        return Said(b'{"errcode":0,"access_token":"t-1","expires_in":7200}')
    if "/kf/sync_msg" in path:
        begin = int(json.loads(body).get("cursor") or 0)
        page = WAITING[begin : begin + 2]
        end = begin + len(page)
        answer = {
            "errcode": 0, "errmsg": "ok", "next_cursor": str(end),
            "has_more": int(end < len(WAITING)), "msg_list": page,
        }  # fmt: skip
        return Said(json.dumps(answer, ensure_ascii=False).encode())
    if "/media/get" in path:
        voice = parse_qs(urlsplit(path).query)["media_id"] == ["voice-1"]
        return Said(VOICE if voice else PICTURE, headers={"content-type": "image/jpeg"})
    if state == "broken":
        return Said(b"oops", status=502)
    code = {"ok": 0, "limited": 45009, "closed": 95001, "refused": 40003, "token": 42001}
    return Said(json.dumps({"errcode": code[state], "errmsg": state}).encode())


def _sent(path: str, body: bytes) -> str | None:
    return str(json.loads(body)["text"]["content"]) if "/kf/send_msg" in path else None


def _unknown(at: datetime) -> Request:
    return waits(at, "32", "hologram", depth=3)


KIT = Kit(
    code="wecom_kf",
    settings=_settings,
    text=lambda id, sender, text, at: waits(at, id, "text", sender, content=text),
    forged=lambda request: replace(
        request, query={**request.query, "msg_signature": _sha1("guess")}
    ),
    stale=lambda at: waits(at, "31", "text", content="包裹丢了"),
    unknown=_unknown,
    empty=lambda at: waits(at, "33", "text", content=""),
    image=lambda at: waits(at, "34", "image", media_id="image-1"),
    voice=lambda at: waits(at, "35", "voice", media_id="voice-1"),
    answers=_answers,
    sent=_sent,
    same=lambda path, body: json.loads(body)["msgid"] if "/kf/send_msg" in path else None,
    recipient="wm-1",
    cut=True,
    why={"wrong_charset": "回调只通知有消息，消息由接口以 UTF-8 JSON 取回"},
)

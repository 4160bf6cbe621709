"""WeChat's side: callbacks in safe mode, the interface's answers."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import replace
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.conformance.kit import Kit, Said
from huiyin.channels.protocol import Request

APP, TOKEN = "wx5823bf96d3bd56c7", "AAAAA"
KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)
VOICE = b"#!AMR\n" + bytes(200)


def _sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def envelope(message: bytes) -> str:
    """Seal a message as the documentation says."""
    key = base64.b64decode(KEY + "=")
    plain = os.urandom(16) + len(message).to_bytes(4, "big") + message + APP.encode()
    pad = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()


def sealed(message: bytes, at: datetime) -> Request:
    """Return a genuine callback in safe mode."""
    stamp, nonce, text = str(int(at.timestamp())), "486452656", envelope(message)
    return Request(
        method="POST",
        query={
            "signature": _sha1(TOKEN, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": _sha1(TOKEN, stamp, nonce, text),
        },
        headers={"content-type": "text/xml"},
        body=f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{text}</Encrypt></xml>".encode(),
        at=at,
    )


def xml(at: datetime, sender: str = "openid-1", **values: Any) -> bytes:
    """Return a message as WeChat writes it."""
    whole = {
        "ToUserName": "gh_1",
        "FromUserName": sender,
        "CreateTime": int(at.timestamp()),
        **values,
    }
    inside = "".join(
        f"<{k}>{v if isinstance(v, int) else escape(v)}</{k}>" for k, v in whole.items()
    )
    return f"<xml>{inside}</xml>".encode()


def _forged(request: Request) -> Request:
    return replace(request, query={**request.query, "msg_signature": _sha1("guess")})


def _answers(path: str, body: bytes, state: str) -> Said:
    if path.startswith("/cgi-bin/stable_token"):
        return Said(b'{"access_token":"t-1","expires_in":7200}')
    if path.startswith("/cgi-bin/media/get"):
        found = VOICE if "voice" in path else PICTURE
        return Said(found, headers={"content-type": "application/octet-stream"})
    code = {"ok": 0, "limited": 45011, "closed": 45015, "refused": 40003, "token": 40001}
    if state == "broken":
        return Said(b"<html>", status=502)
    return Said(json.dumps({"errcode": code[state], "errmsg": state}).encode())


def _sent(path: str, body: bytes) -> str | None:
    if not path.startswith("/cgi-bin/message/custom/send"):
        return None
    return str(json.loads(body)["text"]["content"])


KIT = Kit(
    code="wechat",
    settings=lambda base: {
        "app_id": APP, "secret": "app-secret", "token": TOKEN, "mode": "safe", "aes_key": KEY,
        "welcome": "您好", "ask_words": "请写 {portal}", "template_id": "", "template_fields": "",
        "menu": "", "waybill_result": "已处理", "base": base,
    },
    text=lambda id, sender, text, at: sealed(
        xml(at, sender, MsgType="text", Content=text, MsgId=id), at
    ),
    forged=_forged,
    stale=lambda at: sealed(xml(at, MsgType="text", Content="包裹丢了", MsgId="31"), at),
    unknown=lambda at: sealed(xml(at, MsgType="hologram", MsgId="32"), at),
    empty=lambda at: sealed(xml(at, MsgType="text", Content="", MsgId="33"), at),
    image=lambda at: sealed(
        xml(at, MsgType="image", PicUrl="http://127.0.0.1/p", MediaId="image-1", MsgId="34"), at
    ),
    voice=lambda at: sealed(
        xml(at, MsgType="voice", MediaId="voice-1", Format="amr", Recognition="包裹丢了我要投诉",
            MsgId="35"), at
    ),
    wrong_charset=lambda at: sealed(
        xml(at, MsgType="text", Content="包裹丢了", MsgId="36").decode().encode("gb18030"), at
    ),
    answers=_answers,
    sent=_sent,
    recipient="openid-1",
    cut=True,
)  # fmt: skip

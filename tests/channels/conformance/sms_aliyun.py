"""SMS by Alibaba Cloud: SmsUp as documented, SendSms's answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from channels.conformance.kit import Kit, Said
from huiyin.channels.protocol import Request

SECRET = "aliyun-secret"


def _settings(base: str) -> dict[str, Any]:
    return {
        "base": base,
        "key_id": "LTAI-example",
        "key_secret": "key-secret",
        "sign_name": "示例快递",
        "template_reply": "SMS_1 text=正文",
        "secret": SECRET,
        "longest": 500,
    }


def _came(rows: object, at: datetime, charset: str = "utf-8") -> Request:
    return Request(
        method="POST",
        query={"secret": SECRET},
        headers={"content-type": "application/json"},
        body=json.dumps(rows, ensure_ascii=False).encode(charset),
        at=at,
    )


def _row(id: str, sender: str, text: str, at: datetime) -> dict[str, str]:
    there = at.astimezone(ZoneInfo("Asia/Shanghai")) - timedelta(seconds=2)
    return {
        "phone_number": sender,
        "content": text,
        "send_time": there.strftime("%Y-%m-%d %H:%M:%S"),
        "sign_name": "示例快递",
        "dest_code": "10690001",
        "sequence_id": id,
    }


def _text(id: str, sender: str, text: str, at: datetime) -> Request:
    return _came([_row(id, sender, text, at)], at)


def _answers(path: str, body: bytes, state: str) -> Said:
    if state == "broken":
        return Said(b"oops", status=500)
    code = {"ok": "OK", "limited": "isv.BUSINESS_LIMIT_CONTROL"}.get(
        state, "isv.MOBILE_NUMBER_ILLEGAL"
    )
    told = {"Code": code, "Message": code, "RequestId": "r-1"}
    return Said(json.dumps({**told, **({"BizId": "9006^0"} if code == "OK" else {})}).encode())


def _query(path: str) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(urlsplit(path).query).items()}


KIT = Kit(
    code="sms_aliyun",
    settings=_settings,
    text=_text,
    forged=lambda request: replace(request, query={"secret": "guess"}),
    stale=lambda at: _text("old", "13800138000", "包裹 YT9876543210987 丢了，请赔", at),
    unknown=lambda at: _came([{"phone_number": "13800138000", "news": 1}], at),
    empty=lambda at: _text("none", "13800138000", "", at),
    wrong_charset=lambda at: _came(
        [_row("gbk", "13800138000", "包裹丢了，我要投诉", at)], at, "gbk"
    ),
    answers=_answers,
    sent=lambda path, body: json.loads(_query(path)["TemplateParam"])["text"],
    same=lambda path, body: _query(path)["OutId"],
    recipient="13800138000",
    cut=True,
    why={"image": "短信没有图片", "voice": "短信没有语音"},
)

"""SMS by Tencent Cloud: replies as documented, SendSms's answers."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from channels.conformance.kit import Kit, Said
from huiyin.channels.protocol import Request

SECRET = "tencent-secret"


def _settings(base: str) -> dict[str, Any]:
    return {
        "base": base,
        "region": "ap-guangzhou",
        "key_id": "AKID-example",
        "key_secret": "key-secret",
        "app_id": "1400006666",
        "sign_name": "示例快递",
        "template_reply": "449739 1=正文",
        "secret": SECRET,
        "longest": 500,
    }


def _came(row: object, at: datetime, charset: str = "utf-8") -> Request:
    return Request(
        method="POST",
        query={"secret": SECRET},
        headers={"content-type": "application/json"},
        body=json.dumps(row, ensure_ascii=False).encode(charset),
        at=at,
    )


def _row(id: str, sender: str, text: str) -> dict[str, Any]:
    # a message that comes again carries the second in which it was first written
    moment = 1_700_000_000 + zlib.crc32(id.encode()) % 1_000_000
    return {
        "extend": "",
        "mobile": sender,
        "nationcode": "86",
        "sign": "示例快递",
        "text": text,
        "time": moment,
    }


def _text(id: str, sender: str, text: str, at: datetime) -> Request:
    return _came(_row(id, sender, text), at)


def _answers(path: str, body: bytes, state: str) -> Said:
    if state == "broken":
        return Said(b"oops", status=500)
    if state == "limited":
        wrong = {"Code": "RequestLimitExceeded", "Message": "too many"}
        return Said(json.dumps({"Response": {"Error": wrong, "RequestId": "r"}}).encode())
    code = "Ok" if state == "ok" else "InvalidParameterValue.IncorrectPhoneNumber"
    row = {"SerialNo": "5000:1", "PhoneNumber": "+8613800138000", "Code": code, "Message": code}
    return Said(json.dumps({"Response": {"SendStatusSet": [row], "RequestId": "r"}}).encode())


KIT = Kit(
    code="sms_tencent",
    settings=_settings,
    text=_text,
    forged=lambda request: replace(request, query={"secret": "guess"}),
    stale=lambda at: _text("old", "13800138000", "包裹 YT9876543210987 丢了，请赔", at),
    unknown=lambda at: _came({"mobile": "13800138000", "news": 1}, at),
    empty=lambda at: _text("none", "13800138000", "", at),
    wrong_charset=lambda at: _came(_row("gbk", "13800138000", "包裹丢了，我要投诉"), at, "gbk"),
    answers=_answers,
    sent=lambda path, body: json.loads(body)["TemplateParamSet"][0],
    same=lambda path, body: json.loads(body)["SessionContext"],
    recipient="13800138000",
    cut=True,
    why={"image": "短信没有图片", "voice": "短信没有语音"},
)

"""Other systems are told what happens: one signed POST for each event of a complaint.

The signature is that of the incoming webhook: hex HMAC-SHA256 over "timestamp.body". The body
names the complaint and the event and holds nobody's name, number or words.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Final

from huiyin.channels.protocol import (
    Call,
    CannotWrite,
    Channel,
    Fate,
    Field,
    Limits,
    Outgoing,
    Response,
    Settings,
)

KINDS: Final = (
    "ComplaintOpened ComplaintSorted ComplaintAssigned ReplySent ComplaintResolved"
    " ComplaintReopened RehandlingStarted SurveyAnswered ComplaintClosed AlertRaised AlertEnded"
)


def signature(*, secret: str, stamp: str, body: bytes) -> str:
    """Return the hex signature of a body sent at a second."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _post(*, event: object, settings: Settings, stamp: str) -> Call:
    body = json.dumps(event, ensure_ascii=False, sort_keys=True).encode()
    return Call(
        method="POST",
        url=str(settings["base"]),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Huiyin",
            "X-Huiyin-Timestamp": stamp,
            "X-Huiyin-Signature": signature(secret=str(settings["secret"]), stamp=stamp, body=body),
        },
        body=body,
    )


def _write(out: Outgoing, settings: Settings, token: str) -> tuple[Call, ...]:
    event = out.details.get("event")
    if not event:
        raise CannotWrite(zh="没有事件", en="there is no event")
    return (_post(event=event, settings=settings, stamp=str(int(out.at.timestamp()))),)


def _fate(response: Response) -> Fate:
    told = f"HTTP {response.status}"
    if 200 <= response.status < 300:
        return Fate(state="sent")
    if response.status == 410:
        return Fate(state="refused", zh=f"对方不再接收：{told}", en=told)
    limited = response.status in {429, 503}
    return Fate(state="later", zh=told, en=told, wait=response.retry_after if limited else None)


def _probe(settings: Settings, token: str) -> Call:
    return _post(event={"kind": "Test", "id": "test"}, settings=settings, stamp="0")


CHANNEL = Channel(
    code="webhook_out",
    said_as="webhook",
    name=("事件推送（Webhook）", "Events to another system (webhook)"),
    about=(
        "投诉每走一步，签名后通知贵公司的其他系统",
        "each step of a complaint is told to another system, signed",
    ),
    guide="webhooks",
    limits=Limits(),
    fields=(
        Field(name="base", kind="url", label=("接收地址", "Address"), required=True),
        Field(
            name="secret",
            kind="secret",
            label=("签名密钥", "Secret"),
            help=("双方各存一份，长且随机", "kept by both sides; long and random"),
            required=True,
        ),
        Field(
            name="kinds",
            kind="text",
            label=("推送哪些事件", "Events"),
            help=("事件名用空格分开；* 表示全部", "names separated by spaces; * for all"),
            default=KINDS,
            required=True,
        ),
        Field(
            name="per_minute",
            kind="integer",
            label=("每分钟最多几条", "Calls a minute"),
            help=("0 为不限", "0 means no limit"),
            default=0,
            least=0,
        ),
    ),
    write=_write,
    fate=_fate,
    probe=_probe,
)

"""SMS by a Kannel gateway of one's own, over HTTP in both directions.

Sending: smsbox's sendsms with the text in the body (UTF-8, sent on as UCS-2 where GSM's alphabet
does not hold it; concatenated by Kannel). Incoming: an sms-service's ``post-url``, with a shared
secret in the address, since Kannel signs nothing. Delivery reports: ``dlr-url`` with a signature
of ours over the message's id. Source: Kannel 1.4.5 user's guide, chapters SMS gateway, sendsms,
delivery reports.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from email.message import Message
from typing import Final
from urllib.parse import urlencode

from huiyin.channels import sms
from huiyin.channels.protocol import (
    Call,
    CannotTake,
    CannotWrite,
    Channel,
    Fate,
    Field,
    Limits,
    Outgoing,
    Request,
    Response,
    Settings,
    Taken,
)

_DELIVERED: Final = frozenset({"1"})
_FAILED: Final = frozenset({"2", "16"})
_MASK: Final = 1 + 2 + 16
"""Delivered, not delivered, rejected; what lies between is of no interest."""
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
"""GSM 03.38: the alphabet of 7 bits and its extension."""


def _take(request: Request, settings: Settings) -> Taken:
    query, secret = request.query, str(settings.get("secret", ""))
    if reference := query.get("dlr", ""):
        if not sms.same(given=query.get("sign", ""), wanted=_sign(secret, reference)):
            raise CannotTake(status=403, told="wrong signature")
        state = query.get("state", "")
        if state not in _DELIVERED | _FAILED:
            return Taken()
        told = query.get("told", "") or f"DLR {state}"
        ok = state in _DELIVERED
        return Taken(pieces=(sms.delivery(reference=reference[:64], ok=ok, told=told),))
    if not sms.same(given=query.get("secret", ""), wanted=secret):
        raise CannotTake(status=403, told="wrong secret")
    sender = query.get("from") or request.headers.get("x-kannel-from", "")
    if request.method != "POST" or not sender:
        raise CannotTake(status=400, told="a message is posted, with its sender")
    text = _words(request)
    moment = query.get("at", "")
    at = None
    if moment.isascii() and moment.isdigit() and len(moment) < 12:
        at = datetime.fromtimestamp(int(moment), UTC)
    return Taken(
        pieces=(
            sms.piece(
                external_id=query.get("id", "") or _name(sender, moment, request.body),
                sender=sender,
                text=text or "",
                settings=settings,
                at=at,
                called=query.get("to") or request.headers.get("x-kannel-to", ""),
                body=request.body if text is None else b"",
            ),
        )
    )


def _name(sender: str, moment: str, body: bytes) -> str:
    """Name a message of a Kannel that sends no id, so that one sent again is known."""
    if not moment:
        return ""
    return hashlib.sha256(f"{sender}|{moment}|".encode() + body).hexdigest()[:40]


def _words(request: Request) -> str | None:
    head = Message()
    head["content-type"] = request.headers.get("content-type", "text/plain")
    if head.get_content_type() == "application/octet-stream":
        # parts that a phone sent in UCS-2 arrive as bytes when they were put together
        text = sms.words_of(body=request.body, charset="utf-8")
        return sms.words_of(body=request.body, charset="utf-16-be") if text is None else text
    return sms.words_of(body=request.body, charset=str(head.get_param("charset") or "utf-8"))


def _sign(secret: str, reference: str) -> str:
    return hmac.new(secret.encode(), reference.encode(), hashlib.sha256).hexdigest()[:40]


def _write(out: Outgoing, settings: Settings, token: str) -> tuple[Call, ...]:
    text = sms.fitting(out=out, settings=settings, before=str(settings.get("signature", "")))
    if not text:
        raise CannotWrite(zh="短信没有内容", en="the SMS is empty")
    headers = {
        "X-Kannel-Username": str(settings["username"]),
        "X-Kannel-Password": str(settings["password"]),
        "X-Kannel-To": sms.callee(out=out),
        "X-Kannel-Coding": "0" if set(text) <= _GSM else "2",
        "Content-Type": "text/plain; charset=UTF-8",
    }
    if sender := str(settings.get("sender", "")):
        headers["X-Kannel-From"] = sender
    if smsc := str(settings.get("smsc", "")):
        headers["X-Kannel-SMSC"] = smsc
    if hook := str(settings.get("callback", "")) or out.hook:
        sign = _sign(str(settings["secret"]), out.id)
        # Kannel fills in what begins with a percent sign
        headers["X-Kannel-DLR-Url"] = (
            f"{hook}?{urlencode({'dlr': out.id, 'sign': sign})}&state=%d&told=%A"
        )
        headers["X-Kannel-DLR-Mask"] = str(_MASK)
    return (Call(method="POST", url=_url(settings), headers=headers, body=text.encode()),)


def _url(settings: Settings) -> str:
    return str(settings["base"]).rstrip("/") + "/cgi-bin/sendsms"


def _fate(response: Response) -> Fate:
    told = response.body[:200].decode("utf-8", "replace").strip()
    if response.status in {200, 202} and told[:2] in {"0:", "3:"}:
        return Fate(state="sent")
    if response.status == 403:
        return Fate(state="later", zh=f"Kannel 拒绝登录：{told}", en=told, wait=300)
    if response.status == 503 or response.status >= 500:
        return Fate(state="later", zh=f"Kannel 暂时不能发送：{told}", en=told)
    return Fate(state="refused", zh=f"Kannel 拒绝：{told}", en=told or str(response.status))


def _probe(settings: Settings, token: str) -> Call:
    """Ask to send to nobody: Kannel checks name and password first."""
    headers = {
        "X-Kannel-Username": str(settings["username"]),
        "X-Kannel-Password": str(settings["password"]),
        "Content-Type": "text/plain; charset=UTF-8",
    }
    return Call(method="POST", url=_url(settings), headers=headers, body=b"test")


def _probe_fate(response: Response) -> Fate:
    if response.status == 400:
        return Fate(
            state="sent", zh="Kannel 应答，账号正确", en="Kannel answers, the login is right"
        )
    if response.status == 403:
        return Fate(state="refused", zh="账号或密码不对", en="wrong user name or password")
    return Fate(
        state="refused",
        zh=f"不像 Kannel 的应答：{response.status}",
        en=f"not Kannel's answer: {response.status}",
    )


CHANNEL = Channel(
    code="sms_kannel",
    said_as="sms",
    name=("短信（Kannel 网关）", "SMS (Kannel gateway)"),
    about=(
        "自建短信网关 Kannel：收、发、送达回执",
        "a Kannel gateway of one's own: in, out, delivery reports",
    ),
    guide="channel-sms_kannel",
    limits=Limits(rings=True),
    fields=(
        Field(
            name="base",
            kind="url",
            label=("smsbox 地址", "Address of smsbox"),
            help=("sendsms-port 所在地址", "where sendsms-port listens"),
            default="http://127.0.0.1:13013",
            required=True,
        ),
        Field(name="username", kind="text", label=("sendsms-user 用户名", "User"), required=True),
        Field(name="password", kind="secret", label=("密码", "Password"), required=True),
        Field(
            name="secret",
            kind="secret",
            label=("回调口令", "Secret of the callback"),
            help=(
                "写在 post-url 的 secret= 后；只用字母和数字",
                "after secret= in post-url; letters and figures only",
            ),
            required=True,
        ),
        Field(name="sender", kind="text", label=("主叫号码", "Sender's number")),
        Field(
            name="smsc",
            kind="text",
            label=("通道 smsc-id", "smsc-id"),
            help=("留空由 Kannel 选择", "empty: Kannel chooses"),
        ),
        Field(
            name="signature",
            kind="text",
            label=("签名", "Signature"),
            help=("放在短信开头，如【某某快递】", "put before every message"),
        ),
        Field(
            name="callback",
            kind="url",
            label=("Kannel 能访问的回调地址", "Callback as Kannel reaches it"),
            help=(
                "Kannel 不能用上面的回调地址时填写",
                "where Kannel cannot use the address above",
            ),
        ),
        *sms.WORDS,
    ),
    take=_take,
    read=sms.read,
    write=_write,
    fate=_fate,
    probe=_probe,
    probe_fate=_probe_fate,
)

"""Our own contract for payouts: a company's finance system implements it, both sides sign.

POST {base}/transfers pays, GET {base}/transfers/{number} asks, and the finance system may report
to our callback. The request's signature is hex HMAC-SHA256 over timestamp, nonce, method, path
and body, a line each; that of the answer over the request's signature, the status and the body, so
an answer fits one request alone. Described in docs/how-to/payouts.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final
from urllib.parse import quote, urlsplit

from huiyin.channels import paying
from huiyin.channels.protocol import (
    Answer,
    Call,
    CannotTake,
    Channel,
    Field,
    PayoutWay,
    Request,
    Response,
    Settings,
    Taken,
    fresh,
)
from huiyin.core.remedy.transfer import State, Told, Transfer

METHODS: Final = ("original", "wechat", "alipay", "bank", "coupon", "points")
_STATES: Final[dict[str, State]] = {
    "accepted": "processing", "processing": "processing", "paid": "paid", "failed": "failed",
    "returned": "returned",
}  # fmt: skip
_REFUSED: Final = frozenset({400, 409, 410, 422})


def signature(*, secret: str, parts: tuple[str, ...], body: bytes) -> str:
    """Return the hex signature over some lines and a body."""
    message = "".join(f"{part}\n" for part in parts).encode() + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _call(*, transfer: Transfer, settings: Settings, method: str, path: str, body: bytes) -> Call:
    url = str(settings["base"]).rstrip("/") + path
    there = urlsplit(url)
    target = there.path + (f"?{there.query}" if there.query else "")
    stamp = str(int(transfer.at.timestamp()))
    signed = signature(
        secret=str(settings["secret"]),
        parts=(stamp, transfer.nonce, method, target),
        body=body,
    )
    return Call(
        method=method,
        url=url,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Huiyin",
            "Idempotency-Key": transfer.number,
            "X-Huiyin-Timestamp": stamp,
            "X-Huiyin-Nonce": transfer.nonce,
            "X-Huiyin-Signature": signed,
        },
        body=body,
    )


def _send(transfer: Transfer, settings: Settings) -> Call:
    told = {
        "number": transfer.number,
        "amount": transfer.amount,
        "currency": "CNY",
        "method": transfer.method,
        "payee": {"name": transfer.payee, "account": transfer.account},
        "reason": transfer.reason,
        "complaint": transfer.complaint,
        "waybill": transfer.waybill,
        "callback": transfer.hook,
    }
    body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    return _call(transfer=transfer, settings=settings, method="POST", path="/transfers", body=body)


def _ask(transfer: Transfer, settings: Settings) -> Call:
    path = f"/transfers/{quote(transfer.number, safe='')}"
    return _call(transfer=transfer, settings=settings, method="GET", path=path, body=b"")


def _read(transfer: Transfer, settings: Settings, call: Call, response: Response) -> Told:
    wanted = signature(
        secret=str(settings["secret"]),
        parts=(call.headers["X-Huiyin-Signature"], str(response.status)),
        body=response.body,
    )
    given = response.headers.get("x-huiyin-signature", "")
    if response.status >= 500 or response.status in {401, 403, 429}:
        return Told(
            state="unclear",
            zh=f"财务系统答复 HTTP {response.status}",
            en=f"HTTP {response.status}",
            wait=response.retry_after,
        )
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        return Told(state="unclear", zh="答复的签名不对", en="the answer is not signed rightly")
    said = response.json_object()
    if call.method == "GET" and response.status == 404:
        return Told(state="absent", zh="财务系统没有收到这一笔", en="it was not received there")
    if call.method == "POST" and response.status in _REFUSED:
        told = str(said.get("reason") or f"HTTP {response.status}")[:200]
        return Told(state="refused", zh=told, en=told)
    if not 200 <= response.status < 300 or said.get("number") != transfer.number:
        return Told(state="unclear", zh="答复读不懂", en="the answer cannot be read")
    return _told(said)


def _told(said: dict[str, Any]) -> Told:
    reason = str(said.get("reason") or "")[:200]
    return Told(
        state=_STATES.get(str(said.get("state")), "unclear"),
        reference=str(said.get("reference") or "")[:80],
        amount=paying.sum_of(said.get("amount")),
        zh=reason,
        en=reason,
    )


def _take(request: Request, settings: Settings) -> Taken:
    if request.method != "POST":
        raise CannotTake(status=405, told="POST only")
    stamp = request.headers.get("x-huiyin-timestamp", "")
    wanted = signature(
        secret=str(settings["secret"]),
        parts=(stamp, request.headers.get("x-huiyin-nonce", "")),
        body=request.body,
    )
    given = request.headers.get("x-huiyin-signature", "")
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise CannotTake(status=401, told="wrong signature")
    if not fresh(stamp=stamp, now=request.at.timestamp(), within=paying.FRESH):
        raise CannotTake(status=401, told="the timestamp is more than 5 minutes off")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("number"), str):
        raise CannotTake(status=400, told="no JSON object with a number")
    told = _told(said)
    if told.state == "unclear":
        raise CannotTake(status=400, told="unknown state")
    id = str(said.get("id") or "") or hashlib.sha256(request.body).hexdigest()
    return Taken(
        answer=Answer(status=202, body=b'{"ok": true}', content_type="application/json"),
        pieces=(paying.piece(id=id, number=said["number"], told=told),),
    )


CHANNEL = Channel(
    code="payout_http",
    said_as="payout",
    name=("付款：公司财务系统（HTTP）", "Payouts: the company's finance system (HTTP)"),
    about=(
        "批准的赔付签名后交给财务系统付款，结果自动入账",
        "approved remedies are paid by the finance system, results are booked by themselves",
    ),
    guide="payouts",
    fields=(
        Field(
            name="base",
            kind="url",
            label=("接口地址", "Address"),
            help=("后面接 /transfers", "/transfers is added to it"),
            required=True,
        ),
        Field(
            name="secret",
            kind="secret",
            label=("签名密钥", "Secret"),
            help=("双方各存一份，长且随机", "kept by both sides; long and random"),
            required=True,
        ),
        *paying.fields(methods=METHODS),
    ),
    take=_take,
    payout=PayoutWay(methods=METHODS, send=_send, ask=_ask, read=_read),
)

"""Alipay: a transfer to the payee's account, asked about by our number, its message verified.

Sources: opendocs.alipay.com: alipay.fund.trans.uni.transfer, alipay.fund.trans.common.query,
message alipay.fund.trans.order.changed, 签名与验签 (RSA2, 公钥证书). Interfaces that spend money
need the certificates; the numbers of certificates are reckoned from what is pasted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from huiyin.channels import paying, rsa
from huiyin.channels.protocol import (
    Answer,
    Call,
    CannotTake,
    CannotWrite,
    Channel,
    Field,
    PayoutWay,
    Request,
    Response,
    Settings,
    Taken,
)
from huiyin.core.remedy.transfer import State, Told, Transfer

ZONE: Final = ZoneInfo("Asia/Shanghai")
PAY: Final = "alipay.fund.trans.uni.transfer"
ASK: Final = "alipay.fund.trans.common.query"
CHANGED: Final = "alipay.fund.trans.order.changed"
PRODUCT: Final = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}
_RSA: Final = "1.2.840.113549.1.1."
_STATES: Final[dict[str, State]] = {
    "SUCCESS": "paid", "FAIL": "failed", "CLOSED": "failed", "REFUND": "returned",
    "DEALING": "processing", "INIT": "processing", "WAIT_PAY": "processing",
}  # fmt: skip
_OURS: Final = frozenset({
    "BALANCE_IS_NOT_ENOUGH", "PAYER_BALANCE_NOT_ENOUGH", "EXCEED_LIMIT_DM_MAX_AMOUNT",
    "EXCEED_LIMIT_MM_MAX_AMOUNT", "PERMIT_CHECK_PERM_LIMITED", "SYSTEM_ERROR",
    "REQUEST_PROCESSING",
})  # fmt: skip
"""What says nothing against the payee: the same number is asked about and goes again."""
_PATIENCE: Final = 1800


def content(*, fields: Mapping[str, str], without: frozenset[str]) -> str:
    """Return what is signed: the filled parameters in the order of their names."""
    return "&".join(f"{k}={v}" for k, v in sorted(fields.items()) if k not in without and v)


def certificate_number(*, text: str, root: bool = False) -> str:
    """Return the number by which Alipay knows a certificate; of a root file all its RSA ones.

    MD5 over issuer and serial number, joined by "_". Raises CannotUseKey.
    """
    found = rsa.certificates(text=text)
    if root:
        found = [c for c in found if c.signature_algorithm_oid.dotted_string.startswith(_RSA)]
    return "_".join(
        hashlib.md5(
            f"{c.issuer.rfc4514_string()}{c.serial_number}".encode(), usedforsecurity=False
        ).hexdigest()
        for c in found
    )


def _call(*, transfer: Transfer, settings: Settings, method: str, said: dict[str, Any]) -> Call:
    fields = {
        "app_id": str(settings["app_id"]),
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": transfer.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        "version": "1.0",
        "biz_content": json.dumps(said, ensure_ascii=False, separators=(",", ":")),
    }
    try:
        key = rsa.private_key(text=str(settings["private_key"]))
        if settings.get("app_cert"):
            fields["app_cert_sn"] = certificate_number(text=str(settings["app_cert"]))
        if settings.get("root_cert"):
            fields["alipay_root_cert_sn"] = certificate_number(
                text=str(settings["root_cert"]), root=True
            )
    except rsa.CannotUseKey as error:
        raise CannotWrite(zh=error.zh, en=error.en) from error
    signed = content(fields=fields, without=frozenset({"sign"})).encode()
    fields["sign"] = rsa.sign(key=key, message=signed)
    return Call(
        method="POST",
        url=f"{settings['base']}?charset=utf-8",
        headers={
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "Huiyin",
        },
        body=urlencode(fields).encode(),
    )


def _send(transfer: Transfer, settings: Settings) -> Call:
    said = {
        "out_biz_no": transfer.plain,
        "trans_amount": f"{transfer.amount // 100}.{transfer.amount % 100:02d}",
        **PRODUCT,
        "order_title": str(settings["title"])[:128],
        "payee_info": {
            "identity": transfer.account,
            "identity_type": "ALIPAY_LOGON_ID",
            "name": transfer.payee,
        },
        "remark": transfer.reason[:200],
    }
    return _call(transfer=transfer, settings=settings, method=PAY, said=said)


def _ask(transfer: Transfer, settings: Settings) -> Call:
    said = {"out_biz_no": transfer.plain, **PRODUCT}
    return _call(transfer=transfer, settings=settings, method=ASK, said=said)


def _node(*, body: bytes, name: str) -> tuple[str, dict[str, Any], str]:
    """Return an answer's object as it was signed, read, and the signature."""
    try:
        text = body.decode()
        whole = json.loads(text)
        start = text.index(":", text.index(f'"{name}"') + len(name) + 2) + 1
        start += len(text[start:]) - len(text[start:].lstrip())
        said, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return "", {}, ""
    good = isinstance(said, dict) and isinstance(whole, dict)
    return (text[start:end], said, str(whole.get("sign") or "")) if good else ("", {}, "")


def _read(transfer: Transfer, settings: Settings, call: Call, response: Response) -> Told:
    if response.status != 200:
        told = f"HTTP {response.status}"
        return Told(state="unclear", zh=f"支付宝答复 {told}", en=told)
    try:
        key = rsa.public_key(text=str(settings["alipay_cert"]))
    except rsa.CannotUseKey as error:
        return Told(state="unclear", zh=error.zh, en=error.en)
    for method in (PAY, ASK):
        raw, said, sign = _node(body=response.body, name=f"{method.replace('.', '_')}_response")
        if raw and rsa.genuine(key=key, message=raw.encode(), signature=sign):
            return _proved(transfer=transfer, said=said, asked=method == ASK)
    return Told(state="unclear", zh="支付宝的答复没有通过验签", en="the answer is not proved")


def _proved(*, transfer: Transfer, said: dict[str, Any], asked: bool) -> Told:
    code, sub = str(said.get("code") or ""), str(said.get("sub_code") or "")
    if code == "10000":
        if said.get("out_biz_no", transfer.plain) != transfer.plain:
            return Told(state="unclear", zh="答复读不懂", en="the answer cannot be read")
        return _told(said)
    words = str(said.get("sub_msg") or said.get("msg") or code)[:160]
    zh, en = f"支付宝：{words}（{sub or code}）", f"Alipay: {words} ({sub or code})"
    if asked and sub == "ORDER_NOT_EXIST":
        return Told(state="absent", zh="支付宝没有这一笔", en="Alipay has no such order")
    if code == "20000" or sub in {"SYSTEM_ERROR", "REQUEST_PROCESSING"}:
        return Told(state="unclear", zh=zh, en=en)
    if code != "40004" or sub in _OURS:
        return Told(state="unclear", zh=zh, en=en, wait=_PATIENCE)
    return Told(state="unclear" if asked else "refused", zh=zh, en=en)


def _told(said: Mapping[str, Any]) -> Told:
    why = str(said.get("fail_reason") or said.get("error_code") or "")
    return Told(
        state=_STATES.get(str(said.get("status") or ""), "unclear"),
        reference=str(said.get("order_id") or said.get("pay_fund_order_id") or "")[:80],
        amount=_fen(said.get("trans_amount")),
        zh=f"支付宝：{why}"[:200] if why else "",
        en=f"Alipay: {why}"[:200] if why else "",
    )


def _fen(value: Any) -> int | None:
    try:
        amount = Decimal(str(value)) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == amount.to_integral_value() else None


def _take(request: Request, settings: Settings) -> Taken:
    try:
        charset = dict(parse_qsl(request.body.decode("latin-1"))).get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "gbk", "gb18030"}:
            raise ValueError(charset)
        fields = dict(parse_qsl(request.body.decode("ascii"), encoding=charset, errors="strict"))
        key = rsa.public_key(text=str(settings["alipay_cert"]))
        message = content(fields=fields, without=frozenset({"sign", "sign_type"})).encode(charset)
    except ValueError as error:
        raise CannotTake(status=400, told="no message of Alipay") from error
    if not rsa.genuine(key=key, message=message, signature=fields.get("sign", "")):
        raise CannotTake(status=403, told="wrong signature")
    if fields.get("app_id") != str(settings["app_id"]):
        raise CannotTake(status=403, told="of another app")
    done = Answer(body=b"success")
    if fields.get("msg_method") != CHANGED:
        return Taken(answer=done)
    try:
        said = json.loads(fields["biz_content"])
        number = str(said["out_biz_no"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CannotTake(status=400, told="the message cannot be read") from error
    id = fields.get("notify_id") or hashlib.sha256(message).hexdigest()
    return Taken(answer=done, pieces=(paying.piece(id=id, number=number, told=_told(said)),))


CHANNEL = Channel(
    code="payout_alipay",
    said_as="payout",
    name=("付款：支付宝转账", "Payouts: Alipay transfers"),
    about=(
        "把赔付转到客户的支付宝账户，结果由消息和查询入账",
        "pays remedies into the customer's Alipay account; message and query book them",
    ),
    guide="payouts",
    fields=(
        Field(name="base", kind="url", label=("网关地址", "Gateway"), required=True,
              default="https://openapi.alipay.com/gateway.do"),
        Field(name="app_id", kind="text", label=("应用 APPID", "App id"), required=True),
        Field(name="private_key", kind="secret", required=True,
              label=("应用私钥", "App's private key")),
        Field(name="alipay_cert", kind="long", required=True,
              label=("支付宝公钥证书", "Alipay's certificate"),
              help=("alipayCertPublicKey_RSA2.crt 的全部内容，也可填支付宝公钥",
                    "all of alipayCertPublicKey_RSA2.crt, or the public key")),
        Field(name="app_cert", kind="long", label=("应用公钥证书", "App's certificate"),
              help=("appCertPublicKey_….crt 的全部内容；转账接口须用证书",
                    "all of appCertPublicKey_….crt; transfers need it")),
        Field(name="root_cert", kind="long", label=("支付宝根证书", "Alipay's root certificates"),
              help=("alipayRootCert.crt 的全部内容", "all of alipayRootCert.crt")),
        Field(name="title", kind="text", label=("转账标题", "Title"), default="快递赔付",
              help=("收款人在账单里看到", "the payee sees it in his bills"), required=True),
        *paying.fields(methods=("alipay",)),
    ),
    take=_take,
    payout=PayoutWay(methods=("alipay",), send=_send, ask=_ask, read=_read),
)  # fmt: skip

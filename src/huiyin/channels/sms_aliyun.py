"""SMS by Alibaba Cloud: SendSms with signature V3, SmsUp and SmsReport as callbacks.

Sources: help.aliyun.com, "V3版本请求体&签名机制" (ACS3-HMAC-SHA256); dysmsapi 2017-05-25 SendSms;
SmsUp and SmsReport (HTTP批量推送). Alibaba signs no callback, so a secret is part of its address.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from huiyin.channels import sms
from huiyin.channels.protocol import (
    Answer,
    Call,
    CannotTake,
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

_ALGORITHM: Final = "ACS3-HMAC-SHA256"
_VERSION: Final = "2017-05-25"
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_LATER: Final = frozenset(
    {
        "isv.BUSINESS_LIMIT_CONTROL",
        "isv.DAY_LIMIT_CONTROL",
        "isv.MONTH_LIMIT_CONTROL",
        "isv.OUT_OF_SERVICE",
        "isv.AMOUNT_NOT_ENOUGH",
        "isp.SYSTEM_ERROR",
        "isp.GATEWAY_ERROR",
        "isp.RAM_PERMISSION_DENY",
        "isv.ACCOUNT_NOT_EXISTS",
        "isv.ACCOUNT_ABNORMAL",
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.SMS_TEMPLATE_ILLEGAL",
        "isv.SMS_SIGN_ILLEGAL",
        "ServiceUnavailable",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId.NotFound",
        "InvalidTimeStamp.Expired",
        "SignatureNonceUsed",
        "InternalError",
    }
)
"""Codes that are no fault of the message: it waits until somebody put the account right."""
_LIMITS: Final = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "Throttling", "Throttling.User"})


def authorization(
    *, method: str, host: str, query: str, headers: Mapping[str, str], key_id: str, secret: str
) -> str:
    """Return the Authorization header over the ``host`` and ``x-acs-*`` headers given."""
    signed = {"host": host, **headers}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
    canonical = "\n".join([method, "/", query, lines, names, headers["x-acs-content-sha256"]])
    to_sign = f"{_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def query_of(*, values: Mapping[str, str]) -> str:
    """Return a query string as the signature wants it: sorted, RFC 3986."""
    return "&".join(f"{quote(k, safe='~')}={quote(values[k], safe='~')}" for k in sorted(values))


def _call(
    *, action: str, values: Mapping[str, str], settings: Settings, at: datetime, nonce: str
) -> Call:
    base = str(settings["base"]).rstrip("/")
    host = urlsplit(base).netloc
    query = query_of(values=values)
    headers = {
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": _VERSION,
    }
    proof = authorization(
        method="POST",
        host=host,
        query=query,
        headers=headers,
        key_id=str(settings["key_id"]),
        secret=str(settings["key_secret"]),
    )
    return Call(method="POST", url=f"{base}/?{query}", headers={**headers, "Authorization": proof})


def _write(out: Outgoing, settings: Settings, token: str) -> tuple[Call, ...]:
    code, values = sms.template(out=out, settings=settings)
    return (
        _call(
            action="SendSms",
            values={
                "PhoneNumbers": sms.callee(out=out),
                "SignName": str(settings["sign_name"]),
                "TemplateCode": code,
                "TemplateParam": json.dumps(values, ensure_ascii=False),
                "OutId": out.id,
            },
            settings=settings,
            at=out.at,
            nonce=hashlib.sha256(f"{out.id}|{out.at.isoformat()}".encode()).hexdigest()[:32],
        ),
    )


def _fate(response: Response) -> Fate:
    code, told, data = _answer(response)
    if code == "OK":
        return Fate(state="sent", reference=str(data.get("BizId", "")))
    zh, en = f"阿里云：{told or code}", f"Alibaba Cloud: {code} {told}".strip()
    if code in _LIMITS:
        return Fate(state="later", zh=zh, en=en, wait=60)
    if code in _LATER or response.status >= 500:
        return Fate(state="later", zh=zh, en=en, wait=300)
    return Fate(state="refused", zh=zh, en=en)


def _answer(response: Response) -> tuple[str, str, Mapping[str, Any]]:
    data = response.json_object()
    return str(data.get("Code", response.status)), str(data.get("Message", ""))[:200], data


def _take(request: Request, settings: Settings) -> Taken:
    secret = str(settings.get("secret", ""))
    if not sms.same(given=request.query.get("secret", ""), wanted=secret):
        raise CannotTake(status=403, told="wrong secret")
    rows = sms.listed(body=request.body)
    pieces = [] if rows else [sms.strange(body=request.body)]
    for row in rows:
        if "content" in row and row.get("phone_number"):
            sequence = str(row.get("sequence_id", ""))
            pieces.append(
                sms.piece(
                    external_id=sequence and f"up-{sequence}"[:80],
                    sender=str(row["phone_number"]),
                    text=str(row.get("content") or ""),
                    settings=settings,
                    at=sms.moment(text=str(row.get("send_time", "")), zone=_ZONE),
                    called=str(row.get("dest_code", "")),
                )
            )
        elif "success" in row and row.get("biz_id"):
            told = str(row.get("err_msg") or row.get("err_code") or "")
            pieces.append(
                sms.delivery(
                    reference=str(row["biz_id"])[:120], ok=row["success"] is True, told=told
                )
            )
        else:
            strange = json.dumps(row, ensure_ascii=False, sort_keys=True)
            pieces.append(sms.strange(body=strange.encode("utf-8", "replace")))
    done = json.dumps({"code": 0, "msg": "接收成功"}, ensure_ascii=False).encode()
    return Taken(
        answer=Answer(body=done, content_type="application/json; charset=utf-8"),
        pieces=tuple(pieces),
    )


def _probe(settings: Settings, token: str) -> Call:
    """Ask for the first page of the account's signatures."""
    now = datetime.now(UTC)
    return _call(
        action="QuerySmsSignList",
        values={"PageIndex": "1", "PageSize": "1"},
        settings=settings,
        at=now,
        nonce=hashlib.sha256(now.isoformat().encode()).hexdigest()[:32],
    )


CHANNEL = Channel(
    code="sms_aliyun",
    said_as="sms",
    name=("短信（阿里云）", "SMS (Alibaba Cloud)"),
    about=(
        "模板短信下行、上行短信、送达回执",
        "template messages out, messages in, delivery reports",
    ),
    guide="channel-sms_aliyun",
    limits=Limits(rings=True),
    fields=(
        Field(
            name="base",
            kind="url",
            label=("接口地址", "Address"),
            default="https://dysmsapi.aliyuncs.com",
            required=True,
        ),
        Field(name="key_id", kind="text", label=("AccessKey ID", "AccessKey ID"), required=True),
        Field(
            name="key_secret",
            kind="secret",
            label=("AccessKey Secret", "AccessKey secret"),
            required=True,
        ),
        sms.SIGNATURE,
        *sms.TEMPLATES,
        sms.SECRET,
        *sms.WORDS,
    ),
    take=_take,
    read=sms.read,
    write=_write,
    fate=_fate,
    probe=_probe,
)

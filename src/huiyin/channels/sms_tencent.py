"""SMS by Tencent Cloud: SendSms with TC3-HMAC-SHA256, replies and delivery states as callbacks.

Sources: cloud.tencent.com, "签名方法 v3"; SMS API 2021-01-11 SendSms; 短信回调 "短信下发状态通知"
and "短信回复通知". Tencent signs no callback, so a secret is part of its address.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit
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

_ALGORITHM: Final = "TC3-HMAC-SHA256"
_TYPE: Final = "application/json; charset=utf-8"
_VERSION: Final = "2021-01-11"
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_LATER: Final = (
    "AuthFailure",
    "InternalError",
    "RequestLimitExceeded",
    "LimitExceeded",
    "UnauthorizedOperation",
    "FailedOperation.InsufficientBalanceInSmsPackage",
    "FailedOperation.SignatureIncorrectOrUnapproved",
    "FailedOperation.TemplateIncorrectOrUnapproved",
    "InternalError.Timeout",
)
"""Beginnings of codes that are no fault of the message: it waits until the account is right."""


def authorization(
    *, action: str, host: str, service: str, body: bytes, at: datetime, key_id: str, secret: str
) -> str:
    """Return the Authorization header of a POST with a JSON body."""
    signed = "content-type;host;x-tc-action"
    lines = f"content-type:{_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n"
    canonical = "\n".join(["POST", "/", "", lines, signed, hashlib.sha256(body).hexdigest()])
    day = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    to_sign = "\n".join(
        [
            _ALGORITHM,
            str(int(at.timestamp())),
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return (
        f"{_ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"
    )


def _call(*, action: str, data: Mapping[str, Any], settings: Settings, at: datetime) -> Call:
    base = str(settings["base"]).rstrip("/")
    body = json.dumps(data, ensure_ascii=False).encode()
    proof = authorization(
        action=action,
        host=urlsplit(base).netloc,
        service="sms",
        body=body,
        at=at,
        key_id=str(settings["key_id"]),
        secret=str(settings["key_secret"]),
    )
    headers = {
        "Content-Type": _TYPE,
        "X-TC-Action": action,
        "X-TC-Version": _VERSION,
        "X-TC-Timestamp": str(int(at.timestamp())),
        "X-TC-Region": str(settings.get("region") or "ap-guangzhou"),
        "Authorization": proof,
    }
    return Call(method="POST", url=f"{base}/", headers=headers, body=body)


def _write(out: Outgoing, settings: Settings, token: str) -> tuple[Call, ...]:
    code, values = sms.template(out=out, settings=settings)
    to = sms.callee(out=out)
    data = {
        "PhoneNumberSet": [to if to.startswith("+") else f"+86{to}"],
        "SmsSdkAppId": str(settings["app_id"]),
        "SignName": str(settings["sign_name"]),
        "TemplateId": code,
        # Tencent's templates number their blanks
        "TemplateParamSet": list(values.values()),
        "SessionContext": out.id,
    }
    return (_call(action="SendSms", data=data, settings=settings, at=out.at),)


def _fate(response: Response) -> Fate:
    answer = _answer(response)
    rows = answer.get("SendStatusSet")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    wrong = answer.get("Error")
    told = wrong if isinstance(wrong, dict) else row
    code, said = str(told.get("Code", response.status)), str(told.get("Message", ""))[:200]
    if code == "Ok":
        return Fate(state="sent", reference=str(row.get("SerialNo", "")))
    zh, en = f"腾讯云：{said or code}", f"Tencent Cloud: {code} {said}".strip()
    if code == "FailedOperation.PhoneNumberInBlacklist":
        return Fate(state="left", zh="号码已退订或在黑名单中", en="the number unsubscribed")
    if code.startswith(_LATER) or response.status >= 500:
        wait = 60 if "Limit" in code else 300
        return Fate(state="later", zh=zh, en=en, wait=wait)
    return Fate(state="refused", zh=zh, en=en)


def _answer(response: Response) -> Mapping[str, Any]:
    answer = response.json_object().get("Response")
    return answer if isinstance(answer, dict) else {}


def _take(request: Request, settings: Settings) -> Taken:
    secret = str(settings.get("secret", ""))
    if not sms.same(given=request.query.get("secret", ""), wanted=secret):
        raise CannotTake(status=403, told="wrong secret")
    rows = sms.listed(body=request.body)
    pieces = [] if rows else [sms.strange(body=request.body)]
    for row in rows:
        nation = str(row.get("nationcode") or "86")
        if "text" in row and row.get("mobile"):
            sender, at = f"+{nation}{row['mobile']}", row.get("time")
            name = f"{sender}|{at}|{row['text']}".encode("utf-8", "replace")
            pieces.append(
                sms.piece(
                    # Tencent names no message; one that comes again is the same to the second
                    external_id=f"up-{hashlib.sha256(name).hexdigest()[:40]}",
                    sender=sender,
                    text=str(row.get("text") or ""),
                    settings=settings,
                    at=_moment(at),
                    called=str(row.get("extend", "")),
                )
            )
        elif "report_status" in row and row.get("sid"):
            told = str(row.get("description") or row.get("errmsg") or "")
            pieces.append(
                sms.delivery(
                    reference=str(row["sid"])[:120],
                    ok=row["report_status"] == "SUCCESS",
                    told=told,
                )
            )
        else:
            strange = json.dumps(row, ensure_ascii=False, sort_keys=True)
            pieces.append(sms.strange(body=strange.encode("utf-8", "replace")))
    done = json.dumps({"result": 0, "errmsg": "OK"}).encode()
    return Taken(
        answer=Answer(body=done, content_type="application/json; charset=utf-8"),
        pieces=tuple(pieces),
    )


def _moment(given: object) -> datetime | None:
    text = str(given or "")
    if text.isascii() and text.isdigit() and len(text) < 12:
        return datetime.fromtimestamp(int(text), UTC)
    return sms.moment(text=text, zone=_ZONE)


def _probe(settings: Settings, token: str) -> Call:
    """Ask how many messages were sent today: changes nothing."""
    now = datetime.now(UTC)
    hour = now.astimezone(_ZONE).strftime("%Y%m%d%H")
    data = {
        "BeginTime": hour,
        "EndTime": hour,
        "SmsSdkAppId": str(settings["app_id"]),
        "Limit": 0,
        "Offset": 0,
    }
    return _call(action="SendStatusStatistics", data=data, settings=settings, at=now)


def _probe_fate(response: Response) -> Fate:
    answer = _answer(response)
    wrong = answer.get("Error")
    if answer and not isinstance(wrong, dict):
        return Fate(state="sent")
    told = wrong if isinstance(wrong, dict) else {}
    said = f"{told.get('Code', response.status)} {told.get('Message', '')}".strip()[:200]
    return Fate(state="refused", zh=f"腾讯云：{said}", en=f"Tencent Cloud: {said}")


CHANNEL = Channel(
    code="sms_tencent",
    said_as="sms",
    name=("短信（腾讯云）", "SMS (Tencent Cloud)"),
    about=(
        "模板短信下行、回复短信、送达回执",
        "template messages out, messages in, delivery reports",
    ),
    guide="channel-sms_tencent",
    limits=Limits(rings=True),
    fields=(
        Field(
            name="base",
            kind="url",
            label=("接口地址", "Address"),
            default="https://sms.tencentcloudapi.com",
            required=True,
        ),
        Field(
            name="region",
            kind="choice",
            label=("地域", "Region"),
            default="ap-guangzhou",
            choices=(
                ("ap-guangzhou", ("广州", "Guangzhou")),
                ("ap-beijing", ("北京", "Beijing")),
                ("ap-nanjing", ("南京", "Nanjing")),
            ),
        ),
        Field(name="key_id", kind="text", label=("SecretId", "SecretId"), required=True),
        Field(name="key_secret", kind="secret", label=("SecretKey", "SecretKey"), required=True),
        Field(
            name="app_id",
            kind="text",
            label=("短信应用 SdkAppId", "SdkAppId of the SMS application"),
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
    probe_fate=_probe_fate,
)

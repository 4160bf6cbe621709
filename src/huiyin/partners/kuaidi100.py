"""快递100: a track asked for, or pushed after a subscription.

Source: Kuaidi100 enterprise API, 实时查询 and 订阅推送; at most one query per number in 30 minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from huiyin.channels.protocol import (
    Answer,
    Call,
    CannotRead,
    CannotTake,
    Channel,
    Fate,
    Field,
    Piece,
    Request,
    Response,
    Settings,
    Taken,
    TrackWay,
)
from huiyin.core.parcel.track import Scan, Track

ZONE: Final = ZoneInfo("Asia/Shanghai")
_STATES: Final = {
    "0": "moving", "1": "picked_up", "2": "problem", "3": "signed", "4": "returned",
    "5": "delivering", "6": "returning", "7": "forwarded", "8": "customs", "14": "refused",
}  # fmt: skip
_SIGNED: Final = {"301": "person", "302": "unknown", "303": "proxy", "304": "station"}
_COMPANIES: Final = {
    "sf": "shunfeng", "zto": "zhongtong", "yto": "yuantong", "sto": "shentong", "yunda": "yunda",
    "ems": "ems", "jt": "jtexpress", "jd": "jd", "deppon": "debangwuliu", "best": "huitongkuaidi",
}  # fmt: skip
_CARRIERS: Final = {v: k for k, v in _COMPANIES.items()}


def _form(base: str, path: str, fields: dict[str, str]) -> Call:
    return Call(
        method="POST",
        url=base.rstrip("/") + path,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(fields).encode(),
    )


def _ask(settings: Settings, waybill: str, carrier: str, phone: str) -> Call:
    param = {"com": _COMPANIES.get(carrier, carrier or "auto"), "num": waybill, "resultv2": "4"}
    if phone:
        # some carriers answer only those who know the end of a telephone number
        param["phone"] = phone[-4:] if phone.isdigit() else phone
    text = json.dumps(param, ensure_ascii=False, separators=(",", ":"))
    signed = text + str(settings["key"]) + str(settings["customer"])
    sign = hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest().upper()
    return _form(
        str(settings["base"]),
        "/poll/query.do",
        {"customer": str(settings["customer"]), "sign": sign, "param": text},
    )


def _read(_settings: Settings, response: Response, waybill: str) -> Track:
    if response.status != 200:
        raise CannotRead(zh=f"快递100出错（{response.status}）", en=f"failed ({response.status})")
    try:
        said = json.loads(response.body)
        if str(said.get("status")) == "200" and isinstance(said.get("data"), list):
            return _track(said)
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise CannotRead(zh="快递100的回答读不懂", en="the answer cannot be read") from error
    code = str(said.get("returnCode") or said.get("status") or "")
    if code in {"500", "201"}:
        # "查询无结果": asked rightly, nothing known
        return Track(waybill=waybill, scans=())
    told = str(said.get("message") or "")[:120]
    raise CannotRead(zh=f"快递100：{told}（{code}）", en=f"kuaidi100: {told} ({code})")


def _track(said: dict[str, Any]) -> Track:
    scans = tuple(
        Scan(
            at=_time(str(row.get("ftime") or row["time"])),
            text=str(row.get("context", ""))[:500],
            state=_state(str(row.get("statusCode") or "")),
            place=str(row.get("areaName") or row.get("location") or "")[:80],
        )
        for row in said["data"]
    )
    state = str(said.get("state") or "")
    signed = _SIGNED.get(state) or next(
        (
            _SIGNED[code]
            for row in said["data"]
            if (code := str(row.get("statusCode") or "")) in _SIGNED
        ),
        "",
    )
    now = _state(state) or "unknown"
    last = max(scans, key=lambda s: s.at) if scans else None
    if signed == "station" and last is not None and "柜" in last.text:
        signed = "locker"
    return Track(
        waybill=str(said.get("nu", "")).strip().upper()[:40],
        carrier=_CARRIERS.get(str(said.get("com", "")), "")[:20],
        state=now,
        signed_by=(signed or "unknown") if now == "signed" else "",
        scans=tuple(sorted(scans, key=lambda s: s.at)),
    )


def _state(code: str) -> str:
    """Return our state of theirs; longer codes begin with the shorter."""
    if code in _STATES:
        return _STATES[code]
    return _STATES.get(code[:1], "") if len(code) > 2 else ""


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.strip()).replace(tzinfo=ZONE)


def _subscribe(settings: Settings, hook: str, waybill: str, carrier: str, phone: str) -> Call:
    parameters = {"callbackurl": hook, "salt": str(settings["salt"]), "resultv2": "4"}
    if phone:
        parameters["phone"] = phone
    company = _COMPANIES.get(carrier, carrier)
    if not company:
        parameters["autoCom"] = "1"
    param = {
        "company": company, "number": waybill, "key": str(settings["key"]), "parameters": parameters
    }  # fmt: skip
    return _form(
        str(settings["base"]),
        "/poll",
        {"schema": "json", "param": json.dumps(param, ensure_ascii=False)},
    )


def _take(request: Request, settings: Settings) -> Taken:
    try:
        fields = parse_qs(request.body.decode(), max_num_fields=20)
        param, sign = fields["param"][0], fields["sign"][0]
    except (ValueError, KeyError) as error:
        raise CannotTake(status=400, told="no push of kuaidi100") from error
    salt = str(settings.get("salt") or "")
    if not salt:
        raise CannotTake(status=403, told="no salt is set")
    wanted = hashlib.md5((param + salt).encode(), usedforsecurity=False).hexdigest().upper()
    if not hmac.compare_digest(wanted.encode(), sign.upper().encode("utf-8", "replace")):
        raise CannotTake(status=403, told="wrong signature")
    answer = Answer(
        body=json.dumps({"result": True, "returnCode": "200", "message": "成功"}).encode(),
        content_type="application/json",
    )
    try:
        said = json.loads(param)
        raw = json.dumps(_track(said["lastResult"]).as_json(), ensure_ascii=False).encode()
    except (ValueError, KeyError, TypeError, AttributeError):
        # genuine, yet not readable: it is kept as it came and set apart by the worker
        raw = param.encode()
    digest = hashlib.sha256(raw).hexdigest()
    return Taken(answer=answer, pieces=(Piece(external_id=digest, raw=raw, kind="track"),))


def _fate(response: Response) -> Fate:
    try:
        _read({}, response, "")
    except CannotRead as error:
        if "400" in error.zh:
            # our number for the test is none: customer and key were accepted
            return Fate(state="sent")
        return Fate(state="refused", zh=error.zh, en=error.en)
    return Fate(state="sent")


CHANNEL = Channel(
    code="kuaidi100",
    name=("快递100", "Kuaidi100"),
    about=("查询与推送各家快递的轨迹", "Asks for and is sent tracks of all carriers"),
    guide="tracks",
    fields=(
        Field(name="base", kind="url", label=("接口地址", "Address"), required=True,
              default="https://poll.kuaidi100.com"),
        Field(name="customer", kind="text", label=("公司编号 customer", "Customer"), required=True),
        Field(name="key", kind="secret", label=("授权 key", "Key"), required=True),
        Field(name="salt", kind="secret", label=("推送签名串 salt", "Salt of pushes"),
              help=("用于推送的签名，自己定一串随机字符；不填则不接收推送",
                    "A random text of your own; without it pushes are refused")),
        Field(name="subscribe", kind="flag", label=("有投诉时订阅推送", "Subscribe for complaints"),
              help=("新投诉的运单号自动订阅推送，按单计费", "Billed by the parcel")),
    ),
    take=_take,
    track=TrackWay(
        ask=_ask, read=_read, pause=1800, subscribe=_subscribe,
    ),
    probe=lambda settings, _token: _ask(settings, "SF0000000000000", "sf", ""),
    probe_fate=_fate,
)  # fmt: skip

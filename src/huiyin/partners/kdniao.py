"""快递鸟: a track asked for or pushed.

Source: Kdniao API, 即时查询 (RequestType 1002 or 8001) and 轨迹推送 (RequestType 101 and 102).
"""

from __future__ import annotations

import base64
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
    "0": "unknown", "1": "picked_up", "2": "moving", "201": "moving", "202": "delivering",
    "211": "delivering", "3": "signed", "301": "signed", "302": "signed", "304": "signed",
    "311": "signed", "4": "problem", "404": "refused", "5": "forwarded", "6": "customs",
}  # fmt: skip
_SIGNED: Final = {"301": "person", "302": "unknown", "304": "proxy", "311": "station"}
_SHIPPERS: Final = {
    "sf": "SF", "zto": "ZTO", "yto": "YTO", "sto": "STO", "yunda": "YD", "ems": "EMS",
    "jt": "JTSD", "jd": "JD", "deppon": "DBL", "best": "HTKY",
}  # fmt: skip
_CARRIERS: Final = {v: k for k, v in _SHIPPERS.items()}


def sign_of(*, text: str, key: str) -> str:
    """Return the signature of a request: base64 of the hexadecimal MD5 of text and key."""
    digest = hashlib.md5((text + key).encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _ask(settings: Settings, waybill: str, carrier: str, phone: str) -> Call:
    data = {"OrderCode": "", "ShipperCode": _SHIPPERS.get(carrier, carrier.upper()),
            "LogisticCode": waybill}  # fmt: skip
    if phone:
        data["CustomerName"] = phone[-4:]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Call(
        method="POST",
        url=str(settings["base"]).rstrip("/") + "/Ebusiness/EbusinessOrderHandle.aspx",
        headers={"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
        body=urlencode(
            {
                "RequestData": text,
                "EBusinessID": str(settings["business_id"]),
                "RequestType": str(settings["request_type"]),
                "DataSign": sign_of(text=text, key=str(settings["key"])),
                "DataType": "2",
            }
        ).encode(),
    )


def _read(_settings: Settings, response: Response, waybill: str) -> Track:
    if response.status != 200:
        raise CannotRead(zh=f"快递鸟出错（{response.status}）", en=f"failed ({response.status})")
    try:
        said = json.loads(response.body)
        if said.get("Success"):
            return _track(said)
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise CannotRead(zh="快递鸟的回答读不懂", en="the answer cannot be read") from error
    told = str(said.get("Reason") or "")[:120]
    if "无" in told and "轨迹" in told:
        return Track(waybill=waybill, scans=())
    raise CannotRead(zh=f"快递鸟：{told}", en=f"kdniao: {told}")


def _track(said: dict[str, Any]) -> Track:
    rows = said.get("Traces") or []
    scans = sorted(
        (
            Scan(
                at=datetime.fromisoformat(str(row["AcceptTime"]).replace("/", "-")).replace(
                    tzinfo=ZONE
                ),
                text=str(row.get("AcceptStation", ""))[:500],
                state=_STATES.get(str(row.get("Action") or ""), ""),
                place=str(row.get("Location") or "")[:80],
            )
            for row in rows
        ),
        key=lambda s: s.at,
    )
    exact = str(said.get("StateEx") or said.get("State") or "")
    state = _STATES.get(exact) or _STATES.get(exact[:1]) or "unknown"
    signed = _SIGNED.get(exact, "unknown") if state == "signed" else ""
    if signed == "station" and scans and "柜" in scans[-1].text:
        signed = "locker"
    return Track(
        waybill=str(said["LogisticCode"]).strip().upper()[:40],
        carrier=_CARRIERS.get(str(said.get("ShipperCode", "")), ""),
        state=state,
        signed_by=signed,
        scans=tuple(scans),
    )


def _take(request: Request, settings: Settings) -> Taken:
    try:
        fields = parse_qs(request.body.decode(), max_num_fields=20)
        text, sign = fields["RequestData"][0], fields["DataSign"][0]
    except (ValueError, KeyError) as error:
        raise CannotTake(status=400, told="no push of kdniao") from error
    wanted = sign_of(text=text, key=str(settings["key"]))
    if not hmac.compare_digest(wanted.encode(), sign.encode("utf-8", "replace")):
        raise CannotTake(status=403, told="wrong signature")
    answer = {
        "EBusinessID": str(settings["business_id"]),
        "UpdateTime": request.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        "Success": True,
        "Reason": "",
    }
    return Taken(
        answer=Answer(body=json.dumps(answer).encode(), content_type="application/json"),
        pieces=tuple(_pieces(text)),
    )


def _pieces(text: str) -> list[Piece]:
    """Cut a push into tracks; what cannot be read is kept as it came."""
    try:
        rows = json.loads(text)["Data"]
    except (ValueError, KeyError, TypeError):
        rows = [text]
    out = []
    for row in rows if isinstance(rows, list) else [rows]:
        try:
            raw = json.dumps(_track(row).as_json(), ensure_ascii=False).encode()
        except (ValueError, KeyError, TypeError, AttributeError):
            raw = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)).encode()
        out.append(Piece(external_id=hashlib.sha256(raw).hexdigest(), raw=raw, kind="track"))
    return out


def _fate(response: Response) -> Fate:
    try:
        _read({}, response, "")
    except CannotRead as error:
        return Fate(state="refused", zh=error.zh, en=error.en)
    return Fate(state="sent")


CHANNEL = Channel(
    code="kdniao",
    name=("快递鸟", "Kdniao"),
    about=("查询与推送各家快递的轨迹", "Asks for and is sent tracks of all carriers"),
    guide="tracks",
    fields=(
        Field(name="base", kind="url", label=("接口地址", "Address"), required=True,
              default="https://api.kdniao.com"),
        Field(name="business_id", kind="text", label=("用户 ID", "EBusinessID"), required=True),
        Field(name="key", kind="secret", label=("API key", "API key"), required=True),
        Field(name="request_type", kind="choice", label=("查询接口", "Interface"), default="8001",
              choices=(("1002", ("1002 即时查询", "1002 instant query")),
                       ("8001", ("8001 在途监控", "8001 monitored query")))),
    ),
    take=_take,
    track=TrackWay(ask=_ask, read=_read, pause=1800),
    probe=lambda settings, _token: _ask(settings, "SF0000000000000", "sf", ""),
    probe_fate=_fate,
)  # fmt: skip

"""中通: tracks pushed by ZTO's open platform, one scan at a time.

The actions are GOT, DEPARTURE, ARRIVAL, DISPATCH, INBOUND and SIGNED; the signature is base64 of
the MD5 of body and secret in the header x-datadigest. The header's name is a setting, since
older contracts send ``data_digest`` in the form.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from huiyin.channels.protocol import (
    Answer,
    CannotTake,
    Channel,
    Field,
    Piece,
    Request,
    Settings,
    Taken,
    TrackWay,
)
from huiyin.core.parcel.track import Scan, Track

ZONE: Final = ZoneInfo("Asia/Shanghai")
_ACTIONS: Final = {
    "GOT": "picked_up", "DEPARTURE": "moving", "ARRIVAL": "moving", "DISPATCH": "delivering",
    "INBOUND": "delivering", "SIGNED": "signed",
}  # fmt: skip


def _take(request: Request, settings: Settings) -> Taken:
    body = request.body.decode("utf-8", "replace")
    given = request.headers.get("x-datadigest", "")
    signed = body
    if not given:
        fields = parse_qs(body, max_num_fields=20)
        given = (fields.get("data_digest") or [""])[0]
        body = signed = (fields.get("data") or [""])[0]
    secret = str(settings["secret"])
    digest = hashlib.md5((signed + secret).encode(), usedforsecurity=False).digest()
    wanted = base64.b64encode(digest)
    if not given or not hmac.compare_digest(wanted, given.encode("utf-8", "replace")):
        raise CannotTake(status=403, told="wrong signature")
    answer = {"status": True, "message": "ok", "statusCode": "0000", "result": "success"}
    try:
        said = json.loads(body)
    except ValueError:
        said = body
    pieces = [_piece(row) for row in (said if isinstance(said, list) else [said])]
    return Taken(
        answer=Answer(body=json.dumps(answer).encode(), content_type="application/json"),
        pieces=tuple(pieces),
    )


def _piece(row: Any) -> Piece:
    """Make a track of one scan; what cannot be read is kept as it came."""
    try:
        raw = json.dumps(_track(row).as_json(), ensure_ascii=False).encode()
    except (ValueError, KeyError, TypeError, AttributeError):
        raw = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)).encode()
    return Piece(external_id=hashlib.sha256(raw).hexdigest(), raw=raw, kind="track")


def _track(row: dict[str, Any]) -> Track:
    action = str(row["action"]).upper()
    state = _ACTIONS.get(action, "problem" if "PROBLEM" in action else "")
    text = str(row.get("desc") or row.get("description") or action)[:500]
    stamp = str(row.get("actionTime") or row["time"])
    if stamp.isascii() and stamp.isdigit() and len(stamp) < 16:
        at = datetime.fromtimestamp(int(stamp) / (1000 if len(stamp) > 10 else 1), tz=ZONE)
    else:
        at = datetime.fromisoformat(stamp.replace("/", "-")).replace(tzinfo=ZONE)
    signed_by = ""
    if state == "signed":
        signed_by = "locker" if "柜" in text else "station" if "驿站" in text else (
            "person" if "本人" in text else "proxy" if "代" in text else "unknown"
        )  # fmt: skip
    return Track(
        waybill=str(row.get("billCode") or row["mailNo"]).strip().upper()[:40],
        carrier="zto",
        state=state or "moving",
        signed_by=signed_by,
        scans=(
            Scan(
                at=at,
                text=text,
                state=state,
                place=str(row.get("facilityName") or row.get("city") or "")[:80],
            ),
        ),
    )


CHANNEL = Channel(
    code="zto",
    name=("中通轨迹推送", "ZTO track pushes"),
    about=("开放平台推送的每一次扫描", "Every scan, pushed by its open platform"),
    guide="tracks",
    fields=(Field(name="secret", kind="secret", label=("appSecret", "appSecret"), required=True),),
    take=_take,
    track=TrackWay(),
)

"""Asterisk: events of its manager interface (AMI) and of ARI, as calls.

The worker holds the line; here its words are read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from huiyin.channels.calls import CallEvent, Kind, clean, moment
from huiyin.channels.inbound import CannotRead
from huiyin.channels.protocol import Call, Channel, Field, Settings

APP: Final = "huiyin"


def block(lines: bytes) -> dict[str, str]:
    """Return an AMI message's fields by lower-case names."""
    found: dict[str, str] = {}
    for line in lines.decode("utf-8", "replace").splitlines():
        name, mark, value = line.partition(":")
        if mark:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def extension_of(channel: str) -> str:
    """Return the telephone of a channel's name: PJSIP/1001-0000000a is 1001."""
    name = channel.partition("/")[2].partition("@")[0]
    return clean(name.rpartition("-")[0] or name, 40)


def ami(found: Mapping[str, str], now: datetime) -> CallEvent | None:
    """Return the call event that an AMI event tells, None where it tells nothing of a call."""
    name = found.get("event", "")
    call = (found.get("linkedid") or found.get("uniqueid", ""))[:120]
    if not call:
        return None
    at = _at(found, now)
    caller = clean(found.get("calleridnum"), 40)
    own = extension_of(found.get("channel", ""))
    there = extension_of(found.get("destchannel", ""))
    first = found.get("uniqueid") == call
    if name == "Newchannel" and first and found.get("channelstatedesc") == "Ring":
        return CallEvent(call=call, kind="ringing", at=at, caller=caller or own)
    if name in {"DialBegin", "DialEnd"}:
        if name == "DialEnd" and found.get("dialstatus") != "ANSWER":
            return None
        kind: Kind = "ringing" if name == "DialBegin" else "answered"
        return CallEvent(call=call, kind=kind, at=at, caller=_side(caller, own), callee=there)
    if name == "QueueCallerJoin":
        queue = clean(found.get("queue"), 60)
        return CallEvent(
            call=call, kind="ringing", at=at, caller=caller, queue=queue, direction="in"
        )
    if name == "QueueCallerAbandon":
        queue = clean(found.get("queue"), 60)
        return CallEvent(
            call=call, kind="missed", at=at, caller=caller, queue=queue, direction="in"
        )
    if name == "VarSet" and found.get("variable") == "MIXMONITOR_FILENAME":
        path = clean(found.get("value"), 600)
        return CallEvent(call=call, kind="recorded", at=at, recording=path) if path else None
    if name == "Hangup" and first:
        return CallEvent(call=call, kind="ended", at=at, caller=caller)
    return None


def _side(number: str, own: str) -> str:
    """Return how a caller is known: a telephone of ours by its channel, others by number."""
    return own if own and number == own else number or own


def _at(found: Mapping[str, str], now: datetime) -> datetime:
    stamp = found.get("timestamp", "")
    try:
        return moment(float(stamp)) if stamp else now
    except (ValueError, CannotRead):
        return now


def ami_listed(rows: list[dict[str, str]], now: datetime) -> list[CallEvent]:
    """Return the calls on the line, from CoreShowChannel events."""
    out = []
    for row in rows:
        call = row.get("linkedid") or row.get("uniqueid", "")
        if not call:
            continue
        first = row.get("uniqueid") == call
        up = row.get("channelstatedesc") == "Up"
        own = extension_of(row.get("channel", ""))
        number = clean(row.get("calleridnum"), 40)
        out.append(
            CallEvent(
                call=call[:120],
                kind="answered" if up and not first else "ringing",
                at=now,
                caller=_side(number, own) if first else clean(row.get("connectedlinenum"), 40),
                callee="" if first else own,
            )
        )
    return out


def ari(data: Mapping[str, Any]) -> CallEvent | None:
    """Return the call event that an ARI event tells, None where it tells nothing of a call.

    Raises CannotRead.
    """
    try:
        return _ari(data)
    except (AttributeError, TypeError) as error:
        raise CannotRead(zh="ARI 事件无法读取", en="the ARI event cannot be read") from error


def _ari(data: Mapping[str, Any]) -> CallEvent | None:
    name = data.get("type")
    at = moment(_stamp(str(data.get("timestamp", ""))))
    if name == "Dial":
        caller, peer = data.get("caller") or {}, data["peer"]
        status = data.get("dialstatus") or ""
        if status not in {"", "RINGING", "ANSWER"}:
            return None
        return CallEvent(
            call=str(caller.get("id") or peer["id"])[:120],
            kind="answered" if status == "ANSWER" else "ringing",
            at=at,
            caller=_side(_number(caller), extension_of(str(caller.get("name", "")))),
            callee=extension_of(str(peer.get("name", ""))),
        )
    if name == "RecordingFinished":
        recording = data["recording"]
        target = str(recording.get("target_uri", ""))
        if not target.startswith("channel:"):
            return None
        stored = quote(str(recording["name"]), safe="")
        return CallEvent(
            call=target.removeprefix("channel:")[:120], kind="recorded", at=at,
            recording=f"ari/recordings/stored/{stored}/file",
        )  # fmt: skip
    channel = data.get("channel") or {}
    call = str(channel.get("id", ""))[:120]
    if not call:
        return None
    if name in {"ChannelCreated", "ChannelStateChange"} and channel.get("state") == "Ring":
        own = extension_of(str(channel.get("name", "")))
        return CallEvent(call=call, kind="ringing", at=at, caller=_side(_number(channel), own))
    if name == "ChannelDestroyed":
        return CallEvent(call=call, kind="ended", at=at, caller=_number(channel))
    return None


def _number(channel: Mapping[str, Any]) -> str:
    return clean((channel.get("caller") or {}).get("number"), 40)


def _stamp(text: str) -> str:
    """Write +0800 as +08:00, as ISO 8601 has it."""
    if len(text) > 5 and text[-5] in "+-" and text[-4:].isdigit():
        return f"{text[:-2]}:{text[-2:]}"
    return text


def ari_listed(body: bytes, now: datetime) -> list[CallEvent]:
    """Return the calls on the line, from GET /ari/channels. Raises CannotRead."""
    try:
        rows = json.loads(body)
        return [
            CallEvent(
                call=str(row["id"])[:120],
                kind="ringing",
                at=now,
                caller=_side(_number(row), extension_of(str(row.get("name", "")))),
            )
            for row in rows
            if row.get("state") in {"Ring", "Up"}
        ]
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise CannotRead(zh="通话列表无法读取", en="the list of calls cannot be read") from error


def ari_address(settings: Settings) -> str:
    """Return the websocket address of ARI's events, of all channels."""
    base = str(settings["base"]).rstrip("/")
    scheme, _mark, rest = base.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}/ari/events?app={APP}&subscribeAll=true"


def ari_pass(settings: Settings) -> str:
    """Return the Authorization header that ARI wants."""
    both = f"{settings.get('user', '')}:{settings.get('secret', '')}"
    return "Basic " + base64.b64encode(both.encode()).decode()


def ari_channels(settings: Settings) -> Call:
    """Return the call that asks which channels there are."""
    return Call(
        method="GET",
        url=f"{str(settings['base']).rstrip('/')}/ari/channels",
        headers={"Authorization": ari_pass(settings)},
    )


CHANNEL = Channel(
    code="asterisk",
    said_as="phone",
    name=("Asterisk", "Asterisk"),
    about=(
        "用 AMI 或 ARI 连到 Asterisk：来电弹屏、漏接和排队放弃转回电、录音存证。",
        "By AMI or ARI: screen pop, missed calls become call-backs, recordings as evidence.",
    ),
    guide="channel-asterisk",
    fields=(
        Field(
            name="way",
            kind="choice",
            label=("接口", "Interface"),
            default="ami",
            choices=(
                ("ami", ("AMI（5038）", "AMI (5038)")),
                ("ari", ("ARI（8088）", "ARI (8088)")),
            ),
        ),
        Field(
            name="host",
            kind="text",
            label=("AMI 服务器", "AMI server"),
            default="127.0.0.1",
        ),
        Field(
            name="port",
            kind="integer",
            label=("AMI 端口", "AMI port"),
            default=5038,
            least=1,
            most=65535,
        ),
        Field(name="user", kind="text", label=("用户名", "User"), required=True),
        Field(name="secret", kind="secret", label=("密码", "Password"), required=True),
        Field(
            name="base",
            kind="url",
            label=("ARI 或录音地址", "ARI or recordings"),
            help=(
                "ARI 填 http://服务器:8088；AMI 填能取到录音文件的地址，留空则不取录音。",
                "ARI: http://server:8088. AMI: where recordings can be fetched; may be empty.",
            ),
        ),
        Field(
            name="recording_pass",
            kind="secret",
            label=("取录音的口令", "Pass for recordings"),
            help=(
                "用户名:密码，或令牌；ARI 留空即用上面的用户名和密码。",
                "user:password, or a token; ARI uses the above when empty.",
            ),
        ),
    ),
)

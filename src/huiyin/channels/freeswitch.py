"""FreeSWITCH: events of its event socket (mod_event_socket, inbound, port 8021) as calls.

The worker holds the line; here its text is read. Events: CHANNEL_CREATE, CHANNEL_ANSWER,
CHANNEL_BRIDGE, CHANNEL_HANGUP_COMPLETE, RECORD_STOP, and mod_callcenter's callcenter::info.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

from huiyin.channels.calls import CallEvent, Kind, clean
from huiyin.channels.inbound import CannotRead
from huiyin.channels.protocol import Channel, Field

EVENTS: Final = (
    "event plain HEARTBEAT CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE"
    " CHANNEL_HANGUP_COMPLETE RECORD_STOP CUSTOM callcenter::info"
)
LIST: Final = "api show channels as json"


def headers(block: bytes) -> dict[str, str]:
    """Return the headers of a message or an event, decoded; a name that comes twice counts once."""
    found: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").splitlines():
        name, mark, value = line.partition(":")
        if mark:
            found.setdefault(name.strip().lower(), unquote(value.strip(), errors="replace"))
    return found


def _at(event: Mapping[str, str]) -> datetime:
    stamp = event.get("event-date-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 18):
        raise CannotRead(zh="事件没有时间", en="an event without a time")
    return datetime.fromtimestamp(int(stamp) / 1_000_000, tz=UTC)


def event(found: Mapping[str, str]) -> CallEvent | None:
    """Return the call event that an event tells, None where it tells nothing new of a call.

    Raises CannotRead.
    """
    name = found.get("event-name", "")
    if name == "CUSTOM" and found.get("event-subclass") == "callcenter::info":
        return _queue(found)
    if found.get("variable_cc_side") == "agent":
        # its own events tell of the queue's leg to a telephone
        return None
    leg = found.get("unique-id", "")
    call = found.get("channel-call-uuid") or leg
    if not leg or name not in {
        "CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_HANGUP_COMPLETE",
        "RECORD_STOP",
    }:  # fmt: skip
        return None
    first = leg == call
    caller = clean(found.get("caller-caller-id-number"), 40)
    callee = clean(found.get("caller-destination-number"), 40)
    if name == "CHANNEL_CREATE":
        return _event("ringing", found, call, caller, callee)
    if name == "CHANNEL_ANSWER":
        # the first leg is answered by a machine: a menu or a queue
        return None if first else _event("answered", found, call, caller, callee)
    if name == "CHANNEL_BRIDGE":
        other = clean(found.get("other-leg-destination-number"), 40)
        return _event("answered", found, call, caller, other or callee) if first else None
    if name == "RECORD_STOP":
        path = clean(found.get("record-file-path"), 600)
        return _event("recorded", found, call, recording=path) if path else None
    return _event("ended", found, call, caller, callee) if first else None


def _event(
    kind: Kind,
    found: Mapping[str, str],
    call: str,
    caller: str = "",
    callee: str = "",
    recording: str = "",
) -> CallEvent:
    return CallEvent(
        call=call[:120], kind=kind, at=_at(found), caller=caller, callee=callee,
        recording=recording,
    )  # fmt: skip


def _queue(found: Mapping[str, str]) -> CallEvent | None:
    """Return what mod_callcenter tells: at whom it rings, who took it, who gave up waiting."""
    call = found.get("cc-member-session-uuid", "")
    action = found.get("cc-action", "")
    if not call:
        return None
    number = clean(found.get("cc-member-cid-number"), 40)
    agent = clean(found.get("cc-agent"), 40).partition("@")[0]
    queue = clean(found.get("cc-queue"), 60).partition("@")[0]
    if action in {"member-queue-start", "agent-offering", "bridge-agent-start"}:
        kind: Kind = "answered" if action == "bridge-agent-start" else "ringing"
        return CallEvent(
            call=call[:120], kind=kind, at=_at(found), caller=number,
            callee="" if action == "member-queue-start" else agent, queue=queue, direction="in",
        )  # fmt: skip
    if action == "member-queue-end" and found.get("cc-cause") == "Cancel":
        return CallEvent(
            call=call[:120], kind="missed", at=_at(found), caller=number, queue=queue,
            direction="in",
        )  # fmt: skip
    return None


def listed(body: bytes, now: datetime) -> list[CallEvent]:
    """Return the calls that are on the line, from ``show channels as json``. Raises CannotRead."""
    try:
        rows = json.loads(body or b"{}").get("rows") or []
        found = []
        for row in rows:
            leg, call = str(row.get("uuid", "")), str(row.get("call_uuid") or row.get("uuid", ""))
            if not leg:
                continue
            active = str(row.get("callstate", "")).upper() == "ACTIVE"
            found.append(
                CallEvent(
                    call=call[:120],
                    kind="answered" if active and leg != call else "ringing",
                    at=now,
                    caller=clean(row.get("cid_num"), 40),
                    callee=clean(row.get("dest"), 40),
                )
            )
    except (ValueError, AttributeError, TypeError) as error:
        raise CannotRead(zh="通话列表无法读取", en="the list of calls cannot be read") from error
    return found


CHANNEL = Channel(
    code="freeswitch",
    said_as="phone",
    name=("FreeSWITCH", "FreeSWITCH"),
    about=(
        "连到事件套接字（8021）：来电弹屏、漏接和排队放弃转回电、录音存证。",
        "Holds a line to the event socket (8021): screen pop, missed calls, recordings.",
    ),
    guide="channel-freeswitch",
    fields=(
        Field(
            name="host",
            kind="text",
            label=("服务器", "Server"),
            default="127.0.0.1",
            required=True,
        ),
        Field(
            name="port",
            kind="integer",
            label=("端口", "Port"),
            default=8021,
            least=1,
            most=65535,
        ),
        Field(name="secret", kind="secret", label=("密码", "Password"), required=True),
        Field(
            name="base",
            kind="url",
            label=("录音地址前缀", "Prefix of recordings"),
            help=(
                "能以 HTTP 取到录音文件的地址，文件名拼在后面；留空则不取录音。",
                "Where recordings can be fetched by HTTP, the file's name follows; may be empty.",
            ),
        ),
        Field(
            name="recording_pass",
            kind="secret",
            label=("取录音的口令", "Pass for recordings"),
            help=("用户名:密码，或令牌。", "user:password, or a token."),
        ),
    ),
)

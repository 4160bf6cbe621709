"""What every telephone system tells of a call, in one form: a row of :class:`CallEvent`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

from huiyin.channels.inbound import CannotRead
from huiyin.channels.protocol import Piece

Kind = Literal["ringing", "answered", "ended", "missed", "recorded"]
KINDS: Final = frozenset(get_args(Kind))
_UNSAFE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """One thing that happened to a call.

    ringing: it began, or rings at ``callee``. answered: ``callee`` took it. ended: the line is
    free. missed: the caller hung up while he waited in ``queue``. recorded: ``recording`` can be
    fetched. ``call`` is the same for all legs of a call. Which side is one of our telephones is
    decided where they are known; ``direction`` (in, out) is given where the system is sure.
    """

    call: str
    kind: Kind
    at: datetime
    caller: str = ""
    callee: str = ""
    direction: Literal["", "in", "out"] = ""
    queue: str = ""
    recording: str = ""

    def piece(self) -> Piece:
        """Return the event as a signal; told again it is the same signal."""
        told = {k: v for k, v in asdict(self).items() if v}
        told["at"] = self.at.isoformat()
        legs = f":{self.callee}" if self.kind in {"ringing", "answered"} else ""
        return Piece(
            external_id=f"{self.call}:{self.kind}{legs}"[:150],
            raw=json.dumps(told, ensure_ascii=False).encode(),
            kind="call",
        )


def read(data: Mapping[str, Any]) -> CallEvent:
    """Read an event from a signal's JSON. Raises CannotRead."""
    kind: Any = data.get("kind")
    if kind not in KINDS:
        raise CannotRead(zh=f"不认识的通话事件：{kind}", en=f"unknown call event: {kind}")
    call = clean(data.get("call"), 120)
    if not call:
        raise CannotRead(zh="通话事件没有通话标识", en="a call event without the call's id")
    direction = data.get("direction", "")
    return CallEvent(
        call=call,
        kind=kind,
        at=moment(data.get("at")),
        caller=clean(data.get("caller"), 40),
        callee=clean(data.get("callee"), 40),
        direction=direction if direction in {"in", "out"} else "",
        queue=clean(data.get("queue"), 60),
        recording=clean(data.get("recording"), 600),
    )


def clean(value: object, length: int) -> str:
    """Return a text without what cannot be stored; numbers become text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return _UNSAFE.sub("", str(value)).strip()[:length]


def moment(value: object) -> datetime:
    """Read an ISO 8601 time with offset, or seconds since 1970. Raises CannotRead."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            at = datetime.fromisoformat(value)
            if at.tzinfo is not None:
                return at
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(float(value), tz=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise CannotRead(
        zh="通话事件的时间要带时区，例如 2026-11-03T09:15:00+08:00",
        en="the time needs an offset, as 2026-11-03T09:15:00+08:00",
    )

"""A call from what its telephone system tells: which way it goes, who has it, how it ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from huiyin.core.because import Reason

_FRAME = re.compile(r"^(?:sip:|tel:)|@.*$", re.IGNORECASE)
_CHINA = re.compile(r"^(?:\+|00)86(?=1[3-9]\d{9}$)")
_CHINA_LINE = re.compile(r"^(?:\+|00)860?(?=[1-9]\d{8,10}$)")
_LOCAL = re.compile(r"^0(?=1[3-9]\d{9}$)")
HIDDEN = frozenset({"anonymous", "unknown", "restricted", "private", "unavailable", "<unknown>"})


@dataclass(frozen=True, slots=True)
class Talk:
    """One thing told of a call: ringing, answered, ended or missed; the two sides as told."""

    kind: str
    at: datetime
    caller: str = ""
    callee: str = ""
    direction: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A call as far as it is known. ``rang`` are people, ``person`` who has the call."""

    direction: str = ""
    number: str = ""
    queue: str = ""
    state: str = ""
    rang: tuple[int, ...] = ()
    person: int | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a call is after something was told of it, and why it counts as missed."""

    call: Known | None
    """None for a call between our own telephones: nobody outside is concerned."""
    missed: bool = False
    because: tuple[Reason, ...] = ()


def number_of(*, said: str) -> str:
    """Return a number outside in one form: no spaces, no +86, no 0 before a mobile number.

    Hidden numbers become empty.
    """
    text = _FRAME.sub("", said.strip())
    if text.lower() in HIDDEN:
        return ""
    text = re.sub(r"[\s()\-–]", "", text)
    text = _LOCAL.sub("", _CHINA_LINE.sub("0", _CHINA.sub("", text)))
    return text[:40] if re.fullmatch(r"\+?[0-9*#]{1,32}", text) else ""


def step(*, call: Known | None, told: Talk, extensions: Mapping[str, int]) -> Step:
    """Take in one thing that was told. ``extensions`` are our telephones and whose they are.

    What comes late or twice changes nothing that is decided: an answered call is never missed.
    """
    mine = extensions.get(_FRAME.sub("", told.callee))
    theirs = extensions.get(_FRAME.sub("", told.caller))
    now = call or Known()
    if not now.direction:
        if mine is not None and theirs is not None:
            return Step(None)
        out = told.direction == "out" or (not told.direction and theirs is not None)
        now = replace(now, direction="out" if out else "in", started_at=told.at, state="ringing")
    outgoing = now.direction == "out"
    outside = number_of(said=told.callee if outgoing else told.caller)
    inside = theirs if outgoing else mine
    now = replace(
        now,
        number=now.number or outside,
        queue=told.queue or now.queue,
        started_at=min(now.started_at, told.at) if now.started_at else told.at,
    )
    if told.kind == "ringing":
        return Step(_rings(now=now, inside=inside))
    if told.kind == "answered":
        return Step(_taken(now=now, inside=inside, at=told.at))
    if now.state not in {"ringing", "talking"}:
        return Step(now)
    return _over(now=now, told=told)


def _rings(*, now: Known, inside: int | None) -> Known:
    if inside is None:
        return now
    rang = now.rang if inside in now.rang else (*now.rang, inside)
    person = inside if now.direction == "out" else now.person
    return replace(now, rang=rang, person=person)


def _taken(*, now: Known, inside: int | None, at: datetime) -> Known:
    """Somebody took it. A machine that answers (a queue, a menu) is nobody."""
    if now.direction == "in" and inside is None:
        return now
    over = now.state not in {"ringing", "talking"}
    return replace(
        _rings(now=now, inside=inside),
        person=inside if inside is not None else now.person,
        state="ended" if over else "talking",
        answered_at=now.answered_at or at,
    )


def _over(*, now: Known, told: Talk) -> Step:
    if now.answered_at is not None:
        return Step(replace(now, state="ended", ended_at=told.at))
    if now.direction == "out":
        return Step(replace(now, state="unreached", ended_at=told.at))
    ended = replace(now, state="missed", ended_at=told.at)
    seconds = max(0, int((told.at - (now.started_at or told.at)).total_seconds()))
    if told.kind == "missed" or now.queue:
        why = Reason(
            rule="phone.left_queue",
            zh=f"在队列里等了 {seconds} 秒后挂断，没有人接",
            en=f"hung up after {seconds} s in the queue, nobody took it",
        )
    else:
        why = Reason(
            rule="phone.missed",
            zh=f"响铃 {seconds} 秒，没有人接",
            en=f"rang for {seconds} s, nobody took it",
        )
    return Step(ended, missed=True, because=(why,))

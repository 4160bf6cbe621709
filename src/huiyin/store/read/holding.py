"""Who held a complaint how long: the shares, the drawn bar and the table behind it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huiyin.core.because import Reason
from huiyin.core.clocks import CN_OFFICE
from huiyin.core.collaboration import Attribution, Holder, Moment, attribute
from huiyin.core.playbook import Playbook
from huiyin.store import models
from huiyin.store.read import labels

TONES = 6
WIDTH, HEIGHT = 1000, 24
"""Of the drawn bar, in its own units."""


@dataclass(frozen=True, slots=True)
class HolderShare:
    """One holder's time: by the calendar and in working time, and its part of the whole."""

    kind: str
    code: str
    tone: int
    label: str
    minutes: int
    said: str
    working: str
    part: float
    part_said: str
    times: int
    """How often it came to this holder."""


@dataclass(frozen=True, slots=True)
class BarBlock:
    """A piece of the drawn bar."""

    tone: int
    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time with the same holders."""

    start: datetime
    end: datetime
    label: str
    began: str
    said: str
    working: str


@dataclass(frozen=True, slots=True)
class HoldingView:
    """Where the time of a complaint went."""

    said: str
    working: str
    shares: tuple[HolderShare, ...]
    blocks: tuple[BarBlock, ...]
    stretches: tuple[Stretch, ...]
    aside: tuple[HolderShare, ...]
    """Time that is not handling: after the answer, after the end."""
    because: tuple[Reason, ...]


def length_said(*, length: timedelta) -> str:
    """Say a length of time: minutes, then hours and minutes, from three days on days and hours."""
    minutes = round(length.total_seconds() / 60)
    days, hours, rest = minutes // 1440, minutes // 60, minutes % 60
    if days >= 3:
        left = hours % 24
        text = _("%(d)s 天 %(h)s 小时") if left else _("%(d)s 天")
        return text % {"d": days, "h": left}
    if hours:
        text = _("%(h)s 小时 %(m)s 分") if rest else _("%(h)s 小时")
        return text % {"h": hours, "m": rest}
    return _("%(m)s 分") % {"m": minutes}


def holder_label(*, holder: Holder, playbook: Playbook) -> str:
    """Name who holds a complaint."""
    if holder.kind == "department":
        return labels.department(playbook, holder.code)
    return {
        "customer": _("等客户"),
        "approval": _("等审批"),
        "nobody": _("未分派"),
        "answered": _("已答复，等客户评价"),
        "ended": _("办结之后"),
    }[holder.kind]


def holding(
    *,
    row: models.Complaint,
    events: Sequence[models.Event],
    playbook: Playbook,
    now: datetime,
) -> HoldingView:
    """Return who held a complaint until now, or until its last event when it has ended."""
    until = now if row.live or not events else events[-1].at
    found = attribute(
        events=[Moment(id=e.id.hex, at=e.at, kind=e.kind, data=json.loads(e.data)) for e in events],
        until=until,
        calendar=CN_OFFICE,
    )
    handled = [s.holder for s in found.shares if s.holder.counts]
    names = {s.holder: holder_label(holder=s.holder, playbook=playbook) for s in found.shares}
    tones = {holder: n % TONES + 1 for n, holder in enumerate(handled)}
    shares = _shares(found=found, names=names, tones=tones)
    return HoldingView(
        said=length_said(length=found.handled),
        working=length_said(length=found.handled_working),
        shares=tuple(s for s in shares if s.tone),
        blocks=_blocks(found=found, names=names, tones=tones),
        stretches=tuple(
            Stretch(
                start=one.start,
                end=one.end,
                label=" + ".join(names[h] for h in one.holders),
                began=labels.pick(labels.EVENT_NAMES, one.began),
                said=length_said(length=one.end - one.start),
                working=length_said(length=one.working),
            )
            for one in found.segments
        ),
        aside=tuple(s for s in shares if not s.tone),
        because=found.because,
    )


def _part_said(part: float) -> str:
    return "<1%" if 0 < part < 0.005 else f"{part:.0%}"


def _shares(
    *, found: Attribution, names: Mapping[Holder, str], tones: Mapping[Holder, int]
) -> list[HolderShare]:
    times = Counter(h for s in found.segments for h in s.holders)
    parts = {
        s.holder: s.time / found.handled if s.holder in tones and found.handled else 0.0
        for s in found.shares
    }
    return [
        HolderShare(
            kind=s.holder.kind,
            code=s.holder.code,
            tone=tones.get(s.holder, 0),
            label=names[s.holder],
            minutes=round(s.time.total_seconds() / 60),
            said=length_said(length=s.time),
            working=length_said(length=s.working),
            part=parts[s.holder],
            part_said=_part_said(parts[s.holder]),
            times=times[s.holder],
        )
        for s in found.shares
    ]


def _blocks(
    *, found: Attribution, names: Mapping[Holder, str], tones: Mapping[Holder, int]
) -> tuple[BarBlock, ...]:
    """Draw the handling time from left to right; several holders at once lie on each other."""
    blocks: list[BarBlock] = []
    x = 0.0
    for one in found.segments:
        if not one.holders[0].counts:
            continue
        length = one.end - one.start
        width, height = WIDTH * (length / found.handled), HEIGHT / len(one.holders)
        blocks.extend(
            BarBlock(
                tone=tones[holder],
                x=round(x, 2),
                y=round(n * height, 2),
                width=round(width, 2),
                height=round(height, 2),
                label=f"{names[holder]} · {length_said(length=length)}",
            )
            for n, holder in enumerate(one.holders)
        )
        x += width
    return tuple(blocks)

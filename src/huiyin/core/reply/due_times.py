"""Until when a text says something will happen: every time limit in it, as a moment."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final

from huiyin.core.clocks import CN_OFFICE, CannotReadDuration, due, parse_duration
from huiyin.core.extract import Entity, extract
from huiyin.core.reply.words import WORDS, ReplyWords

WORKING_DAY: Final = 9
"""Hours that a working day has on the calendar cn-office."""

_HAN_HOURS: Final = {h: n for n, h in enumerate("零一二三四五六七八九十")} | {
    "两": 2, "十一": 11, "十二": 12,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit said in a text, ``due`` by the minute in the zone of ``now``."""

    start: int
    end: int
    due: datetime
    dated: bool
    """The text names a calendar day and not only a time or a length."""


def limits(
    *, text: str, now: datetime, day_ends: time, words: ReplyWords = WORDS
) -> tuple[Limit, ...]:
    """Return the time limits in a text in their order, also those already past.

    ``now`` is aware and in the zone in which people read times; ``day_ends`` is when the working
    day ends there. A day counts to its working end, a length in days to the working end of its
    last day, working days on the calendar cn-office.
    """
    found: list[Limit] = []
    taken: list[tuple[int, int]] = []
    for entity in extract(text=text, at=now):
        moment: datetime | None = None
        end = entity.end
        if entity.type == "date":
            moment, end = _dated(entity, text, now, day_ends, words)
        elif entity.type == "duration":
            moment, end = _counted(entity, text, now, day_ends, words)
        if entity.type in {"date", "duration"}:
            taken.append((entity.start, entity.end))
        if moment is not None:
            found.append(Limit(entity.start, end, moment, entity.type == "date"))
    for limit in _bare(text, now, day_ends, words):
        if all(limit.end <= a or limit.start >= b for a, b in taken):
            found.append(limit)
    return tuple(sorted(found, key=lambda limit: limit.start))


def _after(text: str, at: int, cues: tuple[str, ...]) -> int:
    """Return where a cue that directly follows ends, 0 where none does."""
    gap = at + (1 if text[at : at + 1] in {" ", "　"} else 0)
    cue = next((c for c in cues if text.startswith(c, gap)), "")
    return gap + len(cue) if cue else 0


def _on(day: date, at: time, now: datetime) -> datetime:
    moment = datetime.combine(day, at, tzinfo=now.tzinfo)
    if moment <= now and day == now.date() and at != time(23, 59):
        return datetime.combine(day, time(23, 59), tzinfo=now.tzinfo)
    return moment


def _dated(
    entity: Entity, text: str, now: datetime, day_ends: time, words: ReplyWords
) -> tuple[datetime | None, int]:
    value = str(entity.value)
    end = entity.end
    over = _after(text, end, words.day_ends)
    until = _after(text, over or end, words.before)
    end = until or over or end
    try:
        if "T" in value:
            first, _, last = value.partition("/")
            if not last:
                return datetime.fromisoformat(first), end
            day = datetime.fromisoformat(first).date()
            table = words.before_part if until else words.in_part
            part = max((p for p in table if p in entity.text), key=len, default="")
            if not part:
                return datetime.fromisoformat(last), end
            return datetime.combine(day, table[part], tzinfo=now.tzinfo), end
        last_day = date.fromisoformat(value.rpartition("/")[2])
    except ValueError:
        return None, end
    return _on(last_day, day_ends, now), end


def _counted(
    entity: Entity, text: str, now: datetime, day_ends: time, words: ReplyWords
) -> tuple[datetime | None, int]:
    end = _after(text, entity.end, words.within)
    working = any(w in entity.text for w in words.working)
    if not end:
        # 3-5个工作日到账 is a limit without 内; 滞留3天 is none
        if not working and "/" not in str(entity.value):
            return None, entity.end
        end = entity.end
    try:
        length = parse_duration(text=str(entity.value).rpartition("/")[2])
    except CannotReadDuration:
        return None, end
    if working:
        hours = length.days * WORKING_DAY
        done = due(start=now, duration=f"PT{hours}H", calendar=CN_OFFICE, explain=False).due
        return (done.astimezone(now.tzinfo) if done else None), end
    if length.is_exact:
        moment = now + timedelta(seconds=length.seconds)
        if moment.second or moment.microsecond:
            moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return moment, end
    day = now.date() + timedelta(days=length.days + 30 * length.months)
    return datetime.combine(day, day_ends, tzinfo=now.tzinfo), end


@cache
def _bare_pattern(words: ReplyWords) -> re.Pattern[str]:
    def one_of(listed: tuple[str, ...]) -> str:
        return "|".join(map(re.escape, sorted(listed, key=len, reverse=True)))

    parts = one_of(tuple(words.before_part))
    hour = "|".join(sorted(_HAN_HOURS, key=len, reverse=True))
    return re.compile(
        rf"(?:(?P<today>{one_of(words.today)})|(?P<tomorrow>{one_of(words.tomorrow)})"
        rf"|(?P<month>{one_of(words.month_ends)}))?"
        rf"(?P<ends>{one_of(words.day_ends)})?"
        rf"(?:(?P<part>{parts})?(?:(?P<h>[01]?\d|2[0-3])(?:[:：](?P<m>[0-5]\d)|[点时](?P<half>半)?)"
        rf"|(?P<only>{parts})|(?P<part2>{parts})?(?P<han>{hour})点(?P<half2>半)?)?)?"
        rf"\s?(?P<until>{one_of(words.before)})?"
    )


def _bare(text: str, now: datetime, day_ends: time, words: ReplyWords) -> list[Limit]:
    """Return limits without a day of the extraction's: 中午12点前, 今日内, 月底前, 下班前."""
    out: list[Limit] = []
    for m in _bare_pattern(words).finditer(text):
        day_said = m["today"] or m["tomorrow"] or m["month"]
        clock = m["h"] or m["han"]
        # a bare part of the day (上午) or time (3点) is a limit only with a day or with 前
        if not m.group().strip() or not (day_said or m["until"]):
            continue
        if not (day_said or m["ends"] or clock or m["only"]):
            continue
        if m["h"] and m.start("h") and text[m.start("h") - 1].isdigit():
            continue
        day = now.date()
        if m["tomorrow"]:
            day += timedelta(days=1)
        elif m["month"]:
            day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        if clock:
            hour = int(m["h"]) if m["h"] else _HAN_HOURS[m["han"]]
            part = m["part"] or m["part2"] or ""
            if part and hour < 12 and words.in_part.get(part, time()) >= time(13) and hour != 11:
                hour += 12
            minute = int(m["m"]) if m["m"] else 30 if m["half"] or m["half2"] else 0
            moment = datetime.combine(day, time(hour % 24, minute), tzinfo=now.tzinfo)
            if moment <= now and not day_said:
                moment += timedelta(days=1)
        elif m["only"]:
            table = words.before_part if m["until"] else words.in_part
            moment = datetime.combine(day, table[m["only"]], tzinfo=now.tzinfo)
        else:
            moment = _on(day, day_ends, now)
        out.append(Limit(m.start(), m.end(), moment, bool(day_said)))
    return out

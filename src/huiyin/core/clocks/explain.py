"""Explain this deadline: the sum of counted time, day by day, in words."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from huiyin.core.because import Reason
from huiyin.core.clocks.calendar import Calendar
from huiyin.core.clocks.duration import Duration
from huiyin.core.clocks.holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    holiday_name,
    is_published,
    make_up_name,
)
from huiyin.core.clocks.sums import Pause, elapsed, merged_pauses

HEAD, TAIL, PAUSES = 7, 4, 5
"""How many days at the beginning and the end, and how many pauses, are shown one by one."""

_DAYS_ZH = "一二三四五六日"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _lasts(seconds: int) -> tuple[str, str]:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    zh = f"{hours}小时" if hours else ""
    zh += f"{minutes}分钟" if minutes else ""
    zh += f"{rest}秒" if rest else ""
    en = " ".join(
        f"{number} {unit}"
        for number, unit in ((hours, "h"), (minutes, "min"), (rest, "s"))
        if number
    )
    return zh or "0秒", en or "0 s"


def length_words(*, length: Duration) -> tuple[str, str]:
    """Return a duration in Chinese and English words."""
    zh, en = [], []
    years, months = divmod(length.months, 12)
    for number, one, other in (
        (years, "年", "year"),
        (months, "个月", "month"),
        (length.days, "个日历日", "calendar day"),
    ):
        if number:
            zh.append(f"{number}{one}")
            en.append(f"{number} {other}{'' if number == 1 else 's'}")
    if length.seconds or not zh:
        words_zh, words_en = _lasts(length.seconds)
        zh.append(words_zh)
        en.append(words_en)
    return "".join(zh), " ".join(en)


def _day(day: date) -> tuple[str, str]:
    week = day.weekday()
    return f"{day.isoformat()}（周{_DAYS_ZH[week]}）", f"{_DAYS_EN[week]} {day.isoformat()}"


def _until(at: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at, zone)


def _clock(at: datetime) -> str:
    return at.strftime("%H:%M:%S" if at.second else "%H:%M")


def _at(at: datetime) -> tuple[str, str]:
    zh, en = _day(at.date())
    return f"{zh}{_clock(at)}", f"{en} {_clock(at)}"


@dataclass(frozen=True, slots=True)
class _Piece:
    day: date
    begin: int
    end: int


def _pieces(
    *, opens: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int | None]], zone: tzinfo
) -> list[_Piece]:
    """Cut the pauses out of open hours."""
    out: list[_Piece] = []
    for begin, end in opens:
        day = datetime.fromtimestamp(begin, zone).date()
        here = begin
        for a, b in spans:
            if a >= end:
                break
            if b is not None and b <= here:
                continue
            if a > here:
                out.append(_Piece(day, here, a))
            here = end if b is None else min(b, end)
        if here < end:
            out.append(_Piece(day, here, end))
    return out


def _closed(*, calendar: Calendar, first: date, last: date) -> Reason | None:
    """Say why the days between two counted days do not count."""
    one = timedelta(days=1)
    # A day with open hours is none: it was over before the start, or paused from end to end.
    while first <= last and calendar.hours(day=first):
        first += one
    while last >= first and calendar.hours(day=last):
        last -= one
    names: dict[str, str] = {}
    day = first
    while day <= last:
        if not calendar.hours(day=day):
            named = holiday_name(day=day) if calendar.china else None
            if day in calendar.extra_closed:
                names["公司休息日"] = "company closing day"
            elif named:
                names[named[0]] = named[1]
            elif day.weekday() >= 5:
                names["周末"] = "weekend"
            else:
                names["休息日"] = "closed day"
        day += one
    if not names:
        return None
    zh, en = _day(first)
    if last > first:
        zh, en = f"{zh}至{_day(last)[0]}", f"{en} to {_day(last)[1]}"
    return Reason(
        rule="clock.closed",
        zh=f"{zh}：{'、'.join(names)}，不计时",
        en=f"{en}: {', '.join(names.values())}, not counted",
        words=(first.isoformat(), last.isoformat()),
    )


def _counted(*, calendar: Calendar, day: date, pieces: Sequence[_Piece], sum_: int) -> Reason:
    zone = calendar.tz
    seconds = sum(piece.end - piece.begin for piece in pieces)
    spans = "、".join(
        f"{_clock(datetime.fromtimestamp(piece.begin, zone))}–{_clock(_until(piece.end, zone))}"
        for piece in pieces
    )
    zh, en = _day(day)
    named = make_up_name(day=day) if calendar.china else None
    if day in calendar.extra_open:
        zh, en = f"{zh}，公司工作日", f"{en}, company working day"
    elif named:
        zh, en = f"{zh}，{named[0]}调休上班", f"{en}, make-up workday ({named[1]})"
    part_zh, part_en = _lasts(seconds)
    sum_zh, sum_en = _lasts(sum_)
    return Reason(
        rule="clock.day",
        zh=f"{zh}：{spans} 计{part_zh}，累计{sum_zh}",
        en=f"{en}: {spans.replace('、', ', ')} counts {part_en}, in all {sum_en}",
        words=(day.isoformat(), spans, str(seconds)),
    )


def _business_days(
    *, start: datetime, end: datetime, calendar: Calendar, pauses: Sequence[Pause]
) -> list[Reason]:
    zone = calendar.tz
    assert zone is not None
    begin, stop = math.floor(start.timestamp()), math.floor(end.timestamp())
    table = calendar.table(first=start.year, last=max(end.year, start.year))
    low = max(0, bisect_right(table.opens, begin) - 1)
    high = bisect_left(table.opens, stop)
    spans = merged_pauses(pauses=pauses)
    shown = HEAD * 3

    def cut(start: int, last: int) -> list[_Piece]:
        opens = [
            (max(table.opens[i], begin), min(table.closes[i], stop))
            for i in range(start, last)
            if table.closes[i] > begin
        ]
        return _pieces(opens=opens, spans=spans, zone=zone)

    def by_day(pieces: Sequence[_Piece]) -> dict[date, list[_Piece]]:
        days: dict[date, list[_Piece]] = {}
        for piece in pieces:
            days.setdefault(piece.day, []).append(piece)
        return days

    whole = high - low <= shown * 3
    head = by_day(cut(low, high if whole else low + shown))
    tail = {} if whole else by_day(cut(high - shown, high))
    listed = list(head.items())
    if whole and len(listed) > HEAD + TAIL:
        listed, last_days = listed[:HEAD], listed[-TAIL:]
    elif not whole:
        listed, last_days = listed[:HEAD], list(tail.items())[-TAIL:]
    else:
        last_days = []

    out: list[Reason] = []
    total, before = 0, start.date()

    def add(day: date, pieces: list[_Piece], *, gap: bool) -> None:
        nonlocal total, before
        if gap and day > before:
            closed = _closed(calendar=calendar, first=before, last=day - timedelta(days=1))
            if closed:
                out.append(closed)
        total += sum(piece.end - piece.begin for piece in pieces)
        out.append(_counted(calendar=calendar, day=day, pieces=pieces, sum_=total))
        before = day + timedelta(days=1)

    for day, pieces in listed:
        add(day, pieces, gap=True)
    if last_days:
        rest = sum(piece.end - piece.begin for _, pieces in last_days for piece in pieces)
        until = elapsed(start=start, end=end, calendar=calendar, pauses=pauses)
        middle = until - total - rest
        zh, en = _lasts(middle)
        last = last_days[0][0] - timedelta(days=1)
        out.append(
            Reason(
                rule="clock.days",
                zh=f"{_day(before)[0]}至{_day(last)[0]}之间的工作时间共计{zh}",
                en=f"{_day(before)[1]} to {_day(last)[1]}: working time of {en}",
                words=(before.isoformat(), last.isoformat(), str(middle)),
            )
        )
        total += middle
        for number, (day, pieces) in enumerate(last_days):
            add(day, pieces, gap=number > 0)
    return out


def _pauses(
    *, start: datetime, end: datetime | None, pauses: Sequence[Pause], zone: tzinfo | None
) -> list[Reason]:
    begin = math.floor(start.timestamp())
    stop = None if end is None else math.floor(end.timestamp())
    out: list[Reason] = []
    spans = [
        (max(a, begin), b)
        for a, b in merged_pauses(pauses=pauses)
        if (b is None or b > begin) and (stop is None or a < stop)
    ]
    for a, b in spans[:PAUSES]:
        since = _at(datetime.fromtimestamp(a, zone))
        if b is None:
            out.append(
                Reason(
                    rule="clock.paused",
                    zh=f"自{since[0]}起暂停计时，尚未恢复",
                    en=f"paused since {since[1]}, not resumed yet",
                    words=(datetime.fromtimestamp(a, zone).isoformat(),),
                )
            )
            continue
        until = _at(datetime.fromtimestamp(b, zone))
        out.append(
            Reason(
                rule="clock.pause",
                zh=f"{since[0]}至{until[0]}暂停，不计时",
                en=f"paused from {since[1]} to {until[1]}, not counted",
                words=(
                    datetime.fromtimestamp(a, zone).isoformat(),
                    datetime.fromtimestamp(b, zone).isoformat(),
                ),
            )
        )
    if len(spans) > PAUSES:
        more = len(spans) - PAUSES
        out.append(
            Reason(
                rule="clock.pause",
                zh=f"另有{more}次暂停，均不计时",
                en=f"{more} more pauses, not counted",
                words=(str(more),),
            )
        )
    return out


def _unpublished(*, first: int, last: int) -> Reason | None:
    years = [year for year in range(first, last + 1) if not is_published(year=year)]
    if not years:
        return None
    span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    if years[0] > LAST_YEAR:
        zh = f"{span}年放假调休安排尚未公布或尚未收录"
        en = f"the official holiday calendar of {span} is not published yet or not installed"
    else:
        zh = f"{span}年不在已收录的官方放假日历（{FIRST_YEAR}–{LAST_YEAR}）之内"
        en = f"{span} is outside the official holiday calendar held ({FIRST_YEAR}–{LAST_YEAR})"
    return Reason(
        rule="clock.unpublished",
        zh=f"{zh}，该部分按通常每周的工作日推算",
        en=f"{en}: the usual working week is assumed there",
        words=(span,),
    )


def explain_due(
    *,
    start: datetime,
    length: Duration,
    calendar: Calendar,
    pauses: Sequence[Pause],
    moment: datetime | None,
    paused: bool,
) -> tuple[Reason, ...]:
    """Return the sum behind a due time: what counts, each day, the pauses, the result.

    At most HEAD + TAIL days are shown one by one; what lies between is one line.
    """
    zone = calendar.tz or start.tzinfo
    start = start.astimezone(zone)
    length_zh, length_en = length_words(length=length)
    since = _at(start)
    out = [
        Reason(
            rule="clock.start",
            zh=f"自{since[0]}起，按“{calendar.label or calendar.name}”计{length_zh}",
            en=f"{length_en} ({calendar.label_en or calendar.name}), counted from {since[1]}",
            words=(start.isoformat(), length.text, calendar.name),
        )
    ]
    if calendar.week is not None and moment is not None and not paused:
        out += _business_days(start=start, end=moment, calendar=calendar, pauses=pauses)
    out += _pauses(start=start, end=moment, pauses=pauses, zone=zone)
    if calendar.china:
        last = start.year if moment is None else moment.year
        missing = _unpublished(first=start.year, last=last)
        out += [missing] if missing else []
    if moment is None:
        out.append(
            Reason(
                rule="clock.waiting",
                zh="暂停期间没有到期时间，恢复后继续计时",
                en="no due time while the clock is paused; it goes on when resumed",
            )
        )
    else:
        until = _at(moment)
        out.append(
            Reason(
                rule="clock.due",
                zh=f"{'若现在恢复计时，最早到期' if paused else '到期'}：{until[0]}",
                en=f"{'earliest due if resumed now' if paused else 'due'} {until[1]}",
                words=(moment.isoformat(),),
            )
        )
    return tuple(out)

"""Due times: the pure sum of a start, a length and the time that does not count."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from huiyin.core.because import Reason
from huiyin.core.clocks.calendar import LAST_YEAR, Calendar, CannotCountTime
from huiyin.core.clocks.duration import Duration, parse_duration
from huiyin.core.clocks.holidays import holiday_name, is_published, make_up_name

Pause = tuple[datetime, datetime | None]
_LONGEST_SUM = 14


class CannotCountDue(ValueError):
    """Start, length, calendar and pauses do not go together; the message says why."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock is due; None while an open pause holds it. ``because`` shows the sum."""

    due: datetime | None
    because: tuple[Reason, ...] = ()


def _aware(*, moment: datetime, what: str) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise CannotCountDue(f"{what} {moment.isoformat()} has no offset; write +08:00")
    return moment


def _merged(*, pauses: Sequence[Pause], start: datetime) -> list[tuple[int, int | None]]:
    begin = int(start.timestamp())
    spans: list[tuple[int, int | None]] = []
    for number, (since, until) in enumerate(pauses, start=1):
        a = max(int(_aware(moment=since, what=f"pause {number} from").timestamp()), begin)
        if until is None:
            spans.append((a, None))
            continue
        b = int(_aware(moment=until, what=f"pause {number} to").timestamp())
        if until < since:
            raise CannotCountDue(f"pause {number} ends before it begins")
        if b > a:
            spans.append((a, b))
    spans.sort(key=lambda s: s[0])
    out: list[tuple[int, int | None]] = []
    for begin, end in spans:
        if out and (out[-1][1] is None or begin <= out[-1][1]):
            last = out[-1][1]
            out[-1] = (out[-1][0], None if last is None or end is None else max(last, end))
        else:
            out.append((begin, end))
    return out


def _open_advance(*, at: int, seconds: int, calendar: Calendar) -> int:
    """Return the epoch second at which ``seconds`` of the calendar's time have passed."""
    if calendar.week is None:
        return at + seconds
    table = calendar.table_at(at=at)
    while True:
        target = table.worked(at) + seconds
        if table.after and target <= table.after[-1]:
            break
        if table.last >= LAST_YEAR:
            raise CannotCountTime(f"calendar {calendar.name!r} ends in {LAST_YEAR}")
        table = calendar.table(first=table.first, last=min(table.last + 2, LAST_YEAR))
    # The first moment by which the target is reached: the end of an open span, not the start
    # of the next one.
    i = bisect_right(table.after, target - 1) if target else 0
    reached = table.opens[i] + (target - table.before[i])
    return max(reached, at) if seconds == 0 else reached


def _open_between(*, a: int, b: int, calendar: Calendar) -> int:
    if b <= a:
        return 0
    if calendar.week is None:
        return b - a
    first = calendar.table_at(at=a)
    year = datetime.fromtimestamp(b, calendar.tz).year
    table = calendar.table(first=first.first, last=max(year, first.last))
    return table.worked(b) - table.worked(a)


def due(
    *,
    start: datetime,
    duration: str | Duration,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    explain: bool = True,
) -> Due:
    """Return when ``duration`` after ``start`` has passed on the calendar, pauses not counted.

    Seconds of exact durations count only while the calendar is open. Calendar days and months
    are allowed on an always-open calendar only; a pause then pushes the due time by its length.
    An open pause (until None) that begins before the due time leaves it unknown: ``due`` is None.
    The answer keeps the start's offset; a business calendar answers in its own zone. Raises
    CannotCountDue, CannotReadDuration or CannotCountTime.
    """
    _aware(moment=start, what="start")
    length = parse_duration(text=duration) if isinstance(duration, str) else duration
    zone = calendar.tz or start.tzinfo
    if not length.is_exact and calendar.week is not None:
        raise CannotCountDue(
            f"{length.text} counts calendar days, which only the calendar always has; "
            f"write working time such as PT9H for {calendar.name}"
        )
    merged = _merged(pauses=pauses, start=start) if pauses else []
    begin = start.timestamp()
    at = int(begin)
    fraction = start.microsecond
    if length.is_exact:
        left = length.seconds
    else:
        moved = _add_calendar(start=start, length=length)
        left = int(moved.timestamp()) - at
    where, open_pause = at, False
    for a, b in merged:
        reach = _open_advance(at=where, seconds=left, calendar=calendar)
        if reach <= a:
            break
        left -= _open_between(a=where, b=a, calendar=calendar)
        if b is None:
            open_pause = True
            break
        where = b
    if open_pause:
        return Due(
            due=None,
            because=(
                Reason(
                    rule="clock.paused",
                    zh="计时暂停中，恢复后再计算到期时间",
                    en="paused; the due time is counted when it goes on",
                ),
            ),
        )
    end = _open_advance(at=where, seconds=left, calendar=calendar)
    moment = datetime.fromtimestamp(end, zone)
    if fraction and calendar.week is None:
        moment += timedelta(microseconds=fraction)
    if not explain:
        return Due(due=moment)
    return Due(
        due=moment,
        because=_explain(
            start=start, length=length, calendar=calendar, merged=merged, end=end, moment=moment
        ),
    )


def _add_calendar(*, start: datetime, length: Duration) -> datetime:
    year, month = start.year, start.month + length.months
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    day = start.day
    while True:
        try:
            moved = start.replace(year=year, month=month, day=day)
            break
        except ValueError:
            day -= 1
            if day < 28:
                raise CannotCountDue(
                    f"{length.text} after {start.isoformat()} is no date"
                ) from None
    try:
        return moved + timedelta(days=length.days, seconds=length.seconds)
    except OverflowError as error:
        raise CannotCountDue(f"{length.text} after {start.isoformat()} is no date") from error


def elapsed(
    *, start: datetime, end: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()
) -> int:
    """Return the seconds that counted between two moments, pauses left out; never negative."""
    a, b = int(start.timestamp()), int(end.timestamp())
    total = _open_between(a=a, b=b, calendar=calendar)
    for open_from, open_to in _merged(pauses=pauses, start=start):
        total -= _open_between(
            a=open_from, b=b if open_to is None else min(b, open_to), calendar=calendar
        )
    return max(total, 0)


def _hm(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}" + (f":{rest % 60:02d}" if rest % 60 else "")


def _explain(
    *,
    start: datetime,
    length: Duration,
    calendar: Calendar,
    merged: Sequence[tuple[int, int | None]],
    end: int,
    moment: datetime,
) -> tuple[Reason, ...]:
    zone = calendar.tz or start.tzinfo
    local = start.astimezone(zone)
    label_zh = calendar.label or "全天候"
    label_en = calendar.label_en or calendar.name
    out = [
        Reason(
            rule="clock.start",
            zh=f"从 {local:%Y-%m-%d %H:%M} 起，按{label_zh}计 {length.text}",
            en=f"from {local:%Y-%m-%d %H:%M}, {length.text} on {label_en}",
            words=(length.text, calendar.name),
        )
    ]
    for a, b in merged:
        if b is None or a >= end:
            continue
        since, until = datetime.fromtimestamp(a, zone), datetime.fromtimestamp(b, zone)
        lost = _hm(_open_between(a=a, b=b, calendar=calendar))
        out.append(
            Reason(
                rule="clock.pause",
                zh=f"{since:%m-%d %H:%M} 至 {until:%m-%d %H:%M} 暂停，不计 {lost}",
                en=f"paused {since:%m-%d %H:%M} to {until:%m-%d %H:%M}, {lost} not counted",
            )
        )
    if calendar.week is not None:
        out.extend(_days(calendar=calendar, start=int(start.timestamp()), end=end, merged=merged))
    out.append(
        Reason(
            rule="clock.due",
            zh=f"到期 {moment:%Y-%m-%d %H:%M}",
            en=f"due {moment:%Y-%m-%d %H:%M}",
        )
    )
    return tuple(out)


def _days(
    *, calendar: Calendar, start: int, end: int, merged: Sequence[tuple[int, int | None]]
) -> list[Reason]:
    zone = ZoneInfo(calendar.zone)
    out: list[Reason] = []
    day = datetime.fromtimestamp(start, zone).date()
    last = datetime.fromtimestamp(end, zone).date()
    unpublished = {y for y in range(day.year, last.year + 1) if not is_published(year=y)}
    while day <= last and len(out) < _LONGEST_SUM:
        reason = _day(calendar=calendar, day=day, zone=zone, start=start, end=end, merged=merged)
        if reason:
            out.append(reason)
        day += timedelta(days=1)
    if day <= last:
        out.append(
            Reason(rule="clock.more", zh=f"……其余各日同理，至 {last}", en=f"… and so on to {last}")
        )
    if calendar.china and unpublished:
        years = "、".join(map(str, sorted(unpublished)))
        out.append(
            Reason(
                rule="clock.unpublished",
                zh=f"{years} 年放假安排尚未公布，按周一至周五计算",
                en=f"holidays of {years} are not published yet; plain weekdays are counted",
            )
        )
    return out


def _day(
    *,
    calendar: Calendar,
    day: date,
    zone: ZoneInfo,
    start: int,
    end: int,
    merged: Sequence[tuple[int, int | None]],
) -> Reason | None:
    a = max(int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()), start)
    after = day + timedelta(days=1)
    b = min(int(datetime(after.year, after.month, after.day, tzinfo=zone).timestamp()), end)
    counted = _open_between(a=a, b=b, calendar=calendar)
    for since, until in merged:
        stop = b if until is None else min(b, until)
        counted -= _open_between(a=max(a, since), b=stop, calendar=calendar)
    holiday = holiday_name(day=day) if calendar.china else None
    make_up = make_up_name(day=day) if calendar.china else None
    if holiday and not counted:
        return Reason(
            rule="clock.holiday",
            zh=f"{day} {holiday[0]}放假，不计",
            en=f"{day} {holiday[1]}, closed",
        )
    if not counted:
        return Reason(rule="clock.closed", zh=f"{day} 非工作时间，不计", en=f"{day} closed")
    note = (
        (f"（{make_up[0]}调休上班）", f" (make-up workday for {make_up[1]})")
        if make_up
        else ("", "")
    )
    return Reason(
        rule="clock.day",
        zh=f"{day} 计 {_hm(counted)}{note[0]}",
        en=f"{day} {_hm(counted)}{note[1]}",
    )

"""Dates as people write and say them, counted from the moment of writing."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.extract.numerals import number, spoken_digits
from huiyin.core.extract.spans import Spans

_HAN: Final = "零〇一二三四五六七八九十"
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
_MONTH: Final = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_PART: Final = (
    r"(?:凌晨|清晨|清早|早晨|早上|大清早|一大早|一早|上午|中午|正午|午后|下午|傍晚|晚上|晚间|夜里|夜间"
    r"|半夜|深夜|晚(?![点些了到班来回几一])|早(?![起就已点些日来到知先]))"
)
_HOUR: Final = r"(?:2[0-4]|1\d|0?\d|二十[一二三四]?|十[一二三四五六七八九]?|[一二两三四五六七八九])"
_TIME: Final = (
    rf"(?:(?:2[0-4]|[01]?\d):[0-5]\d(?::[0-5]\d)?"
    rf"|{_HOUR}(?:点钟?|时)(?:半|一刻|三刻|[0-5]?\d分?|[{_HAN}]{{1,3}}分)?)"
)
_BOUGHT: Final = r"下单|下的|当天|买|拍|购|发|寄|收|到|签|付|取|晚|早|上午|下午|中午|活动|大促"

_DOTTED_AFTER: Final = re.compile(rf"\s?(?:{_BOUGHT})")
_DOTTED_BEFORE: Final = re.compile(
    r"(?:日期|时间|下单|下的单|送到|送达|发货|发的|签收|收到|购买|买的|寄出|寄的|日|号)"
    r"[是为：:于在 ]{0,2}$|[自从于]$"
)

_SAID_TIME: Final = rf"(?P<part>\s?的?{_PART})?(?P<time>(?(part)|\s?){_TIME})?"

# a date that begins with a numeral; matched only where a run of numerals starts
_NUMERAL: Final = re.compile(
    r"(?:"
    r"(?P<iso>(?P<iy>(?:19|20)\d\d)(?P<sep>[-/.])(?P<im>1[0-2]|0?[1-9])(?P=sep)"
    r"(?P<id>3[01]|[12]\d|0?[1-9])(?!\d)T?)"
    rf"|(?P<md>(?:(?P<y>(?:19|20)\d\d|[二一][{_HAN}]{{3}}|[去今明前])年\s?)?(?P<m>{_MONTH})"
    rf"月(?![湖坪亮饼季嫂球])(?:份)?\s?(?:(?P<d>{_DAY})(?:[日号]|(?![\d{_HAN}天个件元块斤箱多年点])))?"
    r"(?P<third>[上中下]旬|[初底末])?)"
    rf"|(?P<year>(?:19|20)\d\d年(?!\s?(?:{_MONTH})月))"
    r"|(?P<dot>(?P<dm>1[0-2]|0?[1-9])[./](?P<dd>3[01]|[12]\d|0?[1-9])"
    r"(?:(?P<dz>[日号])|(?![\d.元块%％斤kKgGmM寸折倍版分万千百个公克升GTMhc])))"
    rf"|(?P<bare>(?P<bd>{_DAY})"
    r"(?:号(?![楼栋幢柜店门线馆院机床码单铺仓库窗厂桌房室球公路街巷卜回村乡镇坑井位车货商选干])"
    r"|日(?![内常志之以用子夜期本]))(?![内]))"
    r")" + _SAID_TIME
)
_NO_DAY_AFTER: Final = frozenset("第工单编型月路街道巷弄村组区号楼栋房/-.")

# a date said from the day of writing
_TRIGGER: Final = re.compile(
    r"[昨今明前后周星礼上下本这去](?=[天日儿晚夜早晨年几两周个星礼月上下一二三四五六末期拜])"
)
_SAID: Final = re.compile(
    r"(?:"
    r"(?P<rel>大?[前后][天日](?!气)|[昨今明][天日儿]|昨[晚夜](?!班)|前晚|今[早晚晨夜]|明[早晚])"
    r"|(?P<ryear>[去今]年)"
    r"|(?P<week>(?:(?P<wr>上上|上|下下|下|本|这)个?)?(?:周|星期|礼拜)"
    r"(?P<wd>[一二三四五六日天末])(?![年岁个到]))"
    r"|(?P<wspan>(?P<wsr>上上|上|下下|下|本|这)个?(?:周|星期|礼拜)(?![一二三四五六日天末岁年]))"
    rf"|(?P<mrel>(?P<mr>上上|上|下|本|这)个?月(?:(?P<mrd>{_DAY})[日号]|(?P<mrt>[上中下]旬|[初底末]))?)"
    r"|(?P<few>前[几两]天)"
    r")" + _SAID_TIME
)
_COUNTS: Final = frozenset("一二两三四五六七八九十几每半整双0123456789")

_OFFSET: Final = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_WEEK: Final = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}
_WEEKDAY: Final = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
# start and end hour of the parts of a day; an hour after midnight belongs to the next day
_PARTS: Final = {
    "凌晨": (0, 6),
    "清晨": (5, 8),
    "清早": (5, 8),
    "大清早": (5, 8),
    "早晨": (5, 9),
    "早上": (5, 9),
    "一大早": (5, 9),
    "一早": (5, 9),
    "早": (5, 9),
    "晨": (5, 9),
    "上午": (6, 12),
    "中午": (11, 14),
    "正午": (11, 13),
    "午后": (12, 18),
    "下午": (12, 18),
    "傍晚": (17, 20),
    "晚上": (18, 24),
    "晚间": (18, 24),
    "晚": (18, 24),
    "夜里": (18, 24),
    "夜间": (18, 24),
    "夜": (18, 24),
    "半夜": (23, 29),
    "深夜": (22, 26),
}
_THIRDS: Final = {
    "上旬": (1, 10),
    "初": (1, 10),
    "中旬": (11, 20),
    "下旬": (21, None),
    "底": (21, None),
    "末": (21, None),
}
# how far ahead a date without a year may lie before it is taken as last year's
_AHEAD: Final = timedelta(days=92)

_ABSOLUTE: Final = (Reason("extract.date.absolute", "写明的日期", "a date as written"),)
_RELATIVE: Final = (
    Reason("extract.date.relative", "从来件时间推算的日期", "counted from the time of writing"),
)
_UNKNOWN: Final = (
    Reason(
        "extract.date.unknown",
        "相对的日期，没有来件时间可推算",
        "relative, and no time of writing to count from",
    ),
)


def find_said_dates(*, plain: str, spans: Spans, at: datetime | None) -> None:
    """Add the dates said from the day of writing (昨天下午, 上周三) to ``spans``.

    They are counted from ``at`` (aware); without it their value is empty.
    """
    done = 0
    for trigger in _TRIGGER.finditer(plain):
        start = trigger.start()
        if start < done:
            continue
        if start and plain[start] in "前后" and plain[start - 1] == "大":
            start -= 1
        m = _SAID.match(plain, start)
        if m is None:
            continue
        before = plain[start - 1] if start else ""
        if m["rel"] is None and before in _COUNTS:
            continue
        if m["ryear"] is not None and _YEAR_GOES_ON.match(plain, m.end()):
            continue
        done = m.end()
        value = _value(m, at)
        spans.add("date", start, done, value, _RELATIVE if value else _UNKNOWN)


_YEAR_GOES_ON: Final = re.compile(rf"\s?{_MONTH}月")


def date_at(*, plain: str, start: int, spans: Spans, at: datetime | None) -> int:
    """Add the date that begins with the run of numerals at ``start``; return its end or 0."""
    if start > 1 and plain[start - 1] == "年" and plain[start - 2] in "去今明前":
        start -= 2
    m = _NUMERAL.match(plain, start)
    if m is None:
        return 0
    if m["dot"] is not None and not _dotted(m, plain):
        return 0
    if m["bare"] is not None and start and plain[start - 1] in _NO_DAY_AFTER:
        return 0
    value = _value(m, at)
    because = _UNKNOWN if not value else _RELATIVE if m["bare"] is not None else _ABSOLUTE
    return m.end() if spans.add("date", start, m.end(), value, because) else 0


def ago(*, count: float, unit: str, at: datetime | None) -> str:
    """Return the ISO date ``count`` units (天, 周, 月, 年, 小时) before ``at``."""
    if at is None:
        return ""
    try:
        if unit in _HOURS:
            return (at - timedelta(hours=count * _HOURS[unit])).isoformat(timespec="minutes")
        return (at.date() - timedelta(days=round(_UNIT_DAYS[unit] * count))).isoformat()
    except (OverflowError, KeyError):
        return ""


_HOURS: Final = {"小时": 1.0, "钟头": 1.0, "分钟": 1 / 60}
_UNIT_DAYS: Final = {
    "天": 1, "工作日": 1, "工作天": 1, "日": 1, "星期": 7, "礼拜": 7, "周": 7, "月": 30, "年": 365,
}  # fmt: skip


def _dotted(m: re.Match[str], plain: str) -> bool:
    """Tell 11.3 the day from 11.3 the figure by the words around it."""
    if m["dz"] is not None or m["dm"] == m["dd"] in ("11", "12") or m["time"] is not None:
        return True
    end = m.end("dot")
    if _DOTTED_AFTER.match(plain, end):
        return True
    return _DOTTED_BEFORE.search(plain[max(0, m.start() - 6) : m.start()]) is not None


def _int(text: str) -> int:
    value = number(text=text)
    return int(value) if value is not None else 0


def _value(m: re.Match[str], at: datetime | None) -> str:
    """Return the ISO 8601 value of a match, empty where it cannot be known."""
    try:
        return _resolve(m, at)
    except (ValueError, OverflowError):
        return ""


def _resolve(m: re.Match[str], at: datetime | None) -> str:
    return _numeral(m, at) if m.re is _NUMERAL else _said(m, at) if at is not None else ""


def _numeral(m: re.Match[str], at: datetime | None) -> str:
    today = at.date() if at is not None else None
    if m["iso"] is not None:
        return _on(date(int(m["iy"]), int(m["im"]), int(m["id"])), m, at)
    if m["md"] is not None:
        return _month_day(m, at, today)
    if m["year"] is not None:
        return m["year"][:4]
    if m["dot"] is not None:
        return _dated(int(m["dm"]), int(m["dd"]), None, m, at)
    return "" if today is None else _on(_nearest_day(_int(m["bd"]), today), m, at)


def _said(m: re.Match[str], at: datetime) -> str:
    today = at.date()
    if m["rel"] is not None:
        word = m["rel"]
        key = word[:2] if word[0] == "大" else word[0]
        part = word[-1] if word[-1] in "晚夜早晨" else None
        return _on(today + timedelta(days=_OFFSET[key]), m, at, part)
    if m["ryear"] is not None:
        return str(today.year - (m["ryear"][0] == "去"))
    if m["week"] is not None:
        return _weekday(m, today, at)
    if m["wspan"] is not None:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_WEEK[m["wsr"]])
        return f"{monday}/{monday + timedelta(days=6)}"
    if m["mrel"] is not None:
        return _relative_month(m, today, at)
    return f"{today - timedelta(days=5)}/{today - timedelta(days=2)}"


def _month_day(m: re.Match[str], at: datetime | None, today: date | None) -> str:
    month = _int(m["m"])
    said_year = m["y"]
    year: int | None = None
    if said_year is not None:
        if len(said_year) == 4:
            year = int(
                said_year
                if said_year.isdigit() and said_year.isascii()
                else spoken_digits(text=said_year)
            )
        elif today is not None:
            year = today.year + {"去": -1, "今": 0, "明": 1, "前": -2}[said_year]
    if m["d"] is not None:
        return _dated(month, _int(m["d"]), year, m, at)
    if year is None and today is not None:
        year = _year_of(month, 15, today)
    if m["third"] is not None and year is not None:
        return _third(year, month, m["third"])
    return f"{year:04d}-{month:02d}" if year is not None else f"--{month:02d}"


def _third(year: int, month: int, said: str) -> str:
    first, last = _THIRDS[said]
    following = date(year + month // 12, month % 12 + 1, 1)
    end = following - timedelta(days=1) if last is None else date(year, month, last)
    return f"{date(year, month, first)}/{end}"


def _dated(month: int, day: int, year: int | None, m: re.Match[str], at: datetime | None) -> str:
    if year is None:
        if at is None:
            date(2000, month, day)
            return f"--{month:02d}-{day:02d}"
        year = _year_of(month, day, at.date())
    return _on(date(year, month, day), m, at)


def _year_of(month: int, day: int, today: date) -> int:
    """Return the year that a month and day without one belong to: rather past than far ahead."""
    for year in (today.year + 1, today.year, today.year - 1):
        try:
            if date(year, month, day) - today <= _AHEAD:
                return year
        except ValueError:
            continue
    return today.year


def _nearest_day(day: int, today: date) -> date:
    """Return the date nearest to ``today`` that falls on a day of the month, the past first."""
    options = []
    for step in (-1, 0, 1):
        index = today.year * 12 + today.month - 1 + step
        try:
            options.append(date(index // 12, index % 12 + 1, day))
        except ValueError:
            continue
    return min(options, key=lambda d: (abs((d - today).days), d > today))


def _weekday(m: re.Match[str], today: date, at: datetime) -> str:
    target = _WEEKDAY[m["wd"]]
    monday = today - timedelta(days=today.weekday())
    if m["wr"] is not None:
        day = monday + timedelta(weeks=_WEEK[m["wr"]], days=target)
    elif m["wd"] == "末":
        day = monday + timedelta(days=5)
    else:
        back = (today.weekday() - target) % 7
        day = today - timedelta(days=back) if back <= 3 else today + timedelta(days=7 - back)
    if m["wd"] == "末":
        return f"{day}/{day + timedelta(days=1)}"
    return _on(day, m, at)


def _relative_month(m: re.Match[str], today: date, at: datetime) -> str:
    step = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1}[m["mr"]]
    index = today.year * 12 + today.month - 1 + step
    year, month = index // 12, index % 12 + 1
    if m["mrd"] is not None:
        return _on(date(year, month, _int(m["mrd"])), m, at)
    if m["mrt"] is not None:
        return _third(year, month, m["mrt"])
    return f"{year:04d}-{month:02d}"


def _on(day: date, m: re.Match[str], at: datetime | None, part: str | None = None) -> str:
    """Return a date, narrowed by the part of the day or the time said with it."""
    said = m["part"]
    part = said.strip().lstrip("的") if said else part
    zone = at.tzinfo if at is not None else None
    if m["time"] is not None:
        hour, minute = _clock(m["time"].strip(), part)
        moment = datetime(day.year, day.month, day.day, tzinfo=zone)
        return (moment + timedelta(hours=hour, minutes=minute)).isoformat(timespec="minutes")
    if part is None:
        return day.isoformat()
    first, last = _PARTS[part]
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    low = (midnight + timedelta(hours=first)).isoformat(timespec="minutes")
    high = (midnight + timedelta(hours=last)).isoformat(timespec="minutes")
    return f"{low}/{high}"


_CLOCK: Final = re.compile(r"(\d{1,2}|[一二两三四五六七八九十]{1,3})(?::|点钟?|时)(.*)")


def _clock(text: str, part: str | None) -> tuple[int, int]:
    m = _CLOCK.fullmatch(text)
    if m is None:
        raise ValueError(text)
    hour = _int(m[1])
    rest = m[2].rstrip("分多")
    if rest == "半":
        minute = 30
    elif rest in ("一刻", "三刻"):
        minute = 15 if rest[0] == "一" else 45
    elif ":" in rest:
        minute = int(rest.split(":")[0])
    else:
        minute = _int(rest) if rest else 0
    if (
        part is not None
        and hour < 12
        and _PARTS[part][0] >= 11
        and not (part == "中午" and hour == 11)
    ):
        hour += 12
    return hour, minute

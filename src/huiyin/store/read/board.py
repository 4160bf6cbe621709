"""The first board: how much came in, how fast it was answered, and were people satisfied."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from openpyxl import Workbook

from huiyin.core.playbook.names import OWN_CLOCKS
from huiyin.store import models
from huiyin.store.read import causes, labels, liability_board, missed_calls, office
from huiyin.store.read.pages import BoardPage, Choice, Series
from huiyin.store.read.viewer import Viewer, on_visible, visible
from huiyin.store.read.workbook import add_series, cells, content

HARD_TO_REACH = "access"
"""The category of those who telephoned and reached nobody: drawn beside the calls not taken."""
PERIODS = ("7", "30", "60", "90")
_FIELDS = (
    "opened_at", "category", "channel", "department_id", "live", "watch_level", "status",
    "first_replied_at", "resolved_at", "stars", "repeat_of", "reopened", "level", "branch",
    "verdict", "cause",
)  # fmt: skip


_BROKEN = models.Clock.objects.filter(
    complaint_id=OuterRef("id"), breached_at__isnull=False
).exclude(state="cancelled")
"""Limits of a complaint that were not kept, whether it was ended since or not."""


def _rows(*, viewer: Viewer, since: datetime, until: datetime) -> list[dict[str, Any]]:
    return list(
        models.Complaint.objects.filter(visible(viewer=viewer))
        .filter(opened_at__gte=since, opened_at__lt=until)
        .exclude(status="merged")
        .exclude(branch__in=["consultation", "business_request"])
        .values(*_FIELDS, late=Exists(_BROKEN))
    )


def _hours(rows: Sequence[dict[str, Any]], field: str) -> float | None:
    spans = [(r[field] - r["opened_at"]).total_seconds() / 3600 for r in rows if r[field]]
    return round(statistics.median(spans), 1) if spans else None


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    stars = [r["stars"] for r in rows if r["stars"]]
    total = len(rows)
    return {
        "received": total,
        "open": sum(1 for r in rows if r["live"]),
        "due": sum(1 for r in rows if r["live"] and r["watch_level"] == "soon"),
        "breached": sum(1 for r in rows if r["live"] and r["watch_level"] == "breached"),
        "late": _share(sum(1 for r in rows if r["late"]), total),
        "first_reply": _hours(rows, "first_replied_at"),
        "resolve": _hours(rows, "resolved_at"),
        "satisfaction": round(statistics.mean(stars), 2) if stars else None,
        "repeat": _share(sum(1 for r in rows if r["repeat_of"] or r["reopened"]), total),
    }


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _promises(*, viewer: Viewer, since: datetime, until: datetime) -> dict[str, float | None]:
    """Return how many promises fell due, and what share of them was kept in time, in percent."""
    rows = models.Clock.objects.filter(
        rule__in=OWN_CLOCKS, due_at__gte=since, due_at__lt=until
    ).exclude(state="cancelled")
    rows = rows.filter(on_visible(viewer=viewer))
    kept = broken = 0
    for state, breached in rows.values_list("state", "breached_at"):
        broken += breached is not None
        kept += state == "met" and breached is None
    total = kept + broken
    return {
        "promises": total,
        "promises_kept": _share(kept, total),
    }


def board(*, viewer: Viewer, period: str, now: datetime) -> BoardPage:
    """Return figures and series of the last days, against the days before."""
    period = period if period in PERIODS else "30"
    length = timedelta(days=int(period))
    rows = _rows(viewer=viewer, since=now - length, until=now)
    before = {
        **_figures(_rows(viewer=viewer, since=now - 2 * length, until=now - length)),
        **_promises(viewer=viewer, since=now - 2 * length, until=now - length),
    }
    figures = {**_figures(rows), **_promises(viewer=viewer, since=now - length, until=now)}
    playbook = office.current_playbook()
    zone = ZoneInfo(playbook.timezone)
    names = {
        "received": (_("收到"), ""),
        "open": (_("在办"), ""),
        "due": (_("即将到期"), ""),
        "breached": (_("在办已超时"), ""),
        "late": (_("有期限未守住"), "%"),
        "first_reply": (_("首次回复（中位）"), _("小时")),
        "resolve": (_("办结（中位）"), _("小时")),
        "satisfaction": (_("满意度"), _("星")),
        "repeat": (_("重复与重开"), "%"),
        "promises": (_("到期的承诺"), ""),
        "promises_kept": (_("承诺兑现"), "%"),
    }

    def change(code: str) -> str:
        here, there = figures[code], before[code]
        if here is None or there is None or code in {"open", "due", "breached"}:
            return ""
        delta = round(here - there, 1)
        return f"{delta:+g}" if delta else "±0"

    def shown(code: str) -> str:
        value = figures[code]
        return "–" if value is None else f"{value:g}{names[code][1]}"

    def by(field: str, label: Any) -> list[tuple[str, list[dict[str, Any]]]]:
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            groups[row[field] or ""].append(row)
        return sorted(
            ((label(code) or _("未分派"), group) for code, group in groups.items()),
            key=lambda g: -len(g[1]),
        )

    weeks: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        monday = row["opened_at"].astimezone(zone).date()
        monday -= timedelta(days=monday.weekday())
        weeks[monday].append(row)
    days = Counter(r["opened_at"].astimezone(zone).date() for r in rows)
    order = [
        (now - timedelta(days=d)).astimezone(zone).date() for d in range(int(period) - 1, -1, -1)
    ]
    series = [
        Series(
            code="day",
            title=_("每天收到"),
            unit=_("件"),
            kind="line",
            labels=tuple(f"{day:%m-%d}" for day in order),
            days=tuple(order),
            rows=((_("收到"), tuple(float(days.get(d, 0)) for d in order)),),
        )
    ]
    tables = (
        ("category", _("按类别"), by("category", lambda c: labels.category(playbook, c))),
        (
            "channel",
            _("按渠道"),
            by("channel", lambda c: labels.pick(labels.CHANNEL_NAMES, c)),
        ),
        ("department", _("按部门"), by("department_id", lambda c: labels.department(playbook, c))),
        ("week", _("按周"), [(f"{monday:%m-%d}", weeks[monday]) for monday in sorted(weeks)]),
    )
    for code, title, groups in tables:
        figure = [(name, _figures(group)) for name, group in groups]
        mondays = tuple(sorted(weeks)) if code == "week" else ()
        series.append(
            Series(
                code=code,
                title=title,
                unit=_("件"),
                kind="bar",
                labels=tuple(name for name, _f in figure),
                days=mondays,
                rows=(
                    (_("收到"), tuple(f["received"] for _n, f in figure)),
                    (_("在办"), tuple(f["open"] for _n, f in figure)),
                    (_("在办已超时"), tuple(f["breached"] for _n, f in figure)),
                ),
            )
        )
        series.append(
            Series(
                code=f"{code}_speed",
                title=title + _("：时效与满意度"),
                unit="",
                kind="bar",
                labels=tuple(name for name, _f in figure),
                days=mondays,
                rows=(
                    (_("首次回复（小时）"), tuple(f["first_reply"] for _n, f in figure)),
                    (_("办结（小时）"), tuple(f["resolve"] for _n, f in figure)),
                    (_("满意度（星）"), tuple(f["satisfaction"] for _n, f in figure)),
                    (_("重复率（%）"), tuple(f["repeat"] for _n, f in figure)),
                    (_("有期限未守住（%）"), tuple(f["late"] for _n, f in figure)),
                ),
            )
        )
    if any(c.code == HARD_TO_REACH for c in playbook.categories):
        told = Counter(
            r["opened_at"].astimezone(zone).date() for r in rows if r["category"] == HARD_TO_REACH
        )
        name = _("投诉：%s") % labels.category(playbook, HARD_TO_REACH)
        series.append(
            missed_calls.series(days=int(period), now=now, zone=zone, beside=[(name, told)])
        )
    series += causes.series(rows=rows, playbook=playbook)
    series += liability_board.series(playbook=playbook, since=now - length, until=now, zone=zone)
    return BoardPage(
        period=period,
        periods=tuple(
            Choice(code=p, label=_("近 %(n)s 天") % {"n": p}, selected=p == period) for p in PERIODS
        ),
        figures=tuple((code, names[code][0], shown(code), change(code)) for code in names),
        series=tuple(series),
        first=(now - length).astimezone(zone).date(),
        last=now.astimezone(zone).date(),
        amounts=tuple((names[c][0], figures[c], names[c][1], before[c]) for c in names),
    )


def workbook(*, page: BoardPage) -> tuple[bytes, int]:
    """Return the board as an xlsx file, and its number of rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("概览")
    if page.first and page.last:
        sheet.append(cells(values=(_("时段"), page.first, page.last)))
        sheet.append(cells(values=("", _("数值"), _("单位"), _("上一时段"))))
    for amount in page.amounts:
        sheet.append(cells(values=amount))
    count = len(page.amounts)
    for series in page.series:
        count += add_series(book=book, series=series)
    return content(book=book), count

"""Contacts by channel and minute beside what is usual, what waits, how soon it is answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, QuerySet, Sum
from django.db.models.functions import TruncHour
from django.utils.translation import gettext as _
from openpyxl import Workbook

from huiyin.core.playbook.volume import Volume
from huiyin.core.volume import Seen, expected
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.pages import Series
from huiyin.store.read.viewer import Viewer, visible
from huiyin.store.read.workbook import add_series, cells, content

WEEKS = 8
"""What is usual rests on so many weeks at most."""
SPAN = timedelta(hours=3)
STEP = timedelta(minutes=5)
ANSWERS = timedelta(hours=24)
_MOST = 20_000


def hours_counted(*, since: datetime) -> dict[str, dict[datetime, int]]:
    """Return contacts by channel and hour since a moment."""
    rows = (
        models.VolumeMinute.objects.filter(minute__gte=since)
        .annotate(hour=TruncHour("minute", tzinfo=UTC))
        .values("channel", "hour")
        .annotate(total=Sum("count"))
        .values_list("channel", "hour", "total")
    )
    out: dict[str, dict[datetime, int]] = defaultdict(dict)
    for channel, hour, total in rows:
        out[channel][hour] = total
    return out


def begun(*, channel: str) -> datetime | None:
    """Return since when contacts of a channel are counted."""
    rows = models.VolumeMinute.objects.filter(channel=channel).order_by("minute")
    return rows.values_list("minute", flat=True).first()


def _usual() -> dict[str, dict[int, tuple[float, int]]]:
    out: dict[str, dict[int, tuple[float, int]]] = defaultdict(dict)
    for row in models.UsualVolume.objects.all():
        out[row.channel][row.hour] = (row.median, row.weeks)
    return out


def _minutes(*, since: datetime) -> dict[str, dict[datetime, int]]:
    out: dict[str, dict[datetime, int]] = defaultdict(dict)
    rows = models.VolumeMinute.objects.filter(minute__gte=since)
    for channel, minute, count in rows.values_list("channel", "minute", "count"):
        out[channel][minute] = count
    return out


def seen(*, terms: Volume, zone: ZoneInfo, now: datetime) -> dict[str, Seen]:
    """Return for each channel what came in the windows of silence and of flooding."""
    quiet = now - timedelta(minutes=terms.silent_minutes)
    lately = now - timedelta(minutes=terms.flood_minutes)
    counted, usual = _minutes(since=min(quiet, lately)), _usual()
    out = {}
    for channel in counted.keys() | usual.keys():
        medians = {h: m for h, (m, _weeks) in usual[channel].items()}
        minutes = counted[channel]
        out[channel] = Seen(
            quiet=sum(n for m, n in minutes.items() if m >= quiet),
            quiet_usual=expected(usual=medians, since=quiet, until=now, zone=zone),
            lately=sum(n for m, n in minutes.items() if m >= lately),
            lately_usual=expected(usual=medians, since=lately, until=now, zone=zone),
            weeks=max((w for _m, w in usual[channel].values()), default=0),
        )
    return out


def raised() -> set[tuple[str, str]]:
    """Return the alerts that are not over: (channel, kind)."""
    rows = models.Alert.objects.filter(over_at=None)
    return set(rows.values_list("channel", "kind"))


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert on the page."""

    id: str
    kind: str
    label: str
    channel_label: str
    raised_at: datetime
    over_at: datetime | None
    because: str
    acknowledged_by: str
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel now: this hour against the usual, what waits, first answers in time."""

    channel: str
    label: str
    lately: int
    usual: float | None
    backlog: int
    oldest: datetime | None
    target: str
    answered: int
    in_time: float | None
    """Percent of first answers within the target."""
    wanted: float | None
    good: bool | None
    state: str
    """silent, flooding or empty."""


@dataclass(frozen=True, slots=True)
class MonitorPage:
    """The monitor of volume."""

    now: datetime
    alerts: tuple[AlertView, ...]
    past: tuple[AlertView, ...]
    rows: tuple[ChannelRow, ...]
    series: tuple[Series, ...]
    inbox: int
    """Contacts accepted and not yet decided."""
    inbox_oldest: datetime | None
    missed: int
    stamp: str


KIND_NAMES: Mapping[str, tuple[str, str]] = {
    "silent": ("没有来件", "Silent"),
    "flooding": ("来件激增", "Flooding"),
}


def named(*, kind: str, channel: str) -> str:
    """Say an alert in few words."""
    return f"{labels.pick(labels.CHANNEL_NAMES, channel)} · {labels.pick(KIND_NAMES, kind)}"


def _alerts(*, over: bool, since: datetime) -> tuple[AlertView, ...]:
    rows = models.Alert.objects.select_related("acknowledged_by").order_by("-raised_at")
    rows = rows.filter(over_at__gte=since) if over else rows.filter(over_at=None)
    lang = "en" if labels.english() else "zh"
    return tuple(
        AlertView(
            id=r.id.hex,
            kind=r.kind,
            label=labels.pick(KIND_NAMES, r.kind),
            channel_label=labels.pick(labels.CHANNEL_NAMES, r.channel),
            raised_at=r.raised_at,
            over_at=r.over_at,
            because=labels.clauses(str(b.get(lang, "")) for b in r.because),
            acknowledged_by=r.acknowledged_by.name if r.acknowledged_by else "",
            acknowledged_at=r.acknowledged_at,
        )
        for r in rows[:20]
    )


def alerts_open() -> QuerySet[models.Alert]:
    """Return the alerts that nobody has acknowledged."""
    return models.Alert.objects.filter(over_at=None, acknowledged_at=None)


def stamp() -> str:
    """Return what changes when something came or an alert was raised, seen or ended."""
    last = models.VolumeMinute.objects.order_by("-minute").values_list("minute", "count")[:8]
    alert = models.Alert.objects.order_by("-raised_at").values_list(
        "id", "over_at", "acknowledged_at"
    )[:3]
    return f"{crc32(repr((list(last), list(alert))).encode()):08x}"


def _answers(*, viewer: Viewer, terms: Volume, now: datetime) -> dict[str, tuple[int, int]]:
    """Return for each channel (first answers due or given, in time) of the last day.

    Telephone: how soon somebody took the call, and missed ones count as late.
    """
    out: dict[str, tuple[int, int]] = {}
    since = now - ANSWERS
    cases = (
        models.Complaint.objects.filter(visible(viewer=viewer), opened_at__gte=since)
        .exclude(status="merged")
        .values_list("channel", "opened_at", "first_replied_at")[:_MOST]
    )
    total: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for channel, opened, replied in cases:
        target = terms.targets.get(channel)
        if target is None or channel == "phone":
            continue
        limit = opened + timedelta(seconds=target.seconds)
        if replied is None and limit > now:
            continue
        total[channel] += 1
        good[channel] += replied is not None and replied <= limit
    if "phone" in terms.targets:
        soon = timedelta(seconds=terms.targets["phone"].seconds)
        calls = models.PhoneCall.objects.filter(
            direction="in", started_at__gte=since, account_id__isnull=False
        ).exclude(state="ringing")
        for started, answered in calls.values_list("started_at", "answered_at")[:_MOST]:
            total["phone"] += 1
            good["phone"] += answered is not None and answered - started <= soon
    for channel, count in total.items():
        out[channel] = (count, good[channel])
    return out


def _length(seconds: int) -> str:
    if seconds % 3600 == 0:
        return _("%(n)s 小时") % {"n": seconds // 3600}
    if seconds % 60 == 0:
        return _("%(n)s 分钟") % {"n": seconds // 60}
    return _("%(n)s 秒") % {"n": seconds}


def page(*, viewer: Viewer, now: datetime) -> MonitorPage:
    """Return the monitor: what comes now beside the usual, what waits, what stands out."""
    playbook = office.current_playbook()
    zone, terms = ZoneInfo(playbook.timezone), playbook.volume
    usual, minutes = _usual(), _minutes(since=now - SPAN)
    standing = {(c, k) for c, k in raised()}
    waiting = {
        c: (n, o)
        for c, n, o in models.Complaint.objects.filter(
            visible(viewer=viewer), live=True, first_replied_at=None
        )
        .exclude(channel="history")
        .values("channel")
        .annotate(oldest=Min("opened_at"), n=Count("id"))
        .values_list("channel", "n", "oldest")
    }
    answers = _answers(viewer=viewer, terms=terms, now=now)
    codes = sorted(
        usual.keys() | minutes.keys() | waiting.keys() | answers.keys(),
        key=lambda c: -sum(minutes.get(c, {}).values()),
    )
    rows = []
    for code in codes:
        backlog, oldest = waiting.get(code, (0, None))
        target = terms.targets.get(code)
        count, in_time = answers.get(code, (0, 0))
        share = round(100 * in_time / count, 1) if count else None
        medians = {h: m for h, (m, _w) in usual[code].items()} if code in usual else {}
        hour = now - timedelta(hours=1)
        rows.append(
            ChannelRow(
                channel=code,
                label=labels.pick(labels.CHANNEL_NAMES, code),
                lately=sum(n for m, n in minutes.get(code, {}).items() if m >= hour),
                usual=round(expected(usual=medians, since=hour, until=now, zone=zone), 1)
                if medians
                else None,
                backlog=backlog,
                oldest=oldest,
                target=_length(target.seconds) if target else "",
                answered=count,
                in_time=share,
                wanted=round(100 * target.share, 1) if target else None,
                good=share >= 100 * target.share if target and share is not None else None,
                state=next((k for k in ("silent", "flooding") if (code, k) in standing), ""),
            )
        )
    inbox = models.InboxItem.objects.filter(state="pending")
    return MonitorPage(
        now=now,
        alerts=_alerts(over=False, since=now),
        past=_alerts(over=True, since=now - timedelta(days=7)),
        rows=tuple(rows),
        series=tuple(
            _series(code=c, minutes=minutes.get(c, {}), usual=usual.get(c, {}), zone=zone, now=now)
            for c in codes
            if c in minutes or c in usual
        ),
        inbox=int(
            models.Tally.objects.filter(name="inbox:pending")
            .values_list("value", flat=True)
            .first()
            or 0
        ),
        inbox_oldest=inbox.order_by("id").values_list("received_at", flat=True).first(),
        missed=models.MissedCall.objects.filter(state="due").count(),
        stamp=stamp(),
    )


def _series(
    *,
    code: str,
    minutes: Mapping[datetime, int],
    usual: Mapping[int, tuple[float, int]],
    zone: ZoneInfo,
    now: datetime,
) -> Series:
    ends = now.replace(second=0, microsecond=0)
    ends -= timedelta(minutes=ends.minute % 5)
    medians = {h: m for h, (m, _w) in usual.items()}
    names, came, normal = [], [], []
    at = ends - SPAN
    while at <= ends:
        names.append(f"{at.astimezone(zone):%H:%M}")
        came.append(float(sum(n for m, n in minutes.items() if at <= m < at + STEP)))
        normal.append(round(expected(usual=medians, since=at, until=at + STEP, zone=zone), 2))
        at += STEP
    rows: list[tuple[str, tuple[float | None, ...]]] = [(_("来件"), tuple(came))]
    if medians:
        rows.append((_("平时"), tuple(normal)))
    return Series(
        code=code,
        title=labels.pick(labels.CHANNEL_NAMES, code),
        unit=_("件/5 分钟"),
        kind="line",
        labels=tuple(names),
        rows=tuple(rows),
    )


def workbook(*, page: MonitorPage) -> tuple[bytes, int]:
    """Return the monitor as an xlsx file, and its number of rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("渠道")
    heads = (
        _("渠道"), _("近一小时"), _("平时"), _("待首次回复"), _("目标"), _("应答"), _("按时（%）"),
    )  # fmt: skip
    sheet.append(cells(values=heads))
    count = 0
    for row in page.rows:
        said = (
            row.label, row.lately, row.usual, row.backlog, row.target, row.answered, row.in_time,
        )  # fmt: skip
        sheet.append(cells(values=said))
        count += 1
    for series in page.series:
        count += add_series(book=book, series=series)
    return content(book=book), count

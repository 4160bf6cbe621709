"""How values look on a page: money, times, time left, reasons and icons.

A template library (``{% load look %}``): words and markup only, nothing is decided here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote, urlencode

import nh3
from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from huiyin.channels.protocol import Window
from huiyin.channels.registry import channels
from huiyin.core.because import Reason
from huiyin.store.read import labels, reaches
from huiyin.store.read.finding import FoundPage
from huiyin.store.read.pages import (
    Action,
    Balance,
    ClockView,
    ComplaintPage,
    QueuePage,
    Series,
    TimelineItem,
)

register = template.Library()


class Progress(Protocol):
    """Long work that says how far it is."""

    @property
    def total(self) -> int: ...  # noqa: D102
    @property
    def done(self) -> int: ...  # noqa: D102


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon of the sprite; it is decoration, so a screen reader passes over it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css,
        static("huiyin/icons/sprite.svg"),
        name,
    )


_PLACE = "90071992547409{:02}"
"""Stands for an argument of an address: figures that every kind of argument takes."""
_SAFE = "!$&'()*+,;=~:@"


@register.simple_tag(name="url")
def address(name: str, *given: object) -> str:
    """Return the address of a page; stands in for Django's tag of this name.

    A page holds dozens of addresses. Here each name is looked up once, not each address.
    """
    text = _addresses(name, len(given))
    for place, one in enumerate(given):
        text = text.replace(_PLACE.format(place), quote(str(one), safe=_SAFE))
    return text


@lru_cache(maxsize=512)
def _addresses(name: str, places: int) -> str:
    return reverse(name, args=[_PLACE.format(place) for place in range(places)])


CHANNEL_ICONS = {
    "portal": "world",
    "phone": "phone",
    "front_desk": "building-store",
    "desk": "building-store",
    "email": "mail",
    "api": "code",
    "import": "file-import",
    "system": "bolt",
}
EVENT_ICONS = {
    "Acknowledged": "checks",
    "CategoryCorrected": "bulb",
    "CollaborationAccepted": "user-check",
    "CollaborationAnswered": "building",
    "CollaborationAsked": "building",
    "CollaborationAskedAgain": "building",
    "CollaborationAskedBack": "help-circle",
    "CollaborationReturned": "arrow-back-up",
    "CollaborationSupplied": "building",
    "CollaborationTransferred": "user-share",
    "CollaborationWithdrawn": "x",
    "CallBackDone": "phone",
    "CallBackDue": "phone",
    "CallMissed": "phone",
    "CallerCalledBack": "phone",
    "CallerMissed": "phone",
    "CustomerCalled": "phone",
    "GroundMarked": "scale",
    "IncidentLinked": "link",
    "IncidentUnlinked": "link",
    "DoubtReviewed": "eye",
    "FineAppealed": "message-circle",
    "FineDecided": "gavel",
    "FineFinal": "gavel",
    "FineImposed": "gavel",
    "FineLate": "alert-triangle",
    "FineWithdrawn": "arrow-back-up",
    "WriterVouched": "user-check",
    "WriterVouchedUndone": "arrow-back-up",
    "LetterWritten": "printer",
    "LiabilityAppealed": "message-circle",
    "LiabilityClaimed": "scale",
    "LiabilityFinal": "gavel",
    "LiabilityHeard": "clock",
    "LiabilityLate": "alert-triangle",
    "LiabilityRuled": "gavel",
    "LiabilityStated": "message-circle",
    "LiabilityWithdrawn": "arrow-back-up",
    "PromiseBroken": "alert-triangle",
    "PromiseKept": "circle-check",
    "PromiseMade": "clock",
    "PromiseWithdrawn": "arrow-back-up",
    "SentDespite": "alert-triangle",
    "ClockBreached": "alert-triangle",
    "ClockWarned": "clock",
    "ClocksStarted": "clock",
    "ComplaintArchived": "lock",
    "PastTakenOver": "lock",
    "ComplaintAssigned": "user-check",
    "ComplaintClosed": "lock",
    "ComplaintMerged": "arrow-merge",
    "ComplaintOpened": "flag",
    "ComplaintReopened": "repeat",
    "ComplaintResolved": "circle-check",
    "ComplaintSorted": "bulb",
    "ComplaintTaken": "user-check",
    "ContactJoined": "arrow-merge",
    "CustomerAsked": "message-circle",
    "Escalated": "alert-triangle",
    "HandedOver": "user-share",
    "RehandlingStarted": "repeat",
    "PayoutFailed": "alert-triangle",
    "PayoutPaid": "cash",
    "PayoutRequested": "cash",
    "PayoutReleased": "cash",
    "PayoutReturned": "alert-triangle",
    "PayoutSent": "cash",
    "RemedyAccepted": "circle-check",
    "RemedyApproved": "cash",
    "RemedyCountered": "message-circle",
    "RemedyDeclined": "message-circle",
    "RemedyWithdrawn": "cash",
    "RemedyProposed": "cash",
    "RemedyRejected": "cash",
    "Returned": "arrow-back-up",
    "Revealed": "eye",
    "SurveyAnswered": "star",
    "SurveySent": "star",
    "UrgencyRaised": "alert-triangle",
    "VerdictGiven": "gavel",
}


@register.filter
def sanitised(html: str) -> SafeString:
    """Return HTML as HTML: whatever made it, only harmless tags come through."""
    return mark_safe(nh3.clean(html))


@register.filter
def drawn(svg: str) -> SafeString:
    """Let a drawing of ``core.playbook.drawing`` through: its texts are escaped there."""
    return mark_safe(svg)


@register.filter
def channel_icon(channel: str) -> str:
    """Return the icon of a channel."""
    return CHANNEL_ICONS.get(channel, "message-circle")


@register.filter
def event_icon(kind: str) -> str:
    """Return the icon of an event in the timeline."""
    return EVENT_ICONS.get(kind, "circle")


@register.filter
def money(fen: int | None) -> str:
    """Write an amount of 分 as yuan: 30000 → ¥300.00."""
    if fen is None:
        return ""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


@register.filter
def yuan(fen: int | None) -> str:
    """Write an amount of 分 as a number for a field: 30000 → 300.00."""
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


@register.filter
def as_percent(share: str | float | None) -> str:
    """Write a share as percent for a field: 0.5 → 50; nothing stays nothing."""
    try:
        return format((Decimal(str(share)) * 100).normalize(), "f")
    except InvalidOperation:
        return ""


@register.filter
def local_input(at: str | None) -> str:
    """Write an ISO 8601 time for a field of date and time, in the installation's zone."""
    try:
        moment = datetime.fromisoformat(at or "")
    except ValueError:
        return ""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment.tzinfo else ""


@register.filter
def offer_tone(state: str) -> str:
    """Return the colour of an offer's or a payout's state."""
    return {
        "waiting": "soon", "approved": "accent", "countered": "soon", "accepted": "ok",
        "paid": "ok", "requested": "accent", "processing": "accent", "rejected": "breached",
        "failed": "breached", "returned": "soon", "again": "breached", "held": "soon",
        "stopped": "breached",
    }.get(state, "")  # fmt: skip


@register.filter
def run_tone(state: str) -> str:
    """Return the colour of a batch's state."""
    return {
        "waiting": "soon", "held": "accent", "running": "accent", "stopped": "soon", "done": "ok",
    }.get(state, "")  # fmt: skip


@register.filter
def percent(share: float | None) -> str:
    """Write a share of 1 as a whole percentage."""
    return "" if share is None else f"{share:.0%}"


@register.filter
def fine_money(hundredths: int) -> str:
    """Write an amount of hundredths of a 分 as yuan with four places: 20 → ¥0.0020."""
    return f"¥{hundredths // 10000:,}.{hundredths % 10000:04d}"


@register.filter
def said(reason: Reason) -> str:
    """Return a reason in the language of the page."""
    if (get_language() or "").startswith("zh"):
        return reason.zh
    return reason.en or reason.zh


@register.filter
def initial(name: str) -> str:
    """Return the character that stands for a person in a round badge."""
    return name.strip()[:1].upper() or "·"


@register.filter
def feeling(emotion: float) -> str:
    """Name the strength of an emotion, 0..1."""
    if emotion >= 0.75:
        return gettext("非常激动")
    if emotion >= 0.45:
        return gettext("明显不满")
    if emotion >= 0.2:
        return gettext("有些不满")
    return gettext("平静")


@register.simple_tag
def when(at: datetime | None, form: str = "short") -> SafeString:
    """Write a time as people read it; the full time stays in the title.

    ``short``: today 14:03, this year 11-02 14:03, else the date. ``full``: always everything.
    ``day``: the date alone.
    """
    if at is None:
        return mark_safe("")
    here = timezone.localtime(at)
    full = _minute(here)
    if form == "full":
        text = full
    elif form == "day":
        text = full[:10]
    else:
        today = timezone.localdate()
        if here.date() == today:
            text = full[11:]
        elif here.date() == today - timedelta(days=1):
            text = gettext("昨天 %(time)s") % {"time": full[11:]}
        elif here.year == today.year:
            text = full[5:]
        else:
            text = full[:10]
    return _time(at=at, full=full, text=text)


def _minute(at: datetime) -> str:
    # twenty times as fast as strftime
    return at.isoformat(" ", "minutes")[:16]


def _time(*, at: datetime, full: str, text: str, mark: str = "") -> SafeString:
    # a queue shows a hundred of them: figures and dashes need no escaping, the words do
    return mark_safe(
        f'<time datetime="{at.isoformat()}" title="{full}"{mark}>{escape(text)}</time>'
    )


@lru_cache(maxsize=4)
def _lengths(language: str | None) -> Mapping[str, str]:
    """Return how lengths of time are said in the language in force; found once for each."""
    return {
        "day": ngettext("%(n)d 天", "%(n)d 天", 1),
        "days": ngettext("%(n)d 天", "%(n)d 天", 2),
        "days_hours": gettext("%(d)d 天 %(h)d 小时"),
        "hours": gettext("%(h)d 小时 %(m)d 分"),
        "minutes": gettext("%(m)d 分"),
        "left": gettext("剩 %(span)s"),
        "late": gettext("超 %(span)s"),
    }


def _span(seconds: float, said: Mapping[str, str]) -> str:
    minutes = int(seconds // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days >= 3 or (days and not hours):
        return said["day" if days == 1 else "days"] % {"n": days}
    if days:
        return said["days_hours"] % {"d": days, "h": hours}
    if hours:
        return said["hours"] % {"h": hours, "m": minutes % 60}
    return said["minutes"] % {"m": max(minutes, 1)}


@register.filter
def span_words(minutes: int) -> str:
    """Say a length of time given in minutes: 1500 → 1 天 1 小时."""
    return _span(minutes * 60, _lengths(get_language()))


@register.simple_tag
def left(due_at: datetime | None) -> SafeString:
    """Say how much time is left, or by how much it is too late; the page counts on from it."""
    if due_at is None:
        return mark_safe("")
    seconds = (due_at - timezone.now()).total_seconds()
    said = _lengths(get_language())
    return _time(
        at=due_at,
        full=_minute(timezone.localtime(due_at)),
        text=said["left" if seconds >= 0 else "late"] % {"span": _span(abs(seconds), said)},
        mark=" data-due",
    )


@register.filter
def queue_query(page: QueuePage) -> str:
    """Write what the queue shows now (view, filters, order) as the query of its address."""
    asked = {"view": page.view, **{k: v for k, v in sorted(page.filters.items()) if v}}
    order = next((s.code for s in page.sorts if s.selected), "")
    if order and order != page.sorts[0].code:
        asked["sort"] = order
    return urlencode(asked)


@register.simple_tag
def found_query(page: FoundPage, number: int) -> str:
    """Write a page of what was searched for as the query of its address."""
    return urlencode({"q": page.text, **page.filters, "page": number})


@register.simple_tag
def once(given: str = "") -> str:
    """Return the key under which a form is taken once, however often it is sent."""
    return given or secrets.token_hex(16)


@register.filter
def flag_label(flag: str) -> str:
    """Name a flag of a complaint; one that is not known here is shown as it is."""
    names = {
        "repeat": gettext("重复投诉"),
        "reopened": gettext("重开过"),
        "rehandling": gettext("重新处理"),
        "unsure": gettext("待确认分类"),
        "maybe_same": gettext("可能同一件"),
        "vulnerable": gettext("特殊关照"),
        "dissatisfied": gettext("客户不满意"),
        "appealed": gettext("已申诉"),
        "court": gettext("已起诉"),
        "media": gettext("媒体曝光"),
        "last_level": gettext("待主管回访"),
        "called_back": gettext("待主管办结"),
    }
    return names.get(flag, flag)


IN_MENU = (
    "reply", "note", "take", "hand_over", "return", "ask_customer", "verdict",
    "propose", "resolve", "call", "rehandle", "reopen", "close", "merge",
)  # fmt: skip


@register.filter
def in_menu(actions: tuple[Action, ...]) -> list[Action]:
    """Return the actions that stand in the menu: known to the page and not the strong button."""
    return [a for a in actions if a.code in IN_MENU and not a.primary]


@register.filter
def allows(actions: tuple[Action, ...], code: str) -> bool:
    """Tell whether an action is among those that this person may do now."""
    return any(a.code == code for a in actions)


@register.filter
def primary(actions: tuple[Action, ...], code: str) -> bool:
    """Tell whether an action is the one next action of the page."""
    return any(a.code == code and a.primary for a in actions)


@register.filter
def bar(share: float | None) -> int:
    """Round a share to whole hundredths, 0..100, for a bar."""
    return 0 if share is None else max(0, min(100, round(share * 100)))


@register.filter
def last_title(items: list[TimelineItem]) -> str:
    """Return the title of the newest entry of a run."""
    return items[-1].title if items else ""


@register.filter
def entity_label(kind: str) -> str:
    """Name a kind of entity found in a text."""
    names = {
        "waybill": gettext("运单"),
        "waybill_tail": gettext("运单尾号"),
        "order_no": gettext("订单"),
        "phone_tail": gettext("电话尾号"),
        "duration": gettext("时长"),
        "place": gettext("地点"),
        "person": gettext("姓名"),
        "phone": gettext("电话"),
        "money": gettext("金额"),
        "date": gettext("日期"),
        "address": gettext("地址"),
        "carrier": gettext("快递公司"),
        "email": gettext("邮箱"),
        "id_card": gettext("证件"),
        "goods": gettext("物品"),
    }
    return names.get(kind, kind)


@register.filter
def length_words(duration: str) -> str:
    """Say an ISO 8601 duration: PT4H → 4 小时, P7D → 7 天; what is not one stays as it is."""
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", duration.strip())
    if found is None or not any(found.groups()):
        return duration
    days, hours, minutes = found.groups()
    parts = []
    if days:
        parts.append(gettext("%(n)s 天") % {"n": days})
    if hours:
        parts.append(gettext("%(n)s 小时") % {"n": hours})
    if minutes:
        parts.append(gettext("%(n)s 分钟") % {"n": minutes})
    return " ".join(parts)


@register.filter
def calendar_words(calendar: str) -> str:
    """Name a calendar of the shipped playbooks; a company's own keeps its code."""
    names = {
        "always": gettext("日历时间，昼夜不停"),
        "cn-office": gettext("工作时间：工作日 9:00–18:00，含调休"),
    }
    return names.get(calendar, calendar)


@register.filter
def moment(text: str) -> str:
    """Write an ISO 8601 time in the installation's time zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at.tzinfo else text


@register.filter
def pick(row: Mapping[str, str], name: str) -> str:
    """Return an entry of a mapping, empty where there is none."""
    return row.get(name, "")


@register.filter
def paired(series: Series) -> list[tuple[str, list[float | None]]]:
    """Turn a series about: for each label its numbers, as the rows of a table."""
    return [
        (label, [values[i] for _name, values in series.rows])
        for i, label in enumerate(series.labels)
    ]


@register.filter
def number(value: float | None) -> str:
    """Write a number without useless decimals; nothing known is a dash."""
    return "–" if value is None else f"{value:,.1f}".removesuffix(".0")


@register.filter
def tone(change: str, code: str) -> str:
    """Tell whether a change is good news: fewer breaches are, more stars are."""
    if not change or change == "±0" or code in {"received", "promises"}:
        return ""
    up = not change.startswith("-")
    return "good" if up == (code in {"satisfaction", "promises_kept"}) else "bad"


@register.filter
def part(balance: Balance, name: str) -> int:
    """Return a part of the balance in hundredths of what was received."""
    return round(100 * int(getattr(balance, name)) / balance.received) if balance.received else 0


@register.filter
def run_share(run: Progress) -> int:
    """Return how far an import is, 0..100."""
    return round(100 * run.done / run.total) if run.total else 0


@register.filter
def listed(names: Iterable[str]) -> str:
    """Join names as the language of the page does."""
    return labels.listed(names)


_CODED = ("assign.skill", "counter.step", "outgoing.", "receive.automatic")
"""Rules whose reasons carry codes beside their words, for programs alone."""


@register.filter
def why_words(reason: Reason) -> tuple[str, ...]:
    """Return the words that led to a decision, as people say them: codes are named or left out."""
    if reason.rule.endswith(".escalated") or reason.rule == "assign.rank":
        return tuple(labels.role(word) for word in reason.words[-1:])
    return () if reason.rule.startswith(_CODED) else tuple(reason.words)


@register.filter
def clauses(said: Iterable[str]) -> str:
    """Join clauses as the language of the page does."""
    return labels.clauses(said)


@register.filter
def field_label(field: str) -> str:
    """Name a field of an import."""
    names = {
        "text": gettext("内容"),
        "title": gettext("标题"),
        "at": gettext("投诉时间"),
        "id": gettext("原编号"),
        "phone": gettext("电话"),
        "name": gettext("姓名"),
        "user": gettext("账号"),
        "waybill": gettext("运单号"),
        "channel": gettext("渠道"),
        "reply": gettext("答复"),
        "replied_at": gettext("答复时间"),
        "reference": gettext("申诉编号"),
        "until": gettext("答复期限"),
        "category": gettext("类别"),
        "amount": gettext("申请金额"),
        "stars": gettext("评分"),
    }
    return names.get(field, field)


@register.filter
def form_label(field: str) -> str:
    """Name a field of a desk form as its label does."""
    names = {
        "branch": gettext("来意"),
        "company": gettext("公司名称"),
        "current": gettext("当前密码"),
        "file": gettext("文件"),
        "name": gettext("姓名"),
        "parent": gettext("所属网点"),
        "party": gettext("网点、分拨或收派员"),
        "password": gettext("密码"),
        "phone": gettext("电话"),
        "photos": gettext("照片、录音"),
        "playbook": gettext("处理规程"),
        "reason": gettext("原因"),
        "role": gettext("角色"),
        "text": gettext("客户说了什么"),
        "username": gettext("登录用户名"),
        "waybill": gettext("运单号"),
    }
    return names.get(field, field)


@register.filter
def clocks_done(clocks: tuple[ClockView, ...]) -> list[ClockView]:
    """Return the clocks that were met, the newest of each rule that does not run again."""
    ticking = {c.rule for c in clocks if c.state in {"running", "paused", "breached"}}
    met = {c.rule: c for c in clocks if c.state == "met" and c.rule not in ticking}
    return list(met.values())


class _Ended(Protocol):
    """A clock that may have ended."""

    @property
    def state(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def stopped_at(self) -> datetime | None: ...


@register.filter
def late_by(clock: _Ended) -> str:
    """Say by how much a limit was met too late; empty where it was met in time, or not yet."""
    if clock.state != "met" or clock.due_at is None or clock.stopped_at is None:
        return ""
    late = (clock.stopped_at - clock.due_at).total_seconds()
    if late <= 0:
        return ""
    said = _lengths(get_language())
    return gettext("%(late)s后完成") % {"late": said["late"] % {"span": _span(late, said)}}


@register.filter
def steady(text: str) -> SafeString:
    """Keep the times within a sentence in one piece at the end of a line."""
    held = re.sub(r"(\d\d-\d\d \d\d:\d\d)", r'<span class="num">\1</span>', escape(text))
    return mark_safe(held)


@lru_cache(maxsize=1)
def _windows() -> dict[str, Window]:
    """Return the windows that providers leave for answers, by the channel's name."""
    return {c.spoken: c.limits.window for c in channels().values() if c.limits.window}


@register.simple_tag
def reply_window(page: ComplaintPage) -> dict[str, object] | None:
    """Return how many answers a complaint's channel still takes and until when; None: no limit."""
    window = _windows().get(page.reply_channel) if page.can_reply_by_channel else None
    reach = reaches.of_answer(complaint_id=page.id) if window else None
    if window is None or reach is None or reach.last_in_at is None:
        return None
    until = reach.last_in_at + timedelta(hours=window.hours)
    left = max(0, window.messages - reach.sent_since) if until > timezone.now() else 0
    return {"left": left, "until": until.isoformat()}

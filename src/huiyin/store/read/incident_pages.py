"""Pages of incidents: the list, one incident with its complaints, and one batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from openpyxl import Workbook

from huiyin.core import masking
from huiyin.core.access import may_on_bulk
from huiyin.core.because import Reason
from huiyin.core.incident import Plan
from huiyin.core.incident.run import ITEM_NAMES, RUN_NAMES
from huiyin.core.remedy.offer import GRANTED
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.incidents import WORKABLE
from huiyin.store.read.pages import Choice
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.remedies import STATE_NAMES as OFFER_NAMES
from huiyin.store.read.viewer import Viewer, visible
from huiyin.store.read.workbook import cells, content

STATE_NAMES: Mapping[str, tuple[str, str]] = {
    "draft": ("草稿", "Draft"),
    "open": ("进行中", "Open"),
    "ended": ("已结束", "Ended"),
}
PAGE = 50
UNDONE = frozenset({"failed", "waiting", "claimed", "left"})
"""Complaints of a batch that somebody looks at again."""
MOST_FAILURES = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """How far an incident is; cost and paid in 分."""

    linked: int = 0
    answered: int = 0
    settled: int = 0
    paid: int = 0
    open: int = 0
    cost: int = 0
    paid_sum: int = 0


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident in the list."""

    id: str
    number: str
    name: str
    state: str
    state_label: str
    begins_at: datetime
    ends_at: datetime | None
    made_by: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """One complaint of an incident."""

    id: str
    number: str
    title: str
    waybill: str
    status_label: str
    verdict: str
    amount: int | None
    remedy_label: str
    opened_at: datetime
    resolved_at: datetime | None
    because: tuple[Reason, ...]
    by_hand: bool


@dataclass(frozen=True, slots=True)
class RunRow:
    """One batch in short."""

    id: str
    state: str
    state_label: str
    what: str
    total: int
    done: int
    failed: int
    amount: int
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One incident."""

    id: str
    number: str
    name: str
    about: str
    state: str
    state_label: str
    begins_at: datetime
    ends_at: datetime | None
    made_by: str
    made_at: datetime
    rule: tuple[tuple[str, str], ...]
    counts: Counts
    filters: tuple[Choice, ...]
    rows: tuple[LinkedRow, ...]
    page: int
    pages: int
    taken_off: int
    runs: tuple[RunRow, ...]
    looking: bool
    """True while complaints are still looked at for the first time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A complaint of a batch that was not served, and why."""

    complaint_id: str
    number: str
    waybill: str
    state_label: str
    why: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """One batch."""

    id: str
    incident_id: str
    incident: str
    state: str
    state_label: str
    what: str
    text: str
    reason: str
    because: tuple[Reason, ...]
    total: int
    done: int
    pending: int
    failed: int
    waiting: int
    claimed: int
    left: int
    amount: int
    made_by: str
    made_at: datetime
    released_by: str
    stopped_by: str
    hold_until: datetime | None
    finished_at: datetime | None
    failures: tuple[Failure, ...]
    can_call_back: bool
    can_release: bool
    can_retry: bool

    @property
    def share(self) -> int:
        """How much was tried, percent."""
        tried = self.done + self.failed + self.waiting + self.claimed
        return tried * 100 // self.total if self.total else 100


def _name(names: Mapping[str, tuple[str, str]], code: str) -> str:
    return labels.pick(names, code)


def counts(*, incident_ids: list[UUID]) -> dict[UUID, Counts]:
    """Count what became of the linked complaints of some incidents; costs two queries."""
    live = Q(incident_id__in=incident_ids, live=True)
    rows = {
        r["incident_id"]: r
        for r in models.IncidentLink.objects.filter(live)
        .values("incident_id")
        .annotate(
            linked=Count("id"),
            answered=Count("id", filter=Q(complaint__first_replied_at__isnull=False)),
            open=Count("id", filter=Q(complaint__status__in=WORKABLE)),
        )
    }
    money = {
        r["incident_id"]: r
        for r in models.IncidentLink.objects.filter(live, complaint__remedies__state__in=GRANTED)
        .values("incident_id")
        .annotate(
            settled=Count("complaint_id", distinct=True),
            paid=Count("complaint_id", distinct=True, filter=Q(complaint__remedies__state="paid")),
            cost=Sum("complaint__remedies__amount"),
            paid_sum=Sum(
                "complaint__remedies__amount", filter=Q(complaint__remedies__state="paid")
            ),
        )
    }
    out = {}
    for id in incident_ids:
        one: Mapping[str, Any] = rows.get(id, {})
        sums: Mapping[str, Any] = money.get(id, {})
        out[id] = Counts(
            linked=one.get("linked", 0),
            answered=one.get("answered", 0),
            open=one.get("open", 0),
            settled=sums.get("settled", 0),
            paid=sums.get("paid", 0),
            cost=int(sums.get("cost") or 0),
            paid_sum=int(sums.get("paid_sum") or 0),
        )
    return out


def listing() -> tuple[IncidentRow, ...]:
    """Return the newest incidents, open ones first."""
    rows = list(models.Incident.objects.select_related("made_by").order_by("-id")[:100])
    counted = counts(incident_ids=[r.id for r in rows])
    rank = {"open": 0, "draft": 1, "ended": 2}
    rows.sort(key=lambda r: rank[r.state])
    return tuple(
        IncidentRow(
            id=r.id.hex, number=r.number, name=r.name, state=r.state,
            state_label=_name(STATE_NAMES, r.state), begins_at=r.begins_at, ends_at=r.ends_at,
            made_by=r.made_by.name, counts=counted[r.id],
        )
        for r in rows
    )  # fmt: skip


def _rule(*, row: models.Incident) -> tuple[tuple[str, str], ...]:
    playbook = office.current_playbook()
    out: list[tuple[str, str]] = []
    if row.listed:
        out.append((_("运单清单"), _("%(n)s 个运单") % {"n": row.listed}))
    if row.categories:
        out.append((_("类别"), labels.listed(labels.category(playbook, c) for c in row.categories)))
    if row.regions:
        out.append((_("地区或分拨中心"), labels.listed(row.regions)))
    if row.words:
        out.append((_("关键词"), labels.listed(row.words)))
    if row.condition:
        out.append((_("条件（CEL）"), row.condition))
    return tuple(out)


_FILTERS: Mapping[str, Q] = {
    "all": Q(),
    "open": Q(complaint__status__in=WORKABLE),
    "answered": Q(complaint__first_replied_at__isnull=False),
    "settled": Q(complaint__remedies__state__in=GRANTED),
    "paid": Q(complaint__remedies__state="paid"),
}


def _linked(*, ties: list[models.IncidentLink]) -> tuple[LinkedRow, ...]:
    offers: dict[UUID, models.Remedy] = {}
    for remedy in models.Remedy.objects.filter(
        complaint_id__in=[t.complaint_id for t in ties]
    ).order_by("id"):
        if remedy.state not in {"rejected", "withdrawn"}:
            offers[remedy.complaint_id] = remedy
    out = []
    for tie in ties:
        case = tie.complaint
        offer = offers.get(case.id)
        out.append(
            LinkedRow(
                id=case.id.hex,
                number=case.number,
                title=masking.mask_text(text=case.title),
                waybill=case.waybill,
                status_label=labels.status(case.status),
                verdict=_name(labels.VERDICT_NAMES, case.verdict) if case.verdict else "",
                amount=offer.amount if offer else None,
                remedy_label=_remedy(offer) if offer else "",
                opened_at=case.opened_at,
                resolved_at=case.resolved_at,
                because=tuple(Reason.from_json(data=r) for r in tie.because),
                by_hand=tie.linked_by != "system",
            )
        )
    return tuple(out)


def _remedy(offer: models.Remedy) -> str:
    return f"{_name(KIND_NAMES, offer.kind)} · {_name(OFFER_NAMES, offer.state)}"


def page(*, viewer: Viewer, incident_id: UUID, show: str, number: int) -> IncidentPage | None:
    """Return one incident with its complaints; those kept apart are counted, not shown."""
    row = models.Incident.objects.select_related("made_by").filter(id=incident_id).first()
    if row is None:
        return None
    show = show if show in _FILTERS else "all"
    counted = counts(incident_ids=[row.id])[row.id]
    ties = models.IncidentLink.objects.filter(_FILTERS[show], incident_id=row.id, live=True)
    seen = models.Complaint.objects.filter(visible(viewer=viewer)).values("id")
    ties = ties.filter(complaint_id__in=seen).select_related("complaint").distinct()
    total = {
        "all": counted.linked, "open": counted.open, "answered": counted.answered,
        "settled": counted.settled, "paid": counted.paid,
    }  # fmt: skip
    pages = max(1, -(-total[show] // PAGE))
    number = min(max(1, number), pages)
    shown = ties.order_by("complaint__opened_at", "id")[(number - 1) * PAGE : number * PAGE]
    names = {
        "all": _("全部"), "open": _("未答复办结"), "answered": _("已答复"),
        "settled": _("已定补偿"), "paid": _("已付"),
    }  # fmt: skip
    return IncidentPage(
        id=row.id.hex,
        number=row.number,
        name=row.name,
        about=row.about,
        state=row.state,
        state_label=_name(STATE_NAMES, row.state),
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        made_by=row.made_by.name,
        made_at=row.made_at,
        rule=_rule(row=row),
        counts=counted,
        filters=tuple(
            Choice(code=c, label=n, count=total[c], selected=c == show) for c, n in names.items()
        ),
        rows=_linked(ties=list(shown)),
        page=number,
        pages=pages,
        taken_off=models.IncidentLink.objects.filter(incident_id=row.id, live=False).count(),
        runs=_runs(incident_id=row.id),
        looking=row.state == "open" and row.looked_to is None,
    )


def what(*, plan: Plan) -> str:
    """Say what a batch does."""
    parts = []
    if plan.verdict:
        parts.append(
            _("结论：%(verdict)s") % {"verdict": _name(labels.VERDICT_NAMES, plan.verdict)}
        )
    if plan.kind:
        parts.append(_name(KIND_NAMES, plan.kind))
    if plan.answers:
        parts.append(_("最终答复") if plan.final else _("回复"))
    return " + ".join(parts)


def _runs(*, incident_id: UUID) -> tuple[RunRow, ...]:
    rows = list(
        models.BulkRun.objects.filter(incident_id=incident_id)
        .select_related("made_by")
        .annotate(
            done=Count("items", filter=Q(items__state="done")),
            failed=Count("items", filter=Q(items__state__in=["failed", "waiting", "claimed"])),
        )
        .order_by("-id")[:30]
    )
    return tuple(
        RunRow(
            id=r.id.hex, state=r.state, state_label=_name(RUN_NAMES, r.state),
            what=what(plan=Plan.from_json(data=r.plan)), total=r.total, done=r.done,
            failed=r.failed, amount=r.amount, made_by=r.made_by.name, made_at=r.made_at,
        )
        for r in rows
    )  # fmt: skip


def run_page(*, viewer: Viewer, run_id: UUID) -> RunPage | None:
    """Return one batch with its failures."""
    row = (
        models.BulkRun.objects.select_related("incident", "made_by", "released_by", "stopped_by")
        .filter(id=run_id)
        .first()
    )
    if row is None:
        return None
    by_state = dict(
        models.BulkItem.objects.filter(run_id=row.id).values_list("state").annotate(n=Count("id"))
    )
    bad = (
        models.BulkItem.objects.filter(run_id=row.id, state__in=[*UNDONE])
        .select_related("complaint")
        .order_by("place")[:MOST_FAILURES]
    )
    plan = Plan.from_json(data=row.plan)
    tongue = "en" if labels.english() else "zh"

    def allowed(action: str) -> bool:
        return bool(may_on_bulk(actor=viewer.actor, action=action, made_by=row.made_by_id))

    return RunPage(
        id=row.id.hex,
        incident_id=row.incident_id.hex,
        incident=row.incident.name,
        state=row.state,
        state_label=_name(RUN_NAMES, row.state),
        what=what(plan=plan),
        text=row.text,
        reason=plan.reason,
        because=tuple(Reason.from_json(data=r) for r in row.because),
        total=row.total,
        done=by_state.get("done", 0),
        pending=by_state.get("pending", 0),
        failed=by_state.get("failed", 0),
        waiting=by_state.get("waiting", 0),
        claimed=by_state.get("claimed", 0),
        left=by_state.get("left", 0),
        amount=row.amount,
        made_by=row.made_by.name,
        made_at=row.made_at,
        released_by=row.released_by.name if row.released_by else "",
        stopped_by=row.stopped_by.name if row.stopped_by else "",
        hold_until=row.hold_until,
        finished_at=row.finished_at,
        failures=tuple(
            Failure(
                complaint_id=i.complaint_id.hex,
                number=i.complaint.number,
                waybill=i.complaint.waybill,
                state_label=_name(ITEM_NAMES, i.state),
                why=i.error.get(tongue, ""),
            )
            for i in bad
        ),
        can_call_back=row.state in {"waiting", "held", "running"} and allowed("call_back"),
        can_release=row.state == "waiting" and allowed("release"),
        can_retry=row.state in {"done", "stopped"}
        and bool(by_state.keys() & UNDONE)
        and allowed("retry"),
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """The incident that a complaint belongs to."""

    id: str
    number: str
    name: str
    because: tuple[Reason, ...]


def marks(*, complaint_id: UUID) -> tuple[Mark, ...]:
    """Return the incidents that a complaint belongs to."""
    rows = models.IncidentLink.objects.filter(complaint_id=complaint_id, live=True)
    return tuple(
        Mark(
            id=r.incident_id.hex,
            number=r.incident.number,
            name=r.incident.name,
            because=tuple(Reason.from_json(data=b) for b in r.because),
        )
        for r in rows.select_related("incident").order_by("id")
    )


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0) if moment else None


def shown(*, viewer: Viewer, complaint_ids: Iterable[UUID]) -> set[UUID]:
    """Return which of some complaints the viewer may see."""
    rows = models.Complaint.objects.filter(visible(viewer=viewer), id__in=list(complaint_ids))
    return set(rows.values_list("id", flat=True))


def workbook(*, viewer: Viewer, incident_id: UUID) -> tuple[bytes, int, str]:
    """Return an incident as an xlsx file, its number of rows, and the incident's number."""
    row = models.Incident.objects.get(id=incident_id)
    counted = counts(incident_ids=[row.id])[row.id]
    zone = ZoneInfo(office.current_playbook().timezone)
    book = Workbook()
    head = book.active
    assert head is not None
    head.title = _("概览")
    for label, value in (
        (_("事件"), row.name), (_("编号"), row.number), (_("已关联"), counted.linked),
        (_("已答复"), counted.answered), (_("已定补偿"), counted.settled),
        (_("已付"), counted.paid), (_("未答复办结"), counted.open),
        (_("补偿合计（元）"), counted.cost / 100),
        (_("其中已付（元）"), counted.paid_sum / 100),
    ):  # fmt: skip
        head.append(cells(values=(label, value)))
    sheet = book.create_sheet(_("投诉"))
    heads = (
        _("编号"), _("运单"), _("标题"), _("状态"), _("结论"), _("补偿"), _("金额（元）"),
         _("提出"), _("答复"), _("为什么关联"),
    )  # fmt: skip
    sheet.append(cells(values=heads))
    ties = list(
        models.IncidentLink.objects.filter(
            incident_id=row.id,
            live=True,
            complaint_id__in=models.Complaint.objects.filter(visible(viewer=viewer)).values("id"),
        )
        .select_related("complaint")
        .order_by("complaint__opened_at", "id")
    )
    for one in _linked(ties=ties):
        sheet.append(
            cells(
                values=(
                    one.number, one.waybill, one.title, one.status_label, one.verdict,
                    one.remedy_label, one.amount / 100 if one.amount is not None else None,
                    _local(one.opened_at, zone), _local(one.resolved_at, zone),
                    labels.clauses(labels.said(r) for r in one.because),
                )
            )
        )  # fmt: skip
    return content(book=book), len(ties), row.number

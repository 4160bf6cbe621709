"""Appeals that the regulator passed on: the list, and what the official answer form says."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from openpyxl import Workbook

from huiyin.core import masking
from huiyin.core.remedy.steps import yuan
from huiyin.store import models
from huiyin.store.read import cases, causes, labels, office
from huiyin.store.read.labels import VERDICT_NAMES
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.viewer import Viewer, on_visible, visible
from huiyin.store.read.workbook import cells, content

MOST = 500
CLOCK = "appeal_15d"
_OF_EVENT = ("complaint_id", "at", "data")


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One appeal in the list."""

    complaint: str
    number: str
    reference: str
    title: str
    waybill: str
    status: str
    status_label: str
    marked_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    state: str
    """waiting, late, answered or answered_late."""


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What the form of the answer to the regulator says; personal data in full."""

    number: str
    reference: str
    company: str
    appellant: str
    phone: str
    waybill: str
    category: str
    appealed_at: datetime
    due_at: datetime | None
    words: str
    verdict: str
    verdict_label: str
    cause: str
    liable: str
    remedies: tuple[tuple[str, str], ...]
    answer: str
    answered_at: datetime | None
    handler: str


def rows(*, viewer: Viewer, now: datetime) -> list[AppealRow]:
    """Return the newest appeals that the viewer may see, the most urgent first.

    Each notice of the regulator is an appeal of its own, also where one complaint has several; the
    same notice again is the same appeal.
    """
    marked = list(
        _marked().filter(on_visible(viewer=viewer)).order_by("-at").values_list(*_OF_EVENT)[:MOST]
    )
    ids = {id for id, _at, _data in marked}
    cases_of = {c.id: c for c in models.Complaint.objects.filter(id__in=ids)}
    clocks: dict[UUID, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for id, started, due in (
        models.Clock.objects.filter(complaint_id__in=ids, rule=CLOCK)
        .order_by("started_at")
        .values_list("complaint_id", "started_at", "due_at")
    ):
        clocks[id].append((started, due))
    listed: dict[tuple[UUID, str], AppealRow] = {}
    for id, at, text in marked:
        data = json.loads(text)
        key = (id, str(data.get("reference", "")))
        if id in cases_of and key not in listed:
            due_at = _due(data=data, at=at, clocks=clocks[id])
            listed[key] = _row(case=cases_of[id], data=data, at=at, due_at=due_at, now=now)
    return sorted(
        listed.values(), key=lambda r: (r.answered_at is not None, r.due_at or r.marked_at)
    )


def _marked() -> QuerySet[models.Event]:
    """Return the events of appeals; their kind has an index of its own."""
    return models.Event.objects.filter(kind="GroundMarked", data__contains='"appealed"')


def _since(*, data: dict[str, Any], at: datetime) -> datetime:
    """Return when an appeal was passed on: as its notice says, else when it was entered."""
    return datetime.fromisoformat(str(data["since"])) if "since" in data else at


def _due(
    *, data: dict[str, Any], at: datetime, clocks: Sequence[tuple[datetime, datetime | None]]
) -> datetime | None:
    """Return by when an appeal is answered: by its own notice, else by the clock it ran under."""
    if "until" in data:
        return datetime.fromisoformat(str(data["until"]))
    before = [due for started, due in clocks if started <= at]
    return (before or [due for _started, due in clocks] or [None])[-1]


def _row(
    *,
    case: models.Complaint,
    data: dict[str, Any],
    at: datetime,
    due_at: datetime | None,
    now: datetime,
) -> AppealRow:
    answered = case.resolved_at if case.resolved_at and case.resolved_at >= at else None
    late = due_at is not None and (answered or now) > due_at
    state = ("answered_late" if late else "answered") if answered else (
        "late" if late else "waiting"
    )  # fmt: skip
    return AppealRow(
        complaint=case.id.hex,
        number=case.number,
        reference=str(data.get("reference", "")),
        title=masking.mask_text(text=case.title),
        waybill=case.waybill,
        status=case.status,
        status_label=labels.status(case.status),
        marked_at=_since(data=data, at=at),
        due_at=due_at,
        answered_at=answered,
        state=state,
    )


def answer_form(*, viewer: Viewer, complaint_id: UUID, reference: str = "") -> AnswerForm | None:
    """Return the official answer form of an appeal; None where there is none to see.

    ``reference`` names one of several of a complaint; without it the last.
    """
    case = (
        models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
        .select_related("customer", "assignee")
        .first()
    )
    if case is None:
        return None
    events = list(_marked().filter(complaint_id=case.id).order_by("-seq"))
    found = [
        event
        for event in events
        if not reference or str(json.loads(event.data).get("reference", "")) == reference
    ]
    if not found:
        return None
    event = found[0]
    data = json.loads(event.data)
    playbook = office.playbook(version_id=case.playbook_version)
    clocks = models.Clock.objects.filter(complaint_id=case.id, rule=CLOCK).order_by("started_at")
    said = models.Message.objects.filter(complaint_id=case.id)
    words = said.filter(channel="regulator", direction="in").order_by("at").first()
    first = words or said.filter(direction="in").order_by("at").first()
    answer = said.filter(direction="out", author__isnull=False).order_by("-at").first()
    offered = models.Remedy.objects.filter(
        complaint_id=case.id, state__in=("approved", "accepted", "paid")
    ).order_by("proposed_at")
    return AnswerForm(
        number=case.number,
        reference=str(data.get("reference", "")),
        company=cases.company_name(),
        appellant=case.customer.name if case.customer else "",
        phone=case.customer.phone if case.customer else "",
        waybill=case.waybill,
        category=labels.category(playbook, case.category),
        appealed_at=_since(data=data, at=event.at),
        due_at=_due(
            data=data, at=event.at, clocks=list(clocks.values_list("started_at", "due_at"))
        ),
        words=first.text if first else "",
        verdict=case.verdict,
        verdict_label=labels.pick(VERDICT_NAMES, case.verdict) if case.verdict else "",
        cause=causes.path(playbook=playbook, code=case.cause) if case.cause else "",
        liable=labels.department(playbook, case.liable_department),
        remedies=tuple(_remedy(r) for r in offered),
        answer=answer.text if answer else "",
        answered_at=answer.at if answer else None,
        handler=case.assignee.name if case.assignee else "",
    )


def _remedy(row: models.Remedy) -> tuple[str, str]:
    amount = yuan(row.amount) if row.amount else ""
    return labels.pick(KIND_NAMES, row.kind), amount


def workbook(*, listed: list[AppealRow]) -> bytes:
    """Return the list as xlsx."""
    zone = ZoneInfo(office.current_playbook().timezone)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "12305"
    heads = ("申诉编号", "投诉编号", "运单号", "内容", "状态", "收到", "期限", "答复")
    sheet.append(cells(values=heads))
    for row in listed:
        times = (row.marked_at, row.due_at, row.answered_at)
        local = (m.astimezone(zone).replace(tzinfo=None) if m else None for m in times)
        words = (row.reference, row.number, row.waybill, row.title, row.status_label)
        sheet.append(cells(values=(*words, *local)))
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGH", (22, 20, 20, 50, 12, 18, 18, 18), strict=True):
        sheet.column_dimensions[column].width = width
    return content(book=book)

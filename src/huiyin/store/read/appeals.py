"""Appeals that the regulator passed on: the list, and what the official answer form says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from huiyin.core import masking
from huiyin.core.remedy.steps import yuan
from huiyin.store import models
from huiyin.store.read import cases, causes, labels, office
from huiyin.store.read.labels import VERDICT_NAMES
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.viewer import Viewer, on_visible, visible

MOST = 500
CLOCK = "appeal_15d"


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
    """Return the newest appeals that the viewer may see, the most urgent first."""
    marked = models.Event.objects.filter(
        on_visible(viewer=viewer), kind="GroundMarked", data__contains='"appealed"'
    ).order_by("-at")[:MOST]
    newest: dict[UUID, models.Event] = {}
    for event in marked:
        newest.setdefault(event.complaint_id, event)
    found = models.Complaint.objects.filter(id__in=newest)
    due = {
        c.complaint_id: c.due_at
        for c in models.Clock.objects.filter(complaint_id__in=newest, rule=CLOCK).order_by(
            "started_at"
        )
    }
    now_rows = [
        _row(case=case, event=newest[case.id], due_at=due.get(case.id), now=now) for case in found
    ]
    return sorted(now_rows, key=lambda r: (r.answered_at is not None, r.due_at or r.marked_at))


def _row(
    *, case: models.Complaint, event: models.Event, due_at: datetime | None, now: datetime
) -> AppealRow:
    data = json.loads(event.data)
    answered = case.resolved_at
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
        marked_at=event.at,
        due_at=due_at,
        answered_at=answered,
        state=state,
    )


def answer_form(*, viewer: Viewer, complaint_id: UUID) -> AnswerForm | None:
    """Return the official answer form of an appeal; None where there is none to see."""
    case = (
        models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
        .select_related("customer", "assignee")
        .first()
    )
    if case is None:
        return None
    event = (
        models.Event.objects.filter(
            complaint_id=case.id, kind="GroundMarked", data__contains='"appealed"'
        )
        .order_by("-seq")
        .first()
    )
    if event is None:
        return None
    data = json.loads(event.data)
    playbook = office.playbook(version_id=case.playbook_version)
    clock = (
        models.Clock.objects.filter(complaint_id=case.id, rule=CLOCK).order_by("-started_at")
    ).first()
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
        appealed_at=event.at,
        due_at=clock.due_at if clock else None,
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
    sheet.append(["申诉编号", "投诉编号", "运单号", "内容", "状态", "收到", "期限", "答复"])
    for row in listed:
        sheet.append(
            [row.reference, row.number, row.waybill, row.title, row.status_label,
             *(m.astimezone(zone).replace(tzinfo=None) if m else None
               for m in (row.marked_at, row.due_at, row.answered_at))]
        )  # fmt: skip
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGH", (22, 20, 20, 50, 12, 18, 18, 18), strict=True):
        sheet.column_dimensions[column].width = width
    out = BytesIO()
    book.save(out)
    return out.getvalue()

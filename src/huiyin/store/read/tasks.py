"""The department's desk: what other departments ask of it, and of the complaint only what it needs.

A task shows the question, the parcel, the goods, the files chosen and the customer masked. Nothing
else of the complaint is read here, and nothing of any other complaint.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import ON_COLLABORATION, STRANGER, Request, Thing, may, may_on_request
from huiyin.core.collaboration import STATE_NAMES, WITH_DEPARTMENT
from huiyin.store import models
from huiyin.store.read import collaborations, evidence, labels, office
from huiyin.store.read.collaborations import DepartmentChoice, RequestView
from huiyin.store.read.evidence import ItemView
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer, about

PAGE = 50
CAP = 100
VIEWS = ("open", "due_soon", "overdue", "done")


class CannotSeeTask(LookupError):
    """There is no such request, or it is not this viewer's to see."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of the department's desk."""

    id: str
    question: str
    number: str
    waybill: str
    department_label: str
    state: str
    state_label: str
    level: str
    due_at: datetime | None
    ended_at: datetime | None
    asked_by: str
    asked_at: datetime
    assignee: str
    escalation: int
    rounds: int


@dataclass(frozen=True, slots=True)
class TasksPage:
    """A view of the department's desk with counts."""

    view: str
    views: tuple[Choice, ...]
    department_label: str
    rows: tuple[TaskRow, ...]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One task as the department asked sees it."""

    request: RequestView
    number: str
    complaint_url_id: str
    """The complaint's id where this viewer may open it, else empty."""
    category_label: str
    waybill: str
    carrier: str
    goods: tuple[str, ...]
    customer: str
    owner_label: str
    departments: tuple[DepartmentChoice, ...]
    """Where it may be passed on to."""
    stamp: str
    items: tuple[ItemView, ...] = ()
    """What of the checklist the department was asked for."""


def everywhere(*, viewer: Viewer) -> bool:
    """Tell whether the viewer answers for every department."""
    return STRANGER in ON_COLLABORATION["answer"].get(viewer.role, ())


def _reach(*, viewer: Viewer) -> QuerySet[models.Collaboration]:
    rows = models.Collaboration.objects.exclude(complaint_id__in=about(viewer=viewer))
    if not everywhere(viewer=viewer):
        rows = rows.filter(department_id=viewer.department or "")
    return rows


def _clocks() -> QuerySet[models.Clock]:
    return models.Clock.objects.filter(collaboration_id__isnull=False)


def _view(*, view: str) -> Q:
    asked = Q(open=True, state__in=sorted(WITH_DEPARTMENT))
    late = _clocks().filter(state="breached").values("collaboration_id")
    soon = _clocks().filter(state="running", warned_at__isnull=False).values("collaboration_id")
    return {
        "due_soon": asked & Q(id__in=soon),
        "overdue": asked & Q(id__in=late),
        "done": Q(open=False) | Q(state__in=("returned", "asked_back")),
    }.get(view, asked)


def open_tasks(*, viewer: Viewer) -> QuerySet[models.Collaboration]:
    """Return the tasks that wait for the viewer's department."""
    return _reach(viewer=viewer).filter(_view(view="open"))


def tasks(*, viewer: Viewer, view: str, page: int = 1) -> TasksPage:
    """Return a page of 50 tasks of a view, the most urgent first, done ones newest first."""
    view = view if view in VIEWS else "open"
    page = min(max(page, 1), 1000)
    rows = _reach(viewer=viewer).filter(_view(view=view))
    if view == "done":
        rows = rows.order_by("-asked_at", "-id")
    else:
        rows = rows.order_by(F("due_at").asc(nulls_last=True), "id")
    start = (page - 1) * PAGE
    found = list(rows.select_related("complaint", "asked_by", "assignee")[start : start + PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    clocks = {
        c.collaboration_id: c
        for c in _clocks().filter(collaboration_id__in=[r.id for r in found]).order_by("id")
    }
    asked: dict[UUID, str] = dict(
        models.CollaborationMessage.objects.filter(
            collaboration_id__in=[r.id for r in found], act__in=("ask", "ask_again")
        )
        .order_by("at", "id")
        .values_list("collaboration_id", "text")
    )
    playbook = office.current_playbook()
    names = {
        "open": _("待办"), "due_soon": _("即将到期"), "overdue": _("已超时"), "done": _("已处理"),
    }  # fmt: skip
    counts = {
        v: len(
            _reach(viewer=viewer)
            .filter(_view(view=v))
            .order_by()
            .values_list("open", flat=True)[:CAP]
        )
        for v in VIEWS[:3]
    }
    return TasksPage(
        view=view,
        views=tuple(
            Choice(code=v, label=names[v], count=counts.get(v), selected=v == view) for v in VIEWS
        ),
        department_label=_("全部部门")
        if everywhere(viewer=viewer)
        else labels.department(playbook, viewer.department) or _("未设部门"),
        rows=tuple(
            TaskRow(
                id=r.id.hex,
                question=masking.mask_text(text=asked.get(r.id, "")),
                number=r.complaint.number,
                waybill=r.complaint.waybill,
                department_label=labels.department(playbook, r.department_id),
                state=r.state,
                state_label=labels.pick(STATE_NAMES, r.state),
                level=collaborations.level_of(clock=clocks.get(r.id)),
                due_at=r.due_at,
                ended_at=r.ended_at,
                asked_by=r.asked_by.name,
                asked_at=r.asked_at,
                assignee=r.assignee.name if r.assignee else "",
                escalation=clocks[r.id].escalation if r.id in clocks else 0,
                rounds=r.rounds,
            )
            for r in found
        ),
        page=page,
        more=more,
    )


def _row(*, viewer: Viewer, collaboration_id: UUID) -> tuple[models.Collaboration, Thing]:
    row = (
        models.Collaboration.objects.filter(id=collaboration_id)
        .exclude(complaint_id__in=about(viewer=viewer))
        .select_related("complaint__customer", "asked_by", "assignee")
        .first()
    )
    if row is None:
        raise CannotSeeTask(collaboration_id)
    thing = Thing(assignee=row.complaint.assignee_id, department=row.complaint.department_id)
    request = Request(department=row.department_id, asked_by=row.asked_by_id, complaint=thing)
    if not may_on_request(actor=viewer.actor, action="see", request=request):
        raise CannotSeeTask(collaboration_id)
    return row, thing


def task(*, viewer: Viewer, collaboration_id: UUID) -> TaskPage:
    """Return one task with no more of the complaint than it needs. Raises CannotSeeTask."""
    row, thing = _row(viewer=viewer, collaboration_id=collaboration_id)
    case = row.complaint
    playbook = office.playbook(version_id=case.playbook_version)
    (request,) = collaborations.views(
        rows=[row], viewer=viewer, thing=thing, playbook=playbook, revealed=False
    )
    busy = collaborations.departments_asked(complaint_id=case.id)
    goods: list[str] = [
        str(e.get("value") or e.get("text"))
        for e in case.triage.get("entities", ())
        if e.get("type") == "goods"
    ]
    return TaskPage(
        request=request,
        number=case.number,
        complaint_url_id=case.id.hex if may(actor=viewer.actor, action="see", thing=thing) else "",
        category_label=labels.category(playbook, case.category),
        waybill=case.waybill,
        carrier=case.carrier,
        goods=tuple(dict.fromkeys(goods)),
        customer=masking.mask_name(name=case.customer.name if case.customer else ""),
        owner_label=labels.department(playbook, case.department_id),
        departments=collaborations.departments_free(
            playbook=playbook, owner=case.department_id, busy=busy
        ),
        stamp=f"{row.state}{len(request.words)}",
        items=evidence.for_department(
            row=case, department=row.department_id, playbook=playbook, now=timezone.now()
        ),
    )


def complaint_of(*, viewer: Viewer, collaboration_id: UUID) -> UUID:
    """Return the complaint of a request that the viewer may see. Raises CannotSeeTask."""
    row, _thing = _row(viewer=viewer, collaboration_id=collaboration_id)
    return row.complaint_id


def file(*, viewer: Viewer, message_id: UUID, number: int) -> dict[str, Any]:
    """Return a file of a request that the viewer may see. Raises CannotSeeTask."""
    message = models.CollaborationMessage.objects.filter(id=message_id).first()
    if message is None or not 0 <= number < len(message.files):
        raise CannotSeeTask(message_id)
    _row(viewer=viewer, collaboration_id=message.collaboration_id)
    found: dict[str, Any] = message.files[number]
    return found

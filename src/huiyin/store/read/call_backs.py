"""Call-backs that are owed to customers, as rooms and the list of calls see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import Thing, may
from huiyin.core.rehandling import OUTCOMES
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.care_pages import CallBackPage, CallBackView
from huiyin.store.read.viewer import Viewer, on_visible

PAGE = 30
CAP = 100
VIEWS = ("due", "coming", "mine", "done")
OUTCOME_NAMES: Mapping[str, tuple[str, str]] = {
    **OUTCOMES,
    "given_up": ("多次没打通", "Given up"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call-back as the room that records it needs it."""

    id: UUID
    complaint_id: UUID
    occasion: str
    name: dict[str, str]
    state: str
    attempts: int


def one(*, call_back_id: UUID) -> Waiting | None:
    """Return a call-back, None when there is none."""
    row = models.CallBack.objects.filter(id=call_back_id).first()
    if row is None:
        return None
    return Waiting(
        id=row.id,
        complaint_id=row.complaint_id,
        occasion=row.occasion,
        name=row.name,
        state=row.state,
        attempts=row.attempts,
    )


def waiting(*, complaint_id: UUID) -> list[UUID]:
    """Return the call-backs of a complaint that are still owed."""
    return list(
        models.CallBack.objects.filter(complaint_id=complaint_id, state="due")
        .order_by("id")
        .values_list("id", flat=True)
    )


def _seen(*, viewer: Viewer) -> QuerySet[models.CallBack]:
    """Return the call-backs on complaints that the viewer may see."""
    return models.CallBack.objects.filter(on_visible(viewer=viewer))


def due_until(*, viewer: Viewer, until: datetime) -> QuerySet[models.CallBack]:
    """Return the calls that are owed by a moment, or late."""
    return _seen(viewer=viewer).filter(state="due", due_at__lte=until)


def end_of_day(*, now: datetime) -> datetime:
    """Return when the company's day ends."""
    local = now.astimezone(ZoneInfo(office.current_playbook().timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _view(*, view: str, viewer: Viewer, now: datetime) -> Q:
    until = end_of_day(now=now)
    return {
        "due": Q(state="due", due_at__lte=until),
        "coming": Q(state="due", due_at__gt=until),
        "mine": Q(state="due", complaint__assignee_id=viewer.id),
        "done": Q(state="done"),
    }[view]


def page(*, viewer: Viewer, view: str, number: int, now: datetime) -> CallBackPage:
    """Return one page of 30 call-backs of a view, the first due first."""
    view = view if view in VIEWS else "due"
    number = max(1, min(number, 1000))
    names = {
        "due": _("今天要打"),
        "coming": _("之后"),
        "mine": _("我负责的"),
        "done": _("已回访"),
    }
    seen = _seen(viewer=viewer)
    counts = {
        v: len(
            seen.filter(_view(view=v, viewer=viewer, now=now)).order_by().values_list("id")[:CAP]
        )
        for v in VIEWS[:3]
    }
    rows = (
        seen.filter(_view(view=view, viewer=viewer, now=now))
        .select_related("complaint", "complaint__customer", "complaint__assignee", "called_by")
        .order_by("-called_at" if view == "done" else "due_at", "id")
    )
    found = list(rows[(number - 1) * PAGE : number * PAGE + 1])
    return CallBackPage(
        view=view,
        views=tuple((v, names[v], counts.get(v)) for v in VIEWS),
        rows=_rows(rows=found[:PAGE], viewer=viewer, now=now),
        page=number,
        more=len(found) > PAGE,
        today=now,
    )


def of_complaint(
    *, complaint_id: UUID, viewer: Viewer, thing: Thing, now: datetime
) -> tuple[CallBackView, ...]:
    """Return the call-backs of a complaint that are owed or were made, newest first."""
    rows = (
        models.CallBack.objects.filter(complaint_id=complaint_id)
        .exclude(state="cancelled")
        .select_related("complaint", "complaint__customer", "complaint__assignee", "called_by")
        .order_by("-id")
    )
    return _rows(rows=list(rows), viewer=viewer, now=now)


def _rows(
    *, rows: Sequence[models.CallBack], viewer: Viewer, now: datetime
) -> tuple[CallBackView, ...]:
    if not rows:
        return ()
    revealed = set(
        models.Event.objects.filter(
            complaint_id__in=[r.complaint_id for r in rows],
            kind="Revealed",
            actor=f"user:{viewer.id}",
            at__gte=now - timedelta(hours=1),
        ).values_list("complaint_id", flat=True)
    )
    return tuple(
        _row(row=r, viewer=viewer, now=now, revealed=r.complaint_id in revealed) for r in rows
    )


def _row(*, row: models.CallBack, viewer: Viewer, now: datetime, revealed: bool) -> CallBackView:
    case = row.complaint
    playbook = office.playbook(version_id=case.playbook_version)
    thing = Thing(assignee=case.assignee_id, department=case.department_id)
    right = "call_back_last" if row.occasion == "last_level" else "call_back"
    can = row.state == "due" and bool(may(actor=viewer.actor, action=right, thing=thing))
    who = case.customer
    phone, name = (who.phone, who.name) if who else ("", "")
    if not revealed:
        phone = masking.mask_phone(phone=phone) if phone else ""
        name = masking.mask_name(name=name)
    return CallBackView(
        id=row.id.hex,
        complaint_id=case.id.hex,
        number=case.number,
        title=masking.mask_text(text=case.title),
        customer=name or _("未留姓名"),
        phone=phone,
        masked=bool(phone) and not revealed,
        name=str(row.name.get("en" if labels.english() else "zh", "")),
        department_label=labels.department(playbook, case.department_id),
        assignee_label=case.assignee.name if case.assignee else "",
        urgency=case.urgency,
        urgency_label=labels.pick(labels.URGENCY_NAMES, case.urgency),
        level=case.level,
        stars=case.stars,
        due_at=row.due_at,
        late=row.state == "due" and row.due_at < now,
        attempts=row.attempts,
        most=playbook.aftercare.attempts,
        state=row.state,
        outcome_label=labels.pick(OUTCOME_NAMES, row.outcome) if row.outcome else "",
        words=masking.mask_text(text=row.words),
        called_by=row.called_by.name if row.called_by else "",
        called_at=row.called_at,
        can_record=can,
    )

"""The timeline and the list of responsibilities of a complaint that several departments handled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.store import models
from huiyin.store.read import complaint, labels, office
from huiyin.store.read.collaborations import RequestView
from huiyin.store.read.holding import HoldingView, length_said
from huiyin.store.read.pages import ComplaintPage, TimelineItem
from huiyin.store.read.viewer import Viewer


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One department's line in the list of responsibilities."""

    label: str
    parts: str
    """What it was: in charge, asked, found liable."""
    requests: int
    returned: int
    late: int
    said: str
    working: str
    people: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the timeline, with the time since the line before."""

    at: datetime
    who: str
    title: str
    text: str
    since: str


@dataclass(frozen=True, slots=True)
class ResponsibilityPage:
    """Everything on the printable page."""

    case: ComplaintPage
    title: str
    customer: str
    company: str
    resolved_at: datetime | None
    cause_label: str
    liable_label: str
    holding: HoldingView
    parties: tuple[PartyRow, ...]
    requests: tuple[RequestView, ...]
    events: tuple[EventRow, ...]
    made_at: datetime
    made_by: str


def page(*, viewer: Viewer, complaint_id: UUID, now: datetime) -> ResponsibilityPage:
    """Return the printable page of a complaint. Raises complaint.CannotSee."""
    case = complaint.page(viewer=viewer, complaint_id=complaint_id, now=now)
    row = models.Complaint.objects.get(id=complaint_id)
    playbook = office.playbook(version_id=row.playbook_version)
    return ResponsibilityPage(
        case=case,
        title=masking.mask_text(text=case.title),
        customer=masking.mask_name(name=case.customer.name) if case.customer.id else "",
        company=office.company().name,
        resolved_at=row.resolved_at,
        cause_label=case.cause_label,
        liable_label=labels.department(playbook, row.liable_department),
        holding=case.holding,
        parties=_parties(case=case, liable=row.liable_department),
        requests=tuple(_masked(r) for r in case.collaboration.requests),
        events=_events(case.timeline),
        made_at=now,
        made_by=viewer.name,
    )


_SECRET = re.compile(r"(/[ts]/[A-Z0-9-]{6,24}/)[A-Za-z0-9_-]{8,}/?")


def _covered(text: str) -> str:
    """Cover personal data, and the secret of the customer's links."""
    return masking.mask_text(text=_SECRET.sub(r"\1…", text))


def _masked(request: RequestView) -> RequestView:
    """Cover personal data even where the viewer has it revealed: the paper goes further."""
    return replace(
        request,
        words=tuple(replace(w, text=_covered(w.text)) for w in request.words),
    )


def _parties(*, case: ComplaintPage, liable: str) -> tuple[PartyRow, ...]:
    requests = case.collaboration.requests
    held = {s.code: s for s in case.holding.shares if s.kind == "department"}
    codes = dict.fromkeys(
        c for c in (case.department, *held, *(r.department for r in requests), liable) if c
    )
    names = {d.code: d.label for d in case.departments}
    comma = ", " if labels.english() else "、"
    out = []
    for code in codes:
        own = [r for r in requests if r.department == code]
        parts = []
        if code == case.department:
            parts.append(_("主办"))
        elif code in held and not own:
            parts.append(_("曾经主办"))
        if own:
            parts.append(_("协办"))
        if code == liable:
            parts.append(_("判定责任部门"))
        share = held.get(code)
        people = [r.assignee for r in own if r.assignee]
        if code == case.department and case.assignee_label:
            people.insert(0, case.assignee_label)
        out.append(
            PartyRow(
                label=names.get(code, code),
                parts=comma.join(parts),
                requests=len(own),
                returned=sum(w.act == "return" for r in own for w in r.words),
                late=sum(r.level in {"late", "breached"} for r in own),
                said=share.said if share else "",
                working=share.working if share else "",
                people=comma.join(dict.fromkeys(people)),
            )
        )
    return tuple(out)


def _events(timeline: Sequence[TimelineItem]) -> tuple[EventRow, ...]:
    titles = {"in": _("客户来件"), "out": _("回复客户"), "note": _("内部备注")}
    out, nameless = [], _("客户")
    before: datetime | None = None
    for item in timeline:
        out.append(
            EventRow(
                at=item.at,
                who=item.who
                if item.kind != "in" or item.who == nameless
                else masking.mask_name(name=item.who),
                title=item.title if item.kind == "event" else titles[item.kind],
                text=_covered(item.text if len(item.text) <= 400 else f"{item.text[:400]}……"),
                since=length_said(length=item.at - before) if before else "",
            )
        )
        before = item.at
    return tuple(out)

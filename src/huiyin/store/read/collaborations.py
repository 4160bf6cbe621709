"""Requests between departments: facts for rooms, and how people see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import Request, Thing, may_on_request
from huiyin.core.collaboration import ASKED_SIDE, MOVES, OPEN, STATE_NAMES
from huiyin.core.playbook import Playbook
from huiyin.store import models
from huiyin.store.read import labels
from huiyin.store.read.pages import Action, AttachmentView
from huiyin.store.read.there import There
from huiyin.store.read.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the room needs it."""

    id: UUID
    complaint_id: UUID
    department: str
    state: str
    asked_by: int
    accepted_at: datetime | None
    rounds: int


@dataclass(frozen=True, slots=True)
class WordsView:
    """One act on a request with its words and files."""

    act: str
    label: str
    who: str
    department_label: str
    at: datetime
    text: str
    files: tuple[AttachmentView, ...]


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request to a department, with all that was said and what this viewer may do."""

    id: str
    department: str
    department_label: str
    state: str
    state_label: str
    level: str
    """ok, soon or breached while its clock runs; 'late' when it was answered too late."""
    clock: str
    duration: str
    calendar: str
    due_at: datetime | None
    escalation: int
    asked_by: str
    asked_at: datetime
    assignee: str
    accepted_at: datetime | None
    ended_at: datetime | None
    rounds: int
    words: tuple[WordsView, ...]
    actions: tuple[Action, ...]

    @property
    def open(self) -> bool:
        """True while somebody still has to do something."""
        return self.state in OPEN

    @property
    def question(self) -> str:
        """What was asked last."""
        asked = [w.text for w in self.words if w.act in {"ask", "ask_again"}]
        return asked[-1] if asked else ""

    @property
    def latest(self) -> WordsView | None:
        """What was said last, unless that is the question."""
        said = [w for w in self.words if w.text or w.files]
        return said[-1] if said and said[-1].act not in {"ask", "ask_again"} else None


@dataclass(frozen=True, slots=True)
class FileChoice:
    """A file of the complaint that may be shown to a department."""

    id: str
    name: str
    is_image: bool
    url: str


@dataclass(frozen=True, slots=True)
class DepartmentChoice:
    """A department that may be asked, and by when it answers: ``duration`` on ``calendar``."""

    code: str
    label: str
    duration: str
    calendar: str


@dataclass(frozen=True, slots=True)
class PanelView:
    """Everything about collaboration on a complaint's page."""

    requests: tuple[RequestView, ...]
    departments: tuple[DepartmentChoice, ...]
    files: tuple[FileChoice, ...]

    @property
    def waiting(self) -> int:
        """How many requests are open."""
        return sum(r.open for r in self.requests)


def act_names() -> dict[str, str]:
    """Return what the acts are called on buttons and in the record."""
    return {
        "ask": _("发起协办"),
        "accept": _("接收"),
        "answer": _("答复"),
        "ask_back": _("反问"),
        "return": _("退回"),
        "transfer": _("转其他部门"),
        "supply": _("补充说明"),
        "ask_again": _("重新发起"),
        "withdraw": _("撤回"),
    }


def asked(*, collaboration_id: UUID) -> Asked | None:
    """Return a request as the room needs it."""
    row = models.Collaboration.objects.filter(id=collaboration_id).first()
    if row is None:
        return None
    return Asked(
        id=row.id,
        complaint_id=row.complaint_id,
        department=row.department_id,
        state=row.state,
        asked_by=row.asked_by_id,
        accepted_at=row.accepted_at,
        rounds=row.rounds,
    )


def open_of(*, complaint_id: UUID) -> list[UUID]:
    """Return the requests of a complaint that are still open, oldest first."""
    return list(
        models.Collaboration.objects.filter(complaint_id=complaint_id, open=True)
        .order_by("id")
        .values_list("id", flat=True)
    )


def departments_asked(*, complaint_id: UUID) -> frozenset[str]:
    """Return the departments with an open request about a complaint."""
    return frozenset(
        models.Collaboration.objects.filter(complaint_id=complaint_id, open=True).values_list(
            "department_id", flat=True
        )
    )


def files_of(*, complaint_id: UUID, ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Return chosen files of a complaint as a request carries them; others are left out."""
    rows = models.Attachment.objects.filter(
        id__in=list(ids), message__complaint_id=complaint_id
    ).order_by("message__at", "id")
    return [
        {"name": r.name, "content_type": r.content_type, "size": r.size, "sha256": r.sha256}
        for r in rows
    ]


def _files(*, message: models.CollaborationMessage) -> tuple[AttachmentView, ...]:
    return tuple(
        AttachmentView(
            id=f"{message.id.hex}-{number}",
            name=str(file["name"]),
            content_type=str(file["content_type"]),
            size=int(file["size"]),
            is_image=str(file["content_type"]).startswith("image/"),
            url=reverse("desk:task_file", args=[message.id.hex, number]),
        )
        for number, file in enumerate(message.files)
    )


def views(
    *,
    rows: Sequence[models.Collaboration],
    viewer: Viewer,
    thing: Thing,
    playbook: Playbook,
    revealed: bool,
) -> tuple[RequestView, ...]:
    """Return requests of one complaint as this viewer sees them; two queries for all of them.

    ``rows`` come with ``asked_by`` and ``assignee``.
    """
    if not rows:
        return ()
    ids = [r.id for r in rows]
    clocks: dict[UUID, models.Clock] = {}
    for clock in models.Clock.objects.filter(collaboration_id__in=ids).order_by("id"):
        if clock.collaboration_id is not None:
            clocks[clock.collaboration_id] = clock
    said: dict[UUID, list[WordsView]] = {}
    names = act_names()
    for m in (
        models.CollaborationMessage.objects.filter(collaboration_id__in=ids)
        .select_related("author")
        .order_by("at", "id")
    ):
        said.setdefault(m.collaboration_id, []).append(
            WordsView(
                act=m.act,
                label=names.get(m.act, m.act),
                who=m.author.name if m.author else _("系统"),
                department_label=labels.department(playbook, m.department),
                at=m.at,
                text=m.text if revealed else masking.mask_text(text=m.text),
                files=_files(message=m),
            )
        )
    return tuple(
        _view(
            row=row, clock=clocks.get(row.id), words=tuple(said.get(row.id, ())), viewer=viewer,
            thing=thing, playbook=playbook,
        )
        for row in rows
    )  # fmt: skip


def level_of(*, clock: models.Clock | None) -> str:
    """Return the level of a request's clock: ok, soon, breached, late or nothing."""
    if clock is None:
        return ""
    if clock.state in {"running", "breached"}:
        return "breached" if clock.breached_at else "soon" if clock.warned_at else "ok"
    return "late" if clock.breached_at and clock.state == "met" else ""


def _view(
    *,
    row: models.Collaboration,
    clock: models.Clock | None,
    words: tuple[WordsView, ...],
    viewer: Viewer,
    thing: Thing,
    playbook: Playbook,
) -> RequestView:
    return RequestView(
        id=row.id.hex,
        department=row.department_id,
        department_label=labels.department(playbook, row.department_id),
        state=row.state,
        state_label=labels.pick(STATE_NAMES, row.state),
        level=level_of(clock=clock),
        clock=clock.id.hex if clock else "",
        duration=clock.duration if clock else "",
        calendar=_calendar_label(playbook, clock.calendar) if clock else "",
        due_at=row.due_at,
        escalation=clock.escalation if clock else 0,
        asked_by=row.asked_by.name,
        asked_at=row.asked_at,
        assignee=row.assignee.name if row.assignee else "",
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        rounds=row.rounds,
        words=words,
        actions=_actions(row=row, viewer=viewer, thing=thing),
    )


_BEST: Mapping[str, str] = {
    "asked": "accept", "accepted": "answer", "asked_back": "supply", "returned": "ask_again",
}  # fmt: skip
_KEYS: Mapping[str, str] = {"accept": "t", "ask_back": "w", "return": "x"}


def _actions(*, row: models.Collaboration, viewer: Viewer, thing: Thing) -> tuple[Action, ...]:
    request = Request(department=row.department_id, asked_by=row.asked_by_id, complaint=thing)
    names = act_names()
    possible = [
        act
        for act in names
        if act in MOVES[row.state]
        and may_on_request(actor=viewer.actor, action=act, request=request)
    ]
    best = _BEST.get(row.state, "")
    return tuple(
        Action(
            code=act,
            label=names[act],
            primary=act == best,
            key=_KEYS.get(act, "") if act in ASKED_SIDE else "",
        )
        for act in possible
    )


def departments_free(
    *, playbook: Playbook, owner: str | None, busy: Collection[str]
) -> tuple[DepartmentChoice, ...]:
    """Return the departments that may be asked: not the owner, none that is asked already."""
    return tuple(
        DepartmentChoice(
            code=d.code,
            label=labels.said(d.name),
            duration=d.collaboration.for_,
            calendar=_calendar_label(playbook, d.collaboration.calendar),
        )
        for d in playbook.departments
        if d.code != owner and d.code not in busy
    )


def _calendar_label(playbook: Playbook, name: str) -> str:
    own = playbook.calendars.get(name)
    return labels.said(own.name) if own else name


def panel(
    *,
    row: models.Complaint,
    viewer: Viewer,
    thing: Thing,
    playbook: Playbook,
    revealed: bool,
    there: There,
) -> PanelView:
    """Return what a complaint's page shows of collaboration; a fixed number of queries."""
    rows: list[models.Collaboration] = []
    files: list[models.Attachment] = []
    if there.requests:
        asked = models.Collaboration.objects.filter(complaint_id=row.id)
        rows = list(
            asked.select_related("asked_by", "assignee").order_by(
                "asked_at", "department__position", "id"
            )
        )
    if there.attachments:
        sent = models.Attachment.objects.filter(message__complaint_id=row.id)
        files = list(sent.order_by("message__at", "id"))
    waiting = {r.department_id for r in rows if r.open}
    return PanelView(
        requests=views(rows=rows, viewer=viewer, thing=thing, playbook=playbook, revealed=revealed),
        departments=departments_free(playbook=playbook, owner=row.department_id, busy=waiting),
        files=tuple(
            FileChoice(
                id=a.id.hex,
                name=a.name,
                is_image=a.is_image,
                url=reverse("desk:attachment", args=[a.id.hex]),
            )
            for a in files
        ),
    )

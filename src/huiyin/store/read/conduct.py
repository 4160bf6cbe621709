"""Files on service attitude, for those concerned and nobody else.

The superior and the administration manager see the whole file, who recorded it sees the form, the
employee sees what he is told and what he said himself: nothing of the complainant. For everybody
else there is no such file, whatever his role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.core.access import (
    ADMINISTRATION,
    EMPLOYEE,
    RECORDER,
    SUPERIOR,
    Dossier,
    may_on_conduct,
    parts_in,
)
from huiyin.core.chain import link
from huiyin.core.conduct import OBJECTION_NAMES, STAGE_NAMES, CannotHear, Colleague, Standing, parts
from huiyin.core.conduct.machine import possible
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.actors import actor_name
from huiyin.store.read.pages import Choice
from huiyin.store.read.there import There
from huiyin.store.read.viewer import Viewer

PAGE = 50
KIND_NAMES: dict[str, tuple[str, str]] = {
    "external": ("外部投诉（客户）", "External: a customer"),
    "internal": ("内部投诉（同事）", "Internal: a colleague"),
}
DECISION_NAMES: dict[str, tuple[str, str]] = {
    "kept": ("维持", "Kept"),
    "changed": ("变更", "Changed"),
    "lifted": ("撤销", "Lifted"),
}
EVENT_NAMES: dict[str, tuple[str, str]] = {
    "ConductRecorded": ("登记管理表", "Form recorded"),
    "ConductStated": ("当事人书面说明", "Employee's statement"),
    "ConductAnswered": ("上级答复投诉人", "Superior answered"),
    "ConductSanctioned": ("处理当事人", "Sanction"),
    "ConductNoticed": ("告知当事人", "Notice"),
    "ConductObjected": ("当事人申辩", "Objection"),
    "ConductAccepted": ("当事人没有申辩", "No objection"),
    "ConductDecided": ("裁定申辩", "Objection decided"),
    "ConductReported": ("报行政经理", "Reported"),
    "ConductFiled": ("归档", "Filed"),
    "ConductWarned": ("即将到期", "Due soon"),
    "ConductLate": ("答复超时", "Answer too late"),
}
PART_NAMES: dict[str, tuple[str, str]] = {
    SUPERIOR: ("上级", "Superior"),
    ADMINISTRATION: ("行政经理", "Administration manager"),
    EMPLOYEE: ("当事人", "Employee concerned"),
    RECORDER: ("登记人", "Recorder"),
}


class CannotSeeFile(LookupError):
    """There is no such file, or it is not this viewer's to see."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One line of the list of files."""

    id: str
    number: str
    kind_label: str
    part_label: str
    about: str
    """The employee for those who may know, else empty."""
    opened_at: datetime
    stage_label: str
    objection: str
    objection_label: str
    level: str
    due_at: datetime | None
    mine: bool
    """True when this viewer has the next act."""


@dataclass(frozen=True, slots=True)
class FileEvent:
    """One event of a file."""

    at: datetime
    who: str
    label: str


@dataclass(frozen=True, slots=True)
class FilePage:
    """A file as one viewer sees it. What he may not know is empty.

    ``view``: full, form (the recorder) or own (the employee).
    """

    id: str
    number: str
    view: str
    part_labels: tuple[str, ...]
    company: str
    kind: str
    kind_label: str
    complaint: str
    complaint_number: str
    complainant: str
    contact: str
    employee: str
    department_label: str
    happened_at: datetime | None
    place: str
    words: str
    charge: str
    recorded_by: str
    opened_at: datetime
    superior: str
    administration: str
    stage: str
    stage_label: str
    objection: str
    objection_label: str
    level: str
    due_at: datetime | None
    late_at: datetime | None
    statement: str
    stated_at: datetime | None
    verdict_label: str
    finding: str
    answer: str
    answered_at: datetime | None
    measure_label: str
    measure_words: str
    measured_at: datetime | None
    object_until: datetime | None
    objection_words: str
    objected_at: datetime | None
    decision_label: str
    decision_words: str
    decided_at: datetime | None
    report: str
    reported_at: datetime | None
    opinion: str
    filed_at: datetime | None
    paper: str
    paper_sha256: str
    acts: tuple[str, ...]
    measures: tuple[Choice, ...]
    """Measures to choose from; ``count`` is 1 for a sanction, 0 for a notice."""
    events: tuple[FileEvent, ...]
    can_print: bool


def concerned(*, person: int) -> Q:
    """Return the filter of files that a person has a part in, other than being complained of."""
    any_part = Q(recorded_by=person) | Q(superior=person) | Q(administration=person)
    return any_part & ~Q(employee=person)


def _dossier(row: models.ConductFile) -> Dossier:
    return Dossier(
        recorded_by=row.recorded_by_id,
        superior=row.superior_id,
        employee=row.employee_id,
        administration=row.administration_id,
    )


def _standing(row: models.ConductFile) -> Standing:
    return Standing(
        stage=row.stage,
        objection=row.objection,
        verdict=row.verdict,
        stated=row.stated_at is not None,
        object_until=row.object_until,
    )


def _level(row: models.ConductFile) -> str:
    if row.late_at is not None:
        return "breached" if row.stage == "recorded" else "late"
    if row.stage != "recorded":
        return ""
    return "soon" if row.warned_at is not None else "ok"


def _acts(*, row: models.ConductFile, viewer: Viewer, now: datetime) -> tuple[str, ...]:
    dossier = _dossier(row)
    return tuple(
        act
        for act in possible(at=_standing(row), now=now)
        if may_on_conduct(actor=viewer.actor, action=act, dossier=dossier)
    )


_WANTED = frozenset({"answer", "sanction", "notice", "report", "decide", "file", "state"})
"""Acts that somebody waits for; objecting and accepting are the employee's own choice."""


def _rows(*, viewer: Viewer) -> QuerySet[models.ConductFile]:
    return models.ConductFile.objects.filter(concerned(person=viewer.id) | Q(employee=viewer.id))


def unfiled(*, viewer: Viewer) -> QuerySet[models.ConductFile]:
    """Return the files that the viewer has a part in and that are not done with."""
    return _rows(viewer=viewer).exclude(stage="filed")


def waiting(*, viewer: Viewer, now: datetime) -> int:
    """Return how many files wait for the viewer's act."""
    rows = unfiled(viewer=viewer)[:200]
    return sum(not _WANTED.isdisjoint(_acts(row=r, viewer=viewer, now=now)) for r in rows)


def files(*, viewer: Viewer, now: datetime) -> tuple[FileRow, ...]:
    """Return the newest files that the viewer has a part in."""
    out = []
    rows = _rows(viewer=viewer).select_related("employee").order_by("-opened_at", "-id")[:PAGE]
    for row in rows:
        own = row.employee_id == viewer.id
        near = parts_in(actor=viewer.actor, dossier=_dossier(row))
        out.append(
            FileRow(
                id=row.id.hex,
                number=row.number,
                kind_label="" if own else labels.pick(KIND_NAMES, row.kind),
                part_label=labels.listed(
                    labels.pick(PART_NAMES, p) for p in PART_NAMES if p in near
                ),
                about=row.employee.name,
                opened_at=row.opened_at,
                stage_label=labels.pick(STAGE_NAMES, row.stage),
                objection=row.objection,
                objection_label=labels.pick(OBJECTION_NAMES, row.objection),
                level="" if own else _level(row),
                due_at=row.due_at if row.stage == "recorded" and not own else None,
                mine=not _WANTED.isdisjoint(_acts(row=row, viewer=viewer, now=now)),
            )
        )
    return tuple(out)


def page(*, viewer: Viewer, file_id: UUID, now: datetime) -> FilePage:
    """Return a file with no more than the viewer may know. Raises CannotSeeFile."""
    row = (
        models.ConductFile.objects.filter(id=file_id)
        .select_related("complaint", "employee", "recorded_by", "superior", "administration")
        .first()
    )
    if row is None:
        raise CannotSeeFile(file_id)
    dossier, actor = _dossier(row), viewer.actor
    view = next(
        (
            name
            for name, action in (("full", "see"), ("own", "see_own"), ("form", "see_form"))
            if may_on_conduct(actor=actor, action=action, dossier=dossier)
        ),
        "",
    )
    if not view:
        raise CannotSeeFile(file_id)
    return _page(row=row, viewer=viewer, view=view, now=now)


def _page(*, row: models.ConductFile, viewer: Viewer, view: str, now: datetime) -> FilePage:
    playbook = office.playbook(version_id=row.playbook_version)
    full, own = view == "full", view == "own"
    # Internal complaints are recorded by the colleague who complains: he reads his answer.
    answered = full or (view == "form" and row.kind == "internal")
    told = full or own
    measures = {m.code: m for m in playbook.conduct.measures}
    # A decision keeps what it changed in its event: the first measure stays readable.
    given = _before(row) if row.decision == "changed" else row.measure
    measure, final = measures.get(given), measures.get(row.measure)
    decision = labels.pick(DECISION_NAMES, row.decision) if row.decision and told else ""
    if decision and row.decision == "changed" and final:
        decision = f"{decision} → {labels.said(final.name)}"
    near = parts_in(actor=viewer.actor, dossier=_dossier(row))
    return FilePage(
        id=row.id.hex,
        number=row.number,
        view=view,
        part_labels=tuple(labels.pick(PART_NAMES, p) for p in PART_NAMES if p in near),
        company=office.company().name,
        kind="" if own else row.kind,
        kind_label="" if own else labels.pick(KIND_NAMES, row.kind),
        complaint=row.complaint_id.hex if row.complaint_id and not own else "",
        complaint_number=row.complaint.number if row.complaint and not own else "",
        complainant="" if own else row.complainant,
        contact="" if own else row.contact,
        employee=row.employee.name,
        department_label=labels.department(playbook, row.department),
        happened_at=row.happened_at,
        place=row.place,
        words="" if own else row.words,
        charge=row.charge,
        recorded_by="" if own else row.recorded_by.name,
        opened_at=row.opened_at,
        superior=row.superior.name,
        administration=row.administration.name,
        stage=row.stage,
        stage_label=labels.pick(STAGE_NAMES, row.stage),
        objection=row.objection if told else "",
        objection_label=labels.pick(OBJECTION_NAMES, row.objection) if told else "",
        level="" if own else _level(row),
        due_at=None if own else row.due_at,
        late_at=None if own else row.late_at,
        statement=row.statement if told else "",
        stated_at=row.stated_at if told else None,
        verdict_label=labels.pick(labels.VERDICT_NAMES, row.verdict)
        if row.verdict and (told or answered)
        else "",
        finding=row.finding if full else "",
        answer=row.answer if answered else "",
        answered_at=row.answered_at if answered else None,
        measure_label=labels.said(measure.name) if measure and told else "",
        measure_words=row.measure_words if told else "",
        measured_at=row.measured_at if told else None,
        object_until=row.object_until if told else None,
        objection_words=row.objection_words if told else "",
        objected_at=row.objected_at if told else None,
        decision_label=decision,
        decision_words=row.decision_words if told else "",
        decided_at=row.decided_at if told else None,
        report=row.report if full else "",
        reported_at=row.reported_at if full else None,
        opinion=row.opinion if full else "",
        filed_at=row.filed_at if told else None,
        paper=row.id.hex if row.paper and full else "",
        paper_sha256=row.paper if full else "",
        acts=_acts(row=row, viewer=viewer, now=now),
        measures=tuple(
            Choice(code=m.code, label=labels.said(m.name), count=int(m.kind == "sanction"))
            for m in playbook.conduct.measures
        ),
        events=tuple(
            FileEvent(at=e.at, who=actor_name(e.actor), label=labels.pick(EVENT_NAMES, e.kind))
            for e in models.ConductEvent.objects.filter(file_id=row.id).order_by("seq")
        )
        if full
        else (),
        can_print=bool(may_on_conduct(actor=viewer.actor, action="print", dossier=_dossier(row))),
    )


def _before(row: models.ConductFile) -> str:
    """Return the measure that stood before an objection was decided."""
    told = (
        models.ConductEvent.objects.filter(file_id=row.id, kind="ConductDecided")
        .order_by("seq")
        .last()
    )
    return str(json.loads(told.data).get("before", "")) if told else row.measure


def kept_paper(*, viewer: Viewer, file_id: UUID) -> tuple[str, str] | None:
    """Return number and SHA-256 of the kept PDF, for those who may print the file."""
    row = models.ConductFile.objects.filter(id=file_id).first()
    if row is None or not row.paper:
        return None
    if not may_on_conduct(actor=viewer.actor, action="print", dossier=_dossier(row)):
        return None
    return row.number, row.paper


def colleagues() -> tuple[Colleague, ...]:
    """Return everybody active as far as ranks go."""
    rows = models.User.objects.filter(is_active=True).order_by("id")
    return tuple(Colleague(id=u.id, role=u.role, department=u.department_id) for u in rows)


def people(*, besides: int | None = None) -> tuple[Choice, ...]:
    """Return everybody who may be complained of, by department and name."""
    playbook = office.current_playbook()
    rows = models.User.objects.filter(is_active=True).order_by("department__position", "name")
    return tuple(
        Choice(
            code=str(u.id),
            label=f"{u.name} · "
            + (labels.department(playbook, u.department_id) or labels.role(u.role)),
        )
        for u in rows
        if u.id != besides
    )


def exists(*, complaint_id: UUID, employee: int) -> bool:
    """Tell whether there is a file about an employee on a complaint."""
    rows = models.ConductFile.objects.filter(complaint_id=complaint_id, employee_id=employee)
    return rows.exists()


def name_of(*, person: int) -> str:
    """Return a person's name; empty for nobody."""
    return models.User.objects.filter(id=person).values_list("name", flat=True).first() or ""


def department_of(*, person: int) -> str:
    """Return the department of a person; empty for none."""
    return (
        models.User.objects.filter(id=person).values_list("department_id", flat=True).first() or ""
    )


@dataclass(frozen=True, slots=True)
class CaseLink:
    """What a complaint's page shows of files: those of this viewer, and whether he may open one."""

    files: tuple[tuple[str, str], ...]
    """(id, number) of files that the viewer has a part in."""
    fits: bool


def of_complaint(*, viewer: Viewer, row: models.Complaint, there: There) -> CaseLink:
    """Return the files about a complaint that the viewer has a part in."""
    fits = row.category == "attitude" and row.branch == "complaint"
    if not fits or not there.conduct_files:
        return CaseLink(files=(), fits=fits)
    found = models.ConductFile.objects.filter(concerned(person=viewer.id), complaint_id=row.id)
    return CaseLink(files=tuple((f.id.hex, f.number) for f in found.order_by("id")), fits=fits)


@dataclass(frozen=True, slots=True)
class Prefill:
    """What a complaint tells for the form."""

    complaint: str
    number: str
    complainant: str
    contact: str
    words: str


def prefill(*, complaint_id: UUID) -> Prefill | None:
    """Return what a complaint tells for the form, None when there is none such."""
    row = models.Complaint.objects.filter(id=complaint_id).select_related("customer").first()
    if row is None:
        return None
    first = (
        models.Message.objects.filter(complaint_id=row.id, direction="in").order_by("at").first()
    )
    customer = row.customer
    return Prefill(
        complaint=row.id.hex,
        number=row.number,
        complainant=(customer.name if customer else "") or _("未留姓名"),
        contact=(customer.phone or customer.email) if customer else "",
        words=first.text if first else "",
    )


def candidates(*, employee: int, complainant: int | None) -> tuple[Choice, ...]:
    """Return who may answer a complaint about an employee, the fittest first."""
    report_to = office.current_playbook().conduct.report_to
    try:
        found = parts(
            employee=employee, people=colleagues(), report_to=report_to, complainant=complainant
        )
    except CannotHear:
        return ()
    return tuple(Choice(code=str(p), label=name_of(person=p)) for p in found.superiors)


@dataclass(frozen=True, slots=True)
class Running:
    """A file whose superior has not answered yet and whose time is near or over."""

    id: UUID
    due_at: datetime
    warned: bool


def running_out(*, now: datetime, limit: int) -> tuple[Running, ...]:
    """Return files that are to be warned of, or late, and were not yet marked so."""
    rows = (
        models.ConductFile.objects.filter(stage="recorded", late_at=None, warn_at__lte=now)
        .filter(Q(warned_at=None) | Q(due_at__lte=now))
        .order_by("warn_at", "id")[:limit]
    )
    return tuple(Running(r.id, r.due_at, r.warned_at is not None) for r in rows)


def broken_links() -> Iterator[str]:
    """Yield one line for each fault in the chains of the files."""
    for row in models.ConductFile.objects.order_by("id").iterator():
        before, seq = "", 0
        for e in models.ConductEvent.objects.filter(file_id=row.id).order_by("seq"):
            if e.seq != seq + 1:
                yield f"file {row.number}: event {seq + 1} is missing"
            wanted = link(
                before=before, complaint_id=row.id, seq=e.seq, kind=e.kind, at=e.at,
                actor=e.actor, data=e.data, because=e.because,
                playbook_version=e.playbook_version,
            )  # fmt: skip
            if wanted != e.hash:
                yield f"file {row.number}: event {e.seq} ({e.kind}) was changed"
            before, seq = e.hash, e.seq
        if (seq, before) != (row.last_seq, row.last_hash):
            yield f"file {row.number}: the chain ends at {seq}, the row says {row.last_seq}"

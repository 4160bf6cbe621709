"""Pages of doubts: what waits for a person's eye, and how often it was a false alarm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from huiyin.core.access import may
from huiyin.core.because import Reason
from huiyin.core.doubt import OUTCOMES
from huiyin.core.doubt.finding import RULE_NAMES
from huiyin.core.masking import mask_text
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.viewer import Viewer

PAGE = 30


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that a doubt is about: picture to look at, or a name to fetch it by."""

    id: str
    number: str
    name: str
    is_image: bool
    sides: str


@dataclass(frozen=True, slots=True)
class OtherView:
    """Another complaint that a doubt is about."""

    id: str
    number: str
    title: str
    waybill: str
    status_label: str
    verdict: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class DoubtView:
    """One doubt with both sides."""

    id: str
    rule: str
    rule_label: str
    complaint_id: str
    number: str
    title: str
    waybill: str
    state: str
    raised_at: datetime
    speaks_for: tuple[Reason, ...]
    speaks_against: tuple[Reason, ...]
    others: tuple[OtherView, ...]
    files: tuple[FileView, ...]
    outcome: str
    outcome_label: str
    words: str
    reviewed_by: str
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule raised a doubt and what people found."""

    label: str
    raised: int
    false_alarm: int
    founded: int
    unclear: int
    false_share: int | None
    """False alarms among those reviewed, percent."""


@dataclass(frozen=True, slots=True)
class DoubtPage:
    """The whole page."""

    rows: tuple[DoubtView, ...]
    reviewed: bool
    counts: tuple[RuleCount, ...]
    outcomes: tuple[tuple[str, str], ...]
    more: bool


def may_see(*, viewer: Viewer) -> bool:
    """Tell whether a viewer sees doubts at all."""
    homes = frozenset(office.current_playbook().doubts.reviewed_by)
    return bool(may(actor=viewer.actor, action="doubts.see", homes=homes))


def open_doubts() -> QuerySet[models.Doubt]:
    """Return the doubts that wait."""
    return models.Doubt.objects.filter(state="open")


def page(*, viewer: Viewer, reviewed: bool) -> DoubtPage:
    """Return doubts that wait, oldest first, or those reviewed, newest first.

    Raises PermissionError.
    """
    if not may_see(viewer=viewer):
        raise PermissionError(labels.role(viewer.role))
    wanted = models.Doubt.objects.filter(state="reviewed" if reviewed else "open")
    # A handler of the departments named reviews complaints of other departments too; what is kept
    # apart stays apart.
    apart = models.ConductFile.objects.filter(complaint__isnull=False).values("complaint_id")
    wanted = wanted.exclude(complaint_id__in=apart).select_related("complaint", "reviewed_by")
    rows = list(wanted.order_by("-reviewed_at" if reviewed else "id")[: PAGE + 1])
    return DoubtPage(
        rows=_views(rows=rows[:PAGE]),
        reviewed=reviewed,
        counts=_counts(),
        outcomes=tuple((code, labels.pick(OUTCOMES, code)) for code in OUTCOMES),
        more=len(rows) > PAGE,
    )


def of_complaint(*, viewer: Viewer, complaint_id: UUID) -> tuple[DoubtView, ...]:
    """Return the doubts about a complaint, for whoever may see them."""
    if not may_see(viewer=viewer):
        return ()
    rows = models.Doubt.objects.filter(complaint_id=complaint_id)
    return _views(rows=list(rows.select_related("complaint", "reviewed_by").order_by("id")[:10]))


def _counts() -> tuple[RuleCount, ...]:
    tallies = dict(
        models.Tally.objects.filter(name__gte="doubt:", name__lt="doubt;").values_list(
            "name", "value"
        )
    )
    out = []
    for rule in RULE_NAMES:
        found = {o: tallies.get(f"doubt:{rule}:{o}", 0) for o in OUTCOMES}
        looked = sum(found.values())
        out.append(
            RuleCount(
                label=labels.pick(RULE_NAMES, rule),
                raised=tallies.get(f"doubt:{rule}:raised", 0),
                false_share=found["false_alarm"] * 100 // looked if looked else None,
                **found,
            )
        )
    return tuple(out)


def _views(*, rows: list[models.Doubt]) -> tuple[DoubtView, ...]:
    ids = {UUID(o) for r in rows for o in r.others}
    cases = {c.id: c for c in models.Complaint.objects.filter(id__in=ids)}
    return tuple(
        DoubtView(
            id=r.id.hex,
            rule=r.rule,
            rule_label=labels.pick(RULE_NAMES, r.rule),
            complaint_id=r.complaint_id.hex,
            number=r.complaint.number,
            title=mask_text(text=r.complaint.title),
            waybill=r.complaint.waybill,
            state=r.state,
            raised_at=r.raised_at,
            speaks_for=tuple(Reason.from_json(data=x) for x in r.speaks_for),
            speaks_against=tuple(Reason.from_json(data=x) for x in r.speaks_against),
            others=_others(cases=cases, ids=r.others),
            files=_files(row=r) if r.rule != "many_parcels" else (),
            outcome=r.outcome,
            outcome_label=labels.pick(OUTCOMES, r.outcome) if r.outcome else "",
            words=r.words,
            reviewed_by=r.reviewed_by.name if r.reviewed_by else "",
            reviewed_at=r.reviewed_at,
        )
        for r in rows
    )


def _others(*, cases: Mapping[UUID, models.Complaint], ids: Iterable[str]) -> tuple[OtherView, ...]:
    found = [cases[UUID(i)] for i in ids if UUID(i) in cases]
    return tuple(
        OtherView(
            id=c.id.hex,
            number=c.number,
            title=mask_text(text=c.title),
            waybill=c.waybill,
            status_label=labels.status(c.status),
            verdict=labels.pick(labels.VERDICT_NAMES, c.verdict) if c.verdict else "",
            opened_at=c.opened_at,
        )
        for c in found[:20]
    )


def _files(*, row: models.Doubt) -> tuple[FileView, ...]:
    """Return the files that are alike: that of the complaint first."""
    sha256 = row.key.rpartition(":")[2]
    own = models.FilePrint.objects.filter(complaint_id=row.complaint_id, sha256__startswith=sha256)
    mine = own.order_by("at").first()
    if mine is None:
        return ()
    others = models.FilePrint.objects.filter(
        Q(complaint_id__in=[UUID(o) for o in row.others]), is_picture=mine.is_picture
    ).order_by("at")
    alike = [
        o
        for o in others
        if o.sha256 == mine.sha256
        or (mine.phash and o.phash and (int(mine.phash, 16) ^ int(o.phash, 16)).bit_count() <= 7)
    ]
    prints = {p.attachment_id: p for p in (mine, *alike[:5])}
    named = {
        a.id: a
        for a in models.Attachment.objects.filter(id__in=list(prints)).select_related(
            "message__complaint"
        )
    }
    return tuple(
        FileView(
            id=id.hex,
            number=named[id].message.complaint.number,
            name=named[id].name,
            is_image=print.is_picture,
            sides=print.sides,
        )
        for id, print in prints.items()
        if id in named
    )


def file(*, viewer: Viewer, doubt_id: UUID, attachment_id: UUID) -> models.Attachment | None:
    """Return a file that a doubt is about, for whoever may see doubts."""
    row = models.Doubt.objects.filter(id=doubt_id).first()
    if row is None or not may_see(viewer=viewer):
        return None
    if attachment_id.hex not in {f.id for f in _files(row=row)}:
        return None
    return models.Attachment.objects.filter(id=attachment_id).first()

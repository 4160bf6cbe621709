"""The checklist of a complaint and its pieces: facts for rooms, and how people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import Thing, may
from huiyin.core.evidence import FROM_CUSTOMER, FROM_HANDLER, STATE_NAMES
from huiyin.core.playbook import Playbook
from huiyin.core.playbook.schema import CheckItem
from huiyin.store import models
from huiyin.store.read import labels
from huiyin.store.read.pages import Choice
from huiyin.store.read.there import There
from huiyin.store.read.viewer import Viewer, about, visible


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece stands: its item, and whether a newer one took its place."""

    item: str
    taken: bool


@dataclass(frozen=True, slots=True)
class PieceView:
    """One piece as people see it."""

    id: str
    name: str
    size: int
    sha256: str
    is_image: bool
    is_text: bool
    source_label: str
    note: str
    of_time: datetime | None
    added_at: datetime
    added_by: str
    superseded: bool
    """A newer piece took its place; it stays."""
    url: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item of the checklist: who was asked by when, what came in, or why it is waived."""

    code: str
    label: str
    required: bool
    state: str
    state_label: str
    late: bool
    of: str
    of_label: str
    due_at: datetime | None
    asked_by: str
    asked_at: datetime | None
    reason: str
    changed_by: str
    changed_at: datetime | None
    pieces: tuple[PieceView, ...]

    @property
    def open(self) -> bool:
        """True while it is neither there nor waived."""
        return self.state in {"missing", "requested"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the customer sent and that counts for no item yet."""

    id: str
    name: str
    at: datetime
    is_image: bool
    url: str


@dataclass(frozen=True, slots=True)
class EvidencePanel:
    """The checklist of one complaint."""

    items: tuple[ItemView, ...]
    others: tuple[PieceView, ...]
    """Pieces that belong to no item."""
    uploads: tuple[Upload, ...]
    givers: tuple[Choice, ...]
    can_work: bool
    can_pack: bool

    @property
    def waiting(self) -> int:
        """How many required items are neither there nor waived."""
        return sum(i.open and i.required for i in self.items)

    @property
    def done(self) -> int:
        """How many items are there or waived."""
        return sum(not i.open for i in self.items)

    @property
    def late(self) -> int:
        """How many items that were asked for are overdue."""
        return sum(i.late for i in self.items)


def states(*, complaint_id: UUID) -> dict[str, str]:
    """Return the state of each item that has one; all others are missing."""
    return dict(
        models.EvidenceItem.objects.filter(complaint_id=complaint_id).values_list("item", "state")
    )


def row_id(*, complaint_id: UUID, item: str) -> UUID | None:
    """Return the id of an item's row, None while it has none."""
    rows = models.EvidenceItem.objects.filter(complaint_id=complaint_id, item=item)
    return rows.values_list("id", flat=True).first()


def asked_of(*, complaint_id: UUID, department: str) -> frozenset[str]:
    """Return the items that a department was asked for."""
    rows = models.EvidenceItem.objects.filter(
        complaint_id=complaint_id, of=department, state__in=("requested", "received")
    )
    return frozenset(rows.values_list("item", flat=True))


def wanted_of(*, complaint_id: UUID, department: str) -> list[tuple[UUID, str]]:
    """Return row and item of what a department was asked for and has not brought yet."""
    rows = models.EvidenceItem.objects.filter(
        complaint_id=complaint_id, of=department, state="requested"
    )
    return list(rows.values_list("id", "item"))


def place_of(*, complaint_id: UUID, evidence_id: UUID) -> Place | None:
    """Return where a piece of a complaint stands, None when there is no such piece."""
    row = models.Evidence.objects.filter(complaint_id=complaint_id, id=evidence_id).first()
    if row is None:
        return None
    taken = models.Evidence.objects.filter(supersedes_id=row.id).exists()
    return Place(item=row.item, taken=taken)


def uploads_of(*, complaint_id: UUID, ids: list[UUID]) -> list[dict[str, Any]]:
    """Return chosen uploads of the customer as pieces take them; others are left out."""
    rows = models.Attachment.objects.filter(
        id__in=ids, message__complaint_id=complaint_id, message__direction="in"
    ).order_by("message__at", "id")
    return [
        {
            "name": r.name, "content_type": r.content_type, "size": r.size, "sha256": r.sha256,
            "attachment": r.id.hex,
        }
        for r in rows
    ]  # fmt: skip


def giver(*, playbook: Playbook, code: str) -> str:
    """Return who gives evidence by name."""
    if code == FROM_HANDLER:
        return _("处理人")
    if code == FROM_CUSTOMER:
        return _("客户")
    return labels.department(playbook, code)


def _pieces(
    *, rows: list[models.Evidence], playbook: Playbook, revealed: bool
) -> dict[str, list[PieceView]]:
    taken = {r.supersedes_id for r in rows if r.supersedes_id}
    out: dict[str, list[PieceView]] = {}
    for r in rows:
        out.setdefault(r.item, []).append(
            PieceView(
                id=r.id.hex,
                name=r.name if revealed else masking.mask_text(text=r.name),
                size=r.size,
                sha256=r.sha256,
                is_image=r.content_type.startswith("image/"),
                is_text=r.content_type == "text/plain",
                source_label=giver(playbook=playbook, code=r.source),
                note=r.note if revealed else masking.mask_text(text=r.note),
                of_time=r.of_time,
                added_at=r.added_at,
                added_by=r.added_by.name,
                superseded=r.id in taken,
                url=reverse("desk:evidence_file", args=[r.id.hex]),
            )
        )
    return out


def _item(
    *,
    item: CheckItem,
    row: models.EvidenceItem | None,
    pieces: tuple[PieceView, ...],
    playbook: Playbook,
    now: datetime,
) -> ItemView:
    state = row.state if row else "missing"
    due = row.due_at if row and state == "requested" else None
    of = (row.of if row else "") or item.of
    return ItemView(
        code=item.id,
        label=labels.said(item.name),
        required=item.required,
        state=state,
        state_label=labels.pick(STATE_NAMES, state),
        late=due is not None and due < now,
        of=of,
        of_label=giver(playbook=playbook, code=of),
        due_at=due,
        asked_by=row.asked_by.name if row and row.asked_by else "",
        asked_at=row.asked_at if row else None,
        reason=row.reason if row and state == "waived" else "",
        changed_by=row.changed_by.name if row and row.changed_by else "",
        changed_at=row.changed_at if row else None,
        pieces=pieces,
    )


def panel(
    *,
    row: models.Complaint,
    viewer: Viewer,
    thing: Thing,
    playbook: Playbook,
    revealed: bool,
    now: datetime,
    there: There,
) -> EvidencePanel:
    """Return the checklist of a complaint; three queries whatever it holds, none when empty."""
    known: dict[str, models.EvidenceItem] = {}
    rows: list[models.Evidence] = []
    uploads: list[models.Attachment] = []
    if there.items:
        asked = models.EvidenceItem.objects.filter(complaint_id=row.id)
        known = {r.item: r for r in asked.select_related("asked_by", "changed_by")}
    if there.evidence:
        brought = models.Evidence.objects.filter(complaint_id=row.id).select_related("added_by")
        rows = list(brought.order_by("added_at", "id"))
    if there.attachments:
        sent = models.Attachment.objects.filter(
            message__complaint_id=row.id, message__direction="in"
        )
        uploads = list(sent.select_related("message").order_by("message__at", "id"))
    pieces = _pieces(rows=rows, playbook=playbook, revealed=revealed)
    listed = playbook.checklist_for(category=row.category)
    codes = {i.id for i in listed}
    used = {r.attachment_id for r in rows}
    others = [p for code, found in pieces.items() if code not in codes for p in found]
    return EvidencePanel(
        items=tuple(
            _item(
                item=i, row=known.get(i.id), pieces=tuple(pieces.get(i.id, ())),
                playbook=playbook, now=now,
            )
            for i in listed
        ),
        others=tuple(others),
        uploads=tuple(
            Upload(
                id=a.id.hex,
                name=a.name,
                at=a.message.at,
                is_image=a.is_image,
                url=reverse("desk:attachment", args=[a.id.hex]),
            )
            for a in uploads
            if a.id not in used
        ),
        givers=tuple(
            Choice(code=code, label=giver(playbook=playbook, code=code))
            for code in (FROM_HANDLER, FROM_CUSTOMER, *(d.code for d in playbook.departments))
        ),
        can_work=bool(may(actor=viewer.actor, action="evidence", thing=thing)),
        can_pack=bool(may(actor=viewer.actor, action="pack", thing=thing)),
    )  # fmt: skip


def wanted_of_customer(*, row: models.Complaint, playbook: Playbook) -> tuple[str, ...]:
    """Return what of the checklist the customer is asked for and has not sent yet."""
    asked = set(
        models.EvidenceItem.objects.filter(
            complaint_id=row.id, of=FROM_CUSTOMER, state="requested"
        ).values_list("item", flat=True)
    )
    if not asked:
        return ()
    listed = playbook.checklist_for(category=row.category)
    return tuple(labels.said(i.name) for i in listed if i.id in asked)


def for_department(
    *, row: models.Complaint, department: str, playbook: Playbook, now: datetime
) -> tuple[ItemView, ...]:
    """Return the items that a department was asked for, with the pieces it gave itself."""
    asked = {
        r.item: r
        for r in models.EvidenceItem.objects.filter(
            complaint_id=row.id, of=department, state__in=("requested", "received")
        ).select_related("asked_by", "changed_by")
    }
    if not asked:
        return ()
    rows = list(
        models.Evidence.objects.filter(complaint_id=row.id, source=department)
        .select_related("added_by")
        .order_by("added_at", "id")
    )
    pieces = _pieces(rows=rows, playbook=playbook, revealed=False)
    return tuple(
        _item(
            item=i, row=asked[i.id], pieces=tuple(pieces.get(i.id, ())), playbook=playbook, now=now
        )
        for i in playbook.checklist_for(category=row.category)
        if i.id in asked
    )


def file(*, viewer: Viewer, evidence_id: UUID) -> models.Evidence | None:
    """Return a piece that the viewer may see: of his complaint, or given by his department.

    A department that was asked sees its own pieces, nothing else of the complaint.
    """
    pieces = models.Evidence.objects.exclude(complaint_id__in=about(viewer=viewer))
    row = pieces.filter(id=evidence_id).first()
    if row is None:
        return None
    seen = models.Complaint.objects.filter(visible(viewer=viewer), id=row.complaint_id).exists()
    own = bool(viewer.department) and row.source == viewer.department
    return row if seen or own else None

"""Everything that goes into the evidence pack of a complaint, unmasked: making it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.core.access import Thing
from huiyin.core.evidence.pack import original_name
from huiyin.store import models
from huiyin.store.read import causes, evidence, labels, letters, office
from huiyin.store.read.actors import actor_name
from huiyin.store.read.complaint import CannotSee
from huiyin.store.read.evidence import EvidencePanel
from huiyin.store.read.there import there
from huiyin.store.read.viewer import Viewer, visible


@dataclass(frozen=True, slots=True)
class Original:
    """One kept file of the complaint; the same bytes are packed once."""

    path: str
    """Its name in the pack."""
    sha256: str
    name: str
    size: int
    origin: str
    """Where it comes from, for people."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event of the chain for people."""

    seq: int
    at: datetime
    who: str
    label: str
    hash: str


@dataclass(frozen=True, slots=True)
class PackContents:
    """What the pack holds, ready to be written."""

    number: str
    company: str
    facts: tuple[tuple[str, str], ...]
    panel: EvidencePanel
    originals: tuple[Original, ...]
    events: tuple[dict[str, Any], ...]
    lines: tuple[EventLine, ...]
    manifest: dict[str, Any]


def contents(
    *, viewer: Viewer, complaint_id: UUID, now: datetime, reason: str = ""
) -> PackContents:
    """Return what a pack of a complaint holds at this moment. Raises CannotSee."""
    row = (
        models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
        .select_related("customer", "assignee")
        .first()
    )
    if row is None:
        raise CannotSee(complaint_id)
    playbook = office.playbook(version_id=row.playbook_version)
    thing = Thing(assignee=row.assignee_id, department=row.department_id)
    panel = evidence.panel(
        row=row, viewer=viewer, thing=thing, playbook=playbook, revealed=True, now=now,
        there=there(complaint_id=row.id),
    )  # fmt: skip
    events = list(models.Event.objects.filter(complaint_id=row.id).order_by("seq"))
    pieces = list(
        models.Evidence.objects.filter(complaint_id=row.id)
        .select_related("added_by")
        .order_by("added_at", "id")
    )
    originals = _originals(row=row, pieces=pieces)
    paths = {o.sha256: o.path for o in originals}
    names = {i.code: i.label for i in panel.items}
    zone = ZoneInfo(playbook.timezone)
    manifest = {
        "number": row.number,
        "complaint": row.id.hex,
        "company": office.company().name,
        "made_at": now.astimezone(zone).isoformat(timespec="seconds"),
        "made_by": viewer.name,
        "reason": reason,
        "playbook_version": row.playbook_version,
        "chain": {"seq": row.last_seq, "hash": row.last_hash},
        "evidence": [
            {
                "id": p.id.hex,
                "item": p.item,
                "label": names.get(p.item, ""),
                "path": paths[p.sha256],
                "sha256": p.sha256,
                "name": p.name,
                "content_type": p.content_type,
                "source": evidence.giver(playbook=playbook, code=p.source),
                "note": p.note,
                "of_time": p.of_time.astimezone(zone).isoformat() if p.of_time else "",
                "added_at": p.added_at.astimezone(zone).isoformat(),
                "added_by": p.added_by.name,
                "supersedes": p.supersedes_id.hex if p.supersedes_id else "",
            }
            for p in pieces
        ],
        "checklist": [
            {
                "item": i.code, "label": i.label, "required": i.required, "state": i.state,
                "of": i.of_label, "reason": i.reason,
            }
            for i in panel.items
        ],
        "originals": [
            {"path": o.path, "name": o.name, "origin": o.origin, "sha256": o.sha256}
            for o in originals
        ],
    }  # fmt: skip
    return PackContents(
        number=row.number,
        company=office.company().name,
        facts=_facts(row=row, zone=zone),
        panel=panel,
        originals=originals,
        events=tuple(
            {
                "seq": e.seq, "kind": e.kind,
                "at": e.at.astimezone(UTC).isoformat(timespec="microseconds"), "actor": e.actor,
                "data": e.data, "because": e.because, "playbook_version": e.playbook_version,
                "hash": e.hash,
            }
            for e in events
        ),
        lines=tuple(
            EventLine(
                seq=e.seq,
                at=e.at,
                who=actor_name(e.actor),
                label=labels.pick(labels.EVENT_NAMES, e.kind),
                hash=e.hash,
            )
            for e in events
        ),
        manifest=manifest,
    )  # fmt: skip


def _facts(*, row: models.Complaint, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    playbook = office.playbook(version_id=row.playbook_version)
    customer = row.customer
    rows = (
        (_("投诉编号"), row.number),
        (_("状态"), labels.status(row.status)),
        (_("类别"), labels.category(playbook, row.category)),
        (_("运单"), row.waybill),
        (_("客户"), customer.name if customer else ""),
        (_("电话"), customer.phone if customer else ""),
        (_("收到"), f"{row.opened_at.astimezone(zone):%Y-%m-%d %H:%M}"),
        (
            _("主办"),
            " · ".join(
                t
                for t in (
                    labels.department(playbook, row.department_id),
                    row.assignee.name if row.assignee else "",
                )
                if t
            ),
        ),
        (_("结论"), labels.pick(labels.VERDICT_NAMES, row.verdict) if row.verdict else ""),
        (_("原因"), causes.path(playbook=playbook, code=row.cause) if row.cause else ""),
        (_("责任部门"), labels.department(playbook, row.liable_department)),
    )
    return tuple((name, value) for name, value in rows if value)


def _originals(*, row: models.Complaint, pieces: list[models.Evidence]) -> tuple[Original, ...]:
    """Return every kept file of a complaint: evidence, what came and went with words, letters."""
    found: list[tuple[str, str, int, str]] = [(p.sha256, p.name, p.size, _("证据")) for p in pieces]
    found += [
        (a.sha256, a.name, a.size, _("来件附件"))
        for a in models.Attachment.objects.filter(message__complaint_id=row.id).order_by(
            "message__at", "id"
        )
    ]
    for said in models.CollaborationMessage.objects.filter(
        collaboration__complaint_id=row.id
    ).order_by("at", "id"):
        found += [
            (str(f["sha256"]), str(f["name"]), int(f["size"]), _("协办附件")) for f in said.files
        ]
    for letter in models.Letter.objects.filter(complaint_id=row.id).order_by("id"):
        found += [
            (str(f["sha256"]), str(f["name"]), int(f["size"]), _("答复函"))
            for f in letters.files(complaint_id=row.id, letter_id=letter.id)
        ]
    out: dict[str, Original] = {}
    for sha256, name, size, origin in found:
        if sha256 not in out:
            path = original_name(position=len(out) + 1, digest=sha256, name=name)
            out[sha256] = Original(path, sha256, name, size, origin)
    return tuple(out.values())

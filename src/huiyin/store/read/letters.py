"""Formal letters of a complaint: what they may be filled from, and those that were written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from huiyin.core.remedy.offer import GRANTED
from huiyin.store import models
from huiyin.store.read import office
from huiyin.store.read.care_pages import LetterRow
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.viewer import Viewer, visible

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class LetterDraft:
    """What a new letter is filled with before a person changes it; one line a fact."""

    facts: str
    remedies: str
    bases: str


def draft(*, complaint_id: UUID, english: bool) -> LetterDraft:
    """Return what is known for a letter: what was found, what was granted, on which basis."""
    row = models.Complaint.objects.get(id=complaint_id)
    playbook = office.playbook(version_id=row.playbook_version)
    facts: list[str] = []
    bases: list[str] = []
    verdict = (
        models.Event.objects.filter(complaint_id=row.id, kind="VerdictGiven").order_by("-seq")
    ).first()
    if verdict is not None and row.verdict:
        if reason := str(json.loads(verdict.data).get("reason", "")).strip():
            facts.append(reason)
        if row.cause:
            name = playbook.cause(code=row.cause).name
            facts.append(f"Cause: {name.en}." if english else f"原因：{name.zh}。")
    granted = list(
        models.Remedy.objects.filter(complaint_id=row.id, state__in=GRANTED).order_by("id")
    )
    remedies = [
        KIND_NAMES[r.kind][english] + (f" {r.amount / 100:,.2f} 元" if r.amount else "")
        for r in granted
    ]
    own: dict[str, str] = {r.kind: r.source for r in playbook.remedies}
    for remedy in granted:
        for source in (*(str(b.get("source", "")) for b in remedy.because), own.get(remedy.kind)):
            if source and not source.startswith(("公司设定", "playbook")):
                bases.append(source)
    law = next((c.source for c in playbook.clocks if c.id == "law_7d"), "")
    return LetterDraft(
        facts="\n".join(facts),
        remedies="\n".join(dict.fromkeys(remedies)),
        bases="\n".join(dict.fromkeys([*bases, *([law.split("（")[0]] if law else [])])),
    )


def count(*, complaint_id: UUID) -> int:
    """Return how many letters were written on a complaint."""
    return models.Letter.objects.filter(complaint_id=complaint_id).count()


def written(*, complaint_id: UUID) -> tuple[LetterRow, ...]:
    """Return the letters of a complaint, newest first."""
    return tuple(
        LetterRow(
            id=r.id.hex,
            reference=r.reference,
            by=r.written_by.name,
            at=r.written_at,
            sent=r.message_id is not None,
        )
        for r in models.Letter.objects.filter(complaint_id=complaint_id)
        .select_related("written_by")
        .order_by("-id")
    )


def _named(row: models.Letter) -> str:
    return ("Reply " if row.language == "en" else "答复函 ") + row.reference


def files(*, complaint_id: UUID, letter_id: UUID) -> list[dict[str, Any]]:
    """Return the files of a letter as attachments take them, none when it is not there."""
    row = models.Letter.objects.filter(id=letter_id, complaint_id=complaint_id).first()
    if row is None:
        return []
    name = _named(row)
    return [
        {"name": f"{name}.pdf", "content_type": PDF, "size": row.pdf_size, "sha256": row.pdf},
        {"name": f"{name}.docx", "content_type": DOCX, "size": row.docx_size, "sha256": row.docx},
    ]


def file(*, viewer: Viewer, letter_id: UUID, kind: str) -> dict[str, Any] | None:
    """Return one file ("pdf" or "docx") of a letter that the viewer may see."""
    row = models.Letter.objects.filter(id=letter_id).first()
    if row is None:
        return None
    seen = models.Complaint.objects.filter(visible(viewer=viewer), id=row.complaint_id).exists()
    found = files(complaint_id=row.complaint_id, letter_id=row.id) if seen else []
    return next((f for f in found if f["name"].endswith(f".{kind}")), None)

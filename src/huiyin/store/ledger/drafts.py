"""Writing of playbook drafts: every change counts up, every step stays in the draft's history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from huiyin.core.playbook import Playbook
from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.ledger.people import adopt_playbook


class CannotSaveDraft(ValueError):
    """Somebody else changed the draft since it was opened; nothing was written."""

    def __init__(self, *, by: str, at: datetime, revision: int) -> None:
        self.by = by
        self.at = at
        self.revision = revision
        self.zh = f"{by}已改过这份草稿（第 {revision} 稿），您的改动还没有保存"
        self.en = f"{by} changed the draft meanwhile (revision {revision}); yours is not saved yet"
        super().__init__(self.en)


def begin(*, now: datetime, by: int, key: str, base: str, title: str, text: str) -> UUID:
    """Begin a draft; returns its id."""
    row = models.PlaybookDraft(
        id=new_id(now=now), key=key, base=base, title=title, text=text, created_at=now,
        updated_at=now, updated_by_id=by,
    )  # fmt: skip
    _note(row, now=now, what="begin", by=by)
    row.save(force_insert=True)
    return row.id


def save(*, id: UUID, now: datetime, by: int, seen: int, text: str, title: str) -> int:
    """Write a new text over the revision that was ``seen``; returns the new revision.

    Raises CannotSaveDraft when somebody was quicker, LookupError for no open draft.
    """
    with transaction.atomic():
        row = _locked(id)
        if row.revision != seen:
            raise CannotSaveDraft(by=row.updated_by.name, at=row.updated_at, revision=row.revision)
        row.text, row.title = text, title
        row.revision += 1
        row.updated_at, row.updated_by_id = now, by
        row.authors = sorted({*row.authors, by})
        _note(row, now=now, what="save", by=by, words=f"#{row.revision}")
        row.save()
        return row.revision


def move(
    *,
    id: UUID,
    now: datetime,
    by: int | None,
    act: str,
    decide: Callable[[models.PlaybookDraft], str],
    words: str = "",
    **changes: Any,
) -> models.PlaybookDraft:
    """Take a step that ``decide`` allows, seeing the row as it is under its lock."""
    with transaction.atomic():
        row = _locked(id)
        row.state = decide(row)
        for name, value in changes.items():
            setattr(row, name, value)
        _note(row, now=now, what=act, by=by, words=words)
        row.save()
        return row


def put_in_force(
    *, id: UUID, now: datetime, playbook: Playbook, decide: Callable[[str], str]
) -> None:
    """Let an approved draft be what new complaints are worked under; the one before is replaced."""
    with transaction.atomic():
        row = _locked(id)
        row.state = decide(row.state)
        version = adopt_playbook(now=now, playbook=playbook, text=row.text)
        for old in models.PlaybookDraft.objects.select_for_update().filter(state="in_force"):
            old.state = "replaced"
            _note(old, now=now, what="replace", by=None)
            old.save()
        models.Company.objects.filter(id=1).update(playbook=version)
        _note(row, now=now, what="take_effect", by=None)
        row.save()


def _locked(id: UUID) -> models.PlaybookDraft:
    row = (
        models.PlaybookDraft.objects.select_for_update(of=("self",))
        .select_related("updated_by")
        .filter(id=id)
        .first()
    )
    if row is None:
        raise LookupError(id)
    return row


def _note(
    row: models.PlaybookDraft, *, now: datetime, what: str, by: int | None, words: str = ""
) -> None:
    entry = {"at": now.isoformat(), "what": what, "by": by, "words": words[:500]}
    last = row.history[-1] if row.history else None
    if what == "save" and last and last["what"] == "save" and last["by"] == by:
        row.history = [*row.history[:-1], entry]
    else:
        row.history = [*row.history, entry][-500:]

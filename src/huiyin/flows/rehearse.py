"""Rehearse: past complaints are led through a draft beside the work; nothing of them changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.store import files
from huiyin.store.ledger import rehearsals
from huiyin.store.read import drafts, office, rehearsing
from huiyin.store.read.checking import checked

LIMITS = (500, 2000, 10_000)
"""How many past complaints may be led through a draft."""
STEP = 100
"""Complaints between two words of how far it is."""


class CannotRehearse(ValueError):
    """The draft cannot be rehearsed; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def ask(*, now: datetime, actor: Actor, draft_id: UUID, limit: int) -> None:
    """Ask the worker for a rehearsal of the latest complaints.

    Raises CannotRehearse, CannotFindDraft, PermissionError.
    """
    allowed = may(actor=actor, action="playbook.change")
    if not (allowed or may(actor=actor, action="playbook.approve")):
        raise PermissionError(allowed.zh)
    text, revision = drafts.written(id=draft_id)
    written, _problems = checked(text)
    if written is None:
        raise CannotRehearse(
            zh="草稿还有问题，改好后才能试跑", en="the draft has problems: mend them first"
        )
    most = limit if limit in LIMITS else LIMITS[0]
    rehearsals.ask(draft_id=draft_id, revision=revision, limit=most, now=now)


def go_on(*, clock: Callable[[], datetime]) -> int:
    """Do one rehearsal that was asked for; returns how many complaints were led through.

    Whoever is killed changes nothing: the next worker begins it anew.
    """
    asked = rehearsals.claim(now=clock())
    if asked is None:
        return 0
    try:
        text, revision = drafts.written(id=asked.draft_id)
        written, _problems = checked(text)
    except drafts.CannotFindDraft:
        written, revision = None, 0
    if written is None:
        rehearsals.note(asked=asked, now=clock(), last=True, phase="failed")
        return 1
    total = rehearsing.how_many(limit=asked.limit)
    kept, done = [], 0
    for row in rehearsing.rehearse(
        current=office.current_playbook(), draft=written, limit=asked.limit
    ):
        if done % STEP == 0 and not rehearsals.note(
            asked=asked, now=clock(), done=done, total=total, revision=revision
        ):
            return done
        done += 1
        if row.differences or row.error:
            kept.append(row)
    sha256 = files.keep(content=rehearsing.written_down(rows=kept))
    rehearsals.note(
        asked=asked, now=clock(), last=True, phase="done", done=done, total=done,
        ended_at=clock().isoformat(), rows=sha256,
    )  # fmt: skip
    return done

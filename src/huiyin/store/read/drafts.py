"""Playbook drafts and versions: their facts for the house, their pages for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from huiyin.core.playbook.draft import ACT_NAMES, MOVES, STATE_NAMES, DraftFacts
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.checking import checked, data_of
from huiyin.store.read.viewer import Viewer

OPEN = ("draft", "submitted", "approved")


class CannotFindDraft(LookupError):
    """There is no such draft."""


def _row(id: UUID) -> models.PlaybookDraft:
    row = models.PlaybookDraft.objects.select_related("updated_by").filter(id=id).first()
    if row is None:
        raise CannotFindDraft(id)
    return row


def facts(*, id: UUID) -> DraftFacts:
    """Return a draft as its way sees it. Raises CannotFindDraft."""
    return facts_of(row=_row(id))


def facts_of(*, row: models.PlaybookDraft) -> DraftFacts:
    """Return a draft in hand as its way sees it."""
    current = models.Company.objects.values_list("playbook__version_id", flat=True).get(id=1)
    playbook, problems = checked(row.text)
    taken, changed = False, True
    if playbook is not None:
        before = data_of(text_of_version(version_id=current))
        after = data_of(row.text)
        changed = {**before, "version": ""} != {**after, "version": ""}
        taken = any(
            known.version == playbook.version and known.version_id != playbook.version_id
            for known in _versions(key=row.key)
        )
    return DraftFacts(
        state=row.state,
        authors=frozenset(row.authors),
        submitted_by=row.submitted_by_id,
        base=row.base,
        current=current,
        problems=len(problems),
        changed=changed,
        version_taken=taken,
    )


def _versions(*, key: str) -> list[Any]:
    ids = models.PlaybookVersion.objects.filter(key=key).values_list("version_id", flat=True)
    return [office.playbook(version_id=id) for id in ids]


def free_version(*, key: str, now: datetime) -> str:
    """Return a version number of the month that no version and no open draft has."""
    taken = {p.version for p in _versions(key=key)}
    for row in models.PlaybookDraft.objects.filter(key=key, state__in=OPEN):
        playbook, _problems = checked(row.text)
        if playbook is not None:
            taken.add(playbook.version)
    month = f"{now:%Y}.{now.month:02d}"
    return next(v for v in (month, *(f"{month}.{n}" for n in range(1, 1000))) if v not in taken)


def text(*, id: UUID) -> str:
    """Return a draft's text. Raises CannotFindDraft."""
    return _row(id).text


def written(*, id: UUID) -> tuple[str, int]:
    """Return a draft's text and which revision of it that is. Raises CannotFindDraft."""
    row = _row(id)
    return row.text, row.revision


def title(*, id: UUID) -> str:
    """Return a draft's title. Raises CannotFindDraft."""
    return _row(id).title


def state(*, id: UUID) -> str:
    """Return a draft's state. Raises CannotFindDraft."""
    return _row(id).state


def due(*, now: datetime) -> list[UUID]:
    """Return the approved drafts whose day has come, the earliest first."""
    rows = models.PlaybookDraft.objects.filter(state="approved", effective_at__lte=now)
    return list(rows.order_by("effective_at").values_list("id", flat=True))


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of a draft's history."""

    at: datetime
    what: str
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One draft in the list."""

    id: str
    title: str
    state: str
    state_label: str
    updated_at: datetime
    updated_by: str
    effective_at: datetime | None
    version_id: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version that this installation works or worked under."""

    version_id: str
    version: str
    created_at: datetime
    in_force: bool
    open_complaints: int


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A draft with what this viewer may do with it."""

    id: str
    title: str
    text: str
    revision: int
    state: str
    state_label: str
    base: str
    current: str
    outdated: bool
    """True when another version came into force since it was begun."""
    authors: tuple[str, ...]
    updated_by: str
    updated_at: datetime
    effective_at: datetime | None
    version_id: str
    history: tuple[HistoryLine, ...]
    can: frozenset[str]
    """Acts that are possible for this viewer now."""
    own: bool
    """True when he had a hand in it and so cannot approve it."""


def listed(*, viewer: Viewer) -> tuple[DraftRow, ...]:
    """Return the drafts, newest first, for those who write or approve them."""
    if not (viewer.can.get("playbook_change") or viewer.can.get("playbook_approve")):
        return ()
    rows = models.PlaybookDraft.objects.select_related("updated_by").order_by("-updated_at")[:100]
    return tuple(
        DraftRow(
            id=r.id.hex,
            title=r.title,
            state=r.state,
            state_label=labels.pick(STATE_NAMES, r.state),
            updated_at=r.updated_at,
            updated_by=r.updated_by.name,
            effective_at=r.effective_at,
            version_id=r.version_id,
        )
        for r in rows
    )


def versions() -> tuple[VersionRow, ...]:
    """Return every version, newest first, with the open complaints that stand under each."""
    current = office.company().playbook.version_id
    live = models.Complaint.objects.filter(live=True).values_list("playbook_version")
    counts = dict(live.annotate(n=Count("id")))
    return tuple(
        VersionRow(
            version_id=row.version_id,
            version=office.playbook(version_id=row.version_id).version,
            created_at=row.created_at,
            in_force=row.version_id == current,
            open_complaints=counts.get(row.version_id, 0),
        )
        for row in models.PlaybookVersion.objects.order_by("-id")
    )


def page(*, viewer: Viewer, id: UUID) -> DraftPage:
    """Return the page of a draft. Raises CannotFindDraft."""
    row = _row(id)
    current = office.company().playbook.version_id
    own = viewer.id in {*row.authors, row.submitted_by_id}
    can = set()
    for act in MOVES.get(row.state, {}):
        right = "playbook_approve" if act in {"approve", "return"} else "playbook_change"
        if viewer.can.get(right) and not (act == "approve" and own):
            can.add(act)
    names = dict(models.User.objects.values_list("id", "name"))
    return DraftPage(
        id=row.id.hex,
        title=row.title,
        text=row.text,
        revision=row.revision,
        state=row.state,
        state_label=labels.pick(STATE_NAMES, row.state),
        base=row.base,
        current=current,
        outdated=row.state in OPEN and row.base != current,
        authors=tuple(names.get(a, "") for a in row.authors),
        updated_by=row.updated_by.name,
        updated_at=row.updated_at,
        effective_at=row.effective_at,
        version_id=row.version_id,
        history=tuple(
            HistoryLine(
                at=datetime.fromisoformat(h["at"]),
                what=labels.pick(ACT_NAMES, h["what"]),
                who=names.get(h["by"], ""),
                words=str(h["words"]),
            )
            for h in reversed(row.history)
        ),
        can=frozenset(can),
        own=own,
    )


def open_under(*, version_id: str, limit: int) -> list[UUID]:
    """Return open complaints that stand under a version, oldest first."""
    rows = models.Complaint.objects.filter(live=True, playbook_version=version_id)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def text_of_version(*, version_id: str) -> str:
    """Return the text of a version. Raises CannotFindDraft."""
    found = models.PlaybookVersion.objects.filter(version_id=version_id)
    text = found.values_list("text", flat=True).first()
    if text is None:
        raise CannotFindDraft(version_id)
    return text

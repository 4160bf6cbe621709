"""Pairs of complaints that may be one: what is still asked of a person, and what was answered."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from huiyin.core import masking
from huiyin.core.access import Actor, Thing, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import ENDED
from huiyin.core.matching.asking import Answered, Band, bands, sides, worth_from
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.viewer import Viewer, visible

_LAST: Final = 2000
"""Answers that count; older ones are of another matcher."""
_KEPT_SECONDS: Final = 600
_floors: dict[str, tuple[float, float]] = {}


@dataclass(frozen=True, slots=True)
class MaybeSame:
    """Another complaint that may be the same, with what speaks for and against it."""

    id: str
    number: str
    title: str
    status_label: str
    category_label: str
    opened_at: datetime
    likely: float
    pro: tuple[Reason, ...]
    contra: tuple[Reason, ...]
    from_id: str
    """The complaint that would be merged, the newer one …"""
    into_number: str
    """… and the one that stays, the older one."""
    can_join: bool
    ended: bool
    """The older one has ended, so it must be opened again first."""
    other_ended: bool
    """The other one has ended."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One pair as it is kept."""

    id: UUID
    newer_id: UUID
    older_id: UUID
    answer: str


@dataclass(frozen=True, slots=True)
class PairsPage:
    """How often people found pairs to be one, and from which likelihood on they are asked."""

    answers: int
    same: int
    waiting: int
    asked_from: float
    bands: tuple[Band, ...]


def maybe_same(*, row: models.Complaint, viewer: Viewer) -> tuple[MaybeSame, ...]:
    """Return the complaints that a viewer is asked to compare with this one, likeliest first.

    Nothing is asked of a complaint that has ended.
    """
    if not row.live:
        return ()
    pairs = list(
        models.Pairing.objects.filter(Q(newer_id=row.id) | Q(older_id=row.id), answer="").order_by(
            "-score", "id"
        )[:6]
    )
    if not pairs:
        return ()
    ids = [p.older_id if p.newer_id == row.id else p.newer_id for p in pairs]
    others = {
        c.id: c
        for c in models.Complaint.objects.filter(visible(viewer=viewer), id__in=ids).exclude(
            status="merged"
        )
    }
    playbook = office.playbook(version_id=row.playbook_version)
    out = []
    for pair, id in zip(pairs, ids, strict=True):
        other = others.get(id)
        if other is None:
            continue
        newer, older = (row, other) if pair.newer_id == row.id else (other, row)
        pro, contra = sides(because=_masked(pair.because))
        out.append(
            MaybeSame(
                id=other.id.hex,
                number=other.number,
                title=masking.mask_text(text=other.title),
                status_label=labels.status(other.status),
                category_label=labels.category(playbook, other.category),
                opened_at=other.opened_at,
                likely=pair.score,
                pro=pro,
                contra=contra,
                from_id=newer.id.hex,
                into_number=older.number,
                can_join=_may_merge(viewer.actor, newer, older),
                ended=older.status in ENDED,
                other_ended=other.status in ENDED,
            )
        )
    return tuple(out)


def _may_merge(actor: Actor, newer: models.Complaint, older: models.Complaint) -> bool:
    if newer.status in ENDED or newer.status == "resolved":
        return False
    return all(
        may(actor=actor, action="merge", thing=Thing(c.assignee_id, c.department_id))
        for c in (newer, older)
    )


def _masked(rows: Iterable[dict[str, object]]) -> list[Reason]:
    out = []
    for row in rows:
        reason = Reason.from_json(data=row)
        words = tuple(
            labels.pick(labels.CHANNEL_NAMES, str(w))
            if reason.rule.startswith("match.told")
            else masking.mask_text(text=str(w))
            for w in reason.words
        )
        out.append(Reason(reason.rule, reason.zh, reason.en, words, reason.source))
    return out


def between(*, one: UUID, other: UUID) -> Asked | None:
    """Return what was asked, or said, of two complaints."""
    found = (
        models.Pairing.objects.filter(
            Q(newer_id=one, older_id=other) | Q(newer_id=other, older_id=one)
        )
        .values_list("id", "newer_id", "older_id", "answer")
        .first()
    )
    return Asked(*found) if found else None


def still_asked(*, complaint_id: UUID) -> list[Asked]:
    """Return the pairs of a newer complaint that wait for an answer."""
    rows = models.Pairing.objects.filter(newer_id=complaint_id, answer="")
    return [Asked(*r) for r in rows.values_list("id", "newer_id", "older_id", "answer")]


def _answered() -> list[Answered]:
    rows = models.Pairing.objects.filter(answered_at__isnull=False).order_by("-answered_at")
    return [
        Answered(score=score, same=answer == "same")
        for score, answer in rows.values_list("score", "answer")[:_LAST]
    ]


def asked_from() -> float:
    """Return the likelihood from which people are asked, learned from their answers.

    Kept for ten minutes, so that intake does not ask for it with every batch.
    """
    place = str(connection.settings_dict["NAME"])
    known = _floors.get(place)
    if known and time.monotonic() - known[0] < _KEPT_SECONDS:
        return known[1]
    floor = worth_from(answered=_answered())
    _floors[place] = (time.monotonic(), floor)
    return floor


def forget() -> None:
    """Forget what was kept, so that the next question sees the newest answers."""
    _floors.clear()


def pairs_page() -> PairsPage:
    """Return what people answered, for the page of what is learned."""
    answered = _answered()
    return PairsPage(
        answers=len(answered),
        same=sum(one.same for one in answered),
        waiting=models.Pairing.objects.filter(answer="").count(),
        asked_from=worth_from(answered=answered),
        bands=tuple(b for b in bands(answered=answered) if b.answers),
    )

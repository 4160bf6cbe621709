"""Writing of model versions: added, taken, undone; each step stays in the version's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from huiyin.core.because import Reason
from huiyin.store import models
from huiyin.store.ids import new_id


class CannotChangeVersion(ValueError):
    """The version is not in the state that the step needs; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A trained model as it is kept."""

    phrases: str
    learned: str
    corrections: int
    held_out: int
    scores: Mapping[str, Any]
    better: bool
    because: Sequence[Reason]
    artefact: str
    before: UUID | None


def add(*, now: datetime, by: int | None, built: Built) -> tuple[UUID, int]:
    """Keep a version: a candidate when it is better, else refused. Older candidates give way.

    Returns its id and number.
    """
    with transaction.atomic():
        for old in _locked().filter(state="candidate"):
            _step(old, state="refused", now=now, what="superseded", by=by)
        last = _locked().order_by("-number").values_list("number", flat=True).first()
        row = models.ModelVersion(
            id=new_id(now=now),
            number=(last or 0) + 1,
            built_at=now,
            trained_by_id=by,
            phrases=built.phrases,
            learned=built.learned,
            corrections=built.corrections,
            held_out=built.held_out,
            scores=dict(built.scores),
            because=[reason.as_json() for reason in built.because],
            artefact=built.artefact,
            before_id=built.before,
        )
        state = "candidate" if built.better else "refused"
        _step(row, state=state, now=now, what="trained" if built.better else "refused", by=by)
        return row.id, row.number


def take(*, id: UUID, now: datetime, by: int | None) -> None:
    """Let a candidate run in place of what it was compared with. Raises CannotChangeVersion."""
    with transaction.atomic():
        row = _locked().filter(id=id).first()
        if row is None or row.state != "candidate":
            raise CannotChangeVersion(
                zh="只有比现用模型好的候选才能启用",
                en="only a candidate that is better may be taken",
            )
        running = _locked().filter(state="running").first()
        if running and running.phrases == row.phrases and running.id != row.before_id:
            raise CannotChangeVersion(
                zh="候选比较的不是现在这个版本，请重新训练",
                en="the candidate was compared with another version, train again",
            )
        if running:
            _step(running, state="retired", now=now, what="replaced", by=by)
        row.taken_at = now
        _step(row, state="running", now=now, what="taken", by=by)


def undo(*, now: datetime, by: int | None) -> None:
    """Take the running version back: what ran before it runs again, or the model as shipped.

    Raises CannotChangeVersion when none is running.
    """
    with transaction.atomic():
        row = _locked().filter(state="running").first()
        if row is None:
            raise CannotChangeVersion(
                zh="现用的就是出厂模型，没有可撤回的", en="the model as shipped is running"
            )
        row.undone_at = now
        _step(row, state="retired", now=now, what="undone", by=by)
        for old in _locked().filter(state="candidate"):
            _step(old, state="refused", now=now, what="superseded", by=by)
        before = _locked().filter(id=row.before_id, phrases=row.phrases).first()
        if before is not None:
            _step(before, state="running", now=now, what="restored", by=by)


def _locked() -> Any:
    return models.ModelVersion.objects.select_for_update()


def _step(
    row: models.ModelVersion, *, state: str, now: datetime, what: str, by: int | None
) -> None:
    row.state = state
    row.history = [*row.history, {"at": now.isoformat(), "what": what, "by": by}]
    row.save(force_insert=row._state.adding)

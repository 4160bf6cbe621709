"""The page of learning: what runs, what was tried, how right it was, what was corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from huiyin.core.learning import weigh_weeks
from huiyin.core.learning.weeks import FEWEST
from huiyin.store import models, triage_model
from huiyin.store.read import board, labels, learning, office
from huiyin.store.read.pages import BoardPage, Series
from huiyin.store.read.viewer import Viewer, visible

VERSIONS, CORRECTIONS = 12, 30


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score before and after, 0 to 1, and on how many texts."""

    label: str
    before: float
    after: float
    rows: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as the page shows it."""

    id: UUID
    number: int
    built_at: datetime
    trained_by: str
    corrections: int
    held_out: int
    state: str
    state_label: str
    outdated: bool
    """Trained on other examples than are shipped now; it cannot run."""
    scores: tuple[ScoreRow, ...]
    because: tuple[str, ...]
    history: tuple[tuple[datetime, str, str], ...]


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction with its words masked."""

    at: datetime
    by: str
    text: str
    field: str
    before: str
    after: str
    complaint: str
    number: str


@dataclass(frozen=True, slots=True)
class LearningPage:
    """The whole page. ``asked`` tells that a training waits for the worker or is under way."""

    running: VersionRow | None
    candidate: VersionRow | None
    versions: tuple[VersionRow, ...]
    series: tuple[Series, ...]
    corrections: tuple[CorrectionRow, ...]
    taught: int
    least: int
    asked: bool
    outcome: tuple[str, ...]
    outcome_at: datetime | None
    error: str


def page(*, viewer: Viewer, now: datetime) -> LearningPage:
    """Return the page of learning."""
    phrases = triage_model.phrases_key()
    names: dict[int, str] = dict(models.User.objects.values_list("id", "name"))
    rows = [
        _row(row, phrases, names)
        for row in models.ModelVersion.objects.order_by("-number")[:VERSIONS]
    ]
    running = models.ModelVersion.objects.filter(state="running").first()
    job = models.Job.objects.filter(name=learning.JOB).first()
    state: Mapping[str, Any] = job.state if job else {}
    return LearningPage(
        running=_row(running, phrases, names) if running else None,
        candidate=next((row for row in rows if row.state == "candidate"), None),
        versions=tuple(rows),
        series=_series(now=now),
        corrections=_corrections(viewer=viewer, names=names),
        taught=models.Correction.objects.count(),
        least=learning.policy().least,
        asked=bool(job and _under_way(job, now)),
        outcome=tuple(_said(r) for r in state.get("outcome", {}).get("because", ())),
        outcome_at=_moment(state.get("worked_at")),
        error=str(state.get("error", "")),
    )


def workbook(*, viewer: Viewer, now: datetime) -> tuple[bytes, int]:
    """Return the figures of the weeks as an xlsx file, and its number of rows."""
    found = _series(now=now)
    return board.workbook(page=BoardPage(period="", periods=(), figures=(), series=found))


def _under_way(job: models.Job, now: datetime) -> bool:
    leased = job.lease_until is not None and job.lease_until > now
    return leased or (job.next_at <= now and not job.state.get("error"))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _said(reason: Mapping[str, Any]) -> str:
    return str(reason["en"] if labels.english() else reason["zh"])


def _row(row: models.ModelVersion, phrases: str, names: Mapping[int, str]) -> VersionRow:
    states = {
        "candidate": _("候选"),
        "running": _("现用"),
        "retired": _("已停用"),
        "refused": _("未采用"),
    }
    steps = {
        "trained": _("训练完成，比现用的好"),
        "refused": _("训练完成，没有采用"),
        "taken": _("启用"),
        "replaced": _("被新版本替换"),
        "undone": _("撤回"),
        "restored": _("恢复启用"),
        "superseded": _("作为候选失效"),
    }
    kinds = (
        ("held_out", "category", _("类别 · 留出的更正")),
        ("held_out", "urgency", _("紧急程度 · 留出的更正")),
        ("book", "category", _("类别 · 出厂例句")),
        ("book", "urgency", _("紧急程度 · 出厂例句")),
    )
    scores = tuple(
        ScoreRow(
            label=label,
            before=row.scores[f"{where}_before"][what],
            after=row.scores[where][what],
            rows=row.scores[where]["rows"],
        )
        for where, what, label in kinds
        if where in row.scores
    )
    return VersionRow(
        id=row.id,
        number=row.number,
        built_at=row.built_at,
        trained_by=names.get(row.trained_by_id or 0, _("系统")),
        corrections=row.corrections,
        held_out=row.held_out,
        state=row.state,
        state_label=states.get(row.state, row.state),
        outdated=row.phrases != phrases,
        scores=scores,
        because=tuple(_said(reason) for reason in row.because),
        history=tuple(
            (
                datetime.fromisoformat(step["at"]),
                steps.get(step["what"], step["what"]),
                names.get(step["by"] or 0, _("系统")),
            )
            for step in row.history
        ),
    )


def _series(*, now: datetime) -> tuple[Series, ...]:
    weeks = weigh_weeks(weeks=learning.weeks(now=now))
    order = tuple(f"{week.monday:%m-%d}" for week in weeks)
    days = tuple(week.monday for week in weeks)
    return (
        Series(
            code="agreement",
            title=_("自动判定与最终结果一致"),
            unit="%",
            kind="line",
            labels=order,
            days=days,
            rows=(
                (_("类别"), tuple(week.category for week in weeks)),
                (_("紧急程度"), tuple(week.urgency for week in weeks)),
            ),
            note=_("只数已办结或更正过的投诉；按收到的那一周。"),
        ),
        Series(
            code="drift",
            title=_("来件的变化"),
            unit="%",
            kind="line",
            labels=order,
            days=days,
            rows=(
                (_("类别分布的偏移"), tuple(week.shift for week in weeks)),
                (_("模型的平均把握"), tuple(week.confidence for week in weeks)),
            ),
            note=_("偏移：要换掉多少比例的投诉，这一周才和此前各周一样；不足 %(n)s 件的周不算。")
            % {"n": FEWEST},
        ),
        Series(
            code="volume",
            title=_("每周件数"),
            unit=_("件"),
            kind="bar",
            labels=order,
            days=days,
            rows=(
                (_("收到"), tuple(float(week.received) for week in weeks)),
                (_("已办结或更正"), tuple(float(week.settled) for week in weeks)),
            ),
        ),
    )


def _corrections(*, viewer: Viewer, names: Mapping[int, str]) -> tuple[CorrectionRow, ...]:
    rows = list(models.Correction.objects.order_by("-at", "-id")[:CORRECTIONS])
    numbers: dict[UUID, str] = dict(
        models.Complaint.objects.filter(visible(viewer=viewer))
        .filter(id__in=[row.complaint_id for row in rows])
        .values_list("id", "number")
    )
    playbook = office.current_playbook()

    def shown(field: str, code: str) -> str:
        if field == "category":
            return labels.category(playbook, code)
        return labels.pick(labels.URGENCY_NAMES, code)

    return tuple(
        CorrectionRow(
            at=row.at,
            by=names.get(row.by_id or 0, _("系统")),
            text=learning.masked(text=row.text),
            field=_("类别") if row.field == "category" else _("紧急程度"),
            before=shown(row.field, row.before),
            after=shown(row.field, row.after),
            complaint=row.complaint_id.hex,
            number=numbers[row.complaint_id],
        )
        for row in rows
        if row.complaint_id in numbers
    )

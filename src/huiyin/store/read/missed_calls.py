"""Callers whom nobody took: who is to call them back, and how many there are day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.pages import Series
from huiyin.store.read.viewer import Viewer, on_visible


@dataclass(frozen=True, slots=True)
class MissedView:
    """A caller who is to be called back."""

    id: str
    number: str
    masked: bool
    count: int
    first_at: datetime
    last_at: datetime
    due_at: datetime
    late: bool
    queue: str
    department: str
    """The department that is to call back."""
    told: str
    """The rank that was told that it is late."""
    complaint_id: str
    complaint: str
    attempts: int
    most: int
    state: str
    outcome_label: str
    words: str
    called_by: str
    called_at: datetime | None
    because: tuple[str, ...]


OUTCOMES: Mapping[str, tuple[str, str]] = {
    "reached": ("已回电", "Called back"),
    "called_again": ("他又打来，已接", "He called again"),
    "taken_down": ("已登记", "Taken down"),
    "wrong_number": ("打错了", "Wrong number"),
    "given_up": ("多次没打通", "Given up"),
}


def _seen(*, viewer: Viewer) -> Q:
    reach = on_visible(viewer=viewer)
    # no filter at all means every complaint
    return Q(complaint=None) | reach if reach else reach


def missed_due(*, viewer: Viewer) -> QuerySet[models.MissedCall]:
    """Return the callers whom somebody owes a call, as far as the viewer may see them."""
    return models.MissedCall.objects.filter(_seen(viewer=viewer), state="due")


def given(*, viewer: Viewer) -> QuerySet[models.MissedCall]:
    """Return the callers whom the viewer is to see to.

    Those given to his department, and those whose lateness was told to his rank.
    """
    ladder = office.current_playbook().aftercare.missed.escalate
    mine = Q(department="")
    if viewer.department:
        mine |= Q(department=viewer.department)
    told = [n for n, rung in enumerate(ladder, start=1) if rung.to == viewer.role]
    if told:
        mine |= Q(escalation__gte=told[0])
    return missed_due(viewer=viewer).filter(mine)


def missed_waiting(*, viewer: Viewer) -> int:
    """Return how many callers wait to be called back, counted up to 100."""
    return len(missed_due(viewer=viewer).order_by().values_list("id")[:100])


def missed(
    *, viewer: Viewer, done: bool, first: int, most: int, shown: frozenset[str] = frozenset()
) -> tuple[MissedView, ...]:
    """Return callers to be called back, the first due first; or those who were, the last first.

    ``shown`` are rows whose number the viewer asked to see.
    """
    rows = (
        models.MissedCall.objects.filter(_seen(viewer=viewer), state="done" if done else "due")
        .select_related("complaint", "called_by")
        .order_by("-called_at" if done else "due_at", "id")[first : first + most]
    )
    playbook = office.current_playbook()
    ladder = playbook.aftercare.missed.escalate
    now = datetime.now(tz=rows[0].due_at.tzinfo) if rows else None
    out = []
    for row in rows:
        clear = row.id.hex in shown
        rung = ladder[min(row.escalation, len(ladder)) - 1].to if row.escalation and ladder else ""
        out.append(
            MissedView(
                id=row.id.hex,
                number=row.number if clear else masking.mask_phone(phone=row.number),
                masked=not clear,
                count=row.count,
                first_at=row.first_at,
                last_at=row.last_at,
                due_at=row.due_at,
                late=bool(now and row.state == "due" and row.due_at < now),
                queue=row.queue,
                department=labels.department(playbook, row.department),
                told=labels.role(rung) if rung else "",
                complaint_id=row.complaint.id.hex if row.complaint else "",
                complaint=f"{row.complaint.number} {masking.mask_text(text=row.complaint.title)}"
                if row.complaint
                else "",
                attempts=row.attempts,
                most=playbook.aftercare.attempts,
                state=row.state,
                outcome_label=labels.pick(OUTCOMES, row.outcome) if row.outcome else "",
                words=masking.mask_text(text=row.words),
                called_by=row.called_by.name if row.called_by else "",
                called_at=row.called_at,
                because=tuple(
                    str(r.get("en" if labels.english() else "zh", "")) for r in row.because
                ),
            )
        )
    return tuple(out)


def missed_number(*, viewer: Viewer, missed_id: UUID) -> str:
    """Return the number of a caller whose row the viewer may see; empty when he may not."""
    rows = models.MissedCall.objects.filter(_seen(viewer=viewer), id=missed_id)
    return rows.values_list("number", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class Notice:
    """The caller last missed whom the viewer is to see to."""

    stamp: str
    number: str
    count: int
    queue: str
    due_at: datetime
    waiting: int


def notice(*, viewer: Viewer) -> Notice | None:
    """Return what a viewer is told of callers nobody took; None where none is his."""
    rows = list(given(viewer=viewer).order_by("-last_at")[:100])
    if not rows:
        return None
    last = rows[0]
    return Notice(
        stamp=f"missed-{last.id.hex[-12:]}-{last.count}",
        number=masking.mask_phone(phone=last.number),
        count=last.count,
        queue=last.queue,
        due_at=last.due_at,
        waiting=len(rows),
    )


def by_day(*, days: int, now: datetime, zone: ZoneInfo) -> Counter[date]:
    """Return how many calls nobody took on each day, whoever called."""
    rows = models.PhoneCall.objects.filter(
        direction="in", state="missed", started_at__gte=now - timedelta(days=days)
    )
    return Counter(at.astimezone(zone).date() for at in rows.values_list("started_at", flat=True))


def series(
    *, days: int, now: datetime, zone: ZoneInfo, beside: Sequence[tuple[str, Counter[date]]] = ()
) -> Series:
    """Return the calls that nobody took, day by day; ``beside`` are others by day."""
    order = [(now - timedelta(days=d)).astimezone(zone).date() for d in range(days - 1, -1, -1)]
    counted = [(_("没人接的来电"), by_day(days=days, now=now, zone=zone)), *beside]
    return Series(
        code="missed",
        title=_("每天没人接的来电"),
        unit=_("个"),
        kind="line",
        labels=tuple(f"{day:%m-%d}" for day in order),
        days=tuple(order),
        rows=tuple((name, tuple(float(n.get(d, 0)) for d in order)) for name, n in counted),
    )

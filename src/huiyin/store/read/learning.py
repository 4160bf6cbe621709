"""What was taught, which model versions there are, and how right the sorting was week by week."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncWeek

from huiyin.core.learning import Policy, Taught, WeekFacts
from huiyin.core.masking import mask_address, mask_text
from huiyin.store import models
from huiyin.store.read import office

WEEKS = 13
JOB = "learn"


def policy() -> Policy:
    """Return the figures that learning keeps to, from the settings."""
    return Policy(
        least=settings.HUIYIN.learn_least,
        person_percent=settings.HUIYIN.learn_person_percent,
        margin_percent=settings.HUIYIN.learn_margin_percent,
    )


@dataclass(frozen=True, slots=True)
class Version:
    """A model version as rooms need it."""

    id: UUID
    number: int
    phrases: str
    learned: str
    scores: dict[str, Any]
    state: str
    artefact: str
    before: UUID | None


def taught() -> list[Taught]:
    """Return every correction with its text masked, oldest first.

    Where nobody corrected the urgency it is what the words told, without what the playbook added
    for other facts than words.
    """
    rows = list(models.Correction.objects.order_by("at", "id"))
    stands = {
        id: (category, str(triage.get("urgency") or urgency))
        for id, category, urgency, triage in models.Complaint.objects.filter(
            id__in=models.Correction.objects.values("complaint_id")
        ).values_list("id", "category", "urgency", "triage")
    }
    return [
        Taught(
            id=row.id.hex,
            at=row.at,
            by=row.by_id,
            text=masked(text=row.text),
            field=row.field,
            after=row.after,
            category=stands.get(row.complaint_id, ("", ""))[0],
            urgency=stands.get(row.complaint_id, ("", ""))[1],
        )
        for row in rows
    ]


def masked(*, text: str) -> str:
    """Return words without phones, cards, mail addresses and what follows the district."""
    return mask_text(text=mask_address(address=text))


def running(*, phrases: str) -> Version | None:
    """Return the running version if it was trained on these examples."""
    return _version(Q(state="running", phrases=phrases))


def newest(*, phrases: str) -> Version | None:
    """Return the version trained last on these examples."""
    return _version(Q(phrases=phrases))


def candidate() -> Version | None:
    """Return the version that waits to be taken."""
    return _version(Q(state="candidate"))


def shipped_score(*, phrases: str) -> dict[str, Any] | None:
    """Return what the model without corrections scored on the examples, where it is known."""
    found = newest(phrases=phrases)
    return found.scores.get("book_shipped") if found else None


def left_to_people() -> bool:
    """Tell whether somebody took a version back and nobody has taken one by hand since."""
    undone = (
        models.ModelVersion.objects.exclude(undone_at=None)
        .order_by("-undone_at")
        .values_list("undone_at", flat=True)
        .first()
    )
    if undone is None:
        return False
    later = models.ModelVersion.objects.filter(taken_at__gt=undone).values_list(
        "history", flat=True
    )
    return not any(
        step["what"] == "taken" and step["by"] is not None for history in later for step in history
    )


def _version(which: Q) -> Version | None:
    row = models.ModelVersion.objects.filter(which).order_by("-number").first()
    if row is None:
        return None
    return Version(
        id=row.id,
        number=row.number,
        phrases=row.phrases,
        learned=row.learned,
        scores=row.scores,
        state=row.state,
        artefact=row.artefact,
        before=row.before_id,
    )


def weeks(*, now: datetime) -> list[WeekFacts]:
    """Return the facts of the last weeks, the present one included, by the playbook's zone.

    Imported history, merged complaints and what is no complaint are left out.
    """
    zone = ZoneInfo(office.current_playbook().timezone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    cases = (
        models.Complaint.objects.filter(
            opened_at__gte=datetime.combine(first, time.min, zone), opened_at__lte=now
        )
        .exclude(status="merged")
        .exclude(branch__in=["consultation", "business_request"])
        .exclude(channel="history")
    )
    ended = Q(resolved_at__isnull=False) | Q(closed_at__isnull=False)
    kinds: dict[date, dict[str, int]] = defaultdict(dict)
    settled: dict[date, int] = defaultdict(int)
    sure: dict[date, float] = defaultdict(float)
    for row in (
        cases.annotate(week=TruncWeek("opened_at", tzinfo=zone))
        .values("week", "category")
        .annotate(n=Count("id"), over=Count("id", filter=ended), sum=Sum("confidence"))
        .order_by("week", "category")
    ):
        monday = row["week"].astimezone(zone).date()
        kinds[monday][row["category"]] = row["n"]
        settled[monday] += row["over"]
        sure[monday] += row["sum"]
    changed: dict[str, dict[date, int]] = {
        "category": defaultdict(int),
        "urgency": defaultdict(int),
    }
    firsts: dict[UUID, dict[str, str]] = defaultdict(dict)
    for case_id, field, before in models.Correction.objects.order_by("at", "id").values_list(
        "complaint_id", "field", "before"
    ):
        firsts[case_id].setdefault(field, before)
    corrected = models.Correction.objects.values("complaint_id")
    for case in cases.filter(id__in=corrected).values(
        "id", "opened_at", "category", "urgency", "resolved_at", "closed_at"
    ):
        day = case["opened_at"].astimezone(zone).date()
        monday = day - timedelta(days=day.weekday())
        if case["resolved_at"] is None and case["closed_at"] is None:
            settled[monday] += 1
        now_said = {"category": case["category"], "urgency": case["urgency"]}
        for field, before in firsts[case["id"]].items():
            changed[field][monday] += before != now_said[field]
    return [
        WeekFacts(
            monday=monday,
            kinds=kinds[monday],
            settled=settled[monday],
            category=changed["category"][monday],
            urgency=changed["urgency"][monday],
            confidence=sure[monday] / sum(kinds[monday].values()),
        )
        for monday in sorted(kinds)
    ]

"""What rooms need to know of incidents and batches: rules, who fits, what each would get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum

from huiyin.core.access import Actor
from huiyin.core.incident import Plan, Rule
from huiyin.core.remedy.offer import GRANTED
from huiyin.store import models
from huiyin.store.case import CASE_FIELDS, Case

WORKABLE = ("new", "assigned", "working", "waiting_customer", "waiting_approval")
"""Statuses of complaints that a batch may still answer or settle."""


def rule_of(*, incident: models.Incident) -> Rule:
    """Return the rule of an incident; its list costs one query."""
    listed: frozenset[str] = frozenset()
    if incident.listed:
        rows = models.IncidentWaybill.objects.filter(incident_id=incident.id)
        listed = frozenset(rows.values_list("waybill", flat=True))
    return Rule(
        takes_from=incident.takes_from,
        takes_until=incident.takes_until,
        waybills=listed,
        categories=tuple(incident.categories),
        regions=tuple(incident.regions),
        words=tuple(incident.words),
        condition=incident.condition,
    )


def incident(*, id: UUID) -> models.Incident | None:
    """Return an incident."""
    return models.Incident.objects.select_related("made_by").filter(id=id).first()


def open_ids() -> list[UUID]:
    """Return the incidents that take complaints."""
    return list(models.Incident.objects.filter(state="open").values_list("id", flat=True))


def _within(rule: Rule) -> Q:
    within = Q(live=True, branch="complaint", opened_at__gte=rule.takes_from)
    if rule.takes_until is not None:
        within &= Q(opened_at__lte=rule.takes_until)
    return within


def newest(*, rule: Rule, limit: int) -> list[Case]:
    """Return the newest open complaints of a rule's time, without taking them in hand."""
    rows = models.Complaint.objects.filter(_within(rule)).order_by("-opened_at", "-id")
    return [Case(*values) for values in rows.values_list(*CASE_FIELDS)[:limit]]


def arrived(
    *, rule: Rule, since: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> list[Case]:
    """Return open complaints of a rule's time that came since a moment, oldest first.

    ``after`` is the moment and id of the last one that was read.
    """
    rows = models.Complaint.objects.filter(_within(rule), opened_at__gte=since)
    if after is not None:
        at, id = after
        rows = rows.filter(opened_at__gte=at).exclude(opened_at=at, id__lte=id)
    rows = rows.order_by("opened_at", "id")
    return [Case(*values) for values in rows.values_list(*CASE_FIELDS)[:limit]]


def known(*, incident_id: UUID, complaint_ids: Iterable[UUID]) -> set[UUID]:
    """Return which complaints an incident knows already, linked or taken off."""
    rows = models.IncidentLink.objects.filter(
        incident_id=incident_id, complaint_id__in=list(complaint_ids)
    )
    return set(rows.values_list("complaint_id", flat=True))


def link(*, incident_id: UUID, complaint_id: UUID) -> models.IncidentLink | None:
    """Return what ties a complaint to an incident, live or taken off."""
    return models.IncidentLink.objects.filter(
        incident_id=incident_id, complaint_id=complaint_id
    ).first()


def linked_cases(*, incident_id: UUID, statuses: Iterable[str]) -> list[Case]:
    """Return the linked complaints in these statuses, oldest first, without taking them in hand.

    One with a file on service attitude is kept apart and never worked in a batch.
    """
    ids = models.IncidentLink.objects.filter(incident_id=incident_id, live=True).values(
        "complaint_id"
    )
    apart = models.ConductFile.objects.filter(complaint__isnull=False).values("complaint_id")
    rows = models.Complaint.objects.filter(id__in=ids, status__in=list(statuses))
    rows = rows.exclude(id__in=apart)
    return [Case(*values) for values in rows.order_by("opened_at", "id").values_list(*CASE_FIELDS)]


def listed_facts(*, incident_id: UUID) -> dict[str, dict[str, Any]]:
    """Return what the list says of each parcel, by waybill."""
    rows = models.IncidentWaybill.objects.filter(incident_id=incident_id)
    return dict(rows.values_list("waybill", "facts"))


@dataclass(frozen=True, slots=True)
class Item:
    """A complaint of a batch as its worker sees it."""

    id: UUID
    complaint_id: UUID
    step: int
    amount: int | None
    facts: Mapping[str, Any]
    remedy_id: UUID | None


@dataclass(frozen=True, slots=True)
class Run:
    """A batch as rooms see it."""

    id: UUID
    incident_id: UUID
    state: str
    plan: Plan
    text: str
    made_by: int
    released_by: int | None


def run(*, id: UUID) -> Run | None:
    """Return a batch."""
    row = models.BulkRun.objects.filter(id=id).first()
    if row is None:
        return None
    return Run(
        id=row.id,
        incident_id=row.incident_id,
        state=row.state,
        plan=Plan.from_json(data=row.plan),
        text=row.text,
        made_by=row.made_by_id,
        released_by=row.released_by_id,
    )


def pending(*, run_id: UUID, limit: int) -> list[Item]:
    """Return the next complaints of a batch."""
    rows = models.BulkItem.objects.filter(run_id=run_id, state="pending").order_by("place")
    return [
        Item(r.id, r.complaint_id, r.step, r.amount, r.facts, r.remedy_id) for r in rows[:limit]
    ]


def remedy_of(*, item_id: UUID) -> UUID | None:
    """Return the remedy that a complaint of a batch got."""
    return models.BulkItem.objects.values_list("remedy_id", flat=True).get(id=item_id)


def name_of(*, incident_id: UUID) -> str:
    """Return an incident's name."""
    row = models.Incident.objects.filter(id=incident_id).values_list("name", flat=True).first()
    return row or ""


def amounts(*, run_id: UUID) -> list[int]:
    """Return what is to be released of a batch, 分 each."""
    rows = models.BulkItem.objects.filter(run_id=run_id).exclude(state__in=["failed", "claimed"])
    return [int(a) for a in rows.values_list("amount", flat=True) if a]


def granted_today(*, owners: Iterable[int], now: datetime, zone: str) -> dict[int, int]:
    """Return what was granted today by the authority of each, 分."""
    local = now.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = list(owners)
    rows = (
        models.Remedy.objects.filter(
            authority_of__in=wanted, decided_at__gte=midnight, state__in=GRANTED
        )
        .values("authority_of")
        .annotate(s=Sum("amount"))
    )
    known = {r["authority_of"]: int(r["s"] or 0) for r in rows}
    return {o: known.get(o, 0) for o in wanted}


def actor(*, user_id: int) -> tuple[Actor, str]:
    """Return a person as rights see him now, and his name."""
    row = models.User.objects.get(id=user_id)
    who = Actor(id=row.id, role=row.role, department=row.department_id, active=row.is_active)
    return who, row.name

"""One event that hits many parcels, the complaints linked to it, and work done on all of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .case import Complaint
from .people import User


class Incident(models.Model):
    """An event such as a fire at a hub, with the rule by which complaints belong to it."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=80)
    about = models.TextField(blank=True)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    takes_from = models.DateTimeField()
    """Complaints opened from here on are looked at."""
    takes_until = models.DateTimeField(null=True)
    categories = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    words = models.JSONField(default=list)
    condition = models.TextField(blank=True)
    state = models.CharField(max_length=8, default="draft")
    """draft, open (complaints are linked as they arrive) or ended."""
    looked_to = models.DateTimeField(null=True)
    """Complaints that came before this moment were looked at."""
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    listed = models.PositiveIntegerField(default=0)
    """How many waybills its list holds."""

    class Meta:
        db_table = "incident"
        indexes: ClassVar = [
            models.Index(fields=["id"], name="incident_open", condition=Q(state="open"))
        ]


class IncidentWaybill(models.Model):
    """A parcel that the event hit, with what the list says of it: fee, values, 分."""

    id = models.BigAutoField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="waybills")
    waybill = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "incident_waybill"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "waybill"], name="incident_waybill_once")
        ]


class IncidentLink(models.Model):
    """A complaint of an incident; one taken off by hand stays known and is not linked again."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="links")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    because = models.JSONField(default=list)
    live = models.BooleanField(default=True)
    linked_at = models.DateTimeField()
    linked_by = models.CharField(max_length=40)
    """'system' or 'user:ID'."""
    unlinked_at = models.DateTimeField(null=True)
    unlinked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    unlink_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "incident_link"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "complaint"], name="incident_linked_once")
        ]
        indexes: ClassVar = [models.Index(fields=["complaint"], name="incident_of_complaint")]


class BulkRun(models.Model):
    """One answer or settlement for all complaints of an incident, on its way."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="runs")
    token = models.CharField(max_length=40, unique=True)
    """Of the form that asked for it: a form sent twice makes one run."""
    state = models.CharField(max_length=12)
    """waiting (for release of its sum), held, running, stopped, done or called_back."""
    plan = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    total = models.PositiveIntegerField()
    amount = models.BigIntegerField(default=0)
    """The sum of all remedies, 分."""
    because = models.JSONField(default=list)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    released_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    hold_until = models.DateTimeField(null=True)
    """Until then the whole can be called back; nothing goes out before."""
    lease_until = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_run"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident"],
                name="bulk_run_one_at_a_time",
                condition=Q(state__in=["waiting", "held", "running"]),
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["hold_until"],
                name="bulk_run_due",
                condition=Q(state__in=["held", "running"]),
            )
        ]


class BulkItem(models.Model):
    """What becomes of one complaint in a run; ``step`` counts the steps that are done."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(BulkRun, on_delete=models.PROTECT, related_name="items")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField()
    state = models.CharField(max_length=8, default="pending")
    """pending, done, failed, waiting (for an approval), claimed (its parcel has the remedy on
    another complaint) or left (called back or stopped)."""
    step = models.PositiveSmallIntegerField(default=0)
    amount = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    remedy_id = models.UUIDField(null=True)
    error = models.JSONField(default=dict)
    """Why it failed, {zh, en}."""
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_item"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "complaint"], name="bulk_item_once")
        ]
        indexes: ClassVar = [models.Index(fields=["run", "state", "place"], name="bulk_item_next")]

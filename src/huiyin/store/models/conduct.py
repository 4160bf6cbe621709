"""Files on service attitude: 服务态度投诉管理表. Kept apart, with a hash chain of their own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .case import Complaint
from .people import User


class ConductFile(models.Model):
    """One complaint about one employee, from the form to the filed paper."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=10)
    """external (a customer complains) or internal (a colleague does)."""
    complaint = models.ForeignKey(
        Complaint, null=True, on_delete=models.PROTECT, related_name="conduct_files"
    )
    complainant = models.CharField(max_length=120)
    contact = models.CharField(max_length=120, blank=True)
    employee = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    department = models.CharField(max_length=40, blank=True)
    """The employee's department at that time."""
    happened_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=120, blank=True)
    words = models.TextField()
    """What the complainant says, in his own words."""
    charge = models.TextField()
    """What the employee is told: the same without anything about the complainant."""
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    playbook_version = models.CharField(max_length=64)
    superior = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    administration = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    """The administration manager, to whom it is reported and who decides an objection."""
    stage = models.CharField(max_length=10)
    """recorded, answered, measured, reported or filed."""
    objection = models.CharField(max_length=10)
    """open, raised, decided or none (the employee has none, or let the time pass)."""
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    statement = models.TextField(blank=True)
    stated_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=14, blank=True)
    finding = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    """What the superior answered the complainant."""
    answered_at = models.DateTimeField(null=True)
    measure = models.CharField(max_length=64, blank=True)
    """A measure of the playbook."""
    measure_words = models.TextField(blank=True)
    measured_at = models.DateTimeField(null=True)
    object_until = models.DateTimeField(null=True)
    objection_words = models.TextField(blank=True)
    objected_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=10, blank=True)
    """kept, changed or lifted."""
    decision_words = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    report = models.TextField(blank=True)
    reported_at = models.DateTimeField(null=True)
    opinion = models.TextField(blank=True)
    filed_at = models.DateTimeField(null=True)
    paper = models.CharField(max_length=64, blank=True)
    """SHA-256 of the kept PDF."""
    paper_size = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "conduct_file"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["complaint", "employee"],
                condition=Q(complaint__isnull=False),
                name="conduct_file_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["warn_at", "id"], name="conduct_running", condition=Q(stage="recorded")
            ),
        ]


class ConductEvent(models.Model):
    """One thing that happened to such a file, chained by hash to the one before."""

    id = models.UUIDField(primary_key=True)
    file = models.ForeignKey(ConductFile, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    data = models.TextField(default="{}")
    """Canonical JSON, as hashed."""
    because = models.TextField(default="[]")
    playbook_version = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "conduct_event"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "seq"], name="conduct_event_once")
        ]

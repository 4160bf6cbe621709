"""What proves what happened: the checklist of a complaint and the pieces that came in for it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .case import Complaint
from .people import User


class EvidenceItem(models.Model):
    """One item of the playbook's checklist that was asked for, came in or was waived."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="evidence_items"
    )
    item = models.CharField(max_length=64)
    state = models.CharField(max_length=10)
    """requested, received or waived; an item without a row is missing."""
    of = models.CharField(max_length=64, blank=True)
    """Who was asked: handler, customer or the code of a department."""
    due_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    """Why it was waived."""
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "evidence_item"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["complaint", "item"], name="evidence_item_once")
        ]


class Evidence(models.Model):
    """One piece, written once; a newer piece may take its place, both stay."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="evidence")
    item = models.CharField(max_length=64, blank=True)
    """The item of the checklist; empty for a piece that nobody asked for."""
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=64)
    """handler, customer or the code of the department that gave it."""
    note = models.CharField(max_length=500, blank=True)
    of_time = models.DateTimeField(null=True)
    """When it was taken or written, where that is known."""
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attachment_id = models.UUIDField(null=True)
    """The customer's upload that it was taken from."""
    supersedes_id = models.UUIDField(null=True)

    class Meta:
        db_table = "evidence"
        indexes: ClassVar = [
            models.Index(fields=["complaint", "added_at", "id"], name="evidence_of_complaint"),
        ]

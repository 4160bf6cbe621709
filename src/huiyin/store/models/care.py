"""Call-backs to customers, and the formal letters written to them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .case import Complaint
from .people import User


class CallBack(models.Model):
    """A call that is owed to a customer after his complaint was answered."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="call_backs")
    rule = models.CharField(max_length=64)
    """The playbook's rule that asks for it."""
    occasion = models.CharField(max_length=16)
    """resolved, silent, last_level or promise_broken."""
    name = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="due")
    """due, done or cancelled."""
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=16, blank=True)
    """satisfied, dissatisfied, refused or given_up."""
    words = models.TextField(blank=True)
    called_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "call_back"
        indexes: ClassVar = [
            models.Index(fields=["complaint"], name="call_back_complaint"),
            models.Index(fields=["due_at", "id"], name="call_back_due", condition=Q(state="due")),
        ]


class Letter(models.Model):
    """A formal letter of reply: its words, its files, and the message it went out with."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="letters")
    reference = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    facts = models.TextField(blank=True)
    remedies = models.TextField(blank=True)
    bases = models.TextField(blank=True)
    docx = models.CharField(max_length=64)
    """SHA-256 of the Word file."""
    docx_size = models.PositiveIntegerField()
    pdf = models.CharField(max_length=64)
    """SHA-256 of the PDF."""
    pdf_size = models.PositiveIntegerField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    message_id = models.UUIDField(null=True)
    """The reply it was sent with, empty while it was not."""

    class Meta:
        db_table = "letter"
        indexes: ClassVar = [models.Index(fields=["complaint"], name="letter_complaint")]

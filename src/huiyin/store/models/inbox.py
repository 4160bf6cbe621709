"""The durable inbox: every contact, raw, before anybody understands it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class InboxItem(models.Model):
    """One contact as it came: bytes, headers, channel, external id, time; and what became of it."""

    id = models.UUIDField(primary_key=True)
    channel = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    raw = models.BinaryField()
    kind = models.CharField(max_length=40)
    """How ``raw`` is read: 'contact' (our JSON) or 'email' (RFC 5322)."""
    headers = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="pending")
    """pending, opened, joined, reopened, set_aside, quarantined."""
    complaint_id = models.UUIDField(null=True)
    message_id = models.UUIDField(null=True)
    reason = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    repeats = models.PositiveIntegerField(default=0)
    """How often the same external id came again."""
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "inbox"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="inbox_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="inbox_pending", condition=Q(state="pending")),
            models.Index(fields=["id"], name="inbox_quarantine", condition=Q(state="quarantined")),
            models.Index(
                fields=["received_at", "id", "channel"],
                name="inbox_aside",
                condition=Q(state="set_aside"),
            ),
            models.Index(fields=["complaint_id"], name="inbox_complaint"),
        ]

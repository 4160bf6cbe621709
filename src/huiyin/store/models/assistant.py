"""What was asked of the assistant, and what came back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .people import User


class AssistantRequest(models.Model):
    """One question about a complaint to the language model; asked by the worker."""

    id = models.UUIDField(primary_key=True)
    complaint_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    """summary, draft, translation or opinion."""
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="pending")
    """pending, done, refused (the answer was not taken) or failed."""
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    input_hash = models.CharField(max_length=64, blank=True)
    """SHA-256 of what left the house."""
    result = models.JSONField(default=dict)
    because = models.JSONField(default=dict)
    """Why it was refused or failed."""
    model = models.CharField(max_length=80, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    ms = models.PositiveIntegerField(default=0)
    """Milliseconds of the last call."""
    cost = models.PositiveBigIntegerField(default=0)
    """In hundredths of a 分."""
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "assistant_request"
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at", "id"], name="assistant_next", condition=Q(state="pending")
            ),
            models.Index(fields=["complaint_id", "id"], name="assistant_of"),
            models.Index(fields=["asked_at"], name="assistant_day"),
        ]

"""Who is who: what people said of two complaints that may be one, and of two customers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .people import User


class Pairing(models.Model):
    """Two complaints that may be the same, and what a person said; teaches when to ask."""

    id = models.UUIDField(primary_key=True)
    newer_id = models.UUIDField()
    older_id = models.UUIDField()
    score = models.FloatField()
    """How likely the matcher held it, 0 to 1."""
    because = models.JSONField(default=list)
    """The evidence for and against, as reasons."""
    answer = models.CharField(max_length=10, blank=True)
    """same or different; empty while nobody answered."""
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "pairing"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["newer_id", "older_id"], name="pairing_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["older_id"], name="pairing_older"),
            models.Index(
                fields=["answered_at"],
                name="pairing_answered",
                condition=Q(answered_at__isnull=False),
            ),
        ]


class CustomerMove(models.Model):
    """Identities and complaints that a person gave from one customer to another; never deleted.

    Whose an identity is follows from the moves that stand, in their order.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10)
    """link (two are one person) or unlink (an identity is somebody else's)."""
    from_id = models.UUIDField()
    to_id = models.UUIDField()
    identities = models.JSONField(default=list)
    complaints = models.JSONField(default=list)
    """Ids in hex."""
    because = models.TextField(blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "customer_move"
        indexes: ClassVar = [
            models.Index(fields=["from_id"], name="customer_move_from"),
            models.Index(fields=["to_id"], name="customer_move_to"),
        ]

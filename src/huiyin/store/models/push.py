"""Telephones that want to be told of a complaint."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class PushSubscription(models.Model):
    """A telephone that a customer's page asked to be told on."""

    id = models.BigAutoField(primary_key=True)
    complaint_id = models.UUIDField()
    """The complaint whose link was open."""
    digest = models.CharField(max_length=64)
    """SHA-256 of the address at the push service."""
    sealed = models.TextField()
    """Sealed JSON: endpoint, p256dh and auth as the browser gave them."""
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "push_subscription"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["complaint_id", "digest"], name="push_once")
        ]

"""How often one client did something, so that nobody floods a door that is open to everybody."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ClientUse(models.Model):
    """What one client did of a kind within an hour; swept when the next hours come."""

    id = models.BigAutoField(primary_key=True)
    purpose = models.CharField(max_length=20)
    client = models.CharField(max_length=64)
    """A keyed hash of the address: the address itself is not kept."""
    hour = models.DateTimeField()
    used = models.PositiveIntegerField()

    class Meta:
        db_table = "client_use"
        indexes: ClassVar = [models.Index(fields=["hour"], name="client_use_hour")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "client", "hour"], name="client_use_once")
        ]

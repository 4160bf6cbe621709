"""What people taught the triage."""

from __future__ import annotations

from django.db import models

from .people import User


class Correction(models.Model):
    """An agent's correction of category or urgency, kept as training data."""

    id = models.UUIDField(primary_key=True)
    complaint_id = models.UUIDField()
    text = models.TextField()
    field = models.CharField(max_length=10)
    before = models.CharField(max_length=20)
    after = models.CharField(max_length=20)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        db_table = "correction"

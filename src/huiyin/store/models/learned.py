"""What people taught the triage, and the models that were trained on it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

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


class ModelVersion(models.Model):
    """A triage model trained on the shipped examples and on corrections; never deleted."""

    id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField(unique=True)
    built_at = models.DateTimeField()
    trained_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    """None for the nightly run and the command line."""
    phrases = models.CharField(max_length=20)
    """Hash of the shipped language files and the training code."""
    learned = models.CharField(max_length=64)
    """Hash of the corrections that it was trained on and measured by."""
    corrections = models.PositiveIntegerField()
    held_out = models.PositiveIntegerField()
    scores = models.JSONField(default=dict)
    state = models.CharField(max_length=10)
    """candidate, running, retired or refused."""
    because = models.JSONField(default=list)
    history = models.JSONField(default=list)
    """What happened to it, oldest first: {"at", "what", "by"}."""
    artefact = models.CharField(max_length=64)
    """SHA-256 of the kept file with the weights."""
    before = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    """What was running when it was trained; None for the model as shipped."""
    taken_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "model_version"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="running"), name="model_version_running"
            )
        ]

"""The company and the playbook versions it has worked under."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .people import User


class Company(models.Model):
    """The one company of this installation."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=120)
    playbook = models.ForeignKey("PlaybookVersion", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "company"


class PlaybookVersion(models.Model):
    """An immutable text of a playbook; every decision names the version it was made under."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=64)
    version_id = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "playbook_version"


class PlaybookDraft(models.Model):
    """A change of the playbook on its way: written, checked, approved by another, in force."""

    id = models.UUIDField(primary_key=True)
    key = models.CharField(max_length=64)
    base = models.CharField(max_length=64)
    """The version that it was begun from."""
    title = models.CharField(max_length=120)
    text = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    """Counts up with every change; who saves must have seen the last one."""
    state = models.CharField(max_length=10, default="draft")
    """draft, submitted, approved, in_force, replaced or withdrawn."""
    authors = models.JSONField(default=list)
    """Ids of all who changed its text: none of them approves it."""
    version_id = models.CharField(max_length=64, blank=True)
    """The version it becomes; empty until it is submitted."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    history = models.JSONField(default=list)
    """What happened to it, oldest first: {"at", "what", "by", "words"}."""

    class Meta:
        db_table = "playbook_draft"
        indexes: ClassVar = [
            models.Index(fields=["state", "effective_at"], name="playbook_draft_state")
        ]

"""The company and the playbook versions it has worked under."""

from __future__ import annotations

from django.db import models


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

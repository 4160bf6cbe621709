"""How many contacts come by each channel, what is usual, and what stood out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .people import User


class VolumeMinute(models.Model):
    """Contacts of a channel in a minute, counted while they are accepted."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=20)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "volume_minute"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["minute", "channel"], name="volume_minute_once")
        ]


class UsualVolume(models.Model):
    """How many contacts of a channel are usual in an hour of the week."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=20)
    hour = models.PositiveSmallIntegerField()
    """0 is Monday's first hour, 167 Sunday's last, in the playbook's time zone."""
    median = models.FloatField()
    weeks = models.PositiveSmallIntegerField()
    """How many weeks it rests on."""

    class Meta:
        db_table = "usual_volume"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "hour"], name="usual_volume_once")
        ]


class Alert(models.Model):
    """Something about a channel that stands out, until it is over."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=20)
    """silent or flooding."""
    channel = models.CharField(max_length=20)
    raised_at = models.DateTimeField()
    seen = models.FloatField()
    usual = models.FloatField()
    because = models.JSONField(default=list)
    over_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alert"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "kind"], name="alert_once", condition=Q(over_at__isnull=True)
            )
        ]
        indexes: ClassVar = [models.Index(fields=["raised_at"], name="alert_raised")]

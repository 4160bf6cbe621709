"""Parcels on their way, as far as sources tell of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class ParcelTrack(models.Model):
    """The track of one parcel, joined from all tellings."""

    waybill = models.CharField(max_length=40, primary_key=True)
    carrier = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    """The consignee's telephone, where the source tells it or the carrier wants to know it."""
    name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=12, default="unknown")
    signed_by = models.CharField(max_length=10, blank=True)
    promised_at = models.DateTimeField(null=True)
    scans = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    last_scan_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    """When a source last told something new."""
    told_by = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField(null=True)
    ask_at = models.DateTimeField(null=True)
    """When a source is to be asked next; null: nobody needs it."""
    look_at = models.DateTimeField(null=True)
    """When the rules of care are to be asked next; null: the parcel has arrived or is given up."""
    subscribed = models.BooleanField(default=False)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    cared_for = models.CharField(max_length=64, blank=True)
    """The rule by which a case of care was opened; one parcel gets one."""

    class Meta:
        db_table = "parcel_track"
        indexes: ClassVar = [
            models.Index(fields=["ask_at"], name="track_ask", condition=Q(ask_at__isnull=False)),
            models.Index(fields=["look_at"], name="track_look", condition=Q(look_at__isnull=False)),
        ]

"""Fingerprints of files that customers sent, and what a person should look at again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .case import Complaint
from .people import User


class FilePrint(models.Model):
    """The fingerprint of one attachment of a customer's message."""

    attachment_id = models.UUIDField(primary_key=True)
    complaint_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    is_picture = models.BooleanField()
    phash = models.CharField(max_length=16, blank=True)
    """64 bits: a picture's perceptual hash, or the digest of what a document says; may be empty."""
    sides = models.CharField(max_length=12, blank=True)
    """Width and height, such as 1280x960."""
    plain = models.BooleanField(default=False)
    """The picture has too little in it to tell it from others."""
    at = models.DateTimeField()

    class Meta:
        db_table = "file_print"
        indexes: ClassVar = [
            models.Index(fields=["sha256"], name="file_print_sha256"),
            models.Index(fields=["complaint_id"], name="file_print_complaint"),
        ]


class FilePrintBand(models.Model):
    """One of the eight parts of a perceptual hash: near hashes have at least one in common."""

    id = models.BigAutoField(primary_key=True)
    file_print = models.ForeignKey(FilePrint, on_delete=models.CASCADE, related_name="bands")
    band = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "file_print_band"
        indexes: ClassVar = [models.Index(fields=["band", "file_print"], name="file_print_by_band")]


class Doubt(models.Model):
    """Something about a complaint that a person should look at, with what speaks for and against.

    Nothing follows from it by itself; what the person found is an event of the complaint.
    """

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=20)
    """same_photo, same_proof or many_parcels."""
    key = models.CharField(max_length=120, unique=True)
    """The same finding is raised once."""
    speaks_for = models.JSONField(default=list)
    speaks_against = models.JSONField(default=list)
    others = models.JSONField(default=list)
    """The other complaints that it is about: ids, hexadecimal."""
    playbook_version = models.CharField(max_length=64)
    state = models.CharField(max_length=8, default="open")
    """open or reviewed."""
    raised_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)
    """founded, false_alarm or unclear."""
    words = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "doubt"
        indexes: ClassVar = [
            models.Index(fields=["id"], name="doubt_open", condition=Q(state="open")),
            models.Index(fields=["complaint"], name="doubt_complaint"),
        ]

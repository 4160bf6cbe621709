"""Telephone calls, and the calls that nobody took."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .case import Complaint
from .people import User


class PhoneCall(models.Model):
    """One call as its telephone system told it, or as somebody writes it down by hand."""

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField(null=True)
    """The telephone system; none for a call written down by hand."""
    external_id = models.CharField(max_length=120, blank=True)
    direction = models.CharField(max_length=3)
    """in or out."""
    number = models.CharField(max_length=40, blank=True)
    """The number outside; empty where the caller hides it."""
    queue = models.CharField(max_length=60, blank=True)
    rang = models.JSONField(default=list)
    """Ids of the people whose telephones rang."""
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Who took it, or made it."""
    state = models.CharField(max_length=10)
    """ringing, talking, ended, missed or unreached (nobody took our call)."""
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    complaint = models.ForeignKey(
        Complaint, null=True, on_delete=models.PROTECT, related_name="phone_calls", db_index=False
    )
    noted_at = models.DateTimeField(null=True)
    """When it was written down what was said, or put aside."""
    recording = models.CharField(max_length=600, blank=True)
    """Where the telephone system keeps the recording."""
    recording_state = models.CharField(max_length=10, blank=True)
    """wanted, kept or failed."""
    recording_error = models.CharField(max_length=200, blank=True)
    recording_tries = models.PositiveSmallIntegerField(default=0)
    recording_next_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "phone_call"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account_id", "external_id"],
                name="phone_call_once",
                condition=~Q(external_id=""),
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                name="phone_call_open",
                condition=Q(state__in=["ringing", "talking"]),
            ),
            models.Index(
                fields=["person", "changed_at"],
                name="phone_call_unnoted",
                condition=Q(noted_at__isnull=True),
            ),
            models.Index(fields=["number", "started_at"], name="phone_call_number"),
            models.Index(fields=["started_at"], name="phone_call_started"),
            models.Index(
                fields=["complaint"],
                name="phone_call_complaint",
                condition=Q(complaint__isnull=False),
            ),
            models.Index(
                fields=["recording_next_at"],
                name="phone_call_recording",
                condition=Q(recording_state="wanted"),
            ),
        ]


class MissedCall(models.Model):
    """Calls of one number that nobody took, until somebody calls back."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveSmallIntegerField(default=1)
    queue = models.CharField(max_length=60, blank=True)
    complaint = models.ForeignKey(
        Complaint, null=True, on_delete=models.PROTECT, related_name="missed_calls", db_index=False
    )
    """The caller's open complaint, where he has one."""
    department = models.CharField(max_length=40, blank=True, default="")
    """The department that is to call back; empty where everybody is."""
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="due")
    """due or done."""
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=16, blank=True)
    """reached, called_again, taken_down, wrong_number or given_up."""
    words = models.CharField(max_length=2000, blank=True)
    called_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField(null=True)
    escalation = models.PositiveSmallIntegerField(default=0)
    """How many rungs of the ladder were told that it is late."""
    fire_at = models.DateTimeField(null=True)
    """When it must be looked at next."""
    because = models.JSONField(default=list)

    class Meta:
        db_table = "missed_call"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["number"], name="missed_call_once", condition=Q(state="due")
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], name="missed_call_due", condition=Q(state="due")),
            models.Index(
                fields=["fire_at"], name="missed_call_fire", condition=Q(fire_at__isnull=False)
            ),
            models.Index(fields=["called_at"], name="missed_call_done", condition=Q(state="done")),
            models.Index(
                fields=["complaint"],
                name="missed_call_complaint",
                condition=Q(complaint__isnull=False),
            ),
        ]

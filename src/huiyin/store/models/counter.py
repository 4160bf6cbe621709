"""Counters of the front desk and the numbers that waiting customers draw there."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .people import Party, User


class Counter(models.Model):
    """One counter with its kiosk page and calling screen."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=2, blank=True)
    """What stands before its queue numbers: A gives A001."""
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+")
    """The outlet it stands in; none for the company's own house."""
    enabled = models.BooleanField(default=True)
    idle_seconds = models.PositiveSmallIntegerField(default=90)
    """After so long without a touch the kiosk forgets what was typed."""
    token_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret in its address."""
    token_sealed = models.TextField()
    """The secret itself, sealed, for the administrator who sets up a device."""
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "counter"


class Ticket(models.Model):
    """One queue number of a day."""

    id = models.UUIDField(primary_key=True)
    counter = models.ForeignKey(
        Counter, on_delete=models.PROTECT, related_name="tickets", db_index=False
    )
    day = models.DateField()
    """The day in the company's time zone."""
    number = models.PositiveIntegerField()
    once = models.CharField(max_length=64)
    """The form's own id: the same form sent again gets the same number."""
    branch = models.CharField(max_length=20)
    signature = models.CharField(max_length=64, blank=True)
    """SHA-256 of the drawn signature."""
    inbox_id = models.UUIDField()
    """The contact; its complaint stands there once it is decided."""
    state = models.CharField(max_length=8, default="waiting")
    """waiting, called, served or absent."""
    calls = models.PositiveSmallIntegerField(default=0)
    taken_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    called_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ticket"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["counter", "day", "number"], name="ticket_number_once"),
            models.UniqueConstraint(fields=["counter", "once"], name="ticket_form_once"),
        ]

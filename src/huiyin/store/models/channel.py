"""Accounts with providers of channels, whom they reach, and what they signal."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class ChannelAccount(models.Model):
    """One account with a provider: an official account, an SMS signature, a mailbox."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=20)
    """The channel's code."""
    spoken = models.CharField(max_length=20)
    """The channel name that contacts and answers carry."""
    writes = models.BooleanField(default=False)
    """Whether answers can go out by it."""
    name = models.CharField(max_length=80)
    enabled = models.BooleanField(default=True)
    settings = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    """Sealed JSON of the fields that are secrets."""
    token = models.TextField(blank=True)
    """Sealed access token."""
    token_until = models.DateTimeField(null=True)
    token_lease_until = models.DateTimeField(null=True)
    cursor = models.CharField(max_length=400, blank=True)
    minute = models.DateTimeField(null=True)
    used = models.PositiveIntegerField(default=0)
    """Messages sent in ``minute``."""
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    failed_at = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    probe = models.JSONField(default=dict)
    """The last test of the connection: asked, at, ok, zh, en."""
    created_at = models.DateTimeField()

    class Meta:
        db_table = "channel_account"


class Reach(models.Model):
    """How somebody can be reached on a channel, and how far its window is used."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=200)
    account_id = models.BigIntegerField(null=True)
    last_in_at = models.DateTimeField(null=True)
    sent_since = models.PositiveSmallIntegerField(default=0)
    """Messages sent since ``last_in_at``."""
    left_at = models.DateTimeField(null=True)
    """When the person asked for no more messages here, or the address proved dead."""
    why_left = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "reach"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "address"], name="reach_once")
        ]


class Signal(models.Model):
    """What a provider or a telephone system told besides contacts; stored before it is read."""

    id = models.UUIDField(primary_key=True)
    channel = models.CharField(max_length=20)
    account_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200)
    raw = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="pending")
    """pending, done or failed."""
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "signal"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "kind", "external_id"], name="signal_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="signal_pending", condition=Q(state="pending")),
            models.Index(fields=["id"], name="signal_failed", condition=Q(state="failed")),
        ]


class RemoteFile(models.Model):
    """A file of a message that its provider keeps for us until it is fetched."""

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    message_id = models.UUIDField()
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    remote = models.CharField(max_length=2000)
    """The provider's name for it."""
    state = models.CharField(max_length=10, default="pending")
    """pending, done or failed."""
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "remote_file"
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"], name="remote_file_next", condition=Q(state="pending")
            ),
            models.Index(fields=["message_id"], name="remote_file_message"),
        ]

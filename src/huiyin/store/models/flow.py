"""What happened, what must still go out, and how far long work is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .people import User


class Event(models.Model):
    """One thing that happened to a complaint, chained by hash to the one before."""

    id = models.UUIDField(primary_key=True)
    complaint_id = models.UUIDField()
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    """'user:7', 'customer', 'system' or 'program:name'."""
    data = models.TextField(default="{}")
    """Canonical JSON, as hashed."""
    because = models.TextField(default="[]")
    playbook_version = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "event"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["complaint_id", "seq"], name="event_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["at"], name="event_ground", condition=Q(kind="GroundMarked"))
        ]


class Outbox(models.Model):
    """A message on its way to somebody; sent by the worker, never twice on purpose."""

    id = models.UUIDField(primary_key=True)
    complaint_id = models.UUIDField(null=True)
    message_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=20)
    recipient = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="pending")
    """pending, sent, moved (another channel carries it) or dead."""
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)
    """The channel account that carries it; none yet, or none needed."""
    reference = models.CharField(max_length=120, blank=True)
    """The provider's name for it."""
    delivery = models.CharField(max_length=10, blank=True)
    """What the provider reported later: delivered or failed."""
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox"
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at", "id"], name="outbox_next", condition=Q(state="pending")
            ),
            models.Index(fields=["id"], name="outbox_dead", condition=Q(state="dead")),
            models.Index(fields=["message_id"], name="outbox_message"),
            models.Index(fields=["reference"], name="outbox_reference", condition=~Q(reference="")),
            models.Index(
                fields=["recipient", "sent_at"], name="outbox_sent_to", condition=Q(state="sent")
            ),
        ]


class Tally(models.Model):
    """A maintained counter, changed in the same transaction as what it counts."""

    name = models.CharField(max_length=80, primary_key=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        db_table = "tally"


class Worker(models.Model):
    """A sign of life of a worker process."""

    name = models.CharField(max_length=80, primary_key=True)
    seen_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "worker"


class Job(models.Model):
    """Periodic work: who does it now and when it is next due."""

    name = models.CharField(max_length=60, primary_key=True)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    state = models.JSONField(default=dict)

    class Meta:
        db_table = "job"


class ImportRun(models.Model):
    """A file of complaints being taken in: how far, what was rejected."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    sort = models.CharField(max_length=12, default="history")
    """history, appeal, marketplace or review: what its rows are."""
    sha256 = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10)
    """ready, running, done or failed."""
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    rejected = models.JSONField(default=list)
    error = models.TextField(blank=True)
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "import_run"


class Export(models.Model):
    """Who took which list out of the house."""

    id = models.UUIDField(primary_key=True)
    what = models.CharField(max_length=40)
    rows = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        db_table = "export"


class SavedView(models.Model):
    """A filter of the queue somebody kept."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=400)

    class Meta:
        db_table = "saved_view"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_once")
        ]

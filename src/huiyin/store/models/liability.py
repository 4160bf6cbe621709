"""Claims of liability between parties, every word of both sides, and fines."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .case import Complaint
from .people import User


class LiabilityClaim(models.Model):
    """One claim of liability about a complaint; ``core.liability.machine`` names its states."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12)
    open = models.BooleanField(default=True)
    facts = models.JSONField(default=dict)
    """How the parcel went, as the rules ask for it."""
    named = models.JSONField(default=dict)
    """Part of the way → party."""
    rule = models.CharField(max_length=64)
    because = models.JSONField(default=list)
    playbook_version = models.CharField(max_length=64)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    """When the deadline of the present state passes."""
    fire_at = models.DateTimeField(null=True)
    """The same until somebody looked at it."""
    late = models.BooleanField(default=False)
    by = models.CharField(max_length=8, blank=True)
    """Who ruled last: default, person, or nobody."""
    ruled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ruled_role = models.CharField(max_length=20, blank=True)
    ruled_at = models.DateTimeField(null=True)
    reasons = models.TextField(blank=True)
    """Of the ruling, as published to the parties."""
    appeals = models.PositiveSmallIntegerField(default=0)
    appeal_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Who ruled on the appeal."""
    appeal_reasons = models.TextField(blank=True)
    final_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "liability_claim"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["complaint"], name="liability_once", condition=Q(open=True)
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at", "id"], name="liability_state"),
            models.Index(fields=["complaint", "final_at"], name="liability_complaint"),
            models.Index(
                fields=["fire_at"], name="liability_fire", condition=Q(fire_at__isnull=False)
            ),
            models.Index(
                fields=["final_at"], name="liability_final", condition=Q(final_at__isnull=False)
            ),
        ]


class LiabilityMember(models.Model):
    """A party of a claim: what was proposed, what it said, what was ruled (basis points)."""

    id = models.UUIDField(primary_key=True)
    claim = models.ForeignKey(LiabilityClaim, on_delete=models.PROTECT, related_name="members")
    party = models.CharField(max_length=40)
    """A party's code, a department's, or 'customer'."""
    position = models.PositiveSmallIntegerField(default=0)
    speaks = models.BooleanField(default=True)
    proposed = models.PositiveIntegerField()
    first = models.PositiveIntegerField(null=True)
    """The first ruling, kept where an appeal changed it."""
    ruled = models.PositiveIntegerField(null=True)
    stance = models.CharField(max_length=8, blank=True)
    appealed = models.BooleanField(default=False)
    answered = models.BooleanField(default=False)

    class Meta:
        db_table = "liability_member"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["claim", "party"], name="liability_member_once")
        ]
        indexes: ClassVar = [models.Index(fields=["party", "claim"], name="liability_party")]


class LiabilityWord(models.Model):
    """Words and files of one act on a claim. ``party`` is empty for the house's own acts."""

    id = models.UUIDField(primary_key=True)
    claim = models.ForeignKey(LiabilityClaim, on_delete=models.PROTECT, related_name="words")
    party = models.CharField(max_length=40, blank=True)
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    files = models.JSONField(default=list)
    """[{name, content_type, size, sha256}]; the bytes lie in the data directory."""

    class Meta:
        db_table = "liability_word"
        indexes: ClassVar = [models.Index(fields=["claim", "at", "id"], name="liability_words")]


class Fine(models.Model):
    """A fine by a rule of the playbook, 分. ``core.liability.fines`` names its states."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    party = models.CharField(max_length=40)
    rule = models.CharField(max_length=64)
    because = models.JSONField(default=list)
    playbook_version = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    charged = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12)
    open = models.BooleanField(default=True)
    reasons = models.TextField()
    files = models.JSONField(default=list)
    imposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    imposed_role = models.CharField(max_length=20)
    imposed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    fire_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    appeal = models.TextField(blank=True)
    appeal_files = models.JSONField(default=list)
    appealed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    appealed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)

    class Meta:
        db_table = "fine"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["complaint", "party", "rule"],
                name="fine_once",
                condition=~Q(state__in=["withdrawn", "overturned"]),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["party", "-imposed_at"], name="fine_party"),
            models.Index(fields=["state", "due_at"], name="fine_state"),
            models.Index(fields=["fire_at"], name="fine_fire", condition=Q(fire_at__isnull=False)),
        ]

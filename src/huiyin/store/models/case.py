"""The complaint and what belongs to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .people import Department, Team, User


class Customer(models.Model):
    """A person or firm that contacts the company."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    prefers = models.CharField(max_length=20, blank=True, default="")
    """The channel on which the customer wants to be answered; empty where we choose."""

    class Meta:
        db_table = "customer"
        indexes: ClassVar = [models.Index(fields=["phone"], name="customer_phone")]


class Identity(models.Model):
    """An address by which a customer is known on a channel: phone, e-mail, openid."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=200)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    since = models.DateTimeField()
    message_id = models.UUIDField(null=True)
    """The message that showed it; empty for those known from before."""
    proven = models.BooleanField(default=False)
    """Whether its channel or one of us vouches for it; else the customer only claims it."""

    class Meta:
        db_table = "identity"
        indexes: ClassVar = [models.Index(fields=["kind", "value"], name="identity_said")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "value"], condition=Q(proven=True), name="identity_proven_once"
            )
        ]


class Complaint(models.Model):
    """One matter of one customer, whatever the number of contacts about it."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=120)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, db_index=False)
    channel = models.CharField(max_length=20)
    reply_channel = models.CharField(max_length=20, blank=True)
    reply_to = models.CharField(max_length=200, blank=True)
    waybill = models.CharField(max_length=40, blank=True)
    carrier = models.CharField(max_length=20, blank=True)
    amount = models.BigIntegerField(null=True)
    """Value named by the customer, 分."""
    region = models.CharField(max_length=60, blank=True)
    branch = models.CharField(max_length=20, default="complaint")
    category = models.CharField(max_length=20)
    secondary = models.JSONField(default=list)
    urgency = models.CharField(max_length=10)
    urgency_rank = models.PositiveSmallIntegerField(default=1)
    emotion = models.FloatField(default=0)
    confidence = models.FloatField(default=0)
    triage = models.JSONField(default=dict)
    """Signals, entities and reasons as decided or corrected last."""
    status = models.CharField(max_length=20)
    live = models.BooleanField(default=True)
    """False once closed, merged or archived."""
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, db_index=False)
    assignee = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    level = models.PositiveSmallIntegerField(default=0)
    """Handling level: 0 first handling, 1 and more after a bad survey or an appeal."""
    playbook_version = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    last_contact_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    due_rule = models.CharField(max_length=40, blank=True)
    watch_level = models.CharField(max_length=10, default="ok")
    """ok, soon or breached: the worst of its running clocks."""
    first_replied_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=14, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    liable_department = models.CharField(max_length=40, blank=True)
    repeat_of = models.UUIDField(null=True)
    merged_into = models.UUIDField(null=True)
    contacts = models.PositiveIntegerField(default=0)
    reopened = models.PositiveSmallIntegerField(default=0)
    unread = models.BooleanField(default=False)
    stars = models.PositiveSmallIntegerField(null=True)
    flags = models.JSONField(default=list)
    handled_by = models.JSONField(default=list)
    """Ids of the people who have handled it, so that a re-handling goes to someone else."""
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)
    updated_at = models.DateTimeField()
    match_facts = models.JSONField(default=dict)

    class Meta:
        db_table = "complaint"
        indexes: ClassVar = [
            models.Index(
                fields=["assignee", "due_at", "id"], name="queue_mine", condition=Q(live=True)
            ),
            models.Index(
                fields=["department", "due_at", "id"],
                name="queue_department",
                condition=Q(live=True),
            ),
            models.Index(fields=["due_at", "id"], name="queue_all", condition=Q(live=True)),
            models.Index(
                fields=["due_at", "id"],
                name="queue_unassigned",
                condition=Q(live=True, assignee=None),
            ),
            models.Index(
                fields=["watch_level", "due_at", "id"],
                name="queue_watch",
                condition=Q(live=True) & ~Q(watch_level="ok"),
            ),
            models.Index(
                fields=["status", "due_at", "id"],
                name="queue_approvals",
                condition=Q(live=True, status="waiting_approval"),
            ),
            models.Index(fields=["opened_at", "id"], name="queue_newest", condition=Q(live=True)),
            models.Index(fields=["opened_at", "id"], name="queue_done", condition=Q(live=False)),
            models.Index(fields=["customer", "opened_at"], name="complaint_customer"),
            models.Index(fields=["waybill", "opened_at"], name="complaint_of_waybill"),
            models.Index(fields=["opened_at"], name="complaint_opened"),
        ]


class Message(models.Model):
    """Words in, words out, or an internal note."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    origin_complaint_id = models.UUIDField(null=True)
    """The complaint it was first put to, when a merge moved it."""
    direction = models.CharField(max_length=4)
    """in, out or note."""
    channel = models.CharField(max_length=20)
    at = models.DateTimeField()
    sender = models.CharField(max_length=200, blank=True)
    sender_name = models.CharField(max_length=120, blank=True)
    author = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True)
    thread = models.CharField(max_length=250, blank=True)
    inbox_id = models.UUIDField(null=True)
    to_customer = models.BooleanField(default=False)
    """An outgoing message that the customer also sees on the tracking page."""
    mail = models.JSONField(default=dict)
    """Of a mail: its proof, seals, what is enclosed and can be read, its pictures by Content-ID."""

    class Meta:
        db_table = "message"
        indexes: ClassVar = [
            models.Index(fields=["complaint", "at"], name="message_timeline"),
        ]


class Attachment(models.Model):
    """A file of a message; its bytes lie in the data directory under their hash."""

    id = models.UUIDField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    is_image = models.BooleanField(default=False)

    class Meta:
        db_table = "attachment"


class Clock(models.Model):
    """One running promise: of the law, the playbook or a person."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="clocks", db_index=False
    )
    rule = models.CharField(max_length=40)
    name = models.JSONField(default=dict)
    calendar = models.CharField(max_length=40)
    duration = models.CharField(max_length=20)
    legal = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    """running, paused, met, breached (still running, too late) or cancelled."""
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    pauses = models.JSONField(default=list)
    escalation = models.PositiveSmallIntegerField(default=0)
    fire_at = models.DateTimeField(null=True)
    """When the sweep must look at it next; empty when it waits for nobody."""
    collaboration_id = models.UUIDField(null=True)
    """The request to a department that it times; empty for the complaint's own clocks."""

    class Meta:
        db_table = "clock"
        indexes: ClassVar = [
            models.Index(fields=["complaint"], name="clock_complaint"),
            models.Index(
                fields=["fire_at", "id"], name="clock_fire", condition=Q(fire_at__isnull=False)
            ),
            models.Index(
                fields=["due_at"],
                name="clock_promise",
                condition=Q(rule__in=["promise", "promise_deed"]),
            ),
        ]


class MatchKey(models.Model):
    """A short string by which the matcher finds a complaint."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=120)
    complaint_id = models.UUIDField()
    at = models.DateTimeField()
    message_id = models.UUIDField()

    class Meta:
        db_table = "match_key"
        indexes: ClassVar = [
            models.Index(fields=["key", "-at", "-complaint_id"], name="match_lookup"),
            models.Index(fields=["message_id"], name="match_message"),
        ]


class Remedy(models.Model):
    """What is offered to the customer, who granted it, and what the customer said."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="remedies")
    kind = models.CharField(max_length=30)
    amount = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12)
    """waiting, approved, rejected, withdrawn, accepted, declined, countered or paid."""
    reason = models.TextField(blank=True)
    because = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    """The facts of the compensation formula, empty when the amount was set by hand."""
    steps = models.JSONField(default=list)
    """The steps of the sum, with their words for staff and customer."""
    computed = models.BigIntegerField(null=True)
    """What the formula yielded, 分."""
    likeness = models.CharField(max_length=120, blank=True)
    """Equal cases carry the same text."""
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)
    authority_of = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Whose authority granted it: the decider's own, or that of the person he deputises for."""
    authority_role = models.CharField(max_length=20, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=40, blank=True)
    """'customer', or 'user:ID' who wrote down what the customer said."""
    answer_words = models.TextField(blank=True)
    counter = models.BigIntegerField(null=True)
    """What the customer asks for instead, 分."""
    counters = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "remedy"
        indexes: ClassVar = [
            models.Index(fields=["complaint"], name="remedy_complaint"),
            models.Index(fields=["id"], name="remedy_waiting", condition=Q(state="waiting")),
            models.Index(
                fields=["likeness", "-decided_at"],
                name="remedy_like",
                condition=~Q(likeness=""),
            ),
            models.Index(
                fields=["authority_of", "decided_at"],
                name="remedy_authority",
                condition=Q(authority_of__isnull=False),
            ),
        ]


class Survey(models.Model):
    """The question whether the customer is satisfied."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="surveys")
    level = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    stars = models.PositiveSmallIntegerField(null=True)
    words = models.TextField(blank=True)
    state = models.CharField(max_length=10, default="open")
    """open, answered, expired or cancelled."""

    class Meta:
        db_table = "survey"
        indexes: ClassVar = [
            models.Index(fields=["complaint"], name="survey_complaint"),
            models.Index(fields=["remind_at"], name="survey_remind", condition=Q(state="open")),
            models.Index(fields=["expires_at"], name="survey_expire", condition=Q(state="open")),
        ]

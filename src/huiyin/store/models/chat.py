"""Live chat: sessions of visitors, what was said in them, and who is on duty."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from .people import User


class ChatSession(models.Model):
    """One visitor's conversation; its secret is derived, not kept."""

    id = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    """The channel account: the site on which the widget stands."""
    once = models.CharField(max_length=64, unique=True)
    """The visitor's own id of it, so that a repeated beginning begins nothing twice."""
    state = models.CharField(max_length=10, default="waiting")
    """waiting, open or ended."""
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=200, blank=True)
    page = models.CharField(max_length=300, blank=True)
    """Address of the page on which it began."""
    address_hash = models.CharField(max_length=40, blank=True)
    assignee = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    complaint_id = models.UUIDField(null=True)
    fallback_channel = models.CharField(max_length=20, blank=True)
    """Where answers go when the visitor has left."""
    fallback_to = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    visitor_seen_at = models.DateTimeField()
    visitor_typing_at = models.DateTimeField(null=True)
    agent_typing_at = models.DateTimeField(null=True)
    visitor_read = models.UUIDField(null=True)
    """The last line that the visitor's page has shown."""
    agent_read = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "chat_session"
        indexes: ClassVar = [
            models.Index(fields=["changed_at"], name="chat_changed"),
            models.Index(fields=["address_hash", "opened_at"], name="chat_address"),
            models.Index(fields=["complaint_id"], name="chat_complaint"),
            models.Index(fields=["id"], name="chat_live", condition=~Q(state="ended")),
        ]


class ChatLine(models.Model):
    """One thing said in a session."""

    id = models.UUIDField(primary_key=True)
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="lines")
    side = models.CharField(max_length=8)
    """visitor, agent or system."""
    text = models.TextField()
    files = models.JSONField(default=list)
    client_id = models.CharField(max_length=64)
    """The sender's own id of it: what is sent again is not said twice."""
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()
    inbox_id = models.UUIDField(null=True)
    on_complaint = models.BooleanField(default=False)
    """Whether the complaint has it among its messages."""
    sent_after = models.BooleanField(default=False)
    """Whether it went out by another channel, the visitor having left."""

    class Meta:
        db_table = "chat_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "client_id"], name="chat_line_once")
        ]
        indexes: ClassVar = [models.Index(fields=["session", "id"], name="chat_line_order")]


class ChatDuty(models.Model):
    """Who takes chats just now."""

    person = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE)
    seen_at = models.DateTimeField()
    accepting = models.BooleanField(default=True)

    class Meta:
        db_table = "chat_duty"

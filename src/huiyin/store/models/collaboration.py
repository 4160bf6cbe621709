"""What departments ask each other about a complaint, and every word of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .case import Complaint
from .people import Department, User


class Collaboration(models.Model):
    """One request to one department; its clock is a row of ``Clock`` that names it."""

    id = models.UUIDField(primary_key=True)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="collaborations"
    )
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12)
    """asked, accepted, asked_back, answered, returned or withdrawn."""
    open = models.BooleanField(default=True)
    """False once answered or withdrawn."""
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    assignee = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Who of the department accepted or answered it."""
    accepted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """As its clock says; empty while the clock is paused or stopped."""
    ended_at = models.DateTimeField(null=True)
    rounds = models.PositiveSmallIntegerField(default=1)
    """How often it was asked: more than once after a return or an answer that was not enough."""

    class Meta:
        db_table = "collaboration"
        indexes: ClassVar = [
            models.Index(fields=["department", "open", "due_at", "id"], name="collaboration_tasks"),
            models.Index(fields=["complaint"], name="collaboration_complaint"),
        ]


class CollaborationMessage(models.Model):
    """Words and files of one act on a request: the question, an answer, a return …"""

    id = models.UUIDField(primary_key=True)
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.PROTECT, related_name="messages"
    )
    act = models.CharField(max_length=12)
    """ask, accept, answer, ask_back, return, transfer, supply, ask_again or withdraw."""
    at = models.DateTimeField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Empty when the end of the complaint withdrew the request."""
    department = models.CharField(max_length=40)
    """The department that was asked at that time."""
    text = models.TextField(blank=True)
    files = models.JSONField(default=list)
    """[{name, content_type, size, sha256}]; the bytes lie in the data directory."""

    class Meta:
        db_table = "collaboration_message"
        indexes: ClassVar = [
            models.Index(fields=["collaboration", "at", "id"], name="collaboration_words"),
        ]

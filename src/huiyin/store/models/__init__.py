"""Rows. Written by ``store.ledger`` alone, read by ``store.read``."""

from .case import (
    Attachment,
    Clock,
    Complaint,
    Customer,
    Identity,
    MatchKey,
    Message,
    Remedy,
    Survey,
)
from .company import Company, PlaybookVersion
from .flow import Event, Export, ImportRun, Job, Outbox, SavedView, Tally, Worker
from .inbox import InboxItem
from .learned import Correction
from .people import ApiToken, Department, Team, User

__all__ = [
    "ApiToken",
    "Attachment",
    "Clock",
    "Company",
    "Complaint",
    "Correction",
    "Customer",
    "Department",
    "Event",
    "Export",
    "Identity",
    "ImportRun",
    "InboxItem",
    "Job",
    "MatchKey",
    "Message",
    "Outbox",
    "PlaybookVersion",
    "Remedy",
    "SavedView",
    "Survey",
    "Tally",
    "Team",
    "User",
    "Worker",
]

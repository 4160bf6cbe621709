"""Rows. Written by ``store.ledger`` alone, read by ``store.read``."""

from .assistant import AssistantRequest
from .care import CallBack, Letter
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
from .channel import ChannelAccount, Reach, RemoteFile, Signal
from .chat import ChatDuty, ChatLine, ChatSession
from .collaboration import Collaboration, CollaborationMessage
from .company import Company, PlaybookDraft, PlaybookVersion
from .conduct import ConductEvent, ConductFile
from .counter import Counter, Ticket
from .doubt import Doubt, FilePrint, FilePrintBand
from .evidence import Evidence, EvidenceItem
from .flow import Event, Export, ImportRun, Job, Outbox, SavedView, Tally, Worker
from .identity import CustomerMove, Pairing
from .inbox import InboxItem
from .incident import BulkItem, BulkRun, Incident, IncidentLink, IncidentWaybill
from .knowledge import Article, ArticleUse, ArticleVersion, ArticleVote
from .learned import Correction, ModelVersion
from .liability import Fine, LiabilityClaim, LiabilityMember, LiabilityWord
from .money import Entry, ParcelClaim, PartyPayment, Payout, PayoutBatch, PayoutTransfer
from .parcel import ParcelTrack
from .people import Absence, ApiToken, Department, Party, Team, User
from .phone import MissedCall, PhoneCall
from .push import PushSubscription
from .uses import ClientUse
from .volume import Alert, UsualVolume, VolumeMinute

__all__ = [
    "Absence",
    "Alert",
    "ApiToken",
    "Article",
    "ArticleUse",
    "ArticleVersion",
    "ArticleVote",
    "AssistantRequest",
    "Attachment",
    "BulkItem",
    "BulkRun",
    "CallBack",
    "ChannelAccount",
    "ChatDuty",
    "ChatLine",
    "ChatSession",
    "ClientUse",
    "Clock",
    "Collaboration",
    "CollaborationMessage",
    "Company",
    "Complaint",
    "ConductEvent",
    "ConductFile",
    "Correction",
    "Counter",
    "Customer",
    "CustomerMove",
    "Department",
    "Doubt",
    "Entry",
    "Event",
    "Evidence",
    "EvidenceItem",
    "Export",
    "FilePrint",
    "FilePrintBand",
    "Fine",
    "Identity",
    "ImportRun",
    "InboxItem",
    "Incident",
    "IncidentLink",
    "IncidentWaybill",
    "Job",
    "Letter",
    "LiabilityClaim",
    "LiabilityMember",
    "LiabilityWord",
    "MatchKey",
    "Message",
    "MissedCall",
    "ModelVersion",
    "Outbox",
    "Pairing",
    "ParcelClaim",
    "ParcelTrack",
    "Party",
    "PartyPayment",
    "Payout",
    "PayoutBatch",
    "PayoutTransfer",
    "PhoneCall",
    "PlaybookDraft",
    "PlaybookVersion",
    "PushSubscription",
    "Reach",
    "Remedy",
    "RemoteFile",
    "SavedView",
    "Signal",
    "Survey",
    "Tally",
    "Team",
    "Ticket",
    "User",
    "UsualVolume",
    "VolumeMinute",
    "Worker",
]

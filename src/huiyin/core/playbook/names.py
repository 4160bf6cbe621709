"""The names that a playbook may use: categories, urgencies, roles, branches, events, remedies."""

from __future__ import annotations

CATEGORIES: tuple[str, ...] = (
    "delay",
    "delivery",
    "lost",
    "damaged",
    "attitude",
    "tracking",
    "fee",
    "claim",
    "pickup",
    "cod",
    "access",
    "other",
)

URGENCIES: tuple[str, ...] = ("low", "normal", "high", "critical")

ROLES: tuple[str, ...] = (
    "customer",
    "agent",
    "handler",
    "supervisor",
    "process_owner",
    "manager",
    "administrator",
)

LADDER: tuple[str, ...] = ("agent", "supervisor", "manager", "administrator")
"""Who may grant, lowest first; a handler grants nothing."""

BRANCHES: tuple[str, ...] = ("consultation", "business_request", "complaint")

EVENTS: frozenset[str] = frozenset(
    {
        "ContactReceived",
        "ComplaintOpened",
        "ContactJoined",
        "ComplaintReopened",
        "ComplaintSorted",
        "ComplaintAssigned",
        "ComplaintTaken",
        "HandedOver",
        "Returned",
        "ClockWarned",
        "ClockBreached",
        "Escalated",
        "NoteAdded",
        "CustomerAsked",
        "CustomerAnswered",
        "VerdictGiven",
        "RemedyProposed",
        "RemedyApproved",
        "RemedyRejected",
        "RemedyWithdrawn",
        "RemedyAccepted",
        "RemedyDeclined",
        "RemedyCountered",
        "PayoutRequested",
        "PayoutPaid",
        "PayoutFailed",
        "PayoutReturned",
        "ReplySent",
        "ComplaintResolved",
        "SurveySent",
        "SurveyAnswered",
        "RehandlingStarted",
        "ComplaintClosed",
        "Acknowledged",
        "UrgencyRaised",
        "CategoryCorrected",
        "ClocksStarted",
        "ComplaintMerged",
        "ComplaintUnmerged",
        "SatisfactionShown",
        "LastLevelReached",
        "SurveyReminded",
    }
)

REMEDY_KINDS: tuple[str, ...] = (
    "apology",
    "fee_waiver",
    "amount",
    "coupon",
    "points",
    "redelivery",
    "rerouting",
    "resigning",
    "extended_service",
    "goodwill",
)

MONEY_KINDS: frozenset[str] = frozenset({"fee_waiver", "amount", "coupon", "points", "goodwill"})
"""Kinds that carry an amount in 分 (points: one point counts one 分)."""

PLACEHOLDERS: frozenset[str] = frozenset(
    {
        "agent",
        "amount",
        "answer",
        "category",
        "company",
        "customer",
        "department",
        "due",
        "hotline",
        "link",
        "number",
        "question",
        "remedy",
        "verdict",
        "waybill",
    }
)
"""What scripts and messages may be filled with, written ``{customer}``."""

BUILT_IN_CALENDARS: tuple[str, ...] = ("always", "cn-office")

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
URGENCY_NAMES: dict[str, tuple[str, str]] = {
    "low": ("低", "Low"),
    "normal": ("普通", "Normal"),
    "high": ("高", "High"),
    "critical": ("紧急", "Critical"),
}
VERDICT_NAMES: dict[str, tuple[str, str]] = {
    "upheld": ("成立", "Upheld"),
    "partly_upheld": ("部分成立", "Partly upheld"),
    "not_upheld": ("不成立", "Not upheld"),
}

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
        "PayoutReleased",
        "PayoutSent",
        "PayoutPaid",
        "PayoutFailed",
        "PayoutReturned",
        "ReplySent",
        "ComplaintResolved",
        "SurveySent",
        "SurveyAnswered",
        "RehandlingStarted",
        "ComplaintClosed",
        "ComplaintArchived",
        "PastTakenOver",
        "Acknowledged",
        "UrgencyRaised",
        "CategoryCorrected",
        "CollaborationAsked",
        "CollaborationAccepted",
        "CollaborationAnswered",
        "CollaborationReturned",
        "CollaborationAskedBack",
        "CollaborationSupplied",
        "CollaborationTransferred",
        "CollaborationAskedAgain",
        "CollaborationWithdrawn",
        "ClocksStarted",
        "ComplaintMerged",
        "ComplaintUnmerged",
        "SatisfactionShown",
        "LastLevelReached",
        "SurveyReminded",
        "PromiseMade",
        "PromiseKept",
        "PromiseBroken",
        "PromiseWithdrawn",
        "CustomerCalled",
        "CallMissed",
        "CallerMissed",
        "CallerCalledBack",
        "SurveyExpired",
        "GroundMarked",
        "CallBackDue",
        "CallBackDone",
        "LetterWritten",
        "StepDone",
        "StepUndone",
        "StepRun",
        "FactLearned",
        "PlaybookChanged",
        "TrackUpdated",
        "ParcelArrived",
        "SentDespite",
        "ConductFileOpened",
        "EvidenceRequested",
        "EvidenceAdded",
        "EvidenceWaived",
        "PackMade",
        "LiabilityClaimed",
        "LiabilityStated",
        "LiabilityHeard",
        "LiabilityRuled",
        "LiabilityAppealed",
        "LiabilityFinal",
        "LiabilityLate",
        "LiabilityWithdrawn",
        "FineImposed",
        "FineAppealed",
        "FineDecided",
        "FineFinal",
        "FineLate",
        "FineWithdrawn",
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
        "bases",
        "category",
        "company",
        "customer",
        "date",
        "department",
        "due",
        "facts",
        "hotline",
        "letter",
        "link",
        "number",
        "opened",
        "question",
        "remedies",
        "remedy",
        "verdict",
        "waybill",
    }
)
"""What scripts and messages may be filled with, written ``{customer}``."""

OWN_CLOCKS: frozenset[str] = frozenset({"promise", "promise_deed"})
"""Clocks that promises to customers run on; no clock of a playbook is called so."""

BUILT_IN_CALENDARS: tuple[str, ...] = ("always", "cn-office")

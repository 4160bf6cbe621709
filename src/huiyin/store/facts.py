"""What a complaint says of itself as facts that playbook conditions may ask for."""

from __future__ import annotations

from typing import Any

from huiyin.core.rehandling import GROUNDS
from huiyin.store import models
from huiyin.store.case import Case

_GROUNDS = frozenset(GROUNDS)
_APPEALED = frozenset({"appealed"})


def grounds_of(*, case: Case | models.Complaint) -> frozenset[str]:
    """Return why a complaint is handled again; one passed on by the regulator was appealed."""
    marked = _GROUNDS.intersection(case.flags)
    return marked | _APPEALED if case.channel == "regulator" else marked


def facts_of(*, case: Case | models.Complaint) -> dict[str, Any]:
    """Return the facts that playbook conditions may ask for; what is not known is absent.

    What a person told for the procedure stands above what was read from the words.
    """
    triage = case.triage
    grounds = grounds_of(case=case)
    facts: dict[str, Any] = {
        "category": case.category,
        "also": list(case.secondary),
        "confidence": float(case.confidence),
        "signals": list(triage.get("signals", ())),
        "emotion": min(3, int(case.emotion * 4)),
        "urgency": case.urgency,
        "channel": case.channel,
        "branch": case.branch,
        "has_waybill": bool(case.waybill),
        "has_photos": bool(triage.get("photos")),
        "has_phone": bool(triage.get("has_phone")),
        "contacts": case.contacts,
        "earlier_complaints": 1 if case.repeat_of else 0,
        "reopened": case.reopened,
        "rehandling": case.level,
        "appealed": "appealed" in grounds,
        "grounds": sorted(grounds),
        "track_state": "unknown",
    }
    if case.region:
        facts["region"] = case.region
    if case.amount is not None:
        facts["claimed"] = case.amount
    if case.verdict:
        facts["verdict"] = case.verdict
    if case.cause:
        facts["cause"] = case.cause
    if tracked := triage.get("tracked"):
        facts.update(tracked)
    if told := triage.get("told"):
        facts.update(told)
    return facts

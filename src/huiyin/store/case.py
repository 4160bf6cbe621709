"""A complaint in hand: what rooms read while a pen holds it.

Rooms never assign to a case: they ask the pen, which also writes the event.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

ANSWERED_BEFORE: Final = "answered_before"
"""Where a complaint keeps, in its triage, whom it answered before a person vouched for another."""


@dataclass(slots=True)
class Ticking:
    """One clock of a complaint in hand."""

    id: UUID
    complaint_id: UUID
    rule: str
    name: dict[str, str]
    calendar: str
    duration: str
    legal: bool
    state: str
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    stopped_at: datetime | None
    pauses: list[list[str | None]]
    escalation: int
    fire_at: datetime | None
    collaboration_id: UUID | None = None

    @property
    def running(self) -> bool:
        """True while the clock still waits for its stop (breached ones do)."""
        return self.state in {"running", "paused", "breached"}


@dataclass(slots=True)
class Case:
    """One complaint in hand; the fields are those of the complaint's row."""

    id: UUID
    number: str
    title: str
    customer_id: UUID | None
    channel: str
    reply_channel: str
    reply_to: str
    waybill: str
    carrier: str
    amount: int | None
    region: str
    branch: str
    category: str
    secondary: list[str]
    urgency: str
    urgency_rank: int
    emotion: float
    confidence: float
    triage: dict[str, Any]
    status: str
    live: bool
    department_id: str | None
    team_id: str | None
    assignee_id: int | None
    level: int
    playbook_version: str
    opened_at: datetime
    last_contact_at: datetime
    due_at: datetime | None
    due_rule: str
    watch_level: str
    first_replied_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    verdict: str
    cause: str
    liable_department: str
    repeat_of: UUID | None
    merged_into: UUID | None
    contacts: int
    reopened: int
    unread: bool
    stars: int | None
    flags: list[str]
    handled_by: list[int]
    last_seq: int
    last_hash: str
    updated_at: datetime
    match_facts: dict[str, Any]


def carrier_of(*, case: Case) -> int | None:
    """Return the person on whose load a complaint counts; None once it is resolved or ended."""
    return case.assignee_id if case.live and case.status != "resolved" else None


CASE_FIELDS: tuple[str, ...] = tuple(f.name for f in fields(Case))
CLOCK_FIELDS: tuple[str, ...] = tuple(f.name for f in fields(Ticking))


@dataclass(slots=True)
class Held:
    """A case with its clocks and what the pen changed of both."""

    case: Case
    clocks: list[Ticking]
    fresh: bool
    carried_by: int | None = None
    """Who carried it when it was taken in hand."""
    changed: set[str] = field(default_factory=set)
    clocks_touched: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as it is about to be written; rooms that follow receive it."""

    kind: str
    case: Case
    actor: str
    data: dict[str, Any]

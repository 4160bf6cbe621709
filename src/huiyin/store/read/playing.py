"""What a scripted player of the journey looks up: who has it, how far it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from huiyin.core.access import Actor
from huiyin.store import models
from huiyin.store.read.viewer import parties_of


def actors() -> dict[int, Actor]:
    """Return every member of staff as rights see him."""
    return {
        u.id: Actor(
            id=u.id,
            role=u.role,
            department=u.department_id,
            parties=parties_of(party=u.party_id) if u.party_id else frozenset(),
        )
        for u in models.User.objects.all()
    }


def _one(complaint_id: UUID, field: str) -> object:
    return models.Complaint.objects.filter(id=complaint_id).values_list(field, flat=True).first()


def assignee(*, complaint_id: UUID) -> int | None:
    """Return who has a complaint."""
    found = _one(complaint_id, "assignee_id")
    return found if isinstance(found, int) else None


def status(*, complaint_id: UUID) -> str:
    """Return a complaint's status."""
    return str(_one(complaint_id, "status") or "")


def department(*, complaint_id: UUID) -> str:
    """Return a complaint's department."""
    return str(_one(complaint_id, "department_id") or "")


def request_state(*, collaboration_id: UUID) -> str:
    """Return the state of a request to a department."""
    rows = models.Collaboration.objects.filter(id=collaboration_id)
    return str(rows.values_list("state", flat=True).first() or "")


def waiting_remedy(*, complaint_id: UUID) -> UUID | None:
    """Return the remedy of a complaint that waits for approval."""
    return (
        models.Remedy.objects.filter(complaint_id=complaint_id, state="waiting")
        .values_list("id", flat=True)
        .first()
    )


def neglected(*, before: datetime) -> list[tuple[UUID, str]]:
    """Return live complaints that nobody took since before a moment, with their categories."""
    return list(
        models.Complaint.objects.filter(
            live=True, status__in=("new", "assigned"), last_contact_at__lt=before, due_at__lt=before
        ).values_list("id", "category")
    )


def open_offer(*, remedy_id: UUID) -> int | None:
    """Return the amount of an offer that waits for the customer, 分; None when it does not."""
    return (
        models.Remedy.objects.filter(id=remedy_id, state="approved")
        .values_list("amount", flat=True)
        .first()
    )

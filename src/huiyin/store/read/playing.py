"""What a scripted player of the journey looks up: who has it, how far it is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from huiyin.core.access import Actor
from huiyin.core.playbook.names import OWN_CLOCKS
from huiyin.store import models
from huiyin.store.read import office
from huiyin.store.read.viewer import Viewer, parties_of, viewer_of


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


def least(*, complaint_id: UUID) -> str:
    """Return the rank at which a complaint is handled again; empty the first time."""
    row = models.Complaint.objects.values_list("level", "playbook_version")
    level, version = row.get(id=complaint_id)
    return office.rank_at(level=level, playbook_version=version)


def department(*, complaint_id: UUID) -> str:
    """Return a complaint's department."""
    return str(_one(complaint_id, "department_id") or "")


def checklist(*, complaint_id: UUID) -> list[tuple[str, str, bool]]:
    """Return what of the checklist is missing: code, who gives it, whether it is required."""
    row = models.Complaint.objects.get(id=complaint_id)
    playbook = office.playbook(version_id=row.playbook_version)
    listed = playbook.checklist_for(category=row.category)
    known = models.EvidenceItem.objects.filter(complaint_id=row.id).values_list("item", flat=True)
    there = set(known)
    return [(i.id, i.of, i.required) for i in listed if i.id not in there]


def customer(*, complaint_id: UUID) -> str:
    """Return the name of a complaint's customer; empty when none was given."""
    return str(_one(complaint_id, "customer__name") or "")


def first_words(*, complaint_id: UUID) -> str:
    """Return what a complaint began with."""
    rows = models.Message.objects.filter(complaint_id=complaint_id, direction="in").order_by("at")
    return rows.values_list("text", flat=True).first() or ""


def file(*, file_id: UUID) -> tuple[int, int, int, str, str]:
    """Return who is concerned in a file on service attitude, its stage and its objection."""
    row = models.ConductFile.objects.get(id=file_id)
    return row.employee_id, row.superior_id, row.administration_id, row.stage, row.objection


def filed(*, file_id: UUID) -> bool:
    """Tell whether a file on service attitude is filed."""
    return models.ConductFile.objects.filter(id=file_id, stage="filed").exists()


def viewer(*, person: int) -> Viewer:
    """Return a person as pages see him."""
    return viewer_of(user=models.User.objects.get(id=person))


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


def parties_to_hear(*, claim_id: UUID, codes: Collection[str]) -> list[str]:
    """Return which of these parties a claim still waits to hear."""
    rows = models.LiabilityMember.objects.filter(
        claim_id=claim_id, claim__state="stating", party__in=sorted(codes), stance="", speaks=True
    )
    return list(rows.order_by("position").values_list("party", flat=True))


def dispute(*, claim_id: UUID) -> tuple[str, list[tuple[str, int]]]:
    """Return a claim's state, and its parties with their proposed shares in basis points."""
    state = models.LiabilityClaim.objects.values_list("state", flat=True).get(id=claim_id)
    rows = models.LiabilityMember.objects.filter(claim_id=claim_id).order_by("position")
    return state, list(rows.values_list("party", "proposed"))


def bearing(*, claim_id: UUID, codes: Collection[str]) -> list[str]:
    """Return which of these parties a ruling lets bear something."""
    rows = models.LiabilityMember.objects.filter(
        claim_id=claim_id, party__in=sorted(codes), ruled__gt=0
    )
    return list(rows.order_by("position").values_list("party", flat=True))


def open_offer(*, remedy_id: UUID) -> int | None:
    """Return the amount of an offer that waits for the customer, 分; None when it does not."""
    return (
        models.Remedy.objects.filter(id=remedy_id, state="approved")
        .values_list("amount", flat=True)
        .first()
    )


def offer_of(*, complaint_id: UUID) -> UUID | None:
    """Return the money offer of a complaint that waits for the customer."""
    rows = models.Remedy.objects.filter(complaint_id=complaint_id, state="approved", amount__gt=0)
    return rows.order_by("-proposed_at").values_list("id", flat=True).first()


def promises(*, before: datetime) -> list[tuple[UUID, UUID, datetime]]:
    """Return promises still open that fall due before a moment: clock, complaint, due time."""
    rows = models.Clock.objects.filter(
        rule__in=OWN_CLOCKS, due_at__lt=before, state__in=("running", "breached")
    ).order_by("due_at", "id")
    return [(c, case, due) for c, case, due in rows.values_list("id", "complaint_id", "due_at")
            if due is not None]  # fmt: skip


def calls(*, before: datetime) -> list[tuple[UUID, str]]:
    """Return call-backs owed before a moment: id, and what they are for."""
    rows = models.CallBack.objects.filter(state="due", due_at__lt=before).order_by("due_at", "id")
    return list(rows.values_list("id", "occasion"))

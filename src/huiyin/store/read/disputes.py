"""Claims of liability and fines as rooms need them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from huiyin.core.liability import Claim, Fine, Member
from huiyin.store import models


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A claim, who took part in it, and the ids of its parties' rows."""

    id: UUID
    number: str
    complaint_id: UUID
    playbook_version: str
    claim: Claim
    rows: dict[str, UUID]
    involved: frozenset[int]
    ruled_by: int | None
    ruled_role: str

    @property
    def parties(self) -> frozenset[str]:
        """The codes of its parties."""
        return frozenset(self.rows)


@dataclass(frozen=True, slots=True)
class FineFacts:
    """A fine, who it is against and who imposed it."""

    id: UUID
    number: str
    complaint_id: UUID
    playbook_version: str
    party: str
    fine: Fine
    imposed_by: int
    imposed_role: str
    involved: frozenset[int]


def claim(*, claim_id: UUID) -> ClaimFacts | None:
    """Return a claim as the room needs it; three queries."""
    row = models.LiabilityClaim.objects.filter(id=claim_id).first()
    if row is None:
        return None
    members = list(row.members.order_by("position", "id"))
    spoke = set(row.words.exclude(party="").values_list("author_id", flat=True))
    return ClaimFacts(
        id=row.id,
        number=row.number,
        complaint_id=row.complaint_id,
        playbook_version=row.playbook_version,
        claim=Claim(
            state=row.state,
            members=tuple(
                Member(
                    party=m.party,
                    proposed=m.proposed,
                    speaks=m.speaks,
                    stance=m.stance,
                    ruled=m.ruled,
                    appealed=m.appealed,
                    answered=m.answered,
                )
                for m in members
            ),
            by=row.by,
            appeals=row.appeals,
            late=row.late,
        ),
        rows={m.party: m.id for m in members},
        involved=frozenset({row.opened_by_id, *(s for s in spoke if s is not None)}),
        ruled_by=row.ruled_by_id,
        ruled_role=row.ruled_role,
    )


def fine(*, fine_id: UUID) -> FineFacts | None:
    """Return a fine as the room needs it."""
    row = models.Fine.objects.filter(id=fine_id).first()
    if row is None:
        return None
    return FineFacts(
        id=row.id,
        number=row.number,
        complaint_id=row.complaint_id,
        playbook_version=row.playbook_version,
        party=row.party,
        fine=Fine(
            rule=row.rule, amount=row.amount, state=row.state, charged=row.charged, late=row.late
        ),
        imposed_by=row.imposed_by_id,
        imposed_role=row.imposed_role,
        involved=frozenset({row.appealed_by_id} if row.appealed_by_id else ()),
    )


def open_claim_of(*, complaints: Collection[UUID]) -> str:
    """Return the number of a claim about these complaints that is not settled; empty without."""
    rows = models.LiabilityClaim.objects.filter(complaint_id__in=complaints, open=True)
    return str(rows.values_list("number", flat=True).first() or "")


def claims_so_far(*, complaint_id: UUID) -> int:
    """Return how many claims a complaint had."""
    return models.LiabilityClaim.objects.filter(complaint_id=complaint_id).count()


def fines_so_far(*, complaint_id: UUID) -> int:
    """Return how many fines a complaint led to."""
    return models.Fine.objects.filter(complaint_id=complaint_id).count()


def fined_by(*, complaint_id: UUID, party: str) -> frozenset[str]:
    """Return the rules by which a party is fined for a complaint, undone ones left out."""
    rows = models.Fine.objects.filter(complaint_id=complaint_id, party=party).exclude(
        state__in=["withdrawn", "overturned"]
    )
    return frozenset(rows.values_list("rule", flat=True))

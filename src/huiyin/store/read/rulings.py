"""Final rulings of liability, and how complaints hang together: for the journal."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from huiyin.core.liability import Ruling
from huiyin.store import models


def matter(*, complaint_id: UUID) -> dict[UUID, UUID | None]:
    """Return a complaint and everything merged with it: {complaint: what it was merged into}."""
    found: dict[UUID, UUID | None] = {}
    waiting: set[UUID] = {complaint_id}
    while waiting:
        rows = models.Complaint.objects.filter(id__in=waiting).values_list("id", "merged_into")
        found.update(rows)
        below = models.Complaint.objects.filter(merged_into__in=waiting).values_list(
            "id", "merged_into"
        )
        more = {id for id, _into in below} | {into for _id, into in rows if into}
        waiting = more - found.keys()
    return found


def rulings(*, complaints: Collection[UUID]) -> list[Ruling]:
    """Return the final rulings about complaints; two queries."""
    claims = {
        id: (complaint, at)
        for id, complaint, at in models.LiabilityClaim.objects.filter(
            complaint_id__in=complaints, final_at__isnull=False
        ).values_list("id", "complaint_id", "final_at")
        if at is not None
    }
    if not claims:
        return []
    shares: dict[UUID, dict[str, int]] = {}
    for claim, party, share in models.LiabilityMember.objects.filter(
        claim_id__in=list(claims)
    ).values_list("claim_id", "party", "ruled"):
        shares.setdefault(claim, {})[party] = share or 0
    return [Ruling(complaint=c, at=at, shares=shares[id]) for id, (c, at) in claims.items()]

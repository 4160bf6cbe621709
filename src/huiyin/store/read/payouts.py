"""Payouts as rooms see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from huiyin.core.remedy.reconcile import Asked
from huiyin.store import models


@dataclass(frozen=True, slots=True)
class Standing:
    """A payout before something happens to it; ``touched_by`` may not pay it out."""

    id: UUID
    number: str
    remedy_id: UUID
    complaint_id: UUID
    amount: int
    state: str
    offer_state: str
    touched_by: frozenset[int]

    @property
    def asked(self) -> Asked:
        """The payout as reconciling sees it."""
        return Asked(number=self.number, amount=self.amount, state=self.state)


def _standing(row: models.Payout) -> Standing:
    touched = {row.remedy.proposed_by_id}
    for by in (row.requested_by, row.remedy.answered_by):
        if by.startswith("user:"):
            touched.add(int(by[5:]))
    return Standing(
        id=row.id,
        number=row.number,
        remedy_id=row.remedy_id,
        complaint_id=row.complaint_id,
        amount=row.amount,
        state=row.state,
        offer_state=row.remedy.state,
        touched_by=frozenset(t for t in touched if t is not None),
    )


def standing(*, ids: Iterable[UUID]) -> list[Standing]:
    """Return payouts in the order of their request."""
    rows = models.Payout.objects.filter(id__in=list(ids)).select_related("remedy").order_by("id")
    return [_standing(r) for r in rows]


def of_batch(*, batch_id: UUID) -> list[Standing]:
    """Return the payouts of a batch in the order of their request."""
    rows = models.Payout.objects.filter(batch_id=batch_id).select_related("remedy")
    return [_standing(r) for r in rows.order_by("id")]

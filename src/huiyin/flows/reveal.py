"""Reveal: personal data is masked until somebody asks; each asking is an event."""

from __future__ import annotations

from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.flows.facts import thing_of
from huiyin.store.ledger import Pen


def reveal(*, pen: Pen, complaint_id: UUID, actor: Actor, field: str) -> None:
    """Record that the actor looks at the full data. Raises PermissionError."""
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="reveal", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    pen.record(case=case, kind="Revealed", data={"field": field[:40]})

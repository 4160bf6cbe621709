"""Open again: a complaint that ended goes back to work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huiyin.core.because import Reason
from huiyin.store.case import Case
from huiyin.store.ledger import Pen
from huiyin.store.read import cases


def open_again(
    *,
    pen: Pen,
    case: Case,
    because: Reason,
    silent: bool,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Put a complaint back to work and record ComplaintReopened.

    A consultation or request that comes up again is worked on like a complaint.
    """
    for survey in cases.open_surveys(complaint_id=case.id):
        pen.alter(table="survey", key=survey, state="cancelled")
    pen.change(
        case=case,
        kind="ComplaintReopened",
        data={"before_status": case.status, "silent": silent, **(data or {})},
        because=[because],
        status="assigned",
        branch="complaint",
        live=True,
        reopened=case.reopened + 1,
        resolved_at=None,
        closed_at=None,
        unread=True,
        flags=[*(f for f in case.flags if f != "reopened"), "reopened"],
    )

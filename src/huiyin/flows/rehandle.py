"""Handle again because the customer went further: to the regulator, to court, to the media."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import move
from huiyin.core.rehandling import GROUND_NAMES, GROUNDS, OUTSIDE, CannotRehandle, Ground, step
from huiyin.flows.again import ladder_of, standing_of, take_step, with_flags
from huiyin.flows.facts import thing_of
from huiyin.store.ledger import Pen

MOST_DAYS = 2 * 366
"""How far away a notice may put the time to answer."""


def mark(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    ground: str,
    reference: str = "",
    until: datetime | None = None,
    reason: str = "",
) -> None:
    """Mark that the customer appealed, sued or went to the media: handled again from now on.

    ``reference`` is the other side's number; ``until`` is by when its notice wants an answer and
    goes before the playbook's length. Raises CannotRehandle, CannotMove, PermissionError.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="mark_ground", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    kind: Ground | None = next((g for g in GROUNDS if g == ground and g in OUTSIDE), None)
    if kind is None:
        raise CannotRehandle(zh="请选择申诉、起诉或媒体曝光", en="choose appeal, court or media")
    if until is not None and until <= pen.now:
        raise CannotRehandle(
            zh="答复期限已经过去，请核对通知书", en="the time given is past; check the notice"
        )
    if until is not None and (until - pen.now).days > MOST_DAYS:
        raise CannotRehandle(
            zh="答复期限太远，请核对通知书", en="the time given is too far away; check the notice"
        )
    move(status=case.status, action="rehandle")
    decided = step(standing=standing_of(case=case), what=kind, ladder=ladder_of(case=case))
    zh, en = GROUND_NAMES[kind]
    data: dict[str, Any] = {"ground": kind}
    if reference.strip():
        data["reference"] = reference.strip()[:120]
    if until is not None:
        data["until"] = until.isoformat()
    said = reason.strip()[:500]
    pen.change(
        case=case,
        kind="GroundMarked",
        data=data,
        because=[
            Reason(
                rule=f"rehandle.{kind}",
                zh=zh + (f"：{said}" if said else ""),
                en=en + (f": {said}" if said else ""),
            )
        ],
        flags=with_flags(case, kind),
    )
    take_step(pen=pen, case=case, step=decided, ground=kind, data={"by": actor.id})

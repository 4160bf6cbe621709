"""Appeal: the regulator passes a customer's appeal on; its clock runs by its notice."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.rehandling import GROUND_NAMES, CannotRehandle, step
from huiyin.flows.again import ladder_of, standing_of, take_step, with_flags
from huiyin.store.case import Happening
from huiyin.store.ledger import Pen


def hear(pen: Pen, events: Sequence[Happening]) -> None:
    """Mark complaints of which the regulator's notice came; one at work goes a level higher.

    The clock runs since the regulator passed the appeal on, which may be days before it is entered
    here. The notice's own time to answer goes before the playbook's length; one that is past
    already makes the clock due at once.
    """
    for event in events:
        notice = event.data.get("appeal")
        if notice is None:
            continue
        case = event.case
        again = "appealed" in case.flags
        zh, en = GROUND_NAMES["appealed"]
        data: dict[str, Any] = {"ground": "appealed", "reference": str(notice["reference"])}
        if "since" in notice:
            since = datetime.fromisoformat(str(notice["since"]))
            data["since"] = min(since, pen.now).isoformat()
        if "until" in notice:
            until = datetime.fromisoformat(str(notice["until"]))
            data["until"] = max(until, pen.now + timedelta(minutes=1)).isoformat()
        pen.change(
            case=case,
            kind="GroundMarked",
            data=data,
            because=[
                Reason(
                    rule="rehandle.appealed",
                    zh=f"{zh}：邮政管理部门转来 {notice['reference']}",
                    en=f"{en}: passed on by the regulator, {notice['reference']}",
                )
            ],
            actor="system",
            flags=with_flags(case, "appealed"),
        )
        if event.kind == "ComplaintOpened" or again:
            continue
        with contextlib.suppress(CannotRehandle):
            # nobody stands higher: whoever has it keeps it, with the regulator's clock
            decided = step(standing=standing_of(case=case), what="appealed",
                           ladder=ladder_of(case=case))  # fmt: skip
            take_step(pen=pen, case=case, step=decided, ground="appealed", data={},
                      actor="system")  # fmt: skip

"""Promises, grounds, letters and call-backs of one complaint, as this viewer may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import Thing, may
from huiyin.core.playbook import Playbook, bind
from huiyin.core.playbook.names import OWN_CLOCKS
from huiyin.core.playbook.rules import holds
from huiyin.core.rehandling import GROUND_NAMES, state_of
from huiyin.core.reply.pledges import RULES
from huiyin.store import models
from huiyin.store.read import call_backs, labels, letters
from huiyin.store.read.care_pages import CareView, PromiseView
from huiyin.store.read.there import There
from huiyin.store.read.viewer import Viewer


def panel(
    *, row: models.Complaint, viewer: Viewer, thing: Thing, playbook: Playbook, revealed: bool,
    now: datetime, there: There, clocks: Sequence[models.Clock],
) -> CareView:  # fmt: skip
    """Return the panel of a complaint's page; ``clocks`` are all of the complaint."""
    marked = [g for g in GROUND_NAMES if g in row.flags]
    if row.channel == "regulator" and "appealed" not in marked:
        marked.insert(0, "appealed")
    written = letters.written(complaint_id=row.id) if there.letters else ()
    facts = bind(facts={"grounds": marked, "appealed": "appealed" in marked,
                        "category": row.category, "urgency": row.urgency,
                        "verdict": row.verdict or None, "rehandling": row.level})  # fmt: skip
    condition = playbook.letter_condition
    due = condition is not None and holds(condition=condition, facts=facts) is True
    can_write = condition is not None and bool(
        may(actor=viewer.actor, action="letter", thing=thing)
    )
    return CareView(
        promises=_promises(
            clocks=[c for c in clocks if c.rule in OWN_CLOCKS],
            viewer=viewer,
            thing=thing,
            revealed=revealed,
        ),
        grounds=tuple(labels.pick(GROUND_NAMES, g) for g in marked),
        standing=_standing(row=row),
        letters=written,
        letter_due=due and not any(letter.sent for letter in written),
        can_write_letter=can_write,
        call_backs=(
            call_backs.of_complaint(complaint_id=row.id, viewer=viewer, thing=thing, now=now)
            if there.call_backs
            else ()
        ),
        language="en" if row.triage.get("language") == "en" else "zh",
    )


def _promises(
    *, clocks: Sequence[models.Clock], viewer: Viewer, thing: Thing, revealed: bool
) -> tuple[PromiseView, ...]:
    allowed = bool(may(actor=viewer.actor, action="promise", thing=thing))
    out = []
    for clock in sorted(clocks, key=lambda c: c.id.int, reverse=True):
        state = promise_state(clock=clock)
        said = str(clock.name.get("zh", "")).removeprefix("承诺：")
        if clock.due_at is None:
            continue
        out.append(
            PromiseView(
                id=clock.id.hex,
                words=said if revealed else masking.mask_text(text=said),
                deed=clock.rule == RULES["deed"],
                due_at=clock.due_at,
                state=state,
                state_label=_STATES()[state],
                can_change=allowed and state in {"open", "soon", "broken"},
            )
        )
    return tuple(sorted(out, key=lambda p: (p.state not in {"open", "soon", "broken"},)))


def promise_state(*, clock: models.Clock) -> str:
    """Return what became of a promise; see ``PromiseView.state``."""
    if clock.state == "cancelled":
        return "withdrawn"
    if clock.state == "met":
        return "kept_late" if clock.breached_at else "kept"
    if clock.breached_at:
        return "broken"
    return "soon" if clock.warned_at else "open"


def _STATES() -> Mapping[str, str]:
    return {
        "open": _("待兑现"),
        "soon": _("快到了"),
        "broken": _("没守住"),
        "kept": _("已兑现"),
        "kept_late": _("晚了才兑现"),
        "withdrawn": _("已撤回"),
    }


def _standing(*, row: models.Complaint) -> str:
    state = state_of(
        status=row.status,
        level=row.level,
        flags=frozenset(row.flags),
        from_regulator=row.channel == "regulator",
    )
    if state == "last":
        return _("最高一级处理过，客户仍不满意：请主管先回访，再写明原因办结。")
    if state == "called":
        return _("已听过客户的意见：由主管写明原因办结。")
    if state == "answered_again":
        return _("重新处理后已答复：客户满意即办结，没有回音的先回访。")
    return ""

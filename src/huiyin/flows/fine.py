"""Fine: impose by a rule of the playbook, hear the party's one appeal, take effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from huiyin.core import liability as core
from huiyin.core.access import Actor, Dispute, may_on_dispute
from huiyin.core.liability import CannotRule, FineStep
from huiyin.core.playbook import Playbook
from huiyin.flows.facts import facts_of, thing_of
from huiyin.flows.ticking import deadline
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, deadlines
from huiyin.store.read import disputes, office, parties
from huiyin.store.read.disputes import FineFacts

File = Mapping[str, Any]
_RIGHT = {"appeal": "fine_appeal", "decide": "fine_decide", "withdraw": "fine_withdraw"}
"""Act → the right that it takes."""


def impose(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    party: str,
    rule: str,
    amount: int,
    words: str,
    files: Sequence[File] = (),
) -> UUID:
    """Fine a party, ``amount`` in 分; returns the fine's id. Raises CannotRule, PermissionError."""
    case = pen.case(id=complaint_id)
    playbook = office.playbook(version_id=case.playbook_version)
    dispute = Dispute(parties=frozenset({party}), complaint=thing_of(case=case))
    allowed = may_on_dispute(actor=actor, action="fine", dispute=dispute)
    if not allowed:
        raise PermissionError(allowed.zh)
    kind = parties.kind_of(code=party, playbook=playbook)
    if not kind:
        raise CannotRule(zh="请在列表中选择被处罚的单位", en="choose the party from the list")
    step = core.impose(
        liability=playbook.liability,
        rule=rule,
        facts=facts_of(case=case),
        on=pen.now.date(),
        kind=kind,
        amount=amount,
        words=words,
        before=disputes.fined_by(complaint_id=case.id, party=party),
    )
    fine_id = new_id(now=pen.now)
    number = f"{case.number}-F{disputes.fines_so_far(complaint_id=case.id) + 1}"
    due_at = deadline(
        now=pen.now, playbook=playbook, version=case.playbook_version,
        within=playbook.liability.appeal,
    )  # fmt: skip
    pen.add(
        table="fine",
        row={
            "id": fine_id,
            "number": number,
            "complaint_id": case.id,
            "party": party,
            "rule": rule,
            "because": [r.as_json() for r in step.because],
            "playbook_version": case.playbook_version,
            "amount": amount,
            "state": step.fine.state,
            "reasons": words.strip().replace("\x00", ""),
            "files": [dict(f) for f in files],
            "imposed_by_id": actor.id,
            "imposed_role": actor.role,
            "imposed_at": pen.now,
            "due_at": due_at,
            "fire_at": due_at,
        },
    )
    pen.record(
        case=case,
        kind=step.event,
        data={"fine": fine_id.hex, "number": number, "party": party, "amount": amount},
        because=step.because,
    )
    return fine_id


def act(
    *,
    pen: Pen,
    fine_id: UUID,
    actor: Actor,
    act: str,
    words: str = "",
    files: Sequence[File] = (),
    outcome: str = "",
    amount: int = 0,
) -> UUID:
    """Appeal against, decide on or withdraw a fine; returns the complaint's id.

    Raises CannotRule, PermissionError.
    """
    case, found = _in_hand(pen=pen, fine_id=fine_id)
    playbook = office.playbook(version_id=found.playbook_version)
    allowed = may_on_dispute(
        actor=actor, action=_RIGHT.get(act, act), dispute=dispute_of(case=case, found=found),
        least=playbook.liability.appeal_by if act == "decide" else playbook.liability.ruled_by,
    )  # fmt: skip
    if not allowed:
        raise PermissionError(allowed.zh)
    step = core.fine_step(
        fine=found.fine, act=act, words=words, files=len(files), outcome=outcome, amount=amount
    )
    said = words.strip().replace("\x00", "")
    changes: dict[str, Any] = {}
    if act == "appeal":
        changes = {
            "appeal": said, "appeal_files": [dict(f) for f in files], "appealed_by_id": actor.id,
            "appealed_at": pen.now,
        }  # fmt: skip
    else:
        changes = {"decided_by_id": actor.id, "decided_at": pen.now, "decision": said}
    _apply(pen=pen, case=case, found=found, step=step, playbook=playbook, actor=actor,
           changes=changes)  # fmt: skip
    return case.id


def expire_due(*, pen: Pen, limit: int) -> int:
    """Let fines take effect that nobody appealed against in time. Returns how many it saw."""
    due_now = deadlines.due_fines(now=pen.now, limit=limit)
    for fine_id in due_now:
        case, found = _in_hand(pen=pen, fine_id=fine_id)
        playbook = office.playbook(version_id=found.playbook_version)
        step = core.fine_step(
            fine=found.fine, act="expire", silent=playbook.liability.fine_silent
        )  # fmt: skip
        _apply(pen=pen, case=case, found=found, step=step, playbook=playbook, actor=None,
               changes={})  # fmt: skip
    return len(due_now)


def dispute_of(*, case: Case, found: FineFacts) -> Dispute:
    """Return a fine as rights see it."""
    return Dispute(
        parties=frozenset({found.party}),
        complaint=thing_of(case=case),
        involved=found.involved,
        decided_by=found.imposed_by,
        decided_role=found.imposed_role,
    )


def _in_hand(*, pen: Pen, fine_id: UUID) -> tuple[Case, FineFacts]:
    found = disputes.fine(fine_id=fine_id)
    if found is None:
        raise CannotRule(zh="找不到这笔处罚", en="there is no such fine")
    case = pen.case(id=found.complaint_id)
    return case, disputes.fine(fine_id=fine_id) or found


def _apply(
    *,
    pen: Pen,
    case: Case,
    found: FineFacts,
    step: FineStep,
    playbook: Playbook,
    actor: Actor | None,
    changes: Mapping[str, Any],
) -> None:
    after = step.fine
    open_ = bool(core.FINE_MOVES[after.state])
    due: dict[str, Any] = {}
    if step.fresh:
        due_at = deadline(
            now=pen.now, playbook=playbook, version=found.playbook_version,
            within=playbook.liability.late if after.late else playbook.liability.appeal_ruling,
        )  # fmt: skip
        due = {"due_at": due_at, "fire_at": due_at}
    elif not open_:
        due = {"due_at": None, "fire_at": None}
    pen.alter(
        table="fine", key=found.id, state=after.state, open=open_, charged=after.charged,
        late=after.late, **due, **changes,
    )  # fmt: skip
    pen.record(
        case=case,
        kind=step.event,
        data={
            "fine": found.id.hex,
            "number": found.number,
            "party": found.party,
            "charged": after.charged,
        },
        because=step.because,
        actor="system" if actor is None else None,
    )

"""One fine as its party or the house sees it, and the form of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import OUTLET, Dispute, Thing, may, may_on_dispute
from huiyin.core.because import Reason
from huiyin.core.liability import FINE_MOVES, FINE_NAMES, OUTCOMES, possible
from huiyin.store import models
from huiyin.store.facts import facts_of
from huiyin.store.read import labels, office, parties
from huiyin.store.read.liability_page import CannotSeeDispute, cause_label, files_view
from huiyin.store.read.pages import Action, AttachmentView, Choice
from huiyin.store.read.viewer import Viewer, visible

_RIGHT = {"appeal": "fine_appeal", "decide": "fine_decide", "withdraw": "fine_withdraw"}


@dataclass(frozen=True, slots=True)
class FinePage:
    """A fine as this viewer sees it; amounts in 分."""

    id: str
    number: str
    rule_label: str
    because: tuple[Reason, ...]
    source: str
    least: int | None
    most: int | None
    party_label: str
    amount: int
    charged: int
    open: bool
    state: str
    state_label: str
    due_at: datetime | None
    late: bool
    complaint_number: str
    complaint_id: str
    category_label: str
    waybill: str
    reasons: str
    files: tuple[AttachmentView, ...]
    imposed_by: str
    imposed_at: datetime
    appeal: str
    appeal_files: tuple[AttachmentView, ...]
    appealed_by: str
    appealed_at: datetime | None
    decision: str
    decided_by: str
    decided_at: datetime | None
    outcomes: tuple[Choice, ...]
    actions: tuple[Action, ...]
    limited: bool


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of fines on a form; ``holds`` tells whether its condition is met here."""

    id: str
    label: str
    because: str
    least: int
    most: int
    kinds: str
    holds: bool
    selected: bool


@dataclass(frozen=True, slots=True)
class NewFinePage:
    """The form of a new fine."""

    complaint_id: str
    number: str
    category_label: str
    verdict_label: str
    cause_label: str
    rules: tuple[RuleLine, ...]
    parties: tuple[tuple[str, tuple[Choice, ...]], ...]

    @property
    def any_holds(self) -> bool:
        """True where at least one rule's condition is met."""
        return any(r.holds for r in self.rules)


def act_names() -> dict[str, str]:
    """Return what the acts on a fine are called."""
    return {"appeal": _("申诉"), "decide": _("答复申诉"), "withdraw": _("撤回处罚")}


def _row(*, viewer: Viewer, fine_id: UUID) -> tuple[models.Fine, Dispute]:
    row = (
        models.Fine.objects.filter(id=fine_id)
        .select_related("complaint", "imposed_by", "appealed_by", "decided_by")
        .first()
    )
    if row is None:
        raise CannotSeeDispute(fine_id)
    dispute = Dispute(
        parties=frozenset({row.party}),
        complaint=Thing(assignee=row.complaint.assignee_id, department=row.complaint.department_id),
        involved=frozenset({row.appealed_by_id} if row.appealed_by_id else ()),
        decided_by=row.imposed_by_id,
        decided_role=row.imposed_role,
    )
    if not may_on_dispute(actor=viewer.actor, action="see", dispute=dispute):
        raise CannotSeeDispute(fine_id)
    return row, dispute


def fine(*, viewer: Viewer, fine_id: UUID) -> FinePage:
    """Return a fine as this viewer sees it. Raises CannotSeeDispute."""
    row, dispute = _row(viewer=viewer, fine_id=fine_id)
    case, limited = row.complaint, viewer.role == OUTLET
    playbook = office.playbook(version_id=row.playbook_version)
    rule = playbook.liability.fine(id=row.rule)
    titles = act_names()
    actions = []
    for act in FINE_MOVES[row.state]:
        least = playbook.liability.appeal_by if act == "decide" else playbook.liability.ruled_by
        right = _RIGHT.get(act)
        if right and may_on_dispute(actor=viewer.actor, action=right, dispute=dispute, least=least):
            actions.append(Action(code=act, label=titles[act], primary=act != "withdraw"))
    house = _("总部")

    def who(user: models.User | None) -> str:
        return "" if user is None else house if limited else user.name

    see = Thing(assignee=case.assignee_id, department=case.department_id)
    return FinePage(
        id=row.id.hex,
        number=row.number,
        rule_label=labels.said(rule.name) if rule else row.rule,
        because=tuple(Reason.from_json(data=r) for r in row.because)[:1],
        source=rule.source if rule else "",
        least=rule.least if rule else None,
        most=rule.most if rule else None,
        party_label=parties.names(codes={row.party}, playbook=playbook)[row.party],
        amount=row.amount,
        charged=row.charged,
        open=row.open,
        state=row.state,
        state_label=labels.pick(FINE_NAMES, row.state),
        due_at=row.due_at,
        late=row.late,
        complaint_number=case.number,
        complaint_id=case.id.hex if may(actor=viewer.actor, action="see", thing=see) else "",
        category_label=labels.category(playbook, case.category),
        waybill=case.waybill,
        reasons=masking.mask_text(text=row.reasons),
        files=files_view(files=row.files, url="desk:fine_file", id=row.id),
        imposed_by=who(row.imposed_by),
        imposed_at=row.imposed_at,
        appeal=masking.mask_text(text=row.appeal),
        appeal_files=files_view(files=row.appeal_files, url="desk:fine_appeal_file", id=row.id),
        appealed_by=row.appealed_by.name if row.appealed_by else "",
        appealed_at=row.appealed_at,
        decision=masking.mask_text(text=row.decision),
        decided_by=who(row.decided_by),
        decided_at=row.decided_at,
        outcomes=tuple(Choice(code=o, label=labels.pick(FINE_NAMES, o)) for o in OUTCOMES),
        actions=tuple(actions),
        limited=limited,
    )


def file(*, viewer: Viewer, fine_id: UUID, number: int, appeal: bool) -> dict[str, Any]:
    """Return a file of a fine or of the appeal against it. Raises CannotSeeDispute."""
    row, _dispute = _row(viewer=viewer, fine_id=fine_id)
    files = row.appeal_files if appeal else row.files
    if not 0 <= number < len(files):
        raise CannotSeeDispute(fine_id)
    found: dict[str, Any] = files[number]
    return found


def new_fine(*, viewer: Viewer, complaint_id: UUID, chosen: Mapping[str, str]) -> NewFinePage:
    """Return the form of a new fine: every rule, and whether it holds. Raises CannotSeeDispute."""
    case = models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id).first()
    if case is None:
        raise CannotSeeDispute(complaint_id)
    playbook = office.playbook(version_id=case.playbook_version)
    hold = possible(
        liability=playbook.liability, facts=facts_of(case=case), on=case.opened_at.date()
    )
    only = hold[0].id if len(hold) == 1 else ""
    return NewFinePage(
        complaint_id=case.id.hex,
        number=case.number,
        category_label=labels.category(playbook, case.category),
        verdict_label=labels.pick(labels.VERDICT_NAMES, case.verdict) if case.verdict else "",
        cause_label=cause_label(playbook=playbook, code=case.cause),
        rules=tuple(
            RuleLine(
                id=r.id,
                label=labels.said(r.name),
                because=labels.said(r.because),
                least=r.least,
                most=r.most,
                kinds=labels.listed(labels.pick(parties.KIND_NAMES, k) for k in r.on),
                holds=r in hold,
                selected=r.id == (chosen.get("rule") or only),
            )
            for r in playbook.liability.fines
        ),
        parties=tuple(
            (
                labels.pick(parties.KIND_NAMES, kind),
                tuple(Choice(code=c, label=n, selected=c == chosen.get("party")) for c, n in rows),
            )
            for kind, rows in parties.choices(playbook=playbook).items()
        ),
    )

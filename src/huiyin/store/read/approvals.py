"""Proposals that wait: those a person may decide on, and his own; who is away and who deputises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from huiyin.core import masking
from huiyin.core.access import ROLE_NAMES, Thing
from huiyin.core.playbook.names import LADDER
from huiyin.core.remedy.authority import rank_for
from huiyin.store import models
from huiyin.store.read import labels, office, remedies
from huiyin.store.read.offers import may_decide
from huiyin.store.read.pages import Choice
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.viewer import Viewer, on_visible

MOST = 200
"""Proposals shown, oldest first."""


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A proposal that waits."""

    id: str
    complaint_id: str
    number: str
    title: str
    kind_label: str
    amount: int
    computed: int | None
    proposed_by: str
    proposed_at: datetime
    reason: str
    rank: str
    """The lowest rank whose limits reach."""
    within: bool
    """Whether that rank is the viewer's, or that of somebody whom he stands in for."""
    verdict: str
    """What the investigation found; empty where nothing was decided yet."""
    warning: str
    """What the consistency meter said, when it departs."""
    mine: bool
    open: bool
    """Whether the viewer may open the complaint: a deputy may decide without."""


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An absence: who, his deputy, from when to when."""

    id: str
    person: str
    deputy: str
    first: date
    last: date
    mine: bool


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """What waits for the viewer, what he proposed, absences, and who may deputise."""

    to_decide: tuple[ApprovalRow, ...]
    own: tuple[ApprovalRow, ...]
    absences: tuple[AbsenceRow, ...]
    deputies: tuple[Choice, ...]
    more: bool

    @property
    def within(self) -> int:
        """How many the viewer may decide himself."""
        return sum(row.within for row in self.to_decide)


def page(*, viewer: Viewer, today: date) -> ApprovalPage:
    """Return the page, in a fixed number of queries."""
    absences = remedies.absences_for(deputy=viewer.id, today=today)
    reach = on_visible(viewer=viewer, deputised=[a.person for a in absences])
    waiting = models.Remedy.objects.filter(state="waiting").select_related(
        "complaint", "proposed_by"
    )
    rows = list(waiting.filter(reach).order_by("id")[: MOST + 1])
    seen = {r.id for r in rows}
    if absences:
        seen = set(
            waiting.filter(on_visible(viewer=viewer), id__in=seen).values_list("id", flat=True)
        )
    roles = frozenset({viewer.role, *(a.person.role for a in absences)})
    to_decide, own = [], []
    for r in rows[:MOST]:
        mine = r.proposed_by_id == viewer.id
        thing = Thing(
            assignee=r.complaint.assignee_id,
            department=r.complaint.department_id,
            proposed_by=r.proposed_by_id,
        )
        if mine:
            own.append(_row(r, roles, mine=True, open=r.id in seen))
        elif may_decide(
            actor=viewer.actor,
            absences=absences,
            today=today,
            thing=thing,
            proposed_by=r.proposed_by_id,
        ):
            to_decide.append(_row(r, roles, mine=False, open=r.id in seen))
    people = (
        models.User.objects.filter(is_active=True, party=None)
        .exclude(id=viewer.id)
        .order_by("name")
    )
    # what he may decide comes first; the oldest first in either part
    to_decide.sort(key=lambda row: not row.within)
    return ApprovalPage(
        to_decide=tuple(to_decide),
        own=tuple(own),
        absences=tuple(
            AbsenceRow(
                id=a.id.hex,
                person=a.person.name,
                deputy=a.deputy.name,
                first=a.first,
                last=a.last,
                mine=a.person_id == viewer.id,
            )
            for a in models.Absence.objects.filter(last__gte=today)
            .select_related("person", "deputy")
            .order_by("first", "id")[:50]
        ),
        deputies=tuple(
            Choice(code=str(p.id), label=f"{p.name} · {labels.role(p.role)}") for p in people
        ),
        more=len(rows) > MOST,
    )


def _row(r: models.Remedy, roles: frozenset[str], *, mine: bool, open: bool) -> ApprovalRow:
    playbook = office.playbook(version_id=r.complaint.playbook_version)
    rank = rank_for(
        ladder=remedies.ladder_of(playbook=playbook), amount=r.amount, spent=remedies.NOTHING
    )
    language = "en" if labels.english() else "zh"
    warning = next((b[language] for b in r.because if b["rule"] == "likeness.departs"), "")
    return ApprovalRow(
        id=r.id.hex,
        complaint_id=r.complaint_id.hex,
        number=r.complaint.number,
        title=masking.mask_text(text=r.complaint.title),
        kind_label=labels.pick(KIND_NAMES, r.kind),
        amount=r.amount,
        computed=r.computed,
        proposed_by=r.proposed_by.name if r.proposed_by else "",
        proposed_at=r.proposed_at,
        reason=r.reason,
        rank=labels.pick(ROLE_NAMES, rank) if rank else "",
        within=rank is not None
        and any(LADDER.index(rank) <= LADDER.index(role) for role in roles if role in LADDER),
        verdict=labels.pick(labels.VERDICT_NAMES, r.complaint.verdict)
        if r.complaint.verdict
        else "",
        warning=warning,
        mine=mine,
        open=open,
    )

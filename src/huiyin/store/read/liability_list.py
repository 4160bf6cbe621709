"""Lists of claims of liability and of fines: those of the house, or an outlet's own alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.core.access import OUTLET, scope
from huiyin.core.liability import FINE_NAMES, STANCE_NAMES, STATE_NAMES
from huiyin.core.shares import percent
from huiyin.store import models
from huiyin.store.read import labels, office, parties
from huiyin.store.read.pages import Choice
from huiyin.store.read.viewer import Viewer, visible

PAGE = 50
CAP = 100
VIEWS = ("todo", "open", "done", "fines")


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One line: a claim, or a fine. ``share`` and ``stance`` are the viewer's own party's."""

    id: str
    fine: bool
    number: str
    title: str
    waybill: str
    state: str
    state_label: str
    late: bool
    due_at: datetime | None
    at: datetime
    parties: str
    share: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class DisputesPage:
    """A view of the list with counts."""

    view: str
    views: tuple[Choice, ...]
    rows: tuple[DisputeRow, ...]
    page: int
    more: bool
    own: tuple[str, ...]
    """Names of the parties that the viewer speaks for; empty for the house."""


def own_parties(*, viewer: Viewer) -> frozenset[str]:
    """Return the codes of the parties that the viewer speaks for, his department among them."""
    return viewer.parties | ({viewer.department} if viewer.department else set())


def _member(codes: frozenset[str], **more: object) -> Exists:
    rows = models.LiabilityMember.objects.filter(claim_id=OuterRef("id"), party__in=sorted(codes))
    return Exists(rows.filter(**more))


def claims_of(*, viewer: Viewer) -> QuerySet[models.LiabilityClaim]:
    """Return the claims that the viewer may see."""
    rows = models.LiabilityClaim.objects.all()
    if viewer.role == OUTLET:
        return rows.filter(_member(viewer.parties))
    if not scope(actor=viewer.actor).everything:
        near = models.Complaint.objects.filter(visible(viewer=viewer)).values("id")
        return rows.filter(Q(_member(own_parties(viewer=viewer))) | Q(complaint_id__in=near))
    return rows


def fines_of(*, viewer: Viewer) -> QuerySet[models.Fine]:
    """Return the fines that the viewer may see."""
    rows = models.Fine.objects.all()
    if viewer.role == OUTLET:
        return rows.filter(party__in=sorted(viewer.parties))
    if not scope(actor=viewer.actor).everything:
        near = models.Complaint.objects.filter(visible(viewer=viewer)).values("id")
        own = sorted(own_parties(viewer=viewer))
        return rows.filter(Q(party__in=own) | Q(complaint_id__in=near))
    return rows


def _todo(*, viewer: Viewer) -> Q:
    """Return what waits for the viewer: his party's statement, or a ruling by his rank."""
    own = own_parties(viewer=viewer)
    mine = Q(_member(own, stance="", speaks=True), state="stating") | Q(
        _member(own, answered=False, appealed=False, speaks=True), state="appealed"
    )
    if viewer.role == OUTLET:
        return mine | Q(_member(own, ruled__gt=0), state="ruled")
    judged = {"supervisor": ["ruling"], "manager": ["ruling", "appealed"],
              "administrator": ["appealed"]}.get(viewer.role, [])  # fmt: skip
    return mine | (Q(state__in=judged) & ~Q(_member(own)))


def _fines_waiting(*, viewer: Viewer) -> Q:
    if viewer.role == OUTLET:
        return Q(state="imposed")
    if viewer.role in {"manager", "administrator"}:
        return Q(state="pending")
    return Q(state="imposed", party__in=sorted(own_parties(viewer=viewer)))


def _view(*, viewer: Viewer, view: str) -> Q:
    return {"todo": _todo(viewer=viewer), "open": Q(open=True)}.get(view, Q(open=False))


def _count(rows: QuerySet[models.LiabilityClaim] | QuerySet[models.Fine]) -> int:
    return len(rows.order_by().values_list("open", flat=True)[:CAP])


def claims_waiting(*, viewer: Viewer) -> QuerySet[models.LiabilityClaim]:
    """Return the claims that wait for the viewer."""
    return claims_of(viewer=viewer).filter(_todo(viewer=viewer))


def fines_waiting(*, viewer: Viewer) -> QuerySet[models.Fine]:
    """Return the fines that wait for the viewer."""
    return fines_of(viewer=viewer).filter(_fines_waiting(viewer=viewer))


def waiting(*, viewer: Viewer) -> int:
    """Return how many claims and fines wait for the viewer, counted up to 100 each."""
    return _count(claims_waiting(viewer=viewer)) + _count(fines_waiting(viewer=viewer))


def disputes(*, viewer: Viewer, view: str, page: int = 1) -> DisputesPage:
    """Return a page of 50 claims or fines, the most urgent first, settled ones newest first."""
    view = view if view in VIEWS else "todo"
    start = (min(max(page, 1), 1000) - 1) * PAGE
    playbook = office.current_playbook()
    claims, fines = claims_of(viewer=viewer), fines_of(viewer=viewer)
    outlet = viewer.role == OUTLET
    rows: list[DisputeRow] = []
    if view in {"todo", "open", "done"}:
        found = claims.filter(_view(viewer=viewer, view=view)).select_related("complaint")
        order = ("-opened_at",) if view == "done" else ("-late", "due_at", "id")
        found = found.order_by(*order)
        taken = list(found[start : start + PAGE + 1])
        members: dict[UUID, list[models.LiabilityMember]] = {}
        for m in models.LiabilityMember.objects.filter(claim_id__in=[c.id for c in taken]).order_by(
            "position"
        ):
            members.setdefault(m.claim_id, []).append(m)
        own = own_parties(viewer=viewer)
        names = parties.names(
            codes={m.party for ms in members.values() for m in ms}, playbook=playbook
        )
        rows = [_row(c, members.get(c.id, []), own=own, outlet=outlet, names=names) for c in taken]
    waiting_fines = fines_waiting(viewer=viewer)
    if view in {"fines", "todo"}:
        found_fines = waiting_fines.order_by("due_at") if view == "todo" else fines.order_by(
            "-imposed_at", "-id"
        )  # fmt: skip
        many = list(found_fines.select_related("complaint")[start : start + PAGE + 1])
        names = parties.names(codes={f.party for f in many}, playbook=playbook)
        rows += [_fine_row(f, names) for f in many]
    titles = {
        "todo": _("待办"), "open": _("进行中"), "done": _("已了结"), "fines": _("处罚"),
    }  # fmt: skip
    counts = {
        "todo": waiting(viewer=viewer),
        "open": _count(claims.filter(open=True)),
        "fines": _count(fines.filter(open=True)),
    }
    return DisputesPage(
        view=view,
        views=tuple(
            Choice(code=v, label=titles[v], count=counts.get(v), selected=v == view) for v in VIEWS
        ),
        rows=tuple(rows[:PAGE]),
        page=max(page, 1),
        more=len(rows) > PAGE,
        own=tuple(parties.names(codes=viewer.parties, playbook=playbook).values()),
    )


def _row(
    claim: models.LiabilityClaim,
    members: list[models.LiabilityMember],
    *,
    own: frozenset[str],
    outlet: bool,
    names: dict[str, str],
) -> DisputeRow:
    shown = [m for m in members if m.party in own] if outlet else members
    mine = next((m for m in members if m.party in own), None)
    share = mine.ruled if mine and mine.ruled is not None else mine.proposed if mine else None
    said = labels.pick(STANCE_NAMES, mine.stance) if mine and claim.state == "stating" else ""
    category = labels.category(office.current_playbook(), claim.complaint.category)
    return DisputeRow(
        id=claim.id.hex,
        fine=False,
        number=claim.number,
        title=category,
        waybill=claim.complaint.waybill,
        state=claim.state,
        state_label=said if outlet and said else labels.pick(STATE_NAMES, claim.state),
        late=claim.late,
        due_at=claim.due_at,
        at=claim.opened_at,
        parties=labels.listed(names.get(m.party, m.party) for m in shown),
        share="" if share is None else percent(share=share),
        amount=None,
    )


def _fine_row(fine: models.Fine, names: dict[str, str]) -> DisputeRow:
    playbook = office.playbook(version_id=fine.playbook_version)
    rule = playbook.liability.fine(id=fine.rule)
    return DisputeRow(
        id=fine.id.hex,
        fine=True,
        number=fine.number,
        title=labels.said(rule.name) if rule else fine.rule,
        waybill=fine.complaint.waybill,
        state=fine.state,
        state_label=labels.pick(FINE_NAMES, fine.state),
        late=fine.late,
        due_at=fine.due_at,
        at=fine.imposed_at,
        parties=names.get(fine.party, fine.party),
        share="",
        amount=fine.amount if fine.open else fine.charged,
    )

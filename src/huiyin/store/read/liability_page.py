"""One claim of liability: the whole of it for the house, for a party what concerns it alone.

Somebody of an outlet reads the rule, his own party's share and words, and the rulings; no other
party's name, share or words, and of the complaint no more than the parcel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.core import liability as core
from huiyin.core import masking
from huiyin.core.access import OUTLET, Dispute, Thing, may, may_on_dispute, speaks_for
from huiyin.core.because import Reason
from huiyin.core.liability import MOVES, PART_NAMES, STANCE_NAMES, STATE_NAMES
from huiyin.core.playbook import Playbook
from huiyin.core.playbook.facts import FACTS, KNOWN_OTHERWISE
from huiyin.core.remedy.journal import cost
from huiyin.core.shares import percent
from huiyin.store import models
from huiyin.store.facts import facts_of
from huiyin.store.read import disputes, labels, office, parties
from huiyin.store.read.pages import Action, AttachmentView, Choice
from huiyin.store.read.procedure import VALUE_NAMES
from huiyin.store.read.viewer import Viewer, visible


class CannotSeeDispute(LookupError):
    """There is no such claim or fine, or it is not this viewer's to see."""


@dataclass(frozen=True, slots=True)
class SaidView:
    """What was said in one act of a dispute."""

    act: str
    label: str
    who: str
    at: datetime
    text: str
    files: tuple[AttachmentView, ...]


@dataclass(frozen=True, slots=True)
class MemberView:
    """A party's part in a claim; shares as percentages, ``bears`` in 分."""

    party: str
    label: str
    part_label: str
    own: bool
    speaks: bool
    proposed: str
    first: str
    ruled: str
    stance: str
    stance_label: str
    appealed: bool
    bears: int | None


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact of the parcel's way: name, what was told, and for forms what may be told."""

    name: str
    label: str
    value: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A claim as this viewer sees it."""

    id: str
    number: str
    state: str
    state_label: str
    due_at: datetime | None
    late: bool
    by: str
    opened_at: datetime
    opened_by: str
    complaint_number: str
    complaint_id: str
    """Empty where the viewer may not open the complaint."""
    category_label: str
    waybill: str
    carrier: str
    goods: tuple[str, ...]
    because: tuple[Reason, ...]
    facts: tuple[FactLine, ...]
    members: tuple[MemberView, ...]
    own: tuple[Choice, ...]
    """The parties of the claim that the viewer speaks for."""
    words: tuple[SaidView, ...]
    reasons: str
    ruled_at: datetime | None
    ruled_by: str
    appeal_reasons: str
    appeal_by: str
    final_at: datetime | None
    actions: tuple[Action, ...]
    limited: bool
    """True where only the viewer's own part is shown."""

    @property
    def mine(self) -> MemberView | None:
        """The viewer's own party, where he speaks for one."""
        return next((m for m in self.members if m.own), None)


@dataclass(frozen=True, slots=True)
class NewClaimPage:
    """The form of a new claim: parts of the way with who they may be, and facts."""

    complaint_id: str
    number: str
    waybill: str
    category_label: str
    cause_label: str
    parts: tuple[tuple[str, str, tuple[Choice, ...]], ...]
    facts: tuple[FactLine, ...]
    proposal: tuple[tuple[str, str], ...] = ()
    """What the rule proposes: (part, percentage)."""
    because: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CardLine:
    """A claim or a fine on a complaint's card."""

    id: str
    number: str
    state: str
    state_label: str
    said: str
    fine: bool


@dataclass(frozen=True, slots=True)
class CardView:
    """What a complaint's page shows of liability."""

    complaint_id: str
    lines: tuple[CardLine, ...]
    can_claim: bool
    can_fine: bool


def act_names() -> dict[str, str]:
    """Return what the acts are called on buttons and in the record."""
    return {
        "open": _("发起定责"),
        "state": _("提交陈述"),
        "rule": _("裁定"),
        "appeal": _("申诉"),
        "answer": _("对申诉的意见"),
        "rule_appeal": _("申诉裁定"),
        "withdraw": _("撤销定责"),
    }


def files_view(
    *, files: Sequence[Mapping[str, Any]], url: str, id: UUID
) -> tuple[AttachmentView, ...]:
    """Return files as pages link them; ``url`` names the page that serves one by its number."""
    return tuple(
        AttachmentView(
            id=f"{id.hex}-{number}",
            name=str(file["name"]),
            content_type=str(file["content_type"]),
            size=int(file["size"]),
            is_image=str(file["content_type"]).startswith("image/"),
            url=reverse(url, args=[id.hex, number]),
        )
        for number, file in enumerate(files)
    )


def _row(*, viewer: Viewer, claim_id: UUID) -> tuple[models.LiabilityClaim, Dispute]:
    row = (
        models.LiabilityClaim.objects.filter(id=claim_id)
        .select_related("complaint", "opened_by", "ruled_by", "appeal_by")
        .first()
    )
    found = disputes.claim(claim_id=claim_id)
    if row is None or found is None:
        raise CannotSeeDispute(claim_id)
    dispute = Dispute(
        parties=found.parties,
        complaint=Thing(assignee=row.complaint.assignee_id, department=row.complaint.department_id),
        involved=found.involved,
        decided_by=found.ruled_by,
        decided_role=found.ruled_role,
    )
    if not may_on_dispute(actor=viewer.actor, action="see", dispute=dispute):
        raise CannotSeeDispute(claim_id)
    return row, dispute


def goods_of(*, case: models.Complaint) -> tuple[str, ...]:
    """Return the goods that a complaint's words name."""
    found = [
        str(e.get("value") or e.get("text"))
        for e in case.triage.get("entities", ())
        if e.get("type") == "goods"
    ]
    return tuple(dict.fromkeys(found))


def fact_lines(*, playbook: Playbook, told: Mapping[str, Any]) -> tuple[FactLine, ...]:
    """Return the facts that the rules of liability ask a person for, with what was told."""
    out = []
    for name in FACTS:
        if name in playbook.liability.claim_rules.asked and name not in KNOWN_OTHERWISE:
            fact, value = FACTS[name], told.get(name)
            choices = [("yes", _("是")), ("no", _("否"))] if fact.type == "bool" else [
                (v, labels.pick(VALUE_NAMES, v)) for v in fact.values
            ]  # fmt: skip
            code = {"True": "yes", "False": "no"}.get(str(value), str(value or ""))
            out.append(
                FactLine(
                    name=name,
                    label=fact.en if labels.english() else fact.zh.replace("是否", ""),
                    value=dict(choices).get(code, code),
                    choices=tuple(
                        Choice(code=c, label=label, selected=c == code) for c, label in choices
                    ),
                )
            )
    return tuple(out)


def claim(*, viewer: Viewer, claim_id: UUID) -> ClaimPage:
    """Return a claim as this viewer sees it. Raises CannotSeeDispute."""
    row, dispute = _row(viewer=viewer, claim_id=claim_id)
    case, limited = row.complaint, viewer.role == OUTLET
    playbook = office.playbook(version_id=row.playbook_version)
    names = parties.names(codes=dispute.parties, playbook=playbook)
    own = speaks_for(actor=viewer.actor, parties=dispute.parties)
    members = list(row.members.order_by("position"))
    shown = [m for m in members if m.party in own] if limited else members
    because = tuple(Reason.from_json(data=r) for r in row.because)
    see = Thing(assignee=case.assignee_id, department=case.department_id)
    return ClaimPage(
        id=row.id.hex,
        number=row.number,
        state=row.state,
        state_label=labels.pick(STATE_NAMES, row.state),
        due_at=row.due_at,
        late=row.late,
        by=row.by,
        opened_at=row.opened_at,
        opened_by="" if limited else row.opened_by.name,
        complaint_number=case.number,
        complaint_id=case.id.hex if may(actor=viewer.actor, action="see", thing=see) else "",
        category_label=labels.category(playbook, case.category),
        waybill=case.waybill,
        carrier=case.carrier,
        goods=goods_of(case=case),
        because=because[:1] if limited else because,
        facts=tuple(f for f in fact_lines(playbook=playbook, told=row.facts) if f.value),
        members=_members(row=row, shown=shown, own=own, names=names),
        own=tuple(Choice(code=m.party, label=names[m.party]) for m in members if m.party in own),
        words=_words(row=row, own=own, limited=limited, names=names),
        reasons=row.reasons or (_default_reasons() if row.by == core.DEFAULT else ""),
        ruled_at=row.ruled_at,
        ruled_by=row.ruled_by.name if row.ruled_by and not limited else "",
        appeal_reasons=row.appeal_reasons,
        appeal_by=row.appeal_by.name if row.appeal_by and not limited else "",
        final_at=row.final_at,
        actions=_actions(
            row=row, members=members, own=own, viewer=viewer, dispute=dispute, playbook=playbook
        ),
        limited=limited,
    )


def _default_reasons() -> str:
    return _("按规则裁定：各方认可，或有一方在期限内没有表态。")


def _members(
    *,
    row: models.LiabilityClaim,
    shown: Sequence[models.LiabilityMember],
    own: frozenset[str],
    names: Mapping[str, str],
) -> tuple[MemberView, ...]:
    bears: dict[str, int] = {}
    if row.state == "final":
        bears = dict(
            models.Entry.objects.filter(
                complaint_id=row.complaint_id,
                account__in=[cost(department=m.party) for m in shown],
            )
            .values_list("account")
            .annotate(s=Sum("amount"))
            .order_by("account")
        )
    parts: dict[str, list[str]] = {}
    for part, party in row.named.items():
        parts.setdefault(party, []).append(labels.pick(PART_NAMES, part))

    def said(share: int | None) -> str:
        return "" if share is None else percent(share=share)

    return tuple(
        MemberView(
            party=m.party,
            label=names.get(m.party, m.party),
            part_label=labels.listed(parts.get(m.party, ())),
            own=m.party in own,
            speaks=m.speaks,
            proposed=said(m.proposed),
            first=said(m.first) if m.first != m.ruled else "",
            ruled=said(m.ruled),
            stance=m.stance,
            stance_label=labels.pick(STANCE_NAMES, m.stance) if m.speaks else "",
            appealed=m.appealed,
            bears=bears.get(cost(department=m.party), 0) if row.state == "final" else None,
        )
        for m in shown
    )


def _words(
    *,
    row: models.LiabilityClaim,
    own: frozenset[str],
    limited: bool,
    names: Mapping[str, str],
) -> tuple[SaidView, ...]:
    """Return what was said; a party sees its own words and the rulings."""
    titles = act_names()
    out = []
    for w in row.words.select_related("author").order_by("at", "id"):
        house = not w.party
        if limited and not (w.party in own or (house and w.act in {"rule", "rule_appeal"})):
            continue
        who = _("总部") if limited and house else w.author.name if w.author else _("系统")
        out.append(
            SaidView(
                act=w.act,
                label=titles.get(w.act, w.act),
                who=f"{names.get(w.party, w.party)} · {who}" if w.party else who,
                at=w.at,
                text=masking.mask_text(text=w.text),
                files=files_view(files=w.files, url="desk:liability_file", id=w.id),
            )
        )
    return tuple(out)


def _actions(
    *,
    row: models.LiabilityClaim,
    members: Sequence[models.LiabilityMember],
    own: frozenset[str],
    viewer: Viewer,
    dispute: Dispute,
    playbook: Playbook,
) -> tuple[Action, ...]:
    """Return the acts that this viewer may do now, each checked again by the room."""
    mine = [m for m in members if m.party in own and m.speaks]
    open_to = {
        "state": any(not m.stance for m in mine),
        "answer": any(not (m.appealed or m.answered) for m in mine),
    }
    titles = act_names()
    out = []
    for act in MOVES[row.state]:
        least = (
            playbook.liability.appeal_by if act == "rule_appeal" else playbook.liability.ruled_by
        )
        if act == "expire" or not open_to.get(act, True):
            continue
        if may_on_dispute(actor=viewer.actor, action=act, dispute=dispute, least=least):
            out.append(Action(code=act, label=titles[act], primary=act != "withdraw"))
    return tuple(out)


def complaint_of(*, viewer: Viewer, claim_id: UUID) -> UUID:
    """Return the complaint of a claim that the viewer may see. Raises CannotSeeDispute."""
    row, _dispute = _row(viewer=viewer, claim_id=claim_id)
    return row.complaint_id


def file(*, viewer: Viewer, word_id: UUID, number: int) -> dict[str, Any]:
    """Return a file of a claim that the viewer may see. Raises CannotSeeDispute."""
    word = models.LiabilityWord.objects.filter(id=word_id).first()
    if word is None or not 0 <= number < len(word.files):
        raise CannotSeeDispute(word_id)
    _claim, dispute = _row(viewer=viewer, claim_id=word.claim_id)
    if viewer.role == OUTLET:
        own = speaks_for(actor=viewer.actor, parties=dispute.parties)
        if word.party not in own and word.act not in {"rule", "rule_appeal"}:
            raise CannotSeeDispute(word_id)
    found: dict[str, Any] = word.files[number]
    return found


def _case(*, viewer: Viewer, complaint_id: UUID) -> models.Complaint:
    row = models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id).first()
    if row is None:
        raise CannotSeeDispute(complaint_id)
    return row


def new_claim(
    *,
    viewer: Viewer,
    complaint_id: UUID,
    named: Mapping[str, str],
    told: Mapping[str, Any],
    preview: bool,
) -> NewClaimPage:
    """Return the form of a new claim, with what the rules propose where a preview is asked for.

    Raises CannotSeeDispute.
    """
    case = _case(viewer=viewer, complaint_id=complaint_id)
    playbook = office.playbook(version_id=case.playbook_version)
    there = parties.choices(playbook=playbook)
    page: dict[str, Any] = {}
    if preview and playbook.liability.rules:
        proposal = core.propose(
            liability=playbook.liability,
            facts={**facts_of(case=case), **told},
            named={**named, "customer": parties.CUSTOMER},
            on=case.opened_at.date(),
        )
        page = {
            "proposal": tuple(
                (labels.pick(PART_NAMES, part), percent(share=share))
                for part, share in proposal.shares.items()
                if share
            ),
            "because": proposal.because[:1],
            "missing": tuple(
                (FACTS[n].en if labels.english() else FACTS[n].zh.replace("是否", ""))
                for n in proposal.missing
            ),
        }
    return NewClaimPage(
        complaint_id=case.id.hex,
        number=case.number,
        waybill=case.waybill,
        category_label=labels.category(playbook, case.category),
        cause_label=cause_label(playbook=playbook, code=case.cause),
        parts=tuple(
            (
                part,
                labels.pick(PART_NAMES, part),
                tuple(
                    Choice(code=c, label=n, selected=c == named.get(part, ""))
                    for c, n in there.get(kind, ())
                ),
            )
            for part, kind in parties.KINDS_OF_PART.items()
        ),
        facts=fact_lines(playbook=playbook, told=told),
        **page,
    )


def cause_label(*, playbook: Playbook, code: str) -> str:
    """Return the name of a verdict's cause; empty without one."""
    try:
        return labels.said(playbook.cause(code=code).name) if code else ""
    except KeyError:
        return code


def card(*, viewer: Viewer, complaint_id: UUID) -> CardView:
    """Return a complaint's claims and fines in short. Raises CannotSeeDispute."""
    case = _case(viewer=viewer, complaint_id=complaint_id)
    playbook = office.playbook(version_id=case.playbook_version)
    thing = Thing(assignee=case.assignee_id, department=case.department_id)
    claims = list(models.LiabilityClaim.objects.filter(complaint_id=case.id).order_by("opened_at"))
    members = list(
        models.LiabilityMember.objects.filter(claim__in=[c.id for c in claims]).order_by("position")
    )
    fines = list(models.Fine.objects.filter(complaint_id=case.id).order_by("imposed_at"))
    codes = {m.party for m in members} | {f.party for f in fines}
    names = parties.names(codes=codes, playbook=playbook)
    lines = [
        CardLine(
            id=c.id.hex,
            number=c.number,
            state=c.state,
            state_label=labels.pick(STATE_NAMES, c.state),
            said="，".join(
                f"{names[m.party]} {percent(share=m.ruled if m.ruled is not None else m.proposed)}%"
                for m in members
                if m.claim_id == c.id and (m.ruled if m.ruled is not None else m.proposed)
            ),
            fine=False,
        )
        for c in claims
    ]
    lines += [
        CardLine(
            id=f.id.hex,
            number=f.number,
            state=f.state,
            state_label=labels.pick(core.FINE_NAMES, f.state),
            said=f"{names[f.party]} ¥{(f.amount if f.open else f.charged) / 100:,.2f}",
            fine=True,
        )
        for f in fines
    ]
    nobody = Dispute(parties=frozenset(), complaint=thing)
    return CardView(
        complaint_id=case.id.hex,
        lines=tuple(lines),
        can_claim=case.status not in {"merged", "archived"}
        and not any(c.open for c in claims)
        and bool(playbook.liability.rules)
        and bool(may(actor=viewer.actor, action="claim_liability", thing=thing)),
        can_fine=bool(playbook.liability.fines)
        and bool(may_on_dispute(actor=viewer.actor, action="fine", dispute=nobody)),
    )

"""The remedy dialog: what is known already, and what the sum comes to while it is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from huiyin.core.access import ROLE_NAMES, Actor
from huiyin.core.because import Reason
from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.core.remedy import RemedyFacts
from huiyin.core.remedy.proposal import CannotPropose
from huiyin.store import models
from huiyin.store.read import labels, office, proposing
from huiyin.store.read.offers import StepLine
from huiyin.store.read.pages import Choice
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.viewer import Viewer, visible

HARM_NAMES: dict[str, tuple[str, str]] = {
    "loss": ("丢失", "Lost"),
    "damage_total": ("全部损毁", "Total damage"),
    "damage_partial": ("部分损毁", "Partial damage"),
    "shortage": ("短少", "Shortage"),
    "wrong_item": ("内件不符", "Wrong article"),
    "delay": ("延误", "Delay"),
    "overcharge": ("多收费用", "Overcharge"),
    "fake_sign": ("虚假签收", "Fake sign-off"),
    "attitude": ("服务态度", "Manner of service"),
}
ROUTE_NAMES: dict[str, tuple[str, str]] = {
    "city": ("同城", "Same city"),
    "domestic": ("国内异地", "Within the country"),
    "hkmt": ("港澳台", "Hong Kong, Macau, Taiwan"),
    "international": ("国际", "International"),
}
ACCOUNT_NAMES: dict[str, tuple[str, str]] = {
    "retail": ("散单", "Retail"),
    "monthly": ("月结", "Monthly account"),
}
CAUSE_NAMES: dict[str, tuple[str, str]] = {
    "carrier": ("承运人", "The carrier"),
    "force_majeure": ("不可抗力", "Force majeure"),
    "nature": ("物品自身性质", "The goods' own nature"),
    "user": ("寄件人或收件人", "Sender or recipient"),
}


@dataclass(frozen=True, slots=True)
class Countered:
    """An offer that waits for an answer to the customer's own sum, both in 分."""

    id: str
    kind_label: str
    amount: int
    asked: int
    over: bool
    """He asks for more than the rules yield: what goes beyond is an offer of its own."""


@dataclass(frozen=True, slots=True)
class RemedyForm:
    """The dialog before the sum: kinds, choices, and facts that are known already."""

    id: str
    number: str
    kinds: tuple[Choice, ...]
    money_kinds: frozenset[str]
    harms: tuple[Choice, ...]
    routes: tuple[Choice, ...]
    accounts: tuple[Choice, ...]
    causes: tuple[Choice, ...]
    carriers: tuple[Choice, ...]
    known: dict[str, Any]
    waybill: str
    limit: int | None
    """The viewer's limit per case, 分; None is without limit."""
    countered: tuple[Countered, ...]
    decided: bool
    """Whether the investigation has given its verdict."""


@dataclass(frozen=True, slots=True)
class SumView:
    """The sum as it stands: steps with basis, total, who must approve, and equal cases."""

    amount: int
    compensation: int
    fee_refund: int
    computed: int | None
    steps: tuple[StepLine, ...]
    because: tuple[Reason, ...]
    granted: bool
    ask: str
    ruling: str
    equals: str
    departs: bool


class CannotWeigh(LookupError):
    """There is no such complaint, or it is not this viewer's to see."""


def _choices(names: Mapping[str, tuple[str, str]], selected: str = "") -> tuple[Choice, ...]:
    return tuple(
        Choice(code=code, label=labels.pick(names, code), selected=code == selected)
        for code in names
    )


def form(*, viewer: Viewer, complaint_id: UUID, now: datetime) -> RemedyForm:
    """Return the dialog with what is known. Raises CannotWeigh."""
    case = _case(viewer=viewer, complaint_id=complaint_id)
    playbook = office.playbook(version_id=case.playbook_version)
    known = {
        **dict.fromkeys(RemedyFacts.model_fields),
        **proposing.known_facts(case=case, now=now),
    }
    authority = playbook.authority_of(role=viewer.role)
    listed = playbook.remedies_for(category=case.category) or playbook.remedies
    first = next((e.kind for e in listed if e.kind == "amount"), listed[0].kind)
    seen: dict[str, Choice] = {}
    for entry in listed:
        seen.setdefault(
            entry.kind,
            Choice(code=entry.kind, label=labels.said(entry.name), selected=entry.kind == first),
        )
    return RemedyForm(
        id=case.id.hex,
        number=case.number,
        kinds=tuple(seen.values()),
        money_kinds=MONEY_KINDS,
        harms=_choices(HARM_NAMES, str(known["kind"] or "")),
        routes=_choices(ROUTE_NAMES, str(known["route"] or "domestic")),
        accounts=_choices(ACCOUNT_NAMES, str(known["account"] or "retail")),
        causes=_choices(CAUSE_NAMES, str(known["cause"] or "carrier")),
        carriers=tuple(
            Choice(code=c.code, label=c.code.upper(), selected=c.code == known.get("carrier"))
            for c in playbook.compensation.carriers
        ),
        known=known,
        waybill=case.waybill,
        limit=0 if authority is None else authority.per_case,
        decided=bool(case.verdict),
        countered=tuple(
            Countered(
                id=r.id.hex,
                kind_label=labels.pick(KIND_NAMES, r.kind),
                amount=r.amount,
                asked=r.counter or 0,
                over=r.computed is not None and (r.counter or 0) > r.computed,
            )
            for r in _countered(complaint_id=case.id)
        ),
    )


def _countered(*, complaint_id: UUID) -> Iterable[models.Remedy]:
    mine = Q(complaint_id=complaint_id) | Q(complaint__merged_into=complaint_id)
    return models.Remedy.objects.filter(mine, state="countered").order_by("-id")


def _case(*, viewer: Viewer, complaint_id: UUID) -> Any:
    if not models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id).exists():
        raise CannotWeigh(complaint_id)
    case = proposing.case_of(complaint_id=complaint_id)
    assert case is not None
    return case


def weigh(
    *,
    viewer: Viewer,
    complaint_id: UUID,
    kind: str,
    amount: int | None,
    facts: Mapping[str, Any] | None,
    now: datetime,
    instead_of: UUID | None = None,
) -> SumView:
    """Return what a proposal would come to, in place of a countered offer; nothing is written.

    Raises CannotWeigh, CannotPropose, CannotClaimTwice, CannotReadFacts, CannotCompensate.
    """
    case = _case(viewer=viewer, complaint_id=complaint_id)
    if kind not in KIND_NAMES:
        raise CannotPropose(zh="请选择补偿方式", en="choose the kind of remedy")
    actor: Actor = viewer.actor
    replaced = {r.id for r in _countered(complaint_id=case.id)} & {instead_of}
    plan = proposing.plan(
        case=case, actor=actor, kind=kind, amount=amount, facts=facts, now=now,
        without=next(iter(replaced), None),
    )  # fmt: skip
    proposal, owed = plan.proposal, plan.owed
    comparison, ruling = proposal.comparison, proposal.ruling
    english = labels.english()
    return SumView(
        amount=proposal.amount,
        compensation=owed.compensation if owed else 0,
        fee_refund=owed.fee_refund if owed else 0,
        computed=proposal.computed,
        steps=tuple(
            StepLine(
                text=s.en if english else s.zh,
                amount=s.amount,
                basis=s.basis,
                asks=s.rule.startswith("review."),
            )
            for s in (owed.steps if owed else ())
        ),
        because=tuple(r for r in proposal.because if r.rule == "parcel.difference"),
        granted=ruling.ok,
        ask="" if ruling.ok else ROLE_NAMES.get(ruling.ask or "", ("上一级", "next rank"))[english],
        ruling=ruling.because.en if english else ruling.because.zh,
        equals=""
        if comparison is None
        else (comparison.because.en if english else comparison.because.zh),
        departs=comparison is not None and comparison.departs,
    )

"""Offers as people see them: with their legal basis on the desk, in plain words elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from huiyin.core import masking
from huiyin.core.access import Actor, Thing, may
from huiyin.core.because import Reason
from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.core.remedy.authority import Absence, capacities
from huiyin.core.remedy.offer import (
    ANSWERED_KINDS,
    LIVE_PAYOUTS,
    MOVES,
    OPEN_TO_CUSTOMER,
    PAYOUT_STATE_NAMES,
)
from huiyin.store import models
from huiyin.store.read import labels, office, remedies
from huiyin.store.read.remedies import KIND_NAMES, METHOD_NAMES, STATE_NAMES
from huiyin.store.read.viewer import Viewer


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a sum in the language of the page; ``amount`` in 分 stands after it."""

    text: str
    amount: int
    basis: str
    asks: bool = False
    """A person is asked to look."""


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """A payment of a remedy, the account covered."""

    number: str
    amount: int
    state: str
    state_label: str
    method_label: str
    payee: str
    account: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class DeskOffer:
    """A remedy on the desk: how it was computed, what became of it, what the viewer may do."""

    id: str
    kind: str
    kind_label: str
    amount: int
    computed: int | None
    state: str
    state_label: str
    proposed_by: str
    decided_by: str
    on_behalf: str
    reason: str
    steps: tuple[StepLine, ...]
    because: tuple[Reason, ...]
    answer_words: str
    answered_by: str
    counter: int | None
    payouts: tuple[PayoutLine, ...]
    number: str
    """The complaint it was offered on, when that is another one of the same parcel."""
    can_decide: bool = False
    can_withdraw: bool = False
    can_answer: bool = False
    can_pay_again: bool = False


@dataclass(frozen=True, slots=True)
class CustomerOffer:
    """An offer on the customer's page: amount, plain steps, and how he may answer."""

    id: str
    label: str
    amount: int
    state: str
    state_label: str
    steps: tuple[str, ...]
    counter: int | None
    can_answer: bool
    counters_left: int
    can_pay_again: bool
    paid_to: str
    gesture: bool = field(default=False)


def _lines(steps: Sequence[Mapping[str, Any]]) -> tuple[StepLine, ...]:
    language = "en" if labels.english() else "zh"
    return tuple(
        StepLine(
            text=str(s[language]),
            amount=int(s["amount"]),
            basis=str(s["basis"]),
            asks=str(s["rule"]).startswith("review."),
        )
        for s in steps
    )


def masked_account(*, account: str) -> str:
    """Show the last four characters of an account, or a covered mail address."""
    if "@" in account:
        return masking.mask_mail(mail=account)
    return f"**** {account[-4:]}" if account else ""


def _payouts(remedy_ids: Sequence[UUID]) -> dict[UUID, list[PayoutLine]]:
    out: dict[UUID, list[PayoutLine]] = {}
    for p in models.Payout.objects.filter(remedy_id__in=list(remedy_ids)).order_by("id"):
        out.setdefault(p.remedy_id, []).append(
            PayoutLine(
                number=p.number,
                amount=p.amount,
                state=p.state,
                state_label=labels.pick(PAYOUT_STATE_NAMES, p.state),
                method_label=labels.pick(METHOD_NAMES, p.method),
                payee=masking.mask_name(name=p.payee),
                account=masked_account(account=p.account),
                at=p.settled_at or p.requested_at,
                note=p.note,
            )
        )
    return out


def _rows(complaint_id: UUID) -> list[models.Remedy]:
    """Return the remedies of a complaint and of those merged into it, oldest first."""
    return list(
        models.Remedy.objects.filter(
            Q(complaint_id=complaint_id) | Q(complaint__merged_into=complaint_id)
        )
        .select_related("proposed_by", "decided_by", "authority_of", "complaint")
        .order_by("id")
    )


def may_decide(
    *, actor: Actor, absences: Sequence[Absence], today: Any, thing: Thing, proposed_by: int | None
) -> bool:
    """Tell whether a person may decide on a proposal by role, his own or a lent one."""
    if proposed_by == actor.id:
        return False
    return any(
        c.owner.id != proposed_by
        and may(
            actor=Actor(id=actor.id, role=c.owner.role, department=c.owner.department),
            action="approve",
            thing=thing,
        )
        for c in capacities(actor=actor, absences=absences, today=today)
    )


def desk_offers(
    *, viewer: Viewer, complaint_id: UUID, thing: Thing, today: Any
) -> tuple[DeskOffer, ...]:
    """Return a complaint's offers as this viewer may see and move them, in three queries."""
    rows = _rows(complaint_id)
    if not rows:
        return ()
    paid = _payouts([r.id for r in rows])
    absences = remedies.absences_for(deputy=viewer.id, today=today)
    works = bool(may(actor=viewer.actor, action="propose", thing=thing))
    out = []
    for r in rows:
        payouts = tuple(paid.get(r.id, ()))
        under_way = any(p.state in LIVE_PAYOUTS for p in payouts)
        lent = r.authority_of_id is not None and r.authority_of_id != r.decided_by_id
        out.append(
            DeskOffer(
                id=r.id.hex,
                kind=r.kind,
                kind_label=labels.pick(KIND_NAMES, r.kind),
                amount=r.amount,
                computed=r.computed,
                state=r.state,
                state_label=labels.pick(STATE_NAMES, r.state),
                proposed_by=r.proposed_by.name if r.proposed_by else "",
                decided_by=r.decided_by.name if r.decided_by else "",
                on_behalf=r.authority_of.name if lent and r.authority_of else "",
                reason=r.decision_reason or r.reason,
                steps=_lines(r.steps),
                because=tuple(
                    reason
                    for reason in (Reason.from_json(data=b) for b in r.because)
                    if not reason.rule.startswith("remedy.")
                ),
                answer_words=masking.mask_text(text=r.answer_words),
                answered_by=r.answered_by,
                counter=r.counter if r.state == "countered" else None,
                payouts=payouts,
                number=r.complaint.number if r.complaint_id != complaint_id else "",
                can_decide=r.state == "waiting"
                and may_decide(
                    actor=viewer.actor,
                    absences=absences,
                    today=today,
                    thing=thing,
                    proposed_by=r.proposed_by_id,
                ),
                can_withdraw=works and "withdraw" in MOVES[r.state] and not under_way,
                can_answer=works and r.state in OPEN_TO_CUSTOMER and r.kind in ANSWERED_KINDS,
                can_pay_again=works
                and r.state == "accepted"
                and not under_way
                and r.kind in ANSWERED_KINDS,
            )
        )
    return tuple(out)


_TOLD: Mapping[str, tuple[str, str]] = {
    "approved": ("请您确认", "Waiting for your answer"),
    "countered": ("已收到您的要求，正在处理", "We have your request and look into it"),
    "accepted": ("您已接受，正在付款", "Accepted, the payment is under way"),
    "declined": ("您没有接受", "You declined"),
    "paid": ("已付清", "Paid"),
}


def customer_offers(*, complaint_id: UUID, link_complaint_id: UUID) -> tuple[CustomerOffer, ...]:
    """Return the offers of a complaint for the holder of a link, in plain words.

    Only the customer to whom an offer was made may answer it: a link of a complaint that was
    merged in shows no offer made to somebody else.
    """
    rows = [r for r in _rows(complaint_id) if _his(r, link_complaint_id)]
    if not rows:
        return ()
    paid = _payouts([r.id for r in rows])
    language = "en" if labels.english() else "zh"
    out = []
    for r in rows:
        if r.state not in _TOLD:
            continue
        most = office.playbook(version_id=r.complaint.playbook_version).settlement.counters
        payouts = paid.get(r.id, [])
        last = payouts[-1] if payouts else None
        money = r.kind in MONEY_KINDS
        again = r.state == "accepted" and last is not None and last.state in {"failed", "returned"}
        out.append(
            CustomerOffer(
                id=r.id.hex,
                label=labels.pick(KIND_NAMES, r.kind),
                amount=r.amount,
                state="again" if again else r.state,
                state_label=_state_label(row=r, again=again, money=money),
                steps=tuple(s["customer"][language] for s in r.steps if s.get("customer")),
                counter=r.counter if r.state == "countered" else None,
                can_answer=r.state in OPEN_TO_CUSTOMER and r.kind in ANSWERED_KINDS,
                counters_left=max(0, most - r.counters),
                can_pay_again=again and r.kind in ANSWERED_KINDS,
                paid_to=f"{last.method_label} {last.account}".strip() if last else "",
                gesture=not money,
            )
        )
    return tuple(out)


def _his(row: models.Remedy, link_complaint_id: UUID) -> bool:
    if row.complaint_id == link_complaint_id:
        return True
    own = models.Complaint.objects.filter(id=link_complaint_id).values_list("customer_id")
    return row.complaint.customer_id is not None and (row.complaint.customer_id,) == own.first()


def _state_label(*, row: models.Remedy, again: bool, money: bool) -> str:
    if again:
        return (
            "The payment failed, check where it should go"
            if labels.english()
            else ("付款没有成功，请核对收款信息")
        )
    if row.kind not in ANSWERED_KINDS and row.state in {"approved", "accepted"}:
        names = ("已为您安排", "Arranged for you") if not money else ("发放中", "On its way")
        return names[labels.english()]
    return labels.pick(_TOLD, row.state)


def answerable(*, remedy_id: UUID, complaint_id: UUID) -> bool:
    """Tell whether the holder of a complaint's link may answer an offer."""
    row = models.Remedy.objects.filter(id=remedy_id).select_related("complaint").first()
    return row is not None and _his(row, complaint_id)

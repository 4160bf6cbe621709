"""Payouts as rooms see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from huiyin.core.remedy import transfer
from huiyin.core.remedy.offer import UNPAID_PAYOUTS
from huiyin.core.remedy.payee import Payee
from huiyin.core.remedy.reconcile import Asked
from huiyin.core.remedy.transfer import Transfer
from huiyin.store import models
from huiyin.store.read.remedies import KIND_NAMES


@dataclass(frozen=True, slots=True)
class Standing:
    """A payout before something happens to it; ``touched_by`` may not pay it out."""

    id: UUID
    number: str
    remedy_id: UUID
    complaint_id: UUID
    amount: int
    state: str
    offer_state: str
    touched_by: frozenset[int]

    @property
    def asked(self) -> Asked:
        """The payout as reconciling sees it."""
        return Asked(number=self.number, amount=self.amount, state=self.state)


def touched_by(*, payout: models.Payout) -> frozenset[int]:
    """Return who proposed a payout's remedy, or accepted or asked for it in the customer's name."""
    touched = {payout.remedy.proposed_by_id}
    for by in (payout.requested_by, payout.remedy.answered_by):
        if by.startswith("user:"):
            touched.add(int(by[5:]))
    return frozenset(t for t in touched if t is not None)


def _standing(row: models.Payout) -> Standing:
    return Standing(
        id=row.id,
        number=row.number,
        remedy_id=row.remedy_id,
        complaint_id=row.complaint_id,
        amount=row.amount,
        state=row.state,
        offer_state=row.remedy.state,
        touched_by=touched_by(payout=row),
    )


def standing(*, ids: Iterable[UUID]) -> list[Standing]:
    """Return payouts in the order of their request."""
    rows = models.Payout.objects.filter(id__in=list(ids)).select_related("remedy").order_by("id")
    return [_standing(r) for r in rows]


def of_batch(*, batch_id: UUID) -> list[Standing]:
    """Return the payouts of a batch in the order of their request."""
    rows = models.Payout.objects.filter(batch_id=batch_id).select_related("remedy")
    return [_standing(r) for r in rows.order_by("id")]


@dataclass(frozen=True, slots=True)
class Route:
    """A payout that nobody pays yet, as far as choosing who does goes."""

    id: UUID
    number: str
    amount: int
    method: str
    customer_id: UUID | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A payout that goes out by an account, and how far it is."""

    standing: Standing
    ready: transfer.Standing
    account_id: int
    transfer_state: str
    sends: int
    first_sent_at: datetime | None


def unrouted(*, methods: Iterable[str]) -> QuerySet[models.Payout]:
    """Return payouts by some methods that neither a batch nor an account has, oldest first.

    Those that were left to finance's batch are not among them.
    """
    kept = models.PayoutTransfer.objects.filter(payout_id=OuterRef("id"))
    rows = models.Payout.objects.filter(
        ~Exists(kept), state="requested", batch=None, way=None, method__in=sorted(methods)
    )
    return rows.order_by("id")


def routes(*, ids: Iterable[UUID]) -> list[Route]:
    """Return payouts as far as choosing who pays them goes."""
    rows = models.Payout.objects.filter(id__in=list(ids)).order_by("id")
    return [
        Route(id=i, number=number, amount=amount, method=method, customer_id=customer)
        for i, number, amount, method, customer in rows.values_list(
            "id", "number", "amount", "method", "complaint__customer_id"
        )
    ]


def openid_of(*, customer_id: UUID, app_id: str) -> str:
    """Return a customer's openid with an app, of the channel account that brought him; "" if none.

    The one he used last; an openid is of no use with another app.
    """
    own = [
        row.id
        for row in models.ChannelAccount.objects.filter(spoken="wechat")
        if app_id and row.settings.get("app_id") == app_id
    ]
    known = models.Identity.objects.filter(customer_id=customer_id, kind="wechat", proven=True)
    row = (
        models.Reach.objects.filter(
            channel="wechat", account_id__in=own, address__in=known.values("value")
        )
        .order_by("-last_in_at", "-id")
        .first()
    )
    return row.address if row else ""


def sent(*, payout_id: UUID | None = None, plain: str = "") -> Sent | None:
    """Return a payout that goes out by an account, by its id or its plain number."""
    rows = models.PayoutTransfer.objects.select_related("payout__remedy")
    found = rows.filter(payout_id=payout_id) if payout_id else rows.filter(plain=plain)
    row = found.first()
    if row is None:
        return None
    remedy = row.payout.remedy
    return Sent(
        standing=_standing(row.payout),
        ready=transfer.Standing(
            state=row.payout.state,
            amount=row.payout.amount,
            offer_state=remedy.state,
            offer_amount=remedy.amount,
            granted=remedy.decided_at is not None and remedy.authority_of_id is not None,
        ),
        account_id=row.account_id,
        transfer_state=row.state,
        sends=row.sends,
        first_sent_at=row.first_sent_at,
    )


def ended(*, payout_id: UUID) -> bool:
    """Tell whether a payout has its end: paid, failed or returned."""
    rows = models.Payout.objects.filter(id=payout_id)
    return not rows.filter(state__in=UNPAID_PAYOUTS).exists()


def order(*, payout_id: UUID, address: str, at: datetime, nonce: str, hook: str) -> Transfer:
    """Return a payment whole, as its provider is told."""
    p = models.Payout.objects.select_related("complaint", "remedy").get(id=payout_id)
    return Transfer(
        number=p.number,
        amount=p.amount,
        method=p.method,
        payee=p.payee,
        account=p.account,
        address=address,
        reason=f"{KIND_NAMES[p.remedy.kind][0]} {p.complaint.number}",
        complaint=p.complaint.number,
        waybill=p.complaint.waybill,
        at=at,
        nonce=nonce,
        hook=hook,
    )


@dataclass(frozen=True, slots=True)
class Former:
    """A payout that failed or came back, with what a new one needs."""

    standing: Standing
    payee: Payee
    requested_by: str


def former(*, payout_id: UUID) -> Former | None:
    """Return a payout with its payee, None when there is none."""
    row = models.Payout.objects.select_related("remedy").filter(id=payout_id).first()
    if row is None:
        return None
    return Former(
        standing=_standing(row),
        payee=Payee(method=row.method, name=row.payee, account=row.account),
        requested_by=row.requested_by,
    )

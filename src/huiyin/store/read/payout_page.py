"""The page of payouts: what accounts hold, what waits, what went out, and the batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import Actor, may
from huiyin.core.remedy.journal import NOBODY, OWED, PAID, REQUESTED
from huiyin.core.remedy.offer import LIVE_PAYOUTS, PAYOUT_STATE_NAMES
from huiyin.core.remedy.reconcile import Order
from huiyin.store import models
from huiyin.store.read import books, labels, office, parties
from huiyin.store.read.offers import masked_account
from huiyin.store.read.pages import Choice
from huiyin.store.read.payouts import touched_by
from huiyin.store.read.remedies import METHOD_NAMES
from huiyin.store.sealed_field import Unread

PAGE, BATCHES = 50, 8


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account and what it holds, 分, counted the way people speak of it."""

    code: str
    label: str
    amount: int


@dataclass(frozen=True, slots=True)
class PayoutRowView:
    """One payout in the list, the account covered."""

    id: str
    number: str
    complaint_id: str
    complaint: str
    amount: int
    state: str
    state_label: str
    method_label: str
    payee: str
    account: str
    requested_at: datetime
    settled_at: datetime | None
    batch: str
    batch_id: str
    note: str
    asked_at: datetime | None
    """When the provider of a payment under way answered last."""
    provider: str
    """The account that pays it, "" where finance does by its batch."""
    acts: tuple[Choice, ...]
    """What this viewer may do with it: release, ask, batch, again."""
    own: bool
    """It waits to be released, but by somebody else: this viewer proposed or accepted it."""


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch and what its result file said."""

    id: str
    number: str
    created_at: datetime
    created_by: str
    payouts: int
    total: int
    reconciled_at: datetime | None
    acts: Mapping[str, int]
    known: int
    mismatches: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PayoutPage:
    """The whole page."""

    accounts: tuple[AccountLine, ...]
    costs: tuple[AccountLine, ...]
    states: tuple[Choice, ...]
    state: str
    attention: tuple[PayoutRowView, ...]
    """What a person must release or look at."""
    rows: tuple[PayoutRowView, ...]
    next_cursor: str
    batches: tuple[BatchView, ...]
    can_work: bool


def may_see(*, actor: Actor) -> bool:
    """Tell whether a person may see the payouts."""
    return bool(may(actor=actor, action="payouts.see", homes=office.paying()))


def page(*, actor: Actor, state: str, cursor: str) -> PayoutPage:
    """Return the page for a state of payouts ("" is all), newest first."""
    state = state if state in PAYOUT_STATE_NAMES else ""
    whole = models.Payout.objects.select_related("complaint", "batch", "remedy", "transfer")
    attention = whole.filter(transfer__state__in=("held", "stopped")).order_by("id")[:PAGE]
    rows = whole.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    try:
        rows = rows.filter(id__lt=UUID(cursor)) if cursor else rows
    except ValueError:
        cursor = ""
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    row = _Rows(actor=actor, payouts=[*shown, *attention]).view
    latest = models.PayoutBatch.objects.select_related("created_by").order_by("-id")
    held = books.balances()
    playbook = office.current_playbook()
    bearers = parties.names(
        codes={a.removeprefix("cost:") for a in held if a.startswith("cost:")}, playbook=playbook
    )
    return PayoutPage(
        accounts=(
            AccountLine(OWED, _("欠客户"), -held.get(OWED, 0)),
            AccountLine(REQUESTED, _("已请款，待付"), -held.get(REQUESTED, 0)),
            AccountLine(PAID, _("已付"), -held.get(PAID, 0)),
        ),
        costs=tuple(
            AccountLine(
                account,
                _("尚未定责") if account == NOBODY else bearers[account.removeprefix("cost:")],
                amount,
            )
            for account, amount in sorted(held.items(), key=lambda item: -item[1])
            if account.startswith("cost:")
        ),
        states=(
            Choice(code="", label=_("全部"), selected=not state),
            *(
                Choice(code=c, label=labels.pick(PAYOUT_STATE_NAMES, c), selected=c == state)
                for c in PAYOUT_STATE_NAMES
            ),
        ),
        state=state,
        attention=tuple(row(p) for p in attention),
        rows=tuple(row(p) for p in shown),
        next_cursor=shown[-1].id.hex if len(found) > PAGE else "",
        batches=tuple(_batch(b) for b in latest[:BATCHES]),
        can_work=bool(may(actor=actor, action="payouts.work", homes=office.paying())),
    )


class _Rows:
    """Payouts as one viewer sees them, with what he may do."""

    def __init__(self, *, actor: Actor, payouts: Sequence[models.Payout]) -> None:
        self.actor = actor
        self.works = bool(may(actor=actor, action="payouts.work", homes=office.paying()))
        self.releases = bool(may(actor=actor, action="payouts.release", homes=office.paying()))
        ended = [p.remedy_id for p in payouts if p.state in {"failed", "returned"}]
        standing = models.Payout.objects.filter(remedy_id__in=ended, state__in=LIVE_PAYOUTS)
        self.paid_anew = set(standing.values_list("remedy_id", flat=True)) if ended else set()
        ways = {t.account_id for p in payouts if (t := _transfer(p)) is not None}
        names = models.ChannelAccount.objects.filter(id__in=ways).values_list("id", "name")
        self.names = dict(names) if ways else {}

    def view(self, p: models.Payout) -> PayoutRowView:
        """Return one payout."""
        t = _transfer(p)
        state, label = _state(p, t)
        acts = tuple(self._acts(p, t))
        own = self.releases and t is not None and t.state == "held" and "release" not in acts
        said = {
            "release": _("放行"),
            "ask": _("立即查询"),
            "batch": _("改走批次"),
            "again": _("再付一次"),
        }
        return PayoutRowView(
            id=p.id.hex,
            number=p.number,
            complaint_id=p.complaint_id.hex,
            complaint=p.complaint.number,
            amount=p.amount,
            state=state,
            state_label=label,
            method_label=labels.pick(METHOD_NAMES, p.method),
            payee=masking.mask_name(name=p.payee),
            account=masked_account(account=p.account),
            requested_at=p.requested_at,
            settled_at=p.settled_at,
            batch=p.batch.number if p.batch else "",
            batch_id=p.batch_id.hex if p.batch_id else "",
            note=_note(p, t),
            asked_at=t.asked_at if t and p.state == "processing" else None,
            provider=self.names.get(t.account_id, "") if t and t.state != "left" else "",
            acts=tuple(Choice(code=a, label=said[a]) for a in acts),
            own=own,
        )

    def _acts(self, p: models.Payout, t: models.PayoutTransfer | None) -> Iterator[str]:
        held = t is not None and t.state == "held"
        if held and self.releases and self.actor.id not in touched_by(payout=p):
            yield "release"
        if not self.works:
            return
        if t is not None and t.sends and t.state in {"sent", "stopped"}:
            yield "ask"
        if t is not None and not t.sends and t.state in {"held", "due", "stopped"}:
            yield "batch"
        clear = t is None or t.state != "stopped"
        ended = p.state in {"failed", "returned"} and p.remedy.state == "accepted"
        if ended and clear and p.remedy_id not in self.paid_anew:
            yield "again"


def _transfer(p: models.Payout) -> models.PayoutTransfer | None:
    found: models.PayoutTransfer | None = getattr(p, "transfer", None)
    return found


def _state(p: models.Payout, t: models.PayoutTransfer | None) -> tuple[str, str]:
    if t is not None and t.state in {"held", "stopped"}:
        return t.state, _("待放行") if t.state == "held" else _("须人工核对")
    return p.state, labels.pick(PAYOUT_STATE_NAMES, p.state)


def _note(p: models.Payout, t: models.PayoutTransfer | None) -> str:
    if t is None:
        return p.note
    told = t.told.get("en" if labels.english() else "zh", "")
    return str(told or p.note)


def _batch(b: models.PayoutBatch) -> BatchView:
    report = b.report or {}
    return BatchView(
        id=b.id.hex,
        number=b.number,
        created_at=b.created_at,
        created_by=b.created_by.name,
        payouts=b.payouts,
        total=b.total,
        reconciled_at=b.reconciled_at,
        acts=report.get("acts", {}),
        known=int(report.get("known", 0)),
        mismatches=tuple(
            {**m, "said": m["en" if labels.english() else "zh"]}
            for m in report.get("mismatches", ())
        ),
    )


def batch(*, batch_id: UUID) -> BatchView | None:
    """Return a batch with its report, None when there is none."""
    row = models.PayoutBatch.objects.select_related("created_by").filter(id=batch_id).first()
    return None if row is None else _batch(row)


def rows_of(*, batch_id: UUID) -> list[Order]:
    """Return a batch's payments whole, for the file that goes to finance."""
    rows = models.Payout.objects.filter(batch_id=batch_id).select_related("complaint")
    return [
        Order(
            number=p.number,
            amount=p.amount,
            method=METHOD_NAMES[p.method][0],
            payee=p.payee,
            account="密钥不符，读不出" if isinstance(p.account, Unread) else p.account,
            complaint=p.complaint.number,
            waybill=p.complaint.waybill,
        )
        for p in rows.order_by("id")
    ]

"""Settle up: what an outlet or a hub pays on its account, or is paid back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.liability.account import CannotSettleUp, settle_up, take_back
from huiyin.core.remedy.journal import settled_up
from huiyin.store.ledger import party_payments
from huiyin.store.read import office, parties, party_account


def _need(*, actor: Actor) -> None:
    allowed = may(actor=actor, action="payouts.work", homes=office.paying())
    if not allowed:
        raise PermissionError(allowed.zh)


def pay(
    *,
    now: datetime,
    actor: Actor,
    party: str,
    amount: int,
    paid_on: date,
    today: date,
    reference: str,
    token: str,
) -> UUID:
    """Write down that the balance, or ``amount`` 分 of it, was paid: by who owes it.

    The same token is one payment. Returns its id. Raises CannotSettleUp, PermissionError.
    """
    _need(actor=actor)
    row = parties.one(code=party)
    if row is None or row.kind == "courier":
        raise CannotSettleUp(
            zh="请选择网点或分拨；收派员的账在所属网点里结", en="choose an outlet or a hub"
        )
    with party_payments.one_at_a_time(party=party):
        if known := party_payments.kept(token=token):
            return known
        signed = settle_up(
            balance=party_account.balance(party=party), amount=amount, paid_on=paid_on,
            today=today, reference=reference,
        )  # fmt: skip
        return party_payments.keep(
            now=now, party=party, amount=signed, paid_on=paid_on, words="", token=token,
            reference=reference.replace("\x00", "").strip(), user_id=actor.id,
            lines=settled_up(party=party, amount=signed),
        )  # fmt: skip


def undo(*, now: datetime, actor: Actor, payment_id: UUID, today: date, words: str) -> str:
    """Take a payment back that was written down wrongly; both stay on the account.

    Returns the party's code. Raises CannotSettleUp, PermissionError.
    """
    _need(actor=actor)
    found = party_account.payment(id=payment_id)
    if found is None:
        raise CannotSettleUp(zh="找不到这笔款项", en="there is no such payment")
    with party_payments.one_at_a_time(party=found.party):
        found = party_account.payment(id=payment_id) or found
        amount = take_back(amount=found.amount, undone=found.undone, words=words)
        party_payments.keep(
            now=now, party=found.party, amount=amount, paid_on=today, reference=found.reference,
            words=words.replace("\x00", "").strip()[:500], token=f"undo-{payment_id.hex}"[:40],
            user_id=actor.id, lines=settled_up(party=found.party, amount=amount),
            undoes=payment_id,
        )  # fmt: skip
    return found.party

"""Writing of what outlets and hubs pay to settle their account, and of payments taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from huiyin.core.remedy.journal import Line
from huiyin.store import bulk, models
from huiyin.store.ids import new_id
from huiyin.store.ledger.tally import hold, write_tallies


@contextmanager
def one_at_a_time(*, party: str) -> Iterator[None]:
    """Keep others from the account of a party until the block, one transaction, ends."""
    with transaction.atomic():
        hold(name=f"account:{party}")
        yield


def kept(*, token: str) -> UUID | None:
    """Return the payment that a form with this token made already."""
    return models.PartyPayment.objects.filter(token=token).values_list("id", flat=True).first()


def keep(
    *,
    now: datetime,
    party: str,
    amount: int,
    paid_on: date,
    reference: str,
    words: str,
    token: str,
    user_id: int,
    lines: Sequence[Line],
    undoes: UUID | None = None,
) -> UUID:
    """Write a payment down, 分: above 0 the party paid, below 0 it was paid; with its entries."""
    payment_id = new_id(now=now)
    models.PartyPayment.objects.create(
        id=payment_id, party_id=party, amount=amount, paid_on=paid_on, reference=reference,
        words=words, token=token, by_id=user_id, at=now, undoes_id=undoes,
    )  # fmt: skip
    transfer = new_id(now=now)
    bulk.insert(
        model=models.Entry,
        rows=[
            {
                "id": new_id(now=now), "transfer": transfer, "at": now,
                "kind": "PartyPaymentUndone" if undoes else "PartyPaid", "account": line.account,
                "amount": line.amount, "payment_id": payment_id,
            }
            for line in lines
        ],
    )  # fmt: skip
    write_tallies(deltas={f"book:{line.account}": line.amount for line in lines})
    return payment_id

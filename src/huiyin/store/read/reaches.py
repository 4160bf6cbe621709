"""How somebody can be reached, and how far the window of a channel is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huiyin.store import models


@dataclass(frozen=True, slots=True)
class Reach:
    """One address on a channel."""

    channel: str
    address: str
    account_id: int | None
    last_in_at: datetime | None
    sent_since: int
    left_at: datetime | None


def one(*, channel: str, address: str) -> Reach | None:
    """Return what is known of an address."""
    row = models.Reach.objects.filter(channel=channel, address=address[:200]).first()
    if row is None:
        return None
    return _reach(row)


def of_complaint(*, complaint_id: UUID) -> list[Reach]:
    """Return how a complaint's customer can be reached: where he was answered last, then others."""
    case = models.Complaint.objects.get(id=complaint_id)
    return of_customer(customer_id=case.customer_id, last=(case.reply_channel, case.reply_to))


def of_customer(*, customer_id: UUID | None, last: tuple[str, str] = ("", "")) -> list[Reach]:
    """Return how a customer can be reached: at his ``last`` (channel, address), then at others."""
    who = models.Customer.objects.filter(id=customer_id).first() if customer_id else None
    return _known([last, *(_own(who) if who else ())])


def _own(who: models.Customer) -> list[tuple[str, str]]:
    """Return the addresses proven to be a customer's, else the only one that he gave."""
    rows = who.identities.order_by("-since", "-id")
    own = list(rows.filter(proven=True))
    if not own:
        given = list(rows[:2])
        own = given if len(given) == 1 else []
    # a telephone is told things by SMS
    return [("sms" if i.kind == "phone" else i.kind, i.value) for i in own]


def _known(pairs: Sequence[tuple[str, str]]) -> list[Reach]:
    wanted = list(dict.fromkeys((c, a[:200]) for c, a in pairs if c and a))
    known = {
        (row.channel, row.address): row
        for row in models.Reach.objects.filter(
            channel__in=[c for c, _ in wanted], address__in=[a for _, a in wanted]
        )
    }
    return [
        _reach(known[pair]) if pair in known else Reach(*pair, None, None, 0, None)
        for pair in wanted
    ]


def _reach(row: models.Reach) -> Reach:
    return Reach(
        channel=row.channel,
        address=row.address,
        account_id=row.account_id,
        last_in_at=row.last_in_at,
        sent_since=row.sent_since,
        left_at=row.left_at,
    )


def of_answer(*, complaint_id: str) -> Reach | None:
    """Return how the person can be reached whom answers to a complaint go to."""
    row = (
        models.Complaint.objects.filter(id=complaint_id)
        .values_list("reply_channel", "reply_to")
        .first()
    )
    return one(channel=row[0], address=row[1]) if row and row[1] else None

"""The journal of remedies: what accounts hold, and whether everything in it agrees."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet, Sum

from huiyin.core.remedy.journal import FINES, OWED, PAID, RECEIVED, REQUESTED
from huiyin.core.remedy.offer import GRANTED, UNPAID_PAYOUTS
from huiyin.store import models

_PREFIX = "book:"


def costs_of(*, remedy_id: UUID) -> dict[str, int]:
    """Return what each cost account bears of a remedy, 分."""
    return _costs(models.Entry.objects.filter(remedy_id=remedy_id)).get(remedy_id, {})


def costs_of_complaint(*, complaint_id: UUID) -> dict[UUID, dict[str, int]]:
    """Return what each cost account bears of a complaint's remedies, by remedy, 分."""
    return _costs(models.Entry.objects.filter(complaint_id=complaint_id))


def _costs(entries: QuerySet[models.Entry]) -> dict[UUID, dict[str, int]]:
    out: dict[UUID, dict[str, int]] = {}
    rows = (
        entries.filter(account__startswith="cost:", remedy__isnull=False)
        .values_list("remedy_id", "account")
        .annotate(s=Sum("amount"))
        .order_by("remedy_id", "account")
    )
    for remedy_id, account, total in rows:
        if total:
            out.setdefault(remedy_id, {})[account] = int(total)
    return out


def balances() -> dict[str, int]:
    """Return what the accounts hold, from maintained counters, 分."""
    rows = models.Tally.objects.filter(name__startswith=_PREFIX).order_by("name")
    return {r.name.removeprefix(_PREFIX): r.value for r in rows if r.value}


def faults() -> Iterator[str]:
    """Yield one line for each thing in the journal that does not agree with the rest.

    Every transfer adds up to 0; the counters are the sums of the lines; what is owed, asked for
    and paid is what remedies and payouts say; no parcel has two claims of one thing.
    """
    for transfer, total in (
        models.Entry.objects.values_list("transfer")
        .annotate(s=Sum("amount"))
        .exclude(s=0)
        .order_by("transfer")
    ):
        yield f"journal: transfer {transfer} is off by {total}"
    sums = {
        account: int(total)
        for account, total in models.Entry.objects.values_list("account")
        .annotate(s=Sum("amount"))
        .order_by("account")
        if total
    }
    kept = balances()
    for account in sorted({*sums, *kept}):
        if sums.get(account, 0) != kept.get(account, 0):
            yield (
                f"journal {account}: counter {kept.get(account, 0)}, lines {sums.get(account, 0)}"
            )
    granted = _sum(models.Remedy.objects.filter(state__in=GRANTED))
    requested = _sum(models.Payout.objects.filter(state__in=UNPAID_PAYOUTS))
    paid = _sum(models.Payout.objects.filter(state="paid"))
    for account, wanted in (
        (OWED, requested + paid - granted),
        (REQUESTED, -requested),
        (PAID, -paid),
    ):
        if sums.get(account, 0) != wanted:
            yield f"journal {account}: {sums.get(account, 0)}, remedies and payouts say {wanted}"
    costs = sum(total for account, total in sums.items() if account.startswith("cost:"))
    if costs != granted:
        yield f"journal costs: {costs}, granted remedies come to {granted}"
    fined = sum(total for account, total in sums.items() if account.startswith("fine:"))
    charged = int(models.Fine.objects.aggregate(s=Sum("charged"))["s"] or 0)
    if fined != charged or sums.get(FINES, 0) != -charged:
        yield f"journal fines: {fined}, fines in force come to {charged}"
    settled = sum(total for account, total in sums.items() if account.startswith("settled:"))
    received = int(models.PartyPayment.objects.aggregate(s=Sum("amount"))["s"] or 0)
    if settled != -received or sums.get(RECEIVED, 0) != received:
        yield f"journal settled: {settled}, payments of outlets come to {received}"


def _sum(rows: QuerySet[models.Remedy] | QuerySet[models.Payout]) -> int:
    return int(rows.aggregate(s=Sum("amount"))["s"] or 0)

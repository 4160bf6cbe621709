"""What the database itself refuses, said to a person; and locks that make sums hold."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import QuerySet

from huiyin.store import models
from huiyin.store.read import payouts


class CannotKeep(ValueError):
    """A constraint of the database stands in the way; ``zh`` and ``en`` say which."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


# PostgreSQL names the constraint, SQLite the columns.
_SAID: tuple[tuple[tuple[str, str], str, str], ...] = (
    (
        ("parcel_claimed_once", "parcel_claim.parcel"),
        "这个包裹刚刚已有一笔赔付，同一包裹不能重复赔付，请刷新后查看",
        "the parcel was claimed a moment ago; a parcel is not paid twice, reload",
    ),
    (
        ("payout_once", "payout.remedy_id"),
        "这笔补偿已有一笔付款在进行或已付，不能重复付款",
        "a payment of this remedy is under way or done; it is not paid twice",
    ),
)


def clear(*, error: IntegrityError) -> CannotKeep | None:
    """Return what a refusal of the database means to a person, None when it is no rule of ours."""
    text = str(error)
    for marks, zh, en in _SAID:
        if any(mark in text for mark in marks):
            return CannotKeep(zh=zh, en=en)
    return None


def hold(*, people: Iterable[int], customer: UUID | None) -> None:
    """Lock authorities and a customer until the transaction ends, so that their sums stand still.

    SQLite has one writer at a time and needs no lock.
    """
    if connection.vendor == "sqlite":
        return
    ids = sorted(set(people))
    list(models.User.objects.select_for_update().filter(id__in=ids).order_by("id").values("id"))
    if customer is not None:
        list(models.Customer.objects.select_for_update().filter(id=customer).values("id"))


def free_payouts(*, limit: int) -> list[UUID]:
    """Return payouts that neither a batch nor an account has, oldest first, locked till the end."""
    rows = models.Payout.objects.filter(state="requested", batch=None, way=None).order_by("id")
    return _locked(rows=rows, limit=limit)


def unrouted_payouts(*, methods: Iterable[str], limit: int) -> list[UUID]:
    """Return payouts that accounts may take, oldest first, locked until the transaction ends."""
    return _locked(rows=payouts.unrouted(methods=methods), limit=limit)


def _locked(*, rows: QuerySet[models.Payout], limit: int) -> list[UUID]:
    if connection.vendor != "sqlite":
        rows = rows.select_for_update(skip_locked=True)
    return list(rows.values_list("id", flat=True)[:limit])

"""What stands on the parcels of some complaints: claims, grants, gifts, and what equals got.

For one complaint or for thousands: a handful of queries whatever their number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum

from huiyin.core.remedy.authority import Spent
from huiyin.core.remedy.offer import GRANTED, LIVE
from huiyin.core.remedy.parcel import Claimed
from huiyin.store import models
from huiyin.store.case import Case
from huiyin.store.read import remedies

_Kept = tuple[UUID, Claimed]


class Standing:
    """What was read of the parcels of some complaints; ``owner`` is whose authority is used."""

    def __init__(
        self,
        *,
        cases: Sequence[Case],
        owner: int,
        kind: str,
        now: datetime,
        zone: str,
        customer_days: int,
        without: UUID | None = None,
    ) -> None:
        """Read everything at once, as if the remedy ``without`` were withdrawn."""
        self._now = now
        self._families = _families(cases=cases)
        ids = {i for family in self._families.values() for i in family}
        self._parcels = {
            c.id: remedies.parcel_of(complaint_id=c.id, waybill=c.waybill) for c in cases
        }
        self._claims = _claims(ids=ids, parcels=set(self._parcels.values()), without=without)
        left = ~Q(id=without) if without else Q()
        self._granted = _sums(left & Q(complaint_id__in=ids, state__in=GRANTED))
        self._given = _sums(left & Q(complaint_id__in=ids, state__in=LIVE, kind=kind))
        self._customers = _by_customer(
            ids={c.customer_id for c in cases if c.customer_id},
            since=now - timedelta(days=customer_days),
            left=left,
        )
        self._day = _today(owner=owner, now=now, zone=zone, left=left)
        self._earlier = _earlier_facts(ids=[c.id for c in cases])
        self._equals: dict[str, list[int]] = {}

    def parcel(self, *, case: Case) -> str:
        """Return what claims of a complaint's parcel are kept under."""
        return self._parcels[case.id]

    def claims(self, *, case: Case) -> list[Claimed]:
        """Return the claims that stand for a complaint's parcel."""
        by_complaint, by_parcel = self._claims
        found = dict(by_parcel.get(self._parcels[case.id], ()))
        for id in self._families[case.id]:
            found.update(by_complaint.get(id, ()))
        return list(found.values())

    def spent(self, *, case: Case) -> Spent:
        """Return what counts against the owner's limits for a complaint, 分."""
        return Spent(
            case=sum(self._granted.get(i, 0) for i in self._families[case.id]),
            day=self._day,
            customer=self._customers.get(case.customer_id, 0) if case.customer_id else 0,
        )

    def given(self, *, case: Case) -> int:
        """Return what stands of the kind on a complaint's parcel, 分, waiting ones too."""
        return sum(self._given.get(i, 0) for i in self._families[case.id])

    def equals(self, *, likeness: str) -> list[int]:
        """Return what equal cases were granted within a year, newest first, 分."""
        if likeness not in self._equals:
            self._equals[likeness] = remedies.equals(likeness=likeness, now=self._now)
        return self._equals[likeness]

    def earlier_facts(self, *, case: Case) -> dict[str, Any]:
        """Return the facts of the formula that the complaint's newest remedy was computed by."""
        return self._earlier.get(case.id, {})


def _families(*, cases: Sequence[Case]) -> dict[UUID, frozenset[UUID]]:
    """Return for each complaint those of its parcel: same waybill, and merged into one another."""
    waybills = {c.waybill for c in cases if c.waybill}
    by_waybill: dict[str, set[UUID]] = defaultdict(set)
    for id, waybill in models.Complaint.objects.filter(waybill__in=waybills).values_list(
        "id", "waybill"
    ):
        by_waybill[waybill].add(id)
    direct = {c.id: {c.id} | (by_waybill[c.waybill] if c.waybill else set()) for c in cases}
    for _level in range(2):
        merged = _merged_into(ids={i for family in direct.values() for i in family})
        for family in direct.values():
            for into in list(family):
                family |= merged.get(into, set())
    return {id: frozenset(family) for id, family in direct.items()}


def _merged_into(*, ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    out: dict[UUID, set[UUID]] = defaultdict(set)
    rows = models.Complaint.objects.filter(merged_into__in=set(ids))
    for id, into in rows.values_list("id", "merged_into"):
        if into is not None:
            out[into].add(id)
    return out


def _claims(
    *, ids: Iterable[UUID], parcels: Iterable[str], without: UUID | None
) -> tuple[dict[UUID, list[_Kept]], dict[str, list[_Kept]]]:
    rows = models.ParcelClaim.objects.filter(
        Q(complaint_id__in=set(ids)) | Q(parcel__in=set(parcels)), live=True
    ).values_list(
        "id", "complaint_id", "parcel", "head", "round", "amount", "remedy__state",
        "complaint__number", "remedy_id",
    )  # fmt: skip
    by_complaint: dict[UUID, list[_Kept]] = defaultdict(list)
    by_parcel: dict[str, list[_Kept]] = defaultdict(list)
    for id, complaint, parcel, head, round, amount, state, number, remedy in rows:
        if remedy == without:
            continue
        claimed = Claimed(
            head=head, round=round, amount=amount, paid=state == "paid", number=number,
            remedy=remedy.hex,
        )  # fmt: skip
        by_complaint[complaint].append((id, claimed))
        by_parcel[parcel].append((id, claimed))
    return by_complaint, by_parcel


def _sums(which: Q) -> dict[UUID, int]:
    rows = models.Remedy.objects.filter(which).values("complaint_id").annotate(s=Sum("amount"))
    return {r["complaint_id"]: int(r["s"] or 0) for r in rows}


def _by_customer(*, ids: Iterable[UUID], since: datetime, left: Q) -> dict[UUID, int]:
    rows = (
        models.Remedy.objects.filter(
            left, complaint__customer_id__in=set(ids), decided_at__gte=since, state__in=GRANTED
        )
        .values("complaint__customer_id")
        .annotate(s=Sum("amount"))
    )
    return {r["complaint__customer_id"]: int(r["s"] or 0) for r in rows}


def _today(*, owner: int, now: datetime, zone: str, left: Q) -> int:
    local = now.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    found = models.Remedy.objects.filter(
        left, authority_of=owner, decided_at__gte=midnight, state__in=GRANTED
    ).aggregate(s=Sum("amount"))["s"]
    return int(found or 0)


def _earlier_facts(*, ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = models.Remedy.objects.filter(complaint_id__in=list(ids)).exclude(facts={})
    return dict(rows.order_by("id").values_list("complaint_id", "facts"))

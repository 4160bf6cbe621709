"""What rooms need to know of remedies: what was granted, what a parcel has, what equals got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum

from huiyin.core.access import Actor
from huiyin.core.playbook import Playbook
from huiyin.core.remedy.authority import Absence, Ladder, Limits, Spent
from huiyin.core.remedy.offer import GRANTED, LIVE_PAYOUTS
from huiyin.store import models

KIND_NAMES: dict[str, tuple[str, str]] = {
    "apology": ("致歉", "Apology"),
    "fee_waiver": ("退还运费", "Fee waiver"),
    "amount": ("现金补偿", "Compensation"),
    "coupon": ("优惠券", "Coupon"),
    "points": ("积分", "Points"),
    "redelivery": ("重新派送", "Re-delivery"),
    "rerouting": ("改派", "Re-routing"),
    "resigning": ("重新签收确认", "Re-signing"),
    "extended_service": ("延伸服务", "Extended service"),
    "goodwill": ("关怀补偿", "Goodwill"),
}
STATE_NAMES: dict[str, tuple[str, str]] = {
    "waiting": ("待审批", "Waiting"),
    "approved": ("已批准", "Approved"),
    "rejected": ("已驳回", "Rejected"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "accepted": ("客户已接受", "Accepted"),
    "declined": ("客户未接受", "Declined"),
    "countered": ("客户还价", "Countered"),
    "paid": ("已付清", "Paid"),
}
METHOD_NAMES: dict[str, tuple[str, str]] = {
    "original": ("原路退回", "Back the way it was paid"),
    "wechat": ("微信", "WeChat"),
    "alipay": ("支付宝", "Alipay"),
    "bank": ("银行卡", "Bank card"),
    "coupon": ("优惠券", "Coupon"),
    "points": ("积分", "Points"),
}

NOTHING = Spent()
LIKE_DAYS, LIKE_CASES = 365, 500
"""How far back, and over how many of the newest, equal cases are compared."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy as rooms see it before they act on it."""

    id: UUID
    complaint_id: UUID
    kind: str
    amount: int
    state: str
    proposed_by_id: int | None
    counter: int | None
    """What the customer asked for last, 分."""
    counters: int
    answered_by: str
    facts: dict[str, Any]


def offer(*, remedy_id: UUID) -> Offer | None:
    """Return a remedy, None when there is none."""
    row = models.Remedy.objects.filter(id=remedy_id).first()
    if row is None:
        return None
    return Offer(
        id=row.id,
        complaint_id=row.complaint_id,
        kind=row.kind,
        amount=row.amount,
        state=row.state,
        proposed_by_id=row.proposed_by_id,
        counter=row.counter,
        counters=row.counters,
        answered_by=row.answered_by,
        facts=row.facts,
    )


def ladder_of(*, playbook: Playbook) -> Ladder:
    """Return the playbook's ladder of authority as the core decides by it, lowest rank first."""
    return {
        a.role: Limits(per_case=a.per_case, per_day=a.per_day, per_customer=a.per_customer)
        for a in playbook.authority
    }


def parcel_of(*, complaint_id: UUID, waybill: str) -> str:
    """Return what claims of a complaint's parcel are kept under."""
    return waybill.replace(" ", "").upper() if waybill else f"case:{complaint_id.hex}"


def family(*, complaint_id: UUID, waybill: str) -> list[UUID]:
    """Return the complaints of one parcel: of the same waybill, and merged into one another."""
    same = Q(id=complaint_id) | Q(merged_into=complaint_id)
    if waybill:
        same |= Q(waybill=waybill)
    ids = set(models.Complaint.objects.filter(same).values_list("id", flat=True))
    ids |= set(models.Complaint.objects.filter(merged_into__in=ids).values_list("id", flat=True))
    return sorted(ids)


def _total(rows: Q) -> int:
    found = models.Remedy.objects.filter(rows, state__in=GRANTED).aggregate(s=Sum("amount"))["s"]
    return int(found or 0)


def spent_by(
    *,
    owners: Iterable[int],
    complaint_ids: Iterable[UUID],
    customer_id: UUID | None,
    customer_days: int,
    now: datetime,
    zone: str,
) -> Mapping[int, Spent]:
    """Return for each owner of an authority what counts against it, 分.

    The case counts all complaints of its parcel; the day is that of ``zone``; the customer counts
    the last ``customer_days`` days.
    """
    case = _total(Q(complaint_id__in=list(complaint_ids)))
    customer = 0
    if customer_id is not None:
        customer = _total(
            Q(
                complaint__customer_id=customer_id,
                decided_at__gte=now - timedelta(days=customer_days),
            )
        )
    local = now.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    days = {
        row["authority_of"]: int(row["s"] or 0)
        for row in models.Remedy.objects.filter(
            authority_of__in=list(owners), decided_at__gte=midnight, state__in=GRANTED
        )
        .values("authority_of")
        .annotate(s=Sum("amount"))
    }
    return {o: Spent(case=case, day=days.get(o, 0), customer=customer) for o in owners}


def absences_for(*, deputy: int, today: date) -> list[Absence]:
    """Return for whom a person deputises today."""
    rows = models.Absence.objects.filter(
        deputy_id=deputy, first__lte=today, last__gte=today
    ).select_related("person")
    return [
        Absence(
            person=Actor(
                id=r.person.id,
                role=r.person.role,
                department=r.person.department_id,
                active=r.person.is_active,
            ),
            deputy=deputy,
            first=r.first,
            last=r.last,
        )
        for r in rows.order_by("id")
    ]


def equals(*, likeness: str, now: datetime) -> list[int]:
    """Return what equal cases were granted within a year, newest first, 分."""
    if not likeness:
        return []
    rows = models.Remedy.objects.filter(
        likeness=likeness, state__in=GRANTED, decided_at__gte=now - timedelta(days=LIKE_DAYS)
    )
    return list(rows.order_by("-decided_at").values_list("amount", flat=True)[:LIKE_CASES])


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """A standing claim of a remedy."""

    id: UUID
    head: str
    round: int
    parcel: str


def own_claims(*, remedy_id: UUID) -> list[OwnClaim]:
    """Return the standing claims of a remedy."""
    rows = models.ParcelClaim.objects.filter(remedy_id=remedy_id, live=True)
    return [OwnClaim(id=r.id, head=r.head, round=r.round, parcel=r.parcel) for r in rows]


def claims_of(*, remedy_id: UUID) -> list[UUID]:
    """Return the ids of the standing claims of a remedy."""
    return [c.id for c in own_claims(remedy_id=remedy_id)]


def agreed_elsewhere(
    *, complaint_ids: Iterable[UUID], head: str, round: int, remedy_id: UUID
) -> str:
    """Return the number of a complaint whose customer agreed to the same claim, "" if none."""
    row = (
        models.ParcelClaim.objects.filter(
            complaint_id__in=list(complaint_ids),
            head=head,
            round__gte=round,
            live=True,
            remedy__state__in=["accepted", "paid"],
        )
        .exclude(remedy_id=remedy_id)
        .select_related("complaint")
        .first()
    )
    return row.complaint.number if row else ""


def under_way(*, remedy_id: UUID) -> bool:
    """Tell whether a payout of a remedy stands: asked for or paid."""
    return models.Payout.objects.filter(remedy_id=remedy_id, state__in=LIVE_PAYOUTS).exists()


def unclear(*, remedy_id: UUID) -> bool:
    """Tell whether a person must look at what became of a payout of a remedy."""
    rows = models.PayoutTransfer.objects.filter(payout__remedy_id=remedy_id, state="stopped")
    return rows.exists()

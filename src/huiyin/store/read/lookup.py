"""Customers and complaints while somebody types a number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Q

from huiyin.core import masking
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.pages import RelatedRow
from huiyin.store.read.viewer import Viewer, visible


@dataclass(frozen=True, slots=True)
class Found:
    """What a phone, a waybill or a name leads to."""

    customers: tuple[tuple[str, str, int], ...]
    """(masked name, masked phone, complaints)."""
    complaints: tuple[RelatedRow, ...]
    carriers: tuple[str, ...]


def lookup(*, viewer: Viewer, phone: str, waybill: str, name: str) -> Found:
    """Return known customers and complaints; the least is four digits or characters of a number."""
    phone, waybill = re.sub(r"\D", "", phone), re.sub(r"\s", "", waybill).upper()
    customers = []
    match = Q()
    if len(phone) >= 7:
        ids = list(
            models.Customer.objects.filter(phone__startswith=phone).values_list("id", flat=True)[:5]
        )
        for who in models.Customer.objects.filter(id__in=ids):
            total = models.Complaint.objects.filter(customer_id=who.id).count()
            customers.append(
                (masking.mask_name(name=who.name), masking.mask_phone(phone=who.phone), total)
            )
        if ids:
            match |= Q(customer_id__in=ids)
    if len(waybill) >= 6:
        match |= Q(waybill__startswith=waybill)
    rows: list[RelatedRow] = []
    if match:
        playbook = office.current_playbook()
        for row in (
            models.Complaint.objects.filter(visible(viewer=viewer))
            .filter(match)
            .order_by("-opened_at")[:6]
        ):
            rows.append(
                RelatedRow(
                    id=row.id.hex,
                    number=row.number,
                    title=masking.mask_text(text=row.title),
                    status_label=labels.status(row.status),
                    category_label=labels.category(playbook, row.category),
                    opened_at=row.opened_at,
                    why="",
                )
            )
    return Found(customers=tuple(customers), complaints=tuple(rows), carriers=())

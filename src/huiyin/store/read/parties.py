"""Who may be liable: departments of the playbook, hubs, outlets and couriers of the company."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from huiyin.core.playbook import Playbook
from huiyin.store import models
from huiyin.store.read import labels

CUSTOMER = "customer"
KINDS: tuple[str, ...] = ("hub", "outlet", "courier")
KIND_NAMES: dict[str, tuple[str, str]] = {
    "department": ("总部部门", "Department"),
    "hub": ("分拨中心", "Hub"),
    "outlet": ("网点", "Outlet"),
    "courier": ("收派员", "Courier"),
    "customer": ("客户", "Customer"),
}
KINDS_OF_PART: dict[str, str] = {
    "headquarters": "department", "origin": "outlet", "pickup_courier": "courier",
    "origin_hub": "hub", "destination_hub": "hub", "delivering": "outlet", "courier": "courier",
}  # fmt: skip
"""Part of the way → kind of party that it can be."""


@dataclass(frozen=True, slots=True)
class PartyView:
    """A hub, an outlet or a courier, with how many people log in for it."""

    code: str
    kind: str
    kind_label: str
    name: str
    parent: str
    parent_name: str
    region: str
    active: bool
    people: int

    def as_form(self) -> dict[str, Any]:
        """Return the fields of the form."""
        return {
            "code": self.code, "kind": self.kind, "name": self.name, "parent": self.parent,
            "region": self.region, "active": self.active,
        }  # fmt: skip


def _view(row: models.Party, people: int) -> PartyView:
    return PartyView(
        code=row.code,
        kind=row.kind,
        kind_label=labels.pick(KIND_NAMES, row.kind),
        name=row.name,
        parent=row.parent_id or "",
        parent_name=row.parent.name if row.parent else "",
        region=row.region,
        active=row.active,
        people=people,
    )


def everything() -> tuple[PartyView, ...]:
    """Return all hubs, outlets and couriers, couriers under their outlets; two queries."""
    people: dict[str, int] = {}
    for code in models.User.objects.filter(is_active=True, party__isnull=False).values_list(
        "party_id", flat=True
    ):
        people[str(code)] = people.get(str(code), 0) + 1
    rows = models.Party.objects.select_related("parent")
    order = {kind: n for n, kind in enumerate(KINDS)}
    return tuple(
        _view(r, people.get(r.code, 0))
        for r in sorted(rows, key=lambda r: (order.get(r.kind, 9), r.parent_id or "", r.code))
    )


def one(*, code: str) -> PartyView | None:
    """Return a hub, an outlet or a courier."""
    row = models.Party.objects.select_related("parent").filter(code=code).first()
    return _view(row, row.people.filter(is_active=True).count()) if row else None


def kind_of(*, code: str, playbook: Playbook) -> str:
    """Return what kind of party a code names: a department, hub, outlet, courier or customer.

    Empty for what is unknown or no longer in use.
    """
    if code == CUSTOMER:
        return CUSTOMER
    if code in {d.code for d in playbook.departments}:
        return "department"
    kind = models.Party.objects.filter(code=code, active=True).values_list("kind", flat=True)
    return str(kind.first() or "")


def names(*, codes: Iterable[str], playbook: Playbook) -> dict[str, str]:
    """Return what parties are called; one query."""
    wanted = set(codes)
    out = {c: labels.department(playbook, c) for c in wanted}
    rows = models.Party.objects.filter(code__in=wanted).values_list("code", "name")
    out |= dict(rows)
    if CUSTOMER in wanted:
        out[CUSTOMER] = _("客户")
    if "none" in wanted:
        out["none"] = _("未定责")
    return out


def choices(*, playbook: Playbook) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return who may be named, by kind: {kind: ((code, name), …)}; one query."""
    out: dict[str, list[tuple[str, str]]] = {
        "department": [(d.code, labels.said(d.name)) for d in playbook.departments]
    }
    for row in models.Party.objects.filter(active=True).select_related("parent"):
        name = f"{row.name}（{row.parent.name}）" if row.parent else row.name
        out.setdefault(row.kind, []).append((row.code, name))
    return {kind: tuple(rows) for kind, rows in out.items()}

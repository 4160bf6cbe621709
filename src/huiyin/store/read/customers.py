"""One customer over all channels: identities with their evidence, complaints, what was moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import may
from huiyin.store import models
from huiyin.store.read import labels, office
from huiyin.store.read.actors import actor_name
from huiyin.store.read.complaint import CannotSee, sees_all
from huiyin.store.read.viewer import Viewer, on_visible, visible

MOST: Final = 50
"""Complaints that the page lists, the newest."""
_SNIPPET: Final = 60


@dataclass(frozen=True, slots=True)
class IdentityView:
    """An address by which the customer is known, and the message that showed it."""

    id: int
    kind_label: str
    value: str
    since: datetime
    proven: bool
    """Whether its channel or one of us vouches for it; else he only claims it."""
    evidence: str
    """The first words of the message; empty where it is not at hand or not the viewer's."""
    evidence_channel: str
    evidence_at: datetime | None
    complaint: str
    number: str


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """Another customer whom the matcher took for this one, and the complaint that says so."""

    customer: str
    name: str
    accounts: tuple[str, ...]
    complaint: str
    number: str


@dataclass(frozen=True, slots=True)
class MoveView:
    """A link or a parting, with who made it, why, and whether it stands."""

    id: str
    kind: str
    label: str
    because: str
    who: str
    at: datetime
    complaints: int
    identities: int
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True, slots=True)
class CustomerComplaint:
    """One complaint of the customer."""

    id: str
    number: str
    title: str
    category_label: str
    status_label: str
    channel: str
    channel_label: str
    waybill: str
    opened_at: datetime
    stars: int | None


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """The one view of a customer; personal data masked until revealed."""

    id: str
    name: str
    phone: str
    email: str
    address: str
    since: datetime
    masked: bool
    can_reveal: bool
    can_link: bool
    reveal_on: str
    """The complaint on which a reveal is recorded: the newest that the viewer may see."""
    prefers: str
    """The channel on which he wants to be answered; empty where we choose."""
    identities: tuple[IdentityView, ...]
    suggestions: tuple[SuggestionView, ...]
    complaints: tuple[CustomerComplaint, ...]
    total: int
    live: int
    moves: tuple[MoveView, ...]


def page(*, viewer: Viewer, customer_id: UUID) -> CustomerPage:
    """Return a customer's page. Raises CannotSee when no complaint of theirs is the viewer's."""
    who = models.Customer.objects.filter(id=customer_id).first()
    if who is None:
        raise CannotSee(customer_id)
    seen = models.Complaint.objects.filter(visible(viewer=viewer), customer_id=customer_id)
    rows = list(seen.order_by("-opened_at", "-id")[:MOST])
    moves = _moves(customer_id)
    if not rows and not (moves and may(actor=viewer.actor, action="customer.link")):
        raise CannotSee(customer_id)
    revealed = bool(rows) and sees_all(complaint_id=rows[0].id, viewer=viewer)
    identities = list(
        models.Identity.objects.filter(customer_id=customer_id).order_by("since", "id")
    )
    playbook = office.current_playbook()
    shown = (
        (who.name, who.phone, who.email, who.address)
        if revealed
        else (
            masking.mask_name(name=who.name),
            masking.mask_phone(phone=who.phone) if who.phone else "",
            masking.mask_mail(mail=who.email),
            masking.mask_address(address=who.address),
        )
    )
    return CustomerPage(
        id=who.id.hex,
        name=shown[0] or _("未留姓名"),
        phone=shown[1],
        email=shown[2],
        address=shown[3],
        since=who.created_at,
        masked=not revealed,
        can_reveal=bool(rows) and not revealed,
        can_link=bool(may(actor=viewer.actor, action="customer.link")),
        reveal_on=rows[0].id.hex if rows else "",
        prefers=who.prefers,
        identities=_identities(identities, viewer=viewer, revealed=revealed),
        suggestions=_suggestions(rows, identities, viewer=viewer, revealed=revealed),
        complaints=tuple(
            CustomerComplaint(
                id=r.id.hex,
                number=r.number,
                title=r.title if revealed else masking.mask_text(text=r.title),
                category_label=labels.category(playbook, r.category),
                status_label=labels.status(r.status),
                channel=r.channel,
                channel_label=labels.pick(labels.CHANNEL_NAMES, r.channel),
                waybill=r.waybill,
                opened_at=r.opened_at,
                stars=r.stars,
            )
            for r in rows
        ),
        total=seen.count(),
        live=seen.filter(live=True).count(),
        moves=moves,
    )


def _kind(kind: str) -> str:
    return {"phone": _("电话"), "email": _("邮箱")}.get(
        kind, labels.pick(labels.CHANNEL_NAMES, kind)
    )


def _identities(
    rows: Sequence[models.Identity], *, viewer: Viewer, revealed: bool
) -> tuple[IdentityView, ...]:
    ids = [r.message_id for r in rows if r.message_id]
    messages = {
        m.id: m
        for m in models.Message.objects.filter(
            on_visible(viewer=viewer), id__in=ids
        ).select_related("complaint")
    }
    out = []
    proven = {(r.kind, r.value) for r in rows if r.proven}
    for row in rows:
        if not row.proven and (row.kind, row.value) in proven:
            continue
        m = messages.get(row.message_id) if row.message_id else None
        words = " ".join(m.text.split()) if m else ""
        words = words if revealed else masking.mask_text(text=words)
        out.append(
            IdentityView(
                id=row.id,
                kind_label=_kind(row.kind),
                value=row.value
                if revealed
                else masking.mask_identity(kind=row.kind, value=row.value),
                since=row.since,
                proven=row.proven,
                evidence=words if len(words) <= _SNIPPET else f"{words[:_SNIPPET]}……",
                evidence_channel=labels.pick(labels.CHANNEL_NAMES, m.channel) if m else "",
                evidence_at=m.at if m else None,
                complaint=m.complaint_id.hex if m else "",
                number=m.complaint.number if m else "",
            )
        )
    return tuple(out)


def _suggestions(
    rows: Sequence[models.Complaint],
    identities: Sequence[models.Identity],
    *,
    viewer: Viewer,
    revealed: bool,
) -> tuple[SuggestionView, ...]:
    """Return customers whose accounts the matcher counts as this one's, with the complaint."""
    mine = {(i.kind, i.value) for i in identities}
    told: dict[tuple[str, str], models.Complaint] = {}
    for row in rows:
        for account in row.match_facts.get("owners", ()):
            kind, _colon, value = str(account).partition(":")
            key = ({"p": "phone", "e": "email"}.get(kind, kind), value)
            if key not in mine:
                told.setdefault(key, row)
    if not told:
        return ()
    found = models.Identity.objects.filter(value__in={v for _k, v in told}).select_related(
        "customer"
    )
    out: dict[UUID, SuggestionView] = {}
    for identity in found:
        teller = told.get((identity.kind, identity.value))
        if teller is None:
            continue
        known = out.get(identity.customer_id)
        value = (
            identity.value
            if revealed
            else masking.mask_identity(kind=identity.kind, value=identity.value)
        )
        name = identity.customer.name
        out[identity.customer_id] = SuggestionView(
            customer=identity.customer_id.hex,
            name=(name if revealed else masking.mask_name(name=name)) or _("未留姓名"),
            accounts=(*(known.accounts if known else ()), f"{_kind(identity.kind)} {value}"),
            complaint=known.complaint if known else teller.id.hex,
            number=known.number if known else teller.number,
        )
    return tuple(out.values())


def _moves(customer_id: UUID) -> tuple[MoveView, ...]:
    rows = models.CustomerMove.objects.filter(from_id=customer_id) | (
        models.CustomerMove.objects.filter(to_id=customer_id)
    )
    return tuple(
        MoveView(
            id=row.id.hex,
            kind=row.kind,
            label=_label(row, customer_id),
            because=row.because,
            who=actor_name(f"user:{row.by_id}") if row.by_id else "",
            at=row.at,
            complaints=len(row.complaints),
            identities=len(row.identities),
            undone_at=row.undone_at,
            undone_by=actor_name(f"user:{row.undone_by_id}") if row.undone_by_id else "",
        )
        for row in rows.order_by("-id")[:20]
    )


def _label(row: models.CustomerMove, customer_id: UUID) -> str:
    if row.kind == "link":
        return _("并入了另一位客户") if row.to_id == customer_id else _("归到另一位客户名下")
    return _("从另一位客户分出") if row.to_id == customer_id else _("分出一个联系方式")

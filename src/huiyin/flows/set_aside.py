"""Set aside: what was taken for no complaint stays in sight; a person may say that it is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huiyin.core.masking import mask_name, mask_text
from huiyin.flows import intake
from huiyin.flows.contact import read_inbound, said
from huiyin.flows.receive import Decided
from huiyin.store.ledger import inbox
from huiyin.store.read import labels, office
from huiyin.store.read.aside import Aside, Sought, aside
from huiyin.store.read.viewer import Viewer

_SHOWN = 600
"""Characters of a contact that the list shows."""


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A contact in the list of those set aside; personal data in it is masked."""

    id: str
    received_at: datetime
    channel_label: str
    sender: str
    text: str
    why: tuple[str, ...]
    complaint: str
    number: str


def listed(
    *, viewer: Viewer, sought: Sought, before: UUID | None = None, limit: int = 50
) -> Sequence[AsideRow]:
    """Return contacts set aside, newest first, with what they say."""
    own = office.own_addresses()
    found = aside(viewer=viewer, sought=sought, before=before, limit=limit)
    return [_row(one, own) for one in found]


def take_up(*, item_id: UUID, viewer: Viewer, now: datetime) -> Decided | None:
    """Handle a contact as a complaint after all, since a person says that it is one.

    It joins or opens again what it is about, else it opens a complaint. None where it was not set
    aside any more.
    """
    if not inbox.take_up(id=item_id, by=viewer.name):
        return None
    done = intake.decide(now=now, ids=[item_id])
    return done[0] if done else None


def _row(one: Aside, own: frozenset[str]) -> AsideRow:
    sender, text = _read(one, own)
    return AsideRow(
        id=one.raw.id.hex,
        received_at=one.raw.received_at,
        channel_label=labels.pick(labels.CHANNEL_NAMES, one.raw.channel),
        sender=sender,
        text=mask_text(text=text[:_SHOWN]),
        why=one.why,
        complaint=one.complaint,
        number=one.number,
    )


def _read(one: Aside, own: frozenset[str]) -> tuple[str, str]:
    """Return sender and words; of what cannot be read, the beginning as it came."""
    try:
        inbound = read_inbound(raw=one.raw, own_addresses=own)
    except Exception:
        # such as was discarded from quarantine: it may fail in any way
        return "", one.raw.raw[:_SHOWN].decode("utf-8", "replace")
    name = mask_name(name=inbound.sender_name)
    return name or mask_text(text=inbound.sender), said(inbound=inbound)

"""What every channel yields: one contact, understood as far as its channel goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class CannotRead(ValueError):
    """A contact that must be put into quarantine whole, with the reason in both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class InboundAttachment:
    """A file that came with a contact: its bytes, or the hash under which they are kept."""

    name: str
    content_type: str
    content: bytes = field(default=b"", repr=False)
    sha256: str = ""
    size: int = 0
    inline: bool = False
    cid: str = ""
    remote: str = ""
    """The provider's name for a file that is still to be fetched from him."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What lies inside a contact and can be read: an invitation to the calendar, a whole mail.

    ``facts`` are pairs of a name (from, to, date, files; method, starts, ends, repeats, where,
    organizer) and what is said.
    """

    kind: str
    title: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """How a complaint that is over already was answered, and by which channel it had come."""

    came_by: str = ""
    reply: str = ""
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Appeal:
    """What the regulator's notice says: its number, and by when it wants an answer."""

    reference: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One contact as its channel delivered it.

    ``text`` is the person's own new words, ``quoted`` the rest of the message. ``auto`` is None
    for a person's message, else auto_reply, bounce, delivery_notice, mailing_list or own_echo: such
    a message is never answered. ``references`` are the messages it answers, the oldest first.
    ``notes`` tell which repairs reading needed.
    """

    channel: str
    external_id: str
    sender: str
    text: str
    at: datetime | None = None
    sender_name: str = ""
    subject: str = ""
    quoted: str = ""
    html: str = ""
    thread: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[InboundAttachment, ...] = ()
    auto: str | None = None
    recipients: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    waybill: str = ""
    category: str = ""
    branch: str = ""
    number: str = ""
    """Number of the complaint that the contact names by link or subject."""
    appeal: Appeal | None = None
    """Set where the regulator passes an appeal on."""
    past: Past | None = None
    """Set where an imported complaint was answered long ago."""
    enclosed: tuple[Enclosed, ...] = ()
    seals: tuple[str, ...] = ()
    """How it is encrypted or signed: smime_ or pgp_ with encrypted or signed."""
    proof: tuple[dict[str, Any], ...] = ()
    """What was found out about its sender: by whom, and the result of each method."""

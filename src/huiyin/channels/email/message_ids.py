"""Message-IDs: those we give our mails, and those that mails name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from email.message import Message
from uuid import UUID

from huiyin.channels.email import headers

MOST_REFERENCES = 30
_ID = re.compile(r"<\s*([^<>\s]{3,990})\s*>")
_BARE = re.compile(r"^\s*([^<>\s@]{1,480}@[^<>\s@]{1,480})\s*$")
_OURS = re.compile(r"^<([0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15})@([^<>@\s]+)>$", re.IGNORECASE)
_LONGEST_KEY = 110


def ours(*, id: UUID, domain: str) -> str:
    """Return the Message-ID of a mail of ours; the same for every try to send it."""
    return f"<{id.hex}@{domain}>"


def sent_as(*, message_id: str, domains: Iterable[str]) -> UUID | None:
    """Return the id of our mail behind a Message-ID, None for somebody else's.

    A domain alone proves nothing, since a company may send from a provider that thousands use:
    the local part must have the form of our ids.
    """
    found = _OURS.match(message_id)
    if found is None or found.group(2).lower() not in set(domains):
        return None
    return UUID(found.group(1))


_RETURN = re.compile(r"([0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15})", re.IGNORECASE)
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-RcptTo", "To")
"""Where a server tells to which address a mail was really delivered."""


def return_address(*, pattern: str, id: UUID) -> str:
    """Return the envelope sender of one mail of ours: a ``*`` in the pattern is its id."""
    return pattern.replace("*", id.hex, 1)


def returned(*, message: Message, own_addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the Message-IDs of our mails whose return address a mail was delivered to.

    This names the mail even where a bounce quotes nothing of it (variable envelope return path).
    """
    domains = {a.partition("@")[2] for a in own_addresses}
    found: dict[str, None] = {}
    for header in _ENVELOPE:
        for _name, address in headers.addresses(message=message, name=header):
            local, _at, domain = address.partition("@")
            id = _RETURN.search(local)
            if id and domain in domains:
                found.setdefault(f"<{id.group(1).lower()}@{domain}>")
    return tuple(found)


def named(*, value: str) -> tuple[str, ...]:
    """Return the Message-IDs in a header's value, in order, each once."""
    found = [f"<{m}>" for m in _ID.findall(value)]
    if not found:
        bare = _BARE.match(value)
        found = [f"<{bare.group(1)}>"] if bare else []
    return tuple(dict.fromkeys(found))


def chain(*, references: str, in_reply_to: str) -> tuple[str, ...]:
    """Return the mails that a mail answers, the oldest first, the latest kept where many."""
    found = dict.fromkeys((*named(value=references), *named(value=in_reply_to)))
    return tuple(found)[-MOST_REFERENCES:]


def key(*, message_id: str) -> str:
    """Return a short string by which a mail is looked up."""
    if len(message_id) <= _LONGEST_KEY:
        return message_id
    return "sha256:" + hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()

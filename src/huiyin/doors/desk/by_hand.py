"""A contact in quarantine that a person writes down himself: its words for the entry form."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from huiyin.channels.email.read import read
from huiyin.core.access import may
from huiyin.store.read import operations
from huiyin.store.read.viewer import Viewer

_NOBODY = b"From: nobody@invalid.invalid\r\n"
"""A sender for a mail that has none, so that its words can be read all the same."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """A contact in quarantine and what it says, as far as that can be read."""

    id: str
    words: str


def asked_for(*, request: HttpRequest, viewer: Viewer) -> ByHand | None:
    """Return the contact that is written down by hand; None where none is named or allowed."""
    named = request.POST.get("quarantined", "") or request.GET.get("quarantined", "")
    if not re.fullmatch(r"[0-9a-f]{32}", named) or not may(
        actor=viewer.actor, action="quarantine.work"
    ):
        return None
    item = operations.quarantined(item_id=UUID(named))
    raw = operations.raw_of(item_id=UUID(named))
    if item is None or raw is None:
        return None
    words = item.preview
    if item.channel == "email":
        with suppress(ValueError):
            mail = read(raw=_NOBODY + raw, own_addresses=frozenset(), received_at=item.received_at)
            words = "\n".join(part for part in (mail.subject, mail.text) if part)
    # what is no text at all is left to who looks at the original
    return ByHand(id=named, words="" if "\ufffd" in words else words)

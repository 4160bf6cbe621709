"""What programs read over the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from huiyin.store import models
from huiyin.store.read.pages import ComplaintPage
from huiyin.store.read.viewer import Viewer, viewer_of

LONGEST_NAME: Final = 80
"""Characters of a token's name."""


def viewer_of_token(*, token_hash: str) -> Viewer | None:
    """Return whose token it is, None for an unknown or revoked one."""
    row = (
        models.ApiToken.objects.filter(token_hash=token_hash, revoked_at=None, user__is_active=True)
        .select_related("user")
        .first()
    )
    return viewer_of(user=row.user) if row else None


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be told: without its secret."""

    id: int
    name: str
    username: str
    created_at: datetime
    revoked_at: datetime | None


def tokens() -> tuple[Token, ...]:
    """Return all tokens, the newest first."""
    rows = models.ApiToken.objects.select_related("user").order_by("-id")
    return tuple(
        Token(
            id=row.id,
            name=row.name,
            username=row.user.username,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    )


def person_of(*, username: str) -> int | None:
    """Return the person of a login name who may work, None where there is none."""
    found = models.User.objects.filter(username__iexact=username, is_active=True)
    return found.values_list("id", flat=True).first()


def receipt(*, inbox_id: UUID) -> dict[str, Any]:
    """Return what became of a contact. Raises LookupError."""
    row = models.InboxItem.objects.filter(id=inbox_id).first()
    if row is None:
        raise LookupError(inbox_id)
    number = ""
    if row.complaint_id:
        number = (
            models.Complaint.objects.filter(id=row.complaint_id)
            .values_list("number", flat=True)
            .first()
            or ""
        )
    return {
        "outcome": row.state,
        "complaint": row.complaint_id.hex if row.complaint_id else "",
        "number": number,
        "because": row.reason,
    }


def as_json(*, page: ComplaintPage) -> bytes:
    """Return a complaint's page as JSON."""
    return orjson.dumps(page)

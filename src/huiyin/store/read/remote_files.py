"""Files that providers keep for us, as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from huiyin.store import models


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that was not fetched yet, and the complaint its message lies in now."""

    id: UUID
    account_id: int
    message_id: UUID
    complaint_id: UUID
    name: str
    content_type: str
    remote: str
    attempts: int


def waiting(*, id: UUID) -> Waiting | None:
    """Return a file that waits to be fetched; None when it was, or never will be."""
    row = models.RemoteFile.objects.filter(id=id, state="pending").first()
    if row is None:
        return None
    case = (
        models.Message.objects.filter(id=row.message_id)
        .values_list("complaint_id", flat=True)
        .first()
    )
    if case is None:
        return None
    return Waiting(
        id=row.id,
        account_id=row.account_id,
        message_id=row.message_id,
        complaint_id=case,
        name=row.name,
        content_type=row.content_type,
        remote=row.remote,
        attempts=row.attempts,
    )

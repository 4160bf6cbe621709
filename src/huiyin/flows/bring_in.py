"""Bring in: files that a provider kept for us lie with their message, or will never come."""

from __future__ import annotations

from uuid import UUID

from huiyin.store import files
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import remote_files


def arrived(*, pen: Pen, id: UUID, name: str, content_type: str, content: bytes) -> None:
    """Put a file that was fetched to its message; nothing happens when it lies there already."""
    row = remote_files.waiting(id=id)
    if row is None:
        return
    case = pen.case(id=row.complaint_id)
    attachment = new_id(now=pen.now)
    pen.add(
        table="attachment",
        row={
            "id": attachment,
            "message_id": row.message_id,
            "name": (name or row.name)[:200] or "附件",
            "content_type": (content_type or row.content_type)[:100],
            "size": len(content),
            "sha256": files.keep(content=content),
            "is_image": (content_type or row.content_type)[:6] == "image/",
        },
    )
    pen.alter(table="remote_file", key=id, state="done", error="")
    pen.change(
        case=case,
        kind="FileArrived",
        data={"message": row.message_id.hex, "attachment": attachment.hex, "name": row.name},
    )


def lost(*, pen: Pen, id: UUID, told: str) -> None:
    """Write down that a file cannot be had, so that somebody asks the customer for it."""
    row = remote_files.waiting(id=id)
    if row is None:
        return
    pen.alter(table="remote_file", key=id, state="failed", error=told[:300])
    pen.change(
        case=pen.case(id=row.complaint_id),
        kind="FileLost",
        data={"message": row.message_id.hex, "name": row.name, "told": told[:300]},
        unread=True,
    )

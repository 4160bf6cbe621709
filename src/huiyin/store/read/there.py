"""What there is about one complaint at all: one statement, so that nothing is asked in vain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection, models


@dataclass(frozen=True, slots=True)
class There:
    """Tells of each panel of a complaint's page whether there is anything to show in it."""

    attachments: bool
    call_backs: bool
    conduct_files: bool
    evidence: bool
    items: bool
    """Items of the checklist that were asked for, came in or are waived."""
    letters: bool
    pairs: bool
    remedies: bool
    """Its own ones; those of a complaint that was merged in are not counted."""
    requests: bool


_ROWS: Final = {
    "attachments": "attachment JOIN message ON message.id = attachment.message_id"
    " WHERE message.complaint_id = %s",
    "call_backs": "call_back WHERE complaint_id = %s",
    "conduct_files": "conduct_file WHERE complaint_id = %s",
    "evidence": "evidence WHERE complaint_id = %s",
    "items": "evidence_item WHERE complaint_id = %s",
    "letters": "letter WHERE complaint_id = %s",
    "pairs": "pairing WHERE newer_id = %s OR older_id = %s",
    "remedies": "remedy WHERE complaint_id = %s",
    "requests": "collaboration WHERE complaint_id = %s",
}
_ASKED: Final = "SELECT " + ", ".join(f"EXISTS(SELECT 1 FROM {rows})" for rows in _ROWS.values())
_ID: Final = models.UUIDField()


def there(*, complaint_id: UUID) -> There:
    """Return what there is about a complaint; one statement, each part served by an index."""
    id = _ID.get_db_prep_value(complaint_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [id] * _ASKED.count("%s"))
        return There(**dict(zip(_ROWS, map(bool, cursor.fetchone()), strict=True)))

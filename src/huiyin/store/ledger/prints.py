"""Writing of file fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huiyin.core.doubt import bands
from huiyin.store import bulk, models


@dataclass(frozen=True, slots=True)
class NewPrint:
    """The fingerprint of one attachment; ``phash`` "" where it could not be read."""

    attachment_id: UUID
    complaint_id: UUID
    sha256: str
    is_picture: bool
    phash: str
    sides: str
    plain: bool
    at: datetime


def keep(*, prints: Sequence[NewPrint]) -> None:
    """Keep fingerprints; one that is known already is left as it is."""
    rows = [
        {
            "attachment_id": p.attachment_id, "complaint_id": p.complaint_id, "sha256": p.sha256,
            "is_picture": p.is_picture, "phash": p.phash, "sides": p.sides, "plain": p.plain,
            "at": p.at,
        }
        for p in prints
    ]  # fmt: skip
    with transaction.atomic():
        known = set(
            models.FilePrint.objects.filter(
                attachment_id__in=[p.attachment_id for p in prints]
            ).values_list("attachment_id", flat=True)
        )
        fresh = [p for p in prints if p.attachment_id not in known]
        bulk.insert(
            model=models.FilePrint, rows=[r for r in rows if r["attachment_id"] not in known]
        )
        bulk.insert(
            model=models.FilePrintBand,
            rows=[
                {"file_print_id": p.attachment_id, "band": band}
                for p in fresh
                if p.phash and not p.plain
                for band in bands(phash=p.phash)
            ],
        )

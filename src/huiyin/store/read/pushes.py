"""Telephones that are told of complaints."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from huiyin.store import models
from huiyin.store.sealed import CannotUnseal, unseal


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone as its browser named it, and the complaint whose page asked."""

    complaint_id: UUID
    number: str
    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)
    language: str


def one(*, id: int) -> Telephone | None:
    """Return a telephone; None when it asked for no more or was sealed with a key long gone."""
    row = models.PushSubscription.objects.filter(id=id).first()
    if row is None:
        return None
    number = models.Complaint.objects.values_list("number", flat=True).get(id=row.complaint_id)
    try:
        given = unseal(text=row.sealed)
    except CannotUnseal:
        return None
    return Telephone(
        complaint_id=row.complaint_id,
        number=number,
        endpoint=given["endpoint"],
        p256dh=given["p256dh"],
        auth=given["auth"],
        language=row.language,
    )

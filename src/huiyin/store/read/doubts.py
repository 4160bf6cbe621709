"""What the rules of doubt are asked about: files without fingerprint, files alike, parcels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Q

from huiyin.core.doubt import Claim, Print, Seen, bands
from huiyin.store import models

JOB = "fingerprints"


@dataclass(frozen=True, slots=True)
class Unhashed:
    """A file that a customer sent and that has no fingerprint yet."""

    attachment_id: UUID
    complaint_id: UUID
    sha256: str
    is_picture: bool
    at: datetime


def unhashed(*, after: UUID | None, limit: int) -> list[Unhashed]:
    """Return files of customers after one of them, in the order they came."""
    rows = models.Attachment.objects.filter(message__direction="in")
    if after is not None:
        rows = rows.filter(id__gt=after)
    wanted = rows.order_by("id").values_list(
        "id", "message__complaint_id", "sha256", "is_image", "message__at"
    )[:limit]
    return [Unhashed(*values) for values in wanted]


def hashed(*, attachment_ids: Iterable[UUID]) -> set[UUID]:
    """Return which files have a fingerprint."""
    rows = models.FilePrint.objects.filter(attachment_id__in=list(attachment_ids))
    return set(rows.values_list("attachment_id", flat=True))


def prints_of(*, sha256: Iterable[str]) -> dict[str, tuple[str, str, bool]]:
    """Return what is known of files by their bytes: (phash, sides, plain)."""
    rows = models.FilePrint.objects.filter(sha256__in=list(sha256))
    return {s: (p, sides, plain) for s, p, sides, plain in rows.values_list(
        "sha256", "phash", "sides", "plain")}  # fmt: skip


def alike(*, print: Print, since: datetime, limit: int = 200) -> list[Seen]:
    """Return the newest files that are the same or may look alike, with their complaints.

    Merged complaints count as the one they were merged into. Costs at most three queries.
    """
    ids: list[UUID] = []
    if print.phash and not print.plain:
        ids = list(
            models.FilePrintBand.objects.filter(
                band__in=bands(phash=print.phash), file_print__at__gte=since
            )
            .order_by("-file_print__at")
            .values_list("file_print_id", flat=True)[: limit * 20]
        )
    same = Q(sha256=print.sha256)
    rows = models.FilePrint.objects.filter(same | Q(attachment_id__in=set(ids)), at__gte=since)
    near = [
        r
        for r in rows.order_by("-at")
        if r.sha256 == print.sha256 or _near(one=print.phash, other=r.phash)
    ]
    return seen(rows=near[:limit])


def _near(*, one: str, other: str) -> bool:
    return bool(one and other) and (int(one, 16) ^ int(other, 16)).bit_count() <= 7


def seen(*, rows: Sequence[models.FilePrint]) -> list[Seen]:
    """Return files with the complaints they are on."""
    wanted = {r.complaint_id for r in rows}
    cases = {
        c.id: c
        for c in models.Complaint.objects.filter(id__in=wanted).only(
            "id", "number", "customer_id", "waybill", "merged_into"
        )
    }
    incidents = dict(
        models.IncidentLink.objects.filter(complaint_id__in=wanted, live=True).values_list(
            "complaint_id", "incident_id"
        )
    )
    out = []
    for row in rows:
        case = cases.get(row.complaint_id)
        if case is None:
            continue
        incident = incidents.get(case.id)
        out.append(
            Seen(
                print=Print(row.sha256, row.is_picture, row.phash, row.plain),
                complaint=(case.merged_into or case.id).hex,
                number=case.number,
                customer=case.customer_id.hex if case.customer_id else "",
                waybill=case.waybill,
                at=row.at,
                incident=incident.hex if incident else "",
            )
        )
    return out


def print_rows(*, attachment_ids: Iterable[UUID]) -> list[models.FilePrint]:
    """Return fingerprints by their attachments."""
    return list(models.FilePrint.objects.filter(attachment_id__in=list(attachment_ids)))


def busy(*, since: datetime, window: datetime, least: int) -> list[UUID]:
    """Return customers who complained since a moment, of many parcels within the window.

    Costs one query whatever their number.
    """
    fresh = models.Complaint.objects.filter(opened_at__gte=since, customer_id__isnull=False)
    rows = (
        models.Complaint.objects.filter(
            customer_id__in=fresh.values("customer_id"), opened_at__gte=window
        )
        .exclude(waybill="")
        .values("customer_id")
        .annotate(parcels=Count("waybill", distinct=True))
        .filter(parcels__gte=least)
    )
    return [r["customer_id"] for r in rows]


def claims_of(*, customer_id: UUID, since: datetime) -> list[Claim]:
    """Return a customer's complaints since a moment, newest last."""
    rows = list(
        models.Complaint.objects.filter(
            customer_id=customer_id, opened_at__gte=since, merged_into__isnull=True,
            branch="complaint",
        )
        .order_by("opened_at")
        .values_list("id", "number", "waybill", "category", "opened_at", "verdict")
    )  # fmt: skip
    hit = set(
        models.IncidentLink.objects.filter(
            complaint_id__in=[r[0] for r in rows], live=True
        ).values_list("complaint_id", flat=True)
    )
    return [
        Claim(id.hex, number, waybill, category, at, verdict, id in hit)
        for id, number, waybill, category, at, verdict in rows
    ]


def raised(*, keys: Iterable[str]) -> set[str]:
    """Return which findings were raised before."""
    rows = models.Doubt.objects.filter(key__in=list(keys))
    return set(rows.values_list("key", flat=True))


def moment_of(*, id: UUID) -> datetime:
    """Return the moment that a time-ordered id was made, to the millisecond."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, tz=UTC)


def doubt(*, id: UUID) -> models.Doubt | None:
    """Return a doubt."""
    return models.Doubt.objects.filter(id=id).first()

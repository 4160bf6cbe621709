"""Volume's writing: contacts by channel and minute, what is usual, alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from huiyin.core.because import Reason
from huiyin.store import bulk, models
from huiyin.store.ids import new_id

KEEP = timedelta(days=92)
"""How long minutes are kept: what is usual rests on fewer weeks."""


def count(*, now: datetime, channels: Mapping[str, int]) -> None:
    """Count contacts in their minute, in the transaction that stores them."""
    rows = [(c, bulk.raw_time(_minute(now)), n) for c, n in sorted(channels.items()) if n]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO volume_minute (channel, minute, count) VALUES (%s, %s, %s)"
            " ON CONFLICT (minute, channel)"
            " DO UPDATE SET count = volume_minute.count + excluded.count",
            rows,
        )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def learn(*, usual: Mapping[tuple[str, int], tuple[float, int]], before: datetime) -> None:
    """Replace what is usual, (channel, hour of the week) → (median, weeks); forget old minutes."""
    with transaction.atomic():
        models.UsualVolume.objects.all().delete()
        models.UsualVolume.objects.bulk_create(
            models.UsualVolume(channel=channel, hour=hour, median=median, weeks=weeks)
            for (channel, hour), (median, weeks) in sorted(usual.items())
        )
        models.VolumeMinute.objects.filter(minute__lt=before).delete()


def raise_alert(
    *,
    kind: str,
    channel: str,
    seen: float,
    usual: float,
    because: Sequence[Reason],
    now: datetime,
) -> UUID | None:
    """Raise an alert; None where the same is raised already."""
    row = models.Alert(
        id=new_id(now=now),
        kind=kind,
        channel=channel,
        raised_at=now,
        seen=seen,
        usual=usual,
        because=[r.as_json() for r in because],
    )
    with transaction.atomic():
        if models.Alert.objects.filter(kind=kind, channel=channel, over_at=None).exists():
            return None
        models.Alert.objects.bulk_create([row], ignore_conflicts=True)
    return row.id


def end_alert(*, kind: str, channel: str, now: datetime) -> UUID | None:
    """End an alert; returns it, None where none was raised or another worker ended it."""
    standing = models.Alert.objects.filter(kind=kind, channel=channel, over_at=None)
    id = standing.values_list("id", flat=True).first()
    if id is None or not standing.filter(id=id).update(over_at=now):
        return None
    return id


def acknowledge(*, id: UUID, person: int, now: datetime) -> bool:
    """Note who has seen an alert; False where somebody had already."""
    return bool(
        models.Alert.objects.filter(id=id, acknowledged_at=None).update(
            acknowledged_at=now, acknowledged_by_id=person
        )
    )

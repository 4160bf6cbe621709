"""Tracks' writing: what sources told of parcels, whom to ask next, which to look at again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from huiyin.core.parcel.track import Track
from huiyin.store import models
from huiyin.store.read import tracks as reading
from huiyin.store.read.tracks import Kept

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=6)


def want(*, waybills: Iterable[tuple[str, str, str]], now: datetime) -> None:
    """Let sources be asked about parcels soon: (waybill, carrier, end of a telephone number).

    One that is known to be over is not asked about again.
    """
    rows = {w[:40]: (c, p) for w, c, p in waybills if w}
    if not rows:
        return
    models.ParcelTrack.objects.bulk_create(
        [
            models.ParcelTrack(waybill=w, carrier=c[:20], phone=p[:40], ask_at=now)
            for w, (c, p) in sorted(rows.items())
        ],
        ignore_conflicts=True,
    )
    models.ParcelTrack.objects.filter(waybill__in=rows, ask_at=None).exclude(
        state__in=("signed", "returned")
    ).update(ask_at=now)


def keep(*, track: Track, by: str, now: datetime, look_at: datetime | None) -> None:
    """Write a track as it now stands; inside the transaction that writes what follows from it."""
    last = track.last
    values = {
        "carrier": track.carrier,
        "phone": track.phone,
        "name": track.name,
        "state": track.state,
        "signed_by": track.signed_by,
        "promised_at": track.promised_at,
        "scans": [s.as_json() for s in track.scans[-200:]],
        "facts": track.facts,
        "last_scan_at": last.at if last else None,
        "told_at": now,
        "told_by": by[:20],
        "look_at": look_at,
        "failures": 0,
        "error": "",
    }
    if track.over:
        values["ask_at"] = None
    models.ParcelTrack.objects.update_or_create(waybill=track.waybill, defaults=values)


def claim(*, now: datetime, pause: timedelta, limit: int) -> list[Kept]:
    """Claim parcels about which a source is to be asked; each rests for ``pause`` then.

    The rest holds whatever becomes of the question: a number is never asked about more often.
    """
    with transaction.atomic():
        due = list(
            models.ParcelTrack.objects.filter(ask_at__lte=now)
            .order_by("ask_at")
            .values_list("waybill", flat=True)[:limit]
        )
        mine = [
            waybill
            for waybill in due
            if models.ParcelTrack.objects.filter(waybill=waybill, ask_at__lte=now).update(
                ask_at=now + pause, asked_at=now
            )
        ]
    return reading.several(waybills=mine)


def missed(*, waybill: str, now: datetime, error: str, pause: timedelta) -> None:
    """Note that no source could tell: it is asked again later and later."""
    with transaction.atomic():
        row = models.ParcelTrack.objects.select_for_update().get(waybill=waybill)
        rest = max(pause, min(FIRST_REST * 2 ** min(row.failures, 12), LONGEST_REST))
        models.ParcelTrack.objects.filter(waybill=waybill).update(
            failures=F("failures") + 1, error=error[:200], ask_at=now + rest
        )


def rest(*, waybill: str) -> None:
    """Ask no more about a parcel: no complaint needs it and nothing is to be expected."""
    models.ParcelTrack.objects.filter(waybill=waybill).update(ask_at=None)


def subscribed(*, waybill: str) -> None:
    """Note that a source will push the track from now on."""
    models.ParcelTrack.objects.filter(waybill=waybill).update(subscribed=True)


def claim_looks(*, now: datetime, every: timedelta, limit: int) -> list[Kept]:
    """Claim tracks whose standing still is to be judged again."""
    with transaction.atomic():
        due: Sequence[str] = list(
            models.ParcelTrack.objects.filter(look_at__lte=now)
            .order_by("look_at")
            .values_list("waybill", flat=True)[:limit]
        )
        mine = [
            waybill
            for waybill in due
            if models.ParcelTrack.objects.filter(waybill=waybill, look_at__lte=now).update(
                look_at=now + every
            )
        ]
    return reading.several(waybills=mine)


def give_up(*, waybill: str) -> None:
    """Look at a parcel no more."""
    models.ParcelTrack.objects.filter(waybill=waybill).update(look_at=None)


def cared(*, waybill: str, rule: str) -> bool:
    """Take it upon oneself to open the one case of care of a parcel; False when another did."""
    return bool(
        models.ParcelTrack.objects.filter(waybill=waybill, cared_for="").update(cared_for=rule[:64])
    )

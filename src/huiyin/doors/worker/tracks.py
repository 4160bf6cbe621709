"""Questions to sources of tracks, each number no more often than its source allows."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from huiyin.channels.protocol import CannotRead, Channel
from huiyin.channels.registry import channel as channel_of
from huiyin.core.parcel.track import Track
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.flows import journey, trace
from huiyin.store.ledger import accounts as ledger
from huiyin.store.ledger import tracks
from huiyin.store.read import accounts
from huiyin.store.read import tracks as reading
from huiyin.store.read.accounts import Account
from huiyin.store.read.tracks import Kept

log = logging.getLogger(__name__)

BATCH = 20
LOOKS = 200


def ask() -> int:
    """Ask sources about the parcels that are due; returns how many were asked about.

    The sources are asked one after the other until one tells something. A parcel of which nobody
    complains any more is asked about no longer: each question may cost money.
    """
    sources = _sources()
    if not sources:
        return 0
    pause = timedelta(seconds=max(c.track.pause for c, _ in sources if c.track))
    claimed = tracks.claim(now=timezone.now(), pause=pause, limit=BATCH)
    needed = reading.complaints_of(waybills=[k.track.waybill for k in claimed])
    for kept in claimed:
        if kept.track.waybill in needed:
            _ask(kept=kept, sources=sources, pause=pause)
        else:
            tracks.rest(waybill=kept.track.waybill)
    return len(claimed)


def look() -> int:
    """Judge tracks that stand still; returns how many were looked at."""
    now = timezone.now()
    kept = trace.due(now=now, limit=LOOKS)
    if kept:
        with journey.writing(now=now, actor="system") as pen:
            trace.look(pen=pen, kept=kept)
    return len(kept)


def _sources() -> list[tuple[Channel, Account]]:
    found = []
    for account in accounts.known().values():
        channel = channel_of(code=account.code)
        if channel is not None and channel.track is not None and channel.track.ask is not None:
            found.append((channel, account))
    return found


def _ask(*, kept: Kept, sources: list[tuple[Channel, Account]], pause: timedelta) -> None:
    waybill, told, error = kept.track.waybill, None, ""
    for channel, account in sources:
        if account.rest_until and account.rest_until > timezone.now():
            error = error or account.error
            continue
        try:
            found = _told(channel=channel, account=account, kept=kept)
        except CannotReach as failure:
            error = f"{account.name}：{failure}"
            ledger.failed(id=account.id, now=timezone.now(), error=str(failure))
            continue
        except CannotRead as failure:
            error = f"{account.name}：{failure.zh}"
            continue
        ledger.worked(id=account.id, now=timezone.now())
        if found is not None and found.scans:
            told = (found, account)
            break
    now = timezone.now()
    if told is None:
        tracks.missed(waybill=waybill, now=now, error=error or "暂无轨迹", pause=pause)
        return
    with journey.writing(now=now, actor="system") as pen:
        trace.learn(pen=pen, told=[told[0]], by=told[1].code)
    _subscribe(kept=kept, sources=sources)


def _told(*, channel: Channel, account: Account, kept: Kept) -> Track | None:
    way = channel.track
    if way is None or way.ask is None or way.read is None:
        return None
    track = kept.track
    asked = way.ask(account.settings, track.waybill, track.carrier, track.phone)
    found = way.read(account.settings, call(call=asked), track.waybill)
    # A source may spell the number otherwise; the answer is to our question.
    return found if found.waybill == track.waybill else _renamed(found, track.waybill)


def _renamed(track: Track, waybill: str) -> Track:
    return Track.from_json(data={**track.as_json(), "waybill": waybill})


def _subscribe(*, kept: Kept, sources: list[tuple[Channel, Account]]) -> None:
    """Ask a source that pushes to do so from now on, once for each parcel."""
    if kept.subscribed:
        return
    for channel, account in sources:
        way = channel.track
        if way is None or way.subscribe is None or not account.settings.get("subscribe"):
            continue
        hook = f"{settings.HUIYIN.site_url}/hooks/{account.code}/{account.id}/"
        track = kept.track
        try:
            answer = call(
                call=way.subscribe(
                    account.settings, hook, track.waybill, track.carrier, track.phone
                )
            )
        except CannotReach as error:
            log.warning("account %s takes no subscription: %s", account.id, error)
            continue
        if answer.status == 200:
            tracks.subscribed(waybill=track.waybill)
            return

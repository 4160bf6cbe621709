"""Volume watched: every minute whether a channel stands out, every night what is usual."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from huiyin.core.volume import judge, medians
from huiyin.core.volume.usual import HOUR
from huiyin.flows import alarm, journey
from huiyin.store.ledger import jobs
from huiyin.store.ledger import volume as ledger
from huiyin.store.read import office, volume

LEASE = timedelta(minutes=5)


def watch() -> int:
    """Raise and end alerts, once a minute; returns how many changed."""
    if not office.company_exists() or not jobs.claim(
        name="volume:watch", now=timezone.now(), every=timedelta(minutes=1), lease=LEASE
    ):
        return 0
    now, playbook = timezone.now(), office.current_playbook()
    zone, changed = ZoneInfo(playbook.timezone), 0
    standing = volume.raised()
    found: set[tuple[str, str]] = set()
    with journey.writing(now=now, actor="system") as pen:
        for channel, seen in volume.seen(terms=playbook.volume, zone=zone, now=now).items():
            stands = frozenset(kind for one, kind in standing if one == channel)
            for finding in judge(seen=seen, terms=playbook.volume, standing=stands):
                found.add((channel, finding.kind))
                changed += alarm.raise_alert(pen=pen, channel=channel, finding=finding)
        for channel, kind in sorted(standing - found):
            changed += alarm.end(pen=pen, channel=channel, kind=kind)
    jobs.worked(name="volume:watch", now=timezone.now(), remember={})
    return changed


def learn() -> int:
    """Reckon anew what is usual, once a day; returns the hours of the week that are known."""
    if not office.company_exists() or not jobs.claim(
        name="volume:learn", now=timezone.now(), every=timedelta(days=1), lease=LEASE
    ):
        return 0
    now, zone = timezone.now(), ZoneInfo(office.current_playbook().timezone)
    until = now.replace(minute=0, second=0, microsecond=0)
    since = until - timedelta(weeks=volume.WEEKS)
    usual: dict[tuple[str, int], tuple[float, int]] = {}
    for channel, hours in volume.hours_counted(since=since).items():
        first = volume.begun(channel=channel) or until
        begun = max(since, first.replace(minute=0, second=0, microsecond=0) + HOUR)
        known = medians(hours=hours, since=begun, until=until, zone=zone)
        usual.update({(channel, hour): value for hour, value in known.items()})
    ledger.learn(usual=usual, before=now - ledger.KEEP)
    jobs.worked(name="volume:learn", now=timezone.now(), remember={"hours": len(usual)})
    return len(usual)

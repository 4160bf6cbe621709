"""The nightly training, and the one that somebody asked for on the desk."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from huiyin.flows import learn
from huiyin.store.ledger import jobs
from huiyin.store.read import learning, office

log = logging.getLogger(__name__)

LEASE = timedelta(hours=1)


def nightly() -> int:
    """Train when the hour has come or somebody asked; returns how many models were trained."""
    now = timezone.now()
    if not office.company_exists():
        return 0
    every = next_night(now=now) - now
    if not jobs.claim(name=learning.JOB, now=now, every=every, lease=LEASE):
        return 0
    try:
        trained = learn.nightly(now=now, policy=learning.policy())
    except Exception as error:
        jobs.failed(
            name=learning.JOB,
            now=timezone.now(),
            error=f"{type(error).__name__}: {error}",
            remember={},
        )
        raise
    jobs.worked(name=learning.JOB, now=timezone.now(), remember={"outcome": trained.as_json()})
    log.info("training: %s", trained.state)
    return int(trained.state not in ("few", "known"))


def next_night(*, now: datetime) -> datetime:
    """Return the next time at which the clock of the playbook's zone strikes the set hour."""
    zone = ZoneInfo(office.current_playbook().timezone)
    here = now.astimezone(zone)
    night = datetime.combine(here.date(), time(settings.HUIYIN.learn_hour), zone)
    if night <= here:
        night = datetime.combine(here.date() + timedelta(days=1), night.timetz())
    return night

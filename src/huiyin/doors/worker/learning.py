"""The nightly training, and the one that somebody asked for on the desk."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from huiyin.store.ledger import jobs
from huiyin.store.read import learning, office

log = logging.getLogger(__name__)

LEASE = timedelta(hours=1)


class CannotLearn(RuntimeError):
    """The training ended with an error; the message is its last words."""


def _apart() -> dict[str, Any]:
    """Train in a process of its own: reading the examples would hold up the other threads."""
    gently = ["nice"] if shutil.which("nice") else []
    done = subprocess.run(
        [*gently, sys.executable, "-m", "huiyin", "train", "--night"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotLearn(done.stderr.strip()[-300:])
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return outcome


def nightly(*, run: Callable[[], dict[str, Any]] = _apart) -> int:
    """Train when the hour has come or somebody asked; returns how many models were trained."""
    now = timezone.now()
    if not office.company_exists():
        return 0
    night = next_night(now=now)
    if not jobs.claim(name=learning.JOB, now=now, every=night - now, lease=LEASE, first=night):
        return 0
    try:
        outcome = run()
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        jobs.failed(name=learning.JOB, now=timezone.now(), error=told, remember={})
        raise
    jobs.worked(name=learning.JOB, now=timezone.now(), remember={"outcome": outcome})
    log.info("training: %s", outcome["state"])
    return int(outcome["state"] not in ("few", "known"))


def next_night(*, now: datetime) -> datetime:
    """Return the next time at which the clock of the playbook's zone strikes the set hour."""
    zone = ZoneInfo(office.current_playbook().timezone)
    here = now.astimezone(zone)
    night = datetime.combine(here.date(), time(settings.HUIYIN.learn_hour), zone)
    if night <= here:
        night = datetime.combine(here.date() + timedelta(days=1), night.timetz())
    return night

"""Fingerprints of files and what they show, beside intake: nothing waits for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from huiyin.flows import journey, look_again
from huiyin.store.ledger import jobs
from huiyin.store.read import doubts, office

EVERY = timedelta(seconds=5)
LEASE = timedelta(minutes=5)
FILES = 40
"""So many files are read in one go."""
FIRST_LOOK = timedelta(days=1)
"""How far back customers' parcels are counted the first time."""


def look() -> int:
    """Take the next fingerprints, compare them, count parcels; returns how many files were read."""
    now = timezone.now()
    if not office.company_exists():
        return 0
    if not jobs.claim(name=doubts.JOB, now=now, every=EVERY, lease=LEASE):
        return 0
    try:
        state = jobs.state(name=doubts.JOB)
        hashed, remember = _work(
            files_to=_moment(state.get("files_to")),
            counted_to=_moment(state.get("counted_to")) or now - FIRST_LOOK,
            now=now,
        )
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        jobs.failed(name=doubts.JOB, now=timezone.now(), error=told, remember={})
        raise
    jobs.worked(name=doubts.JOB, now=timezone.now(), remember=remember)
    if hashed >= FILES:
        jobs.hasten(name=doubts.JOB, now=timezone.now())
    return hashed


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _work(
    *, files_to: datetime | None, counted_to: datetime, now: datetime
) -> tuple[int, dict[str, str]]:
    hashed, moment = look_again.hash_files(after=files_to, limit=FILES)
    found = look_again.compare(attachment_ids=hashed) if hashed else []
    found += look_again.count_parcels(since=counted_to - look_again.OVERLAP, now=now)
    if found:
        with journey.writing(now=now, actor="system") as pen:
            look_again.show(pen=pen, found=found)
    remember = {"counted_to": now.isoformat()}
    if moment is not None:
        remember["files_to"] = moment.isoformat()
    return len(hashed), remember

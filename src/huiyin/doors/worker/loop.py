"""The worker's round: a little of everything that is due, then again."""

from __future__ import annotations

import functools
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from huiyin.doors import phoned
from huiyin.doors.worker import (
    assistant,
    doubts,
    learning,
    mail,
    mail_idle,
    mail_out,
    mail_probe,
    outgoing,
    payouts,
    probing,
    pull,
    push,
    recordings,
    remote,
    signals,
    telephony,
    track_feeds,
    tracks,
    volume,
)
from huiyin.flows import (
    amend,
    carry_out,
    chat,
    close,
    fine,
    hear,
    intake,
    journey,
    liability,
    link,
    rehearse,
    survey,
    take_over,
    watch,
)
from huiyin.flows.ahead import Reader
from huiyin.store import reindex
from huiyin.store.checkpoint import moved_beside
from huiyin.store.ledger import imports, people
from huiyin.store.read import incidents, office

log = logging.getLogger(__name__)

SWEEP = 500
REINDEX_SECONDS = 1.0
"""What a round gives to the search index; the rest of the work comes between."""
PATIENCE = 5
"""Seconds that a stopping worker waits for a server it speaks to."""
NAME = f"{socket.gethostname()}:{os.getpid()}"


def once() -> int:
    """Do one round; returns how much was done. A failure in one part does not stop the others."""
    return _round(INSIDE) + sum(_round((part,)) for part in OUTSIDE)


def _round(parts: Sequence[Callable[[], int]]) -> int:
    done = 0
    for part in parts:
        try:
            done += part()
        except office.CannotFindCompany:
            # before the first run there is nobody to work for
            continue
        except Exception:
            log.exception("%s failed", part.__name__)
            if not connection.in_atomic_block:
                close_old_connections()
    return done


def _decide() -> int:
    lease = timedelta(seconds=settings.HUIYIN.inbox_lease_seconds)
    return intake.work_off(
        clock=timezone.now, reader=_reader(), limit=settings.HUIYIN.worker_batch, lease=lease
    )


def _live() -> int:
    """Leave a sign of life; where the database takes none, the next one may be taken."""
    people.sign_of_life(name=NAME, now=timezone.now(), note="")
    return 0


@functools.cache
def _reader() -> Reader:
    return Reader(beside=settings.HUIYIN.worker_reads_beside and (os.cpu_count() or 1) > 1)


def _sweep() -> int:
    with journey.writing(now=timezone.now(), actor="system") as pen:
        return watch.sweep_due(pen=pen, limit=SWEEP)


def _rule() -> int:
    """Let deadlines of claims of liability and of fines have their effect."""
    with journey.writing(now=timezone.now(), actor="system") as pen:
        return liability.expire_due(pen=pen, limit=100) + fine.expire_due(pen=pen, limit=100)


def _remind() -> int:
    with journey.writing(now=timezone.now(), actor="system") as pen:
        return survey.remind(pen=pen, limit=100)


def _close() -> int:
    with journey.writing(now=timezone.now(), actor="system") as pen:
        return close.expire(pen=pen, limit=100)


def _chats() -> int:
    """Send after visitors who left a chat what they have not read; end chats left for long."""
    with journey.writing(now=timezone.now(), actor="system") as pen:
        return chat.follow_gone(pen=pen, limit=100)


def _playbooks() -> int:
    """Put approved playbook versions in force whose day has come."""
    return amend.take_effect(now=timezone.now())


def _import() -> int:
    now = timezone.now()
    run_id = imports.claim(now=now)
    if run_id is None:
        return 0
    try:
        take_over.go_on(run_id=run_id, now=now)
    except Exception as error:
        log.exception("import %s failed", run_id)
        imports.finish(id=run_id, now=timezone.now(), error=f"{type(error).__name__}: {error}")
    return 1


def _link() -> int:
    """Link what came to open incidents: read beside intake, written only where something fits."""
    done = 0
    for incident_id in incidents.open_ids():
        now = timezone.now()
        if found := link.look(incident_id=incident_id, now=now):
            with journey.writing(now=now, actor="system") as pen:
                done += link.link(pen=pen, incident_id=incident_id, found=found)
    return done


def _carry_out() -> int:
    return carry_out.go_on(clock=timezone.now)


def _hear() -> int:
    """Mark files on service attitude whose superior is late, or soon will be."""
    return hear.sweep(now=timezone.now(), limit=SWEEP)


def _rehearse() -> int:
    """Lead past complaints through a draft where somebody asked for it."""
    return rehearse.go_on(clock=timezone.now)


def _reindex() -> int:
    """Write a part of the search index anew where somebody asked for it."""
    return int(not reindex.go_on(now=timezone.now(), seconds=REINDEX_SECONDS))


probing.PROBES["email"] = mail_probe.probe
probing.PROBES.update(dict.fromkeys(telephony.CODES, telephony.probe))
probing.PROBES.update(dict.fromkeys(payouts.codes(), payouts.probe))

INSIDE: tuple[Callable[[], int], ...] = (
    _decide, _sweep, _hear, _rule, _remind, _close, _link, _carry_out, _chats, _playbooks, _import,
    _reindex, signals.work, signals.forget, phoned.work, phoned.remind, volume.watch, tracks.look,
)  # fmt: skip
OUTSIDE: tuple[Callable[[], int], ...] = (
    mail_out.deliver,
    mail.poll,
    outgoing.deliver,
    payouts.pay,
    push.deliver,
    signals.reach_out,
    pull.poll,
    recordings.fetch,
    volume.learn,
    remote.fetch,
    tracks.ask,
    track_feeds.feed,
    probing.probe,
    learning.nightly,
    assistant.answer,
    doubts.look,
    _rehearse,
)
"""Parts that wait for other people's servers or take long: each has a thread of its own."""


def run(*, stopped: Callable[[], bool]) -> None:
    """Work until told to stop; with nothing to do, wait the configured idle time."""
    ending = threading.Event()
    threads = [
        threading.Thread(target=_alone, args=(part, ending), name=part.__module__, daemon=True)
        for part in OUTSIDE
    ]
    for thread in threads:
        thread.start()
    with moved_beside(), mail_idle.watching(), telephony.watching():
        _rounds(stopped)
    _reader().close()
    ending.set()
    for thread in threads:
        thread.join(timeout=PATIENCE)


def _rounds(stopped: Callable[[], bool]) -> None:
    last = 0.0
    while not stopped():
        done = _round(INSIDE)
        if time.monotonic() - last > 10:
            _round((_live,))
            last = time.monotonic()
        if not done:
            waited = 0.0
            while waited < settings.HUIYIN.worker_idle_seconds and not stopped():
                time.sleep(0.1)
                waited += 0.1


def _alone(part: Callable[[], int], ending: threading.Event) -> None:
    """Do one part again and again; a call that hangs dies with the process."""
    while not ending.is_set():
        if not _round((part,)):
            ending.wait(settings.HUIYIN.worker_idle_seconds)
    connection.close()

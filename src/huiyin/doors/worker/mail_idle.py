"""Mail that comes at once: one line for each mailbox on which its server tells (IMAP IDLE)."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Hashable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from huiyin.doors.worker import imap, lines, mail
from huiyin.doors.worker.mailboxes import Mailbox, mailboxes
from huiyin.store.ledger import jobs

log = logging.getLogger(__name__)

RENEW = 9 * 60.0
"""Seconds after which the line is spoken on again: servers and routers drop silent ones."""
GLANCE = 1.0
"""Seconds until a waiting line notices that it should end."""
RESTS = (5.0, 15.0, 60.0, 300.0)
WITHOUT = 1800.0
"""Seconds until a server that knows no IDLE is asked again; until then it is looked at by time."""
HURRY = 30.0
"""Seconds for which a woken line waits until another look into the mailbox is over."""


class CannotIdle(Exception):
    """The server does not know IDLE."""


def watching() -> contextlib.AbstractContextManager[None]:
    """Keep a line to every mailbox that wants one, for as long as the block lasts."""
    return lines.held(name="mail_idle", wanted=_wanted, hold=_line)


def _wanted() -> dict[Hashable, Mailbox]:
    return {box: box for box in mailboxes() if box.idle and box.imap_host}


def _line(box: Mailbox, over: threading.Event) -> None:
    """Keep one line; after a failure it rests, and looking by time goes on meanwhile."""
    failures = 0
    while not over.is_set():
        begun = time.monotonic()
        rest = WITHOUT
        try:
            wait(box=box, over=over, came=lambda: _look(box, over))
        except CannotIdle:
            log.info("the server of mailbox %s knows no IDLE: it is looked at by time", box.name)
        except imap.BROKEN as error:
            failures = 0 if time.monotonic() - begun > RENEW else failures + 1
            rest = RESTS[min(failures, len(RESTS)) - 1] if failures else 0.0
            log.info("the line to mailbox %s broke: %s", box.name, imap.told(error=error, box=box))
        except Exception:
            log.exception("the line to mailbox %s failed", box.name)
        over.wait(rest)
    connection.close()


def wait(*, box: Mailbox, over: threading.Event, came: Callable[[], None]) -> None:
    """Call ``came`` now and whenever the server tells of mail, until ``over``.

    Raises CannotIdle, and one of imap.BROKEN when the line breaks.
    """
    line = imap.opened(box=box)
    try:
        if "IDLE" not in line.client.capabilities:
            raise CannotIdle(box.imap_host)
        while not over.is_set():
            line.idle.start()  # type: ignore[no-untyped-call]
            # What comes from now on is told; what came while nobody listened is there already.
            came()
            ends = time.monotonic() + RENEW
            while _told(line=line, over=over, until=ends):
                came()
            line.idle.stop()  # type: ignore[no-untyped-call]
    finally:
        imap.leave(line=line)


def _told(*, line: imap.Line, over: threading.Event, until: float) -> bool:
    """Wait until the server tells of mail; False when it is time to speak again."""
    while not over.is_set() and time.monotonic() < until:
        asked = time.monotonic()
        said = line.idle.poll(timeout=GLANCE)
        if any(piece.upper().startswith(b"* BYE") for piece in said):
            raise OSError("the server ends the line")
        if any(b"EXISTS" in piece or b"RECENT" in piece for piece in said):
            return True
        if not said and time.monotonic() - asked < GLANCE / 2:
            raise OSError("the line is closed")
    return False


def _look(box: Mailbox, over: threading.Event) -> None:
    """Look into the mailbox at once; when somebody does so already, right after him."""
    ends = time.monotonic() + HURRY
    now = timezone.now()
    if not jobs.due(name=box.imap_job, now=now) and "error" in jobs.state(name=box.imap_job):
        return
    while not over.is_set():
        jobs.hasten(name=box.imap_job, now=timezone.now() - timedelta(seconds=1))
        if mail.look(box=box) or jobs.state(name=box.imap_job).get("worked_at", "") > (
            now.isoformat()
        ):
            return
        if time.monotonic() > ends:
            return
        over.wait(0.2)

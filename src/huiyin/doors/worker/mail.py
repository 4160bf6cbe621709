"""Mail in: IMAP is polled; a mail counts as read only when it lies safely in the inbox."""

from __future__ import annotations

import contextlib
import imaplib
import logging
import re
import ssl
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import imap_tools
from django.conf import settings
from django.utils import timezone
from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

import huiyin
from huiyin.channels.email.read import external_id
from huiyin.flows import intake
from huiyin.store.ledger import jobs
from huiyin.store.ledger.inbox import Arrival

log = logging.getLogger(__name__)

JOB = "imap"
TIMEOUT = 20
"""Seconds for one answer of the server."""
LEASE = timedelta(minutes=3)
BUDGET = 120.0
"""Seconds of one poll; what is left comes with the next."""
MOST_FETCHED = 100 * 1024 * 1024
"""Bytes; a larger mail is left in the mailbox and named on the operations page."""

_Box = MailBox | MailBoxStartTls | MailBoxUnencrypted


_BROKEN = (OSError, imaplib.IMAP4.error, imap_tools.ImapToolsError, ValueError)
"""What a server that is down, slow or strange makes of a call."""


class _CannotTake(Exception):
    """One mail stays in the mailbox; the others are taken."""


def poll() -> int:
    """Fetch mail that is new or unread, store it raw, and only then mark it as read.

    New is what came since the last poll, whoever may have opened it meanwhile. A mail that cannot
    be fetched does not stop the next. Returns how many came.
    """
    given = settings.HUIYIN
    if not given.imap_host or not jobs.due(name=JOB, now=timezone.now()):
        return 0
    every = timedelta(seconds=given.imap_poll_seconds)
    if not jobs.claim(name=JOB, now=timezone.now(), every=every, lease=LEASE):
        return 0
    seen: dict[str, Any] = jobs.state(name=JOB)
    came = 0
    left: list[str] = []
    broken = ""
    try:
        box = _opened()
        try:
            for uid in _wanted(box=box, seen=seen):
                try:
                    came += _take(box=box, uid=uid, seen=seen)
                except _CannotTake as error:
                    left.append(f"UID {uid}: {error}")
        finally:
            _leave(box)
    except _BROKEN as error:
        broken = _told(error)
    remember = {"place": seen.get("place", ""), "uid": seen.get("uid", 0), "left": left[:5]}
    if broken:
        jobs.failed(name=JOB, now=timezone.now(), error=broken, remember=remember)
        log.warning("the mailbox cannot be read: %s", broken)
    else:
        jobs.worked(name=JOB, now=timezone.now(), remember=remember)
    return came


def _opened() -> _Box:
    """Connect, log in and open the folder."""
    given = settings.HUIYIN
    context = ssl.create_default_context()
    box: _Box
    if given.imap_tls == "tls":
        box = MailBox(given.imap_host, given.imap_port, timeout=TIMEOUT, ssl_context=context)
    elif given.imap_tls == "starttls":
        box = MailBoxStartTls(
            given.imap_host, given.imap_port, timeout=TIMEOUT, ssl_context=context
        )
    else:
        box = MailBoxUnencrypted(given.imap_host, given.imap_port, timeout=TIMEOUT)
    try:
        plain = (given.imap_user + given.imap_password).isascii()
        enter = box.login if plain else box.login_utf8
        enter(given.imap_user, given.imap_password, initial_folder=None)
        if "ID" in box.client.capabilities:
            # NetEase opens no folder for a program that does not say its name (RFC 2971).
            box.client.xatom("ID", f'("name" "huiyin" "version" "{huiyin.__version__}")')
        box.folder.set(given.imap_folder)
    except BaseException:
        _leave(box)
        raise
    return box


def _leave(box: _Box) -> None:
    try:
        box.logout()
    except _BROKEN:
        with contextlib.suppress(OSError):
            box.client.shutdown()


def _wanted(*, box: _Box, seen: dict[str, Any]) -> Iterator[str]:
    """Yield the UIDs to fetch, the newest arrivals first of all, until the time is up."""
    given = settings.HUIYIN
    status = box.folder.status(given.imap_folder, ["UIDVALIDITY", "UIDNEXT"])
    place = f"{given.imap_user}@{given.imap_host}/{given.imap_folder}#{status['UIDVALIDITY']}"
    if seen.get("place") != place:
        # A mailbox seen for the first time: what was read in it before we came is not ours.
        seen.update(place=place, uid=int(status["UIDNEXT"]) - 1)
    known = int(seen["uid"])
    # A server answers "101:*" with the last mail even when its UID is smaller.
    fresh = [u for u in box.uids(f"UID {known + 1}:*") if int(u) > known]
    unread = [u for u in box.uids("UNSEEN") if int(u) <= known]
    ends = time.monotonic() + BUDGET
    for uid in (*sorted(fresh, key=int), *sorted(unread, key=int)):
        if time.monotonic() > ends:
            return
        yield uid


def _take(*, box: _Box, uid: str, seen: dict[str, Any]) -> bool:
    """Fetch, store and mark one mail; True when it was not known yet."""
    size = _fetched(box=box, uid=uid, what="RFC822.SIZE")
    if size is None:
        return False
    if int(size) > MOST_FETCHED:
        raise _CannotTake(f"{int(size)} bytes, larger than {MOST_FETCHED}")
    raw = _fetched(box=box, uid=uid, what="BODY.PEEK[]")
    if raw is None:
        return False
    repeated = accept(raw=raw)[1]
    seen["uid"] = max(int(uid), int(seen["uid"]))
    # Not MailBox.flag: it expunges, and what somebody deleted in his mail program would be gone.
    status, data = box.client.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)")
    if status != "OK":
        raise _CannotTake(f"cannot be marked as read: {data!r:.100}")
    return not repeated


def _fetched(*, box: _Box, uid: str, what: str) -> bytes | None:
    """Return what the server tells of a mail; None when it is not there any more."""
    status, data = box.client.uid("FETCH", uid, f"({what})")
    if status != "OK":
        raise _CannotTake(f"the server does not hand it out: {data!r:.100}")
    for piece in data:
        if isinstance(piece, tuple):
            return bytes(piece[1])
    line = next((piece for piece in data if isinstance(piece, bytes)), None)
    if line is None:
        return None
    value = re.search(rb"(?:RFC822\.SIZE|BODY\[\]) (\d+|\"\"|NIL)", line)
    if value is None:
        raise _CannotTake(f"the server says {line[:100]!r}")
    return value.group(1) if value.group(1).isdigit() else b""


def _told(error: Exception) -> str:
    """Return a failure on one line, without our password wherever it may stand."""
    # What cannot be encoded may be a piece of the password.
    said = "" if isinstance(error, UnicodeError) else str(error)
    told = " ".join(f"{type(error).__name__}: {said}".split())
    secret = settings.HUIYIN.imap_password
    return (told.replace(secret, "***") if secret else told)[:300]


def accept(*, raw: bytes) -> tuple[str, bool]:
    """Store one mail raw; returns the inbox id and whether it had come before."""
    accepted = intake.accept(
        now=timezone.now(),
        arrivals=[
            Arrival(
                channel="email",
                kind="email",
                external_id=external_id(raw=raw),
                raw=raw,
                headers={},
            )
        ],
    )[0]
    return accepted.id.hex, accepted.repeated

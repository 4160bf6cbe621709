"""Mails by their UID: fetched whole without being marked, marked without being expunged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

from huiyin.doors.worker.imap import Line

MOST_FETCHED = 100 * 1024 * 1024
"""Bytes; a larger mail is left in the mailbox and named on the operations page."""
MOST_AT_ONCE = 20 * 1024 * 1024
"""Bytes of several mails that are asked for together."""
_WORDS = "(UID INTERNALDATE FLAGS RFC822.SIZE)"
_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_HELD = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_EMPTY = re.compile(rb'\bBODY\[\] (?:""|NIL)')


class CannotFetch(Exception):
    """One mail stays in the mailbox; the others are taken."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as the server holds it: since when, and whether somebody has read it."""

    uid: int
    raw: bytes = field(repr=False)
    at: datetime | None
    seen: bool


@dataclass(frozen=True, slots=True)
class _Held:
    size: int
    at: datetime | None
    seen: bool


def uids(line: Line, criteria: str) -> list[int]:
    """Return the UIDs that a search finds."""
    return [int(uid) for uid in line.uids(criteria)]


def one(line: Line, uid: int) -> Fetched | None:
    """Return one mail, None when it is gone. Raises CannotFetch."""
    held = _held(line, [uid]).get(uid)
    if held is None:
        return None
    if held.size > MOST_FETCHED:
        raise CannotFetch(f"{held.size} bytes, larger than {MOST_FETCHED}")
    raw = _bodies(line, [uid]).get(uid)
    return None if raw is None else Fetched(uid, raw, held.at, held.seen)


def many(line: Line, wanted: Sequence[int]) -> tuple[list[Fetched], list[tuple[int, int]]]:
    """Return (mails, those too large as (UID, bytes)); those that are gone are left out.

    Raises CannotFetch.
    """
    held = _held(line, wanted)
    large = [(u, held[u].size) for u in wanted if u in held and held[u].size > MOST_FETCHED]
    rest = [u for u in wanted if u in held and held[u].size <= MOST_FETCHED]
    found: list[Fetched] = []
    while rest:
        together: list[int] = []
        total = 0
        while rest and (not together or total + held[rest[0]].size <= MOST_AT_ONCE):
            total += held[rest[0]].size
            together.append(rest.pop(0))
        bodies = _bodies(line, together)
        found += [Fetched(u, bodies[u], held[u].at, held[u].seen) for u in together if u in bodies]
    return found, large


def mark(line: Line, marked: Sequence[int]) -> None:
    """Mark mails as read. Raises CannotFetch."""
    if not marked:
        return
    # Not MailBox.flag: it expunges, and what somebody deleted in his mail program would be gone.
    status, data = line.client.uid("STORE", _set(marked), "+FLAGS.SILENT", "(\\Seen)")
    if status != "OK":
        raise CannotFetch(f"cannot be marked as read: {data!r:.100}")


def _set(wanted: Sequence[int]) -> str:
    return ",".join(str(uid) for uid in wanted)


def _asked(line: Line, wanted: Sequence[int], what: str) -> list[bytes | tuple[bytes, bytes]]:
    status, data = line.client.uid("FETCH", _set(wanted), what)
    if status != "OK":
        raise CannotFetch(f"the server does not hand it out: {data!r:.100}")
    return [piece for piece in data if piece]


def _held(line: Line, wanted: Sequence[int]) -> dict[int, _Held]:
    out: dict[int, _Held] = {}
    for piece in _asked(line, wanted, _WORDS):
        text = piece[0] + piece[1] if isinstance(piece, tuple) else piece
        uid, size = _UID.search(text), _SIZE.search(text)
        if uid is None or size is None:
            continue
        date, flags = _HELD.search(text), _FLAGS.search(text)
        out[int(uid.group(1))] = _Held(
            size=int(size.group(1)),
            at=_moment(date.group(1)) if date else None,
            seen=flags is not None and b"\\seen" in flags.group(1).lower(),
        )
    return out


def _bodies(line: Line, wanted: Sequence[int]) -> dict[int, bytes]:
    """Return the bytes of mails. The UID stands before or after them, as the server likes."""
    out: dict[int, bytes] = {}
    waiting: bytes | None = None
    for piece in _asked(line, wanted, "(UID BODY.PEEK[])"):
        head = piece[0] if isinstance(piece, tuple) else piece
        uid = _UID.search(head)
        if isinstance(piece, tuple):
            waiting = bytes(piece[1])
        elif _EMPTY.search(head):
            waiting = b""
        if uid is not None and waiting is not None:
            out[int(uid.group(1))] = waiting
            waiting = None
    if waiting is not None and len(wanted) == 1:
        out[wanted[0]] = waiting
    return out


def _moment(value: bytes) -> datetime | None:
    """Return when the server got a mail: 17-Jul-1996 02:44:25 -0700 (RFC 3501)."""
    try:
        return parsedate_to_datetime(value.decode("ascii").strip().replace("-", " ", 2))
    except (ValueError, TypeError, IndexError):
        return None

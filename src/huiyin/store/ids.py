"""Time-ordered identifiers (UUIDv7) and the secret of a tracking link."""

from __future__ import annotations

import base64
import hmac
import os
import random
import secrets
import threading
import time
import uuid
from datetime import datetime
from typing import Final

_FORM: Final = 0x7 << 76 | 0x2 << 62
"""Version 7 and the RFC's variant, in their places."""
_MOMENTS: Final = 64
_SAFE: Final = uuid.SafeUUID.unknown
_lock = threading.Lock()
_last: dict[int, int] = {}
"""Millisecond -> the last id given for it, as a number."""
_counted: tuple[datetime | None, int] = (None, 0)
"""The moment asked for last and its millisecond: a batch makes all its ids for one moment."""
os.register_at_fork(after_in_child=_last.clear)


class Id(uuid.UUID):
    """A UUID that knows its hexadecimal digits: one row in the making asks for them many times."""

    __slots__ = ("hex",)
    is_safe = _SAFE  # type: ignore[misc]  # one for all ids, where others keep one each

    def __init__(self, number: int) -> None:
        """Hold a number of 128 bits."""
        _set_number(self, number)
        _set_digits(self, f"{number:032x}")

    def __reduce__(self) -> tuple[type[Id], tuple[int]]:
        """Travel to other processes as its number."""
        return Id, (self.int,)

    def __copy__(self) -> Id:
        """Return itself: it never changes."""
        return self

    def __deepcopy__(self, memo: object) -> Id:
        """Return itself: it never changes."""
        return self


# a UUID forbids assignment to its parts; these go past it
_set_number = uuid.UUID.__dict__["int"].__set__
_set_digits = Id.__dict__["hex"].__set__


def new_id(*, now: datetime | None = None) -> uuid.UUID:
    """Return a UUIDv7 carrying ``now`` (or the present moment), so that keys sort by time.

    Ids of the same millisecond ascend within a process: rows are appended to an index in the
    order in which they were made. Source: RFC 9562, 6.2, method 2 (monotonic random).
    """
    return Id(_next_number(now))


def new_digits(*, now: datetime) -> str:
    """Return the 32 hexadecimal digits of a new id, for rows that nobody asks for by it."""
    return f"{_next_number(now):032x}"


def _next_number(now: datetime | None) -> int:
    moment = time.time_ns() // 1_000_000 if now is None else _millisecond(now)
    with _lock:
        number = _last.get(moment)
        if number is None:
            if len(_last) >= _MOMENTS:
                _last.clear()
            # the highest random bit is left clear, so that counting up never reaches the variant
            number = moment << 80 | _FORM | secrets.randbits(12) << 64 | secrets.randbits(61)
        else:
            number += random.getrandbits(24) + 1
        _last[moment] = number
    return number


def _millisecond(now: datetime) -> int:
    global _counted
    asked, moment = _counted
    if asked is not now:
        # what is said to be older than the clock's beginning still gets an id that is one
        moment = max(0, int(now.timestamp() * 1000))
        _counted = (now, moment)
    return moment


def tracking_token(*, secret: str, complaint_id: uuid.UUID, purpose: str = "track") -> str:
    """Return the secret part of a customer's link: 24 URL-safe characters, 144 bits of HMAC.

    Derived rather than stored, so a stolen database without the secret key opens no link.
    """
    digest = hmac.digest(secret.encode(), f"{purpose}:{complaint_id.hex}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:18]).decode()

"""Time-ordered identifiers (UUIDv7) and the secret of a tracking link."""

from __future__ import annotations

import base64
import hashlib
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
_blank = uuid.UUID.__new__
_put = object.__setattr__
os.register_at_fork(after_in_child=_last.clear)


def new_id(*, now: datetime | None = None) -> uuid.UUID:
    """Return a UUIDv7 carrying ``now`` (or the present moment), so that keys sort by time.

    Ids of the same millisecond ascend within a process: rows are appended to an index in the
    order in which they were made. Source: RFC 9562, 6.2, method 2 (monotonic random).
    """
    moment = time.time_ns() // 1_000_000 if now is None else int(now.timestamp() * 1000)
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
    value = _blank(uuid.UUID)
    _put(value, "int", number)
    _put(value, "is_safe", _SAFE)
    return value


def tracking_token(*, secret: str, complaint_id: uuid.UUID, purpose: str = "track") -> str:
    """Return the secret part of a customer's link: 24 URL-safe characters, 144 bits of HMAC.

    Derived rather than stored, so a stolen database without the secret key opens no link.
    """
    digest = hmac.new(secret.encode(), f"{purpose}:{complaint_id.hex}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest()[:18]).decode()

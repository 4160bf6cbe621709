"""Time-ordered identifiers (UUIDv7) and the secret of a tracking link."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import datetime

from uuid_utils.compat import uuid7


def new_id(*, now: datetime | None = None) -> uuid.UUID:
    """Return a UUIDv7 carrying ``now`` (or the present moment), so that keys sort by time."""
    if now is None:
        return uuid7()
    seconds = int(now.timestamp())
    return uuid7(nanoseconds=seconds * 1_000_000_000 + now.microsecond * 1000)


def tracking_token(*, secret: str, complaint_id: uuid.UUID, purpose: str = "track") -> str:
    """Return the secret part of a customer's link: 24 URL-safe characters, 144 bits of HMAC.

    Derived rather than stored, so a stolen database without the secret key opens no link.
    """
    digest = hmac.new(secret.encode(), f"{purpose}:{complaint_id.hex}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest()[:18]).decode()

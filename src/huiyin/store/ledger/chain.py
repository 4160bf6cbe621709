"""The hash chain of a complaint's events."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson


def canonical(*, value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(
        value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
    ).decode()


def link(
    *,
    before: str,
    complaint_id: UUID,
    seq: int,
    kind: str,
    at: datetime,
    actor: str,
    data: str,
    because: str,
    playbook_version: str,
) -> str:
    """Return the SHA-256 (hex) that binds an event to the one before it."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    body = "\x1f".join(
        (before, complaint_id.hex, str(seq), kind, moment, actor, data, because, playbook_version)
    )
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()

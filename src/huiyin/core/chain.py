"""The hash chain of events: how each is bound to the one before it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson


def canonical(*, value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(
        value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
    ).decode()


@lru_cache(maxsize=1024)
def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


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
    body = (
        f"{before}\x1f{complaint_id.hex}\x1f{seq}\x1f{kind}\x1f{_moment(at)}\x1f{actor}"
        f"\x1f{data}\x1f{because}\x1f{playbook_version}"
    )
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()

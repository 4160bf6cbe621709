"""Files of contacts: kept in the data directory under their hash, written once."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from django.conf import settings


class CannotFindFile(FileNotFoundError):
    """No file is kept under this hash."""


def _path(*, sha256: str) -> Path:
    folder: Path = settings.HUIYIN.data / "files" / sha256[:2]
    return folder / sha256


def keep(*, content: bytes) -> str:
    """Keep bytes durably and return their SHA-256 (hex); the same bytes are kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(sha256=sha256)
    if path.exists():
        return sha256
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{sha256}.{secrets.token_hex(4)}")
    with open(draft, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    return sha256


def fetch(*, sha256: str) -> bytes:
    """Return the bytes kept under a hash. Raises CannotFindFile."""
    try:
        return _path(sha256=sha256).read_bytes()
    except OSError as error:
        raise CannotFindFile(sha256) from error

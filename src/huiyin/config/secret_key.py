"""The key that signs logins and links: from the settings, or made once and kept in a file."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from huiyin.config.settings_table import CannotStart, Settings

FILE_NAME = "secret_key"


def secret_key(*, settings: Settings) -> str:
    """Return the signing key; make it (256 random bits, file mode 600) where there is none yet.

    Two processes that start together get the same key. Raises CannotStart when the file can be
    neither read nor written, or holds less than a key.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data / FILE_NAME
    try:
        if not path.exists():
            keep_once(path=path, text=secrets.token_urlsafe(32) + "\n")
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(
            problems=(f"HUIYIN_DATA: cannot keep the key {path}: {error}",)
        ) from error
    if len(key) < 32:
        problem = f"{path} holds {len(key)} characters and no key: delete it and one is made"
        raise CannotStart(problems=(problem,))
    return key


def keep_once(*, path: Path, text: str) -> None:
    """Write a new key under its name (mode 600), whole or not at all; the first writer wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()

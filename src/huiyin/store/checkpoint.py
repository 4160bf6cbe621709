"""Moving what SQLite has logged into the database file, beside the work and not in its way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.db import DatabaseError, connection

log = logging.getLogger(__name__)

EVERY: Final = 0.1
"""Seconds between two looks at the log."""
WORTH: Final = 4 * 1024 * 1024
"""Bytes of the log that are worth moving."""


@contextmanager
def moved_beside() -> Iterator[None]:
    """Let a thread move the log while the block runs; on PostgreSQL nothing is to be done.

    Whoever commits to a long log moves it himself (``wal_autocheckpoint``), and waits for the
    disk. With this thread the log is mostly moved when that happens.
    """
    if connection.vendor != "sqlite" or not _log_file():
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_move, args=(ended,), name="checkpoint", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def start_moving() -> None:
    """Let a thread move the log as long as the process lives, as :func:`moved_beside` does.

    For web processes: without it, while no worker runs, every 1,700th contact waits for the disk
    and all behind it wait too (200 ms).
    """
    if connection.vendor == "sqlite" and _log_file():
        threading.Thread(
            target=_move, args=(threading.Event(),), name="checkpoint", daemon=True
        ).start()


def _log_file() -> Path | None:
    name = str(connection.settings_dict["NAME"])
    return None if ":memory:" in name or "mode=memory" in name else Path(f"{name}-wal")


def _move(ended: threading.Event) -> None:
    file = _log_file()
    seen = -1
    while file is not None and not ended.wait(EVERY):
        try:
            if not file.exists() or file.stat().st_size < WORTH:
                continue
            with connection.cursor() as cursor:
                # it changes when others commit; the file's size does not, as it is used again
                version = int(cursor.execute("PRAGMA data_version").fetchone()[0])
                if version != seen:
                    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                    seen = version
        except (DatabaseError, OSError):
            log.exception("the log was not moved")
    connection.close()

"""Writing that is on the disk when it returns, for what is acknowledged to somebody outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def on_disk() -> Iterator[None]:
    """Run a transaction whose end waits for the disk, together with all before it.

    SQLite is set not to wait otherwise: a power cut costs at most the last moments of our own
    work, which is done again from the contacts. PostgreSQL always waits. Inside another
    transaction it is that one's end that counts.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    _wait("FULL")
    try:
        with transaction.atomic():
            yield
    finally:
        _wait("NORMAL")


def _wait(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous={how}")

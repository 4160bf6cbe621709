"""Maintained counters: changed in the transaction of what they count, never counted on screen."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection


def write_tallies(*, deltas: Mapping[str, int]) -> None:
    """Add to maintained counters, in one order so that two writers never wait for each other."""
    rows = [(name, delta) for name, delta in sorted(deltas.items()) if delta]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO tally (name, value) VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET value = tally.value + excluded.value",
            rows,
        )


def hold(*, name: str) -> int:
    """Return a counter's value and keep others from it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tally (name, value) VALUES (%s, 0)"
            " ON CONFLICT (name) DO UPDATE SET value = tally.value RETURNING value",
            [name],
        )
        return int(cursor.fetchone()[0])

"""Lines held open to servers: one thread each, for as long as somebody wants the line."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Final, TypeVar

from django.db import close_old_connections, connection

log = logging.getLogger(__name__)

LOOK_AROUND: Final = 3.0
"""Seconds between two looks at which lines are wanted."""
PATIENCE: Final = 2.0
"""Seconds that a line has to end when it is no longer wanted."""
One = TypeVar("One")


@contextlib.contextmanager
def held(
    *,
    name: str,
    wanted: Callable[[], Mapping[Hashable, One]],
    hold: Callable[[One, threading.Event], None],
) -> Iterator[None]:
    """Hold every line that is wanted, for as long as the block lasts.

    ``wanted`` names the lines by all that they depend on: one that changed is another line.
    ``hold`` keeps a line until its event is set.
    """
    ending = threading.Event()
    keeper = threading.Thread(target=_keep, args=(wanted, hold, ending), name=name, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        keeper.join(timeout=5)


def _keep(
    wanted: Callable[[], Mapping[Hashable, One]],
    hold: Callable[[One, threading.Event], None],
    ending: threading.Event,
) -> None:
    lines: dict[Hashable, tuple[threading.Thread, threading.Event]] = {}
    while not ending.is_set():
        found: Mapping[Hashable, One] = {}
        try:
            found = wanted()
        except Exception:
            log.exception("which lines are wanted cannot be read")
            close_old_connections()
        for key in [k for k in lines if k not in found]:
            lines.pop(key)[1].set()
        for key in found.keys() - lines.keys():
            over = threading.Event()
            thread = threading.Thread(target=hold, args=(found[key], over), daemon=True)
            lines[key] = (thread, over)
            thread.start()
        ending.wait(LOOK_AROUND)
    for _thread, over in lines.values():
        over.set()
    for thread, _over in lines.values():
        thread.join(timeout=PATIENCE)
    connection.close()

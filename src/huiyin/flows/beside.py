"""A process beside this one that answers calls of one function until its line is closed.

This module imports nothing of the house: the new process comes here before Django is set up in it.
"""

from __future__ import annotations

import gc
import importlib
import signal
from multiprocessing.connection import Connection
from typing import Final

_PAUSE: Final = 1.0
"""Seconds without a call after which nobody is kept waiting by a look for cycles."""
_LONGEST: Final = 100
"""Calls after which it is time for one all the same."""


def serve(line: Connection, module: str, function: str) -> None:
    """Set Django up, then answer what comes on the line with what the function returns."""
    import django

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    answer = getattr(importlib.import_module(module), function)
    # An answer hardly ever refers back to itself: looking for cycles meanwhile costs a sixth of it.
    gc.disable()
    unseen = 0
    while True:
        if unseen and (unseen >= _LONGEST or not line.poll(_PAUSE)):
            gc.collect()
            unseen = 0
        try:
            asked = line.recv()
        except EOFError:
            return
        line.send(answer(*asked))
        unseen += 1

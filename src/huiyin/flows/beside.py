"""A process beside this one that answers calls of one function until its line is closed.

This module imports nothing of the house: the new process comes here before Django is set up in it.
"""

from __future__ import annotations

import importlib
import signal
from multiprocessing.connection import Connection


def serve(line: Connection, module: str, function: str) -> None:
    """Set Django up, then answer what comes on the line with what the function returns."""
    import django

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    answer = getattr(importlib.import_module(module), function)
    while True:
        try:
            asked = line.recv()
        except EOFError:
            return
        line.send(answer(*asked))

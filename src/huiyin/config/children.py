"""Programs that run together: one that is killed is started again, one that cannot run ends all."""

from __future__ import annotations

import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

OFTEN: Final = 5
"""Starts anew within ``WITHIN`` seconds after which it is given up."""
WITHIN: Final = 120.0
PATIENCE: Final = 15
"""Seconds a program has to end by itself."""


class Children:
    """Programs by their commands, running from the beginning on."""

    def __init__(self, *, commands: Sequence[Sequence[str]], say: Callable[[str], object]) -> None:
        """Start all; ``say`` is told what ended."""
        self._commands = commands
        self._say = say
        self._running = [subprocess.Popen(words) for words in commands]
        self._anew: deque[float] = deque(maxlen=OFTEN)
        self._stopping = False

    def stop(self) -> None:
        """Tell all to end; none is started again."""
        self._stopping = True
        for child in self._running:
            child.terminate()

    def look(self) -> bool:
        """Start again what has ended; False where all are to end, or one ends ever again."""
        for place, child in enumerate(self._running):
            code = child.poll()
            if code is None:
                continue
            now = time.monotonic()
            often = len(self._anew) == OFTEN and now - self._anew[0] < WITHIN
            if self._stopping or often:
                return False
            self._anew.append(now)
            self._say(f"{self._commands[place][2]} ended with {code}, starting it again")
            self._running[place] = subprocess.Popen(self._commands[place])
        return not self._stopping

    def end(self) -> int:
        """End all and wait for them; returns the highest of their codes, a signal as its number."""
        self.stop()
        code = 0
        for child in self._running:
            try:
                code = max(code, abs(child.wait(timeout=PATIENCE)))
            except subprocess.TimeoutExpired:
                child.kill()
        return code

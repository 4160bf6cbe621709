"""How fast the processor and the interpreter were at that moment: the same plain loop each time."""

from __future__ import annotations

import time
from typing import Any, Final

_ROUNDS: Final = 300_000


def yardstick() -> float:
    """Return the seconds that a plain loop over text, tuples, a dictionary and a sort takes."""
    began = time.perf_counter()
    kept: dict[str, tuple[int, str]] = {}
    text = ""
    for number in range(_ROUNDS):
        key = f"k{number & 255}"
        kept[key] = (number, key)
        text = key + text[:20]
        row: list[Any] = [number, key, text]
        row.sort(key=str)
    return round(time.perf_counter() - began, 3)

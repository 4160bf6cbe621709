"""Perceptual hashes of 64 bits as 16 hexadecimal digits: how far apart, and how to find near ones.

Two hashes that differ in at most seven bits agree in at least one of their eight bytes, whatever
the bits: near hashes are found by looking up eight short numbers.
"""

from __future__ import annotations

BITS = 64
BANDS = 8


def distance(*, one: str, other: str) -> int:
    """Return in how many of the 64 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def bands(*, phash: str) -> tuple[int, ...]:
    """Return the eight numbers (0 to 2047) under which near hashes of this one are found."""
    return tuple(
        place * 256 + byte for place, byte in enumerate(int(phash, 16).to_bytes(BANDS, "big"))
    )


def is_plain(*, phash: str) -> bool:
    """Tell whether a hash has too little in it: nearly all bits alike, as of an empty picture."""
    ones = int(phash, 16).bit_count()
    return ones <= 4 or ones >= BITS - 4

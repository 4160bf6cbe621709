"""Waybill numbers that are nearly the same: slips of tongue and finger, and runs of one shop."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_RUN = 3
TORN: Final = 9
"""The digits of the longest number that may be the end of one: carriers' own are longer."""


def ends_with(*, number: str, tail: str) -> bool:
    """Tell whether a number ends with digits said of it; a country's letters behind are unsaid."""
    return number.endswith(tail) or (
        number[-1:].isalpha() and tail.isdigit() and bare(number=number).endswith(tail)
    )


def bare(*, number: str) -> str:
    """Return a number without the letters behind its digits: EB123456789CN ends in 6789."""
    return number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def end_of(*, said: str, known: str) -> bool:
    """Tell whether one number may be what is left of a longer one: its last four to nine digits."""
    if len(said) == len(known):
        return False
    shorter, longer = (said, known) if len(said) < len(known) else (known, said)
    return 4 <= len(shorter) <= TORN and shorter.isdigit() and longer.endswith(shorter)


def one_slip(*, said: str, known: str) -> bool:
    """Tell whether two numbers differ by a single slip of tongue, finger or eye.

    A slip is two neighbouring characters exchanged, or one character wrong, missing or doubled.
    One wrong character among the last three is no slip: a shop's parcels of one day are numbered
    in a row.
    """
    if said == known or abs(len(said) - len(known)) > 1:
        return False
    shorter = min(len(said), len(known))
    start = 0
    while start < shorter and said[start] == known[start]:
        start += 1
    end = 0
    while end < shorter - start and said[-1 - end] == known[-1 - end]:
        end += 1
    left, right = said[start : len(said) - end], known[start : len(known) - end]
    if len(said) != len(known):
        return len(left) + len(right) == 1
    if len(left) == 1:
        return end >= _RUN
    return len(left) == 2 and left == right[::-1]


def same_run(*, one: Collection[str], other: Collection[str]) -> bool:
    """Tell whether two parcels were numbered in one run: all but the last three are the same."""
    return any(len(a) == len(b) and a != b and a[:-_RUN] == b[:-_RUN] for a in one for b in other)

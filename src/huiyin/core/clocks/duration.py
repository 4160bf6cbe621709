"""ISO 8601 durations: how long a clock runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache


class CannotReadDuration(ValueError):
    """The text is not an ISO 8601 duration that a clock can run for."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: calendar months and days, and seconds of counted time.

    ``months`` and ``days`` are calendar units (a year is 12 months, a week 7 days), ``seconds``
    is exact time. ``text`` is the duration as it was written.
    """

    text: str
    months: int = 0
    days: int = 0
    seconds: int = 0

    @property
    def is_exact(self) -> bool:
        """True when it holds no calendar unit: it may be counted in working time."""
        return not (self.months or self.days)


_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_FORM = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_HOUR, _MINUTE = 3600, 60


@lru_cache(maxsize=1024)
def _parse(text: str) -> Duration:
    found = _FORM.fullmatch(text)
    parts = found.groups() if found else ()
    if found is None or not any(parts) or text.endswith("T"):
        raise CannotReadDuration(
            f"{text!r} is not an ISO 8601 duration; write for example PT4H, PT30M, P7D or P1Y"
        )
    numbers = [Fraction(part.replace(",", ".")) if part else Fraction(0) for part in parts]
    years, months, weeks, days, hours, minutes, seconds = numbers
    for name, number in (("years", years), ("months", months), ("weeks", weeks), ("days", days)):
        if number.denominator != 1:
            raise CannotReadDuration(f"{text!r}: {name} must be a whole number")
    exact = hours * _HOUR + minutes * _MINUTE + seconds
    if exact.denominator != 1:
        raise CannotReadDuration(f"{text!r} is finer than one second")
    return Duration(
        text=text,
        months=int(years * 12 + months),
        days=int(weeks * 7 + days),
        seconds=int(exact),
    )


def parse_duration(*, text: str) -> Duration:
    """Read an ISO 8601 duration such as ``PT4H``, ``P7D``, ``P1DT12H``, ``PT1.5H`` or ``P1Y``.

    A fraction is allowed in hours, minutes and seconds when it comes to whole seconds. Raises
    CannotReadDuration for anything else, negative durations included.
    """
    if not isinstance(text, str):
        raise CannotReadDuration(f"a duration is a text such as PT4H, not {text!r}")
    return _parse(text)

"""Carrier patterns: data that validates a waybill number for a carrier, never identifies one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class CannotReadCarriers(ValueError):
    """The carrier patterns are not of the expected form."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier: code, shown name, names people use, and tight number patterns."""

    code: str
    name: str
    spoken: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class CarrierPatterns:
    """The carriers known to an installation.

    ``by_name`` maps every spoken name (mishearings included) to a carrier; ``names`` finds one in
    a text.
    """

    carriers: tuple[Carrier, ...]
    by_name: Mapping[str, Carrier]
    names: re.Pattern[str]

    @classmethod
    def from_data(cls, *, data: Sequence[Mapping[str, Any]]) -> CarrierPatterns:
        """Build the patterns from configuration data.

        Each entry holds ``code``, ``name``, optional ``spoken`` (list of names) and ``numbers``
        (list of regular expressions over the upper-case number without spaces, matched whole).

        Raises:
            CannotReadCarriers: an entry lacks a part, or an expression does not compile.
        """
        carriers: list[Carrier] = []
        by_name: dict[str, Carrier] = {}
        for entry in data:
            try:
                carrier = Carrier(
                    code=str(entry["code"]),
                    name=str(entry["name"]),
                    spoken=tuple(str(word) for word in entry.get("spoken", ())),
                    patterns=tuple(re.compile(str(p)) for p in entry.get("numbers", ())),
                )
            except (KeyError, TypeError, AttributeError, re.error) as error:
                raise CannotReadCarriers(f"carrier entry {entry!r}: {error!r}") from error
            carriers.append(carrier)
            for word in (carrier.name, *carrier.spoken):
                by_name[word] = carrier
        words = sorted(by_name, key=len, reverse=True)
        return cls(
            carriers=tuple(carriers),
            by_name=by_name,
            names=re.compile("|".join(re.escape(word) for word in words) or r"(?!)"),
        )

"""Carrier patterns: data that validates a waybill number for a carrier, never identifies one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.extract.entity import Candidate

# A carrier named beside the number closes most of the gap to certainty; a name whose patterns
# do not fit still counts, because typing and hearing mistakes change numbers more than names.
_NAMED_GAP = 0.2
_NAMED_ONLY = 0.35
# Several carriers together vouch for a number that none of them has to itself.
_TOGETHER = 0.6


class CannotReadCarriers(ValueError):
    """The carrier patterns are not of the expected form."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One number form of a carrier, with the candidates it leads to."""

    pattern: re.Pattern[str]
    weight: float
    fits: Candidate
    fits_and_named: Candidate


@dataclass(frozen=True, slots=True, eq=False)
class Carrier:
    """One carrier: code, shown name, names people use, and number forms, tightest first."""

    code: str
    name: str
    spoken: tuple[str, ...]
    forms: tuple[Form, ...]
    named_only: Candidate


@dataclass(frozen=True, slots=True, eq=False)
class CarrierPatterns:
    """The carriers known to an installation.

    ``by_name`` maps every spoken name (mishearings included) to its carrier, ``names`` finds one
    in a text, ``telling`` accepts the numbers that need no further context to be a waybill.
    """

    carriers: tuple[Carrier, ...]
    by_name: Mapping[str, Carrier]
    names: re.Pattern[str]
    telling: re.Pattern[str]
    latin: tuple[str, ...]

    @classmethod
    def from_data(cls, *, data: Sequence[Mapping[str, Any]]) -> CarrierPatterns:
        """Build the patterns from configuration data.

        Each entry holds ``code``, ``name``, optional ``spoken`` (list of names) and ``numbers``:
        a list of ``{form, weight}``, ``form`` being a regular expression over the upper-case
        number without spaces, matched whole, ``weight`` (0 to 1) how telling a fit is.

        Raises:
            CannotReadCarriers: an entry lacks a part, or an expression does not compile.
        """
        carriers: list[Carrier] = []
        by_name: dict[str, Carrier] = {}
        telling: list[str] = []
        for entry in data:
            try:
                carrier = _carrier(entry)
            except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
                raise CannotReadCarriers(f"carrier entry {entry!r}: {error!r}") from error
            carriers.append(carrier)
            telling.extend(f.pattern.pattern for f in carrier.forms if f.weight >= 0.5)
            for word in (carrier.name, *carrier.spoken):
                by_name[word] = carrier
        words = sorted(by_name, key=len, reverse=True)
        latin = tuple(sorted({w.upper() for w in words if w.isascii()}, key=len, reverse=True))
        return cls(
            carriers=tuple(carriers),
            by_name=by_name,
            names=re.compile("|".join(re.escape(word) for word in words) or r"(?!)"),
            telling=re.compile("|".join(f"(?:{p})" for p in telling) or r"(?!)"),
            latin=latin,
        )

    def rank(self, *, number: str, named: Carrier | None = None) -> tuple[Candidate, ...]:
        """Return the carriers that ``number`` may belong to, likeliest first.

        ``number`` is upper case without spaces; ``named`` is the carrier said beside it. A named
        carrier stays a candidate even where none of its forms fits.
        """
        found: list[Candidate] = []
        for carrier in self.carriers:
            for form in carrier.forms:
                if form.pattern.fullmatch(number):
                    found.append(form.fits_and_named if carrier is named else form.fits)
                    break
            else:
                if carrier is named:
                    found.append(carrier.named_only)
        if len(found) > 1:
            found.sort(key=_score, reverse=True)
        return tuple(found)

    def likely(self, *, number: str) -> bool:
        """Tell whether so many carriers give out numbers of this form that it will be one's."""
        return sum(map(_score, self.rank(number=number))) >= _TOGETHER


def _score(candidate: Candidate) -> float:
    return candidate.score


def _carrier(entry: Mapping[str, Any]) -> Carrier:
    code, name = str(entry["code"]), str(entry["name"])
    fits = Reason(
        rule="extract.carrier.fits",
        zh=f"符合{name}的单号格式",
        en=f"fits a number form of {name}",
    )
    named = Reason(
        rule="extract.carrier.named", zh=f"文中提到{name}", en=f"{name} is named in the text"
    )
    misfit = Reason(
        rule="extract.carrier.misfit",
        zh=f"但不符合{name}已知的单号格式，可能有误",
        en=f"but fits no known number form of {name}; it may be mistaken",
    )
    forms = []
    for part in entry.get("numbers", ()):
        weight = float(part["weight"])
        if not 0 < weight <= 1:
            raise ValueError(f"weight {weight} is not between 0 and 1")
        sure = round(1 - (1 - weight) * _NAMED_GAP, 3)
        forms.append(
            Form(
                pattern=re.compile(str(part["form"])),
                weight=weight,
                fits=Candidate(code, name, weight, (fits,)),
                fits_and_named=Candidate(code, name, sure, (fits, named)),
            )
        )
    return Carrier(
        code=code,
        name=name,
        spoken=tuple(str(word) for word in entry.get("spoken", ())),
        forms=tuple(forms),
        named_only=Candidate(code, name, _NAMED_ONLY, (named, misfit)),
    )

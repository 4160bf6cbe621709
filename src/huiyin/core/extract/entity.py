"""What extraction hands over: entities and, for waybills, ranked carriers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from huiyin.core.because import Reason

EntityType = Literal[
    "waybill",
    "waybill_tail",
    "order_no",
    "phone",
    "phone_tail",
    "id_card",
    "money",
    "date",
    "duration",
    "address",
    "place",
    "person",
    "goods",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A carrier that a waybill number may belong to.

    ``score`` orders the candidates (0 to 1, higher is likelier); it is no probability. A pattern
    validates a number for a carrier and never proves it, so a person may always choose another.
    """

    carrier: str
    name: str
    score: float
    because: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the candidate as a JSON object."""
        return {
            "carrier": self.carrier,
            "name": self.name,
            "score": self.score,
            "because": [reason.as_json() for reason in self.because],
        }


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing named in a text.

    ``text`` is exactly ``source[start:end]``. ``value`` is normalised by type:

    - ``waybill``, ``order_no``: upper case, half width, without spaces
    - ``waybill_tail``: the part of a waybill number that is known, mostly its last digits
    - ``phone``: digits (``*`` where the text masks them); a virtual number's or extension's digits
      follow a ``-``; ``phone_tail``: the last digits
    - ``id_card``: 18 characters
    - ``money``: integer 分; the lower end where the text is vague (几百块, 80-100元)
    - ``date``: ISO 8601 date, datetime or ``start/end`` interval; ``--MM-DD`` where no year can be
      known; empty where the text is relative and no ``at`` was given
    - ``duration``: ISO 8601 duration (``P3D``, ``PT72H``), ``low/high`` where two are given
    - ``address``, ``place``: parts joined by ``/``, full names, widest first
    - ``person``: the name as said; ``goods``: the goods as said
    """

    type: EntityType
    text: str
    start: int
    end: int
    value: str | int
    candidates: tuple[Candidate, ...] = ()
    because: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the entity as a JSON object, empty parts left out."""
        out: dict[str, Any] = {
            "type": self.type,
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "value": self.value,
        }
        if self.candidates:
            out["candidates"] = [candidate.as_json() for candidate in self.candidates]
        if self.because:
            out["because"] = [reason.as_json() for reason in self.because]
        return out

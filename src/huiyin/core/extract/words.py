"""The word lists that extraction works with, read from data and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class CannotReadWords(ValueError):
    """The word lists are not of the expected form."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Words by purpose; see the comments in the shipped ``extract_words.yaml``."""

    waybill: tuple[str, ...]
    order: tuple[str, ...]
    phone: tuple[str, ...]
    foreign: tuple[str, ...]
    id_card: tuple[str, ...]
    parcel: tuple[str, ...]
    tail: tuple[str, ...]
    tail_after: tuple[str, ...]
    part: tuple[str, ...]
    phone_tail: tuple[str, ...]
    money_cue: tuple[str, ...]
    money_pieces: tuple[str, ...]
    money_counted: tuple[str, ...]
    surnames: frozenset[str]
    compound: tuple[str, ...]
    titles: tuple[str, ...]
    doubtful_surnames: frozenset[str]
    everyday_surnames: frozenset[str]
    person_cue: tuple[str, ...]
    not_names: frozenset[str]
    address_cue: tuple[str, ...]
    place_leads: frozenset[str]
    facility: tuple[str, ...]
    everyday: frozenset[str]
    doubtful_places: frozenset[str]
    goods: tuple[str, ...]

    @classmethod
    def from_data(cls, *, data: Mapping[str, Any]) -> Words:
        """Build the word lists from the parsed YAML.

        Raises:
            CannotReadWords: a list is missing or is no list of words.
        """
        numbers = _part(data, "numbers")
        money = _part(data, "money")
        people = _part(data, "people")
        address = _part(data, "address")
        return cls(
            waybill=_words(numbers, "waybill"),
            order=_words(numbers, "order"),
            phone=_words(numbers, "phone"),
            foreign=_words(numbers, "foreign"),
            id_card=_words(numbers, "id_card"),
            parcel=_words(numbers, "parcel"),
            tail=_words(numbers, "tail"),
            tail_after=_words(numbers, "tail_after"),
            part=_words(numbers, "part"),
            phone_tail=_words(numbers, "phone_tail"),
            money_cue=_words(money, "cue"),
            money_pieces=_words(money, "pieces"),
            money_counted=_words(money, "counted"),
            surnames=frozenset(str(people.get("surnames", ""))),
            compound=_words(people, "compound"),
            titles=_words(people, "titles"),
            doubtful_surnames=frozenset(_words(people, "doubtful")),
            everyday_surnames=frozenset(_words(people, "everyday")),
            person_cue=_words(people, "cue"),
            not_names=frozenset(_words(people, "not_names")),
            address_cue=_words(address, "cue"),
            place_leads=frozenset(_words(address, "leads")),
            facility=_words(address, "facility"),
            everyday=frozenset(_words(address, "everyday")),
            doubtful_places=frozenset(_words(address, "doubtful")),
            goods=_words(data, "goods"),
        )


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(part, Mapping):
        raise CannotReadWords(f"{name}: a mapping of word lists is expected")
    return part


def _words(part: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the list ``name``, longest word first so that alternations prefer it."""
    words = part.get(name)
    if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
        raise CannotReadWords(f"{name}: a list of words is expected, got {words!r}")
    return tuple(sorted(dict.fromkeys(words), key=len, reverse=True))

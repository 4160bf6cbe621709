"""Personal data is replaced by numbered placeholders before a text leaves, and put back after."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from huiyin.core.assistant.prompts import PROMPTS
from huiyin.core.extract import extract
from huiyin.core.extract.numerals import half_width
from huiyin.core.masking import mask_text

PLACEHOLDER: Final = re.compile(r"\[\[([A-Z]+_\d{1,4})\]\]")
"""A placeholder exactly as it is given out."""
LIKE_PLACEHOLDER: Final = re.compile(r"[\[［【⟦]{2}[^\[\]［］【】⟦⟧\n]{0,40}[\]］】⟧]{2}")
"""Whatever looks like one."""
MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
NUMBER: Final = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{0,4}\d(?:[ -]?\d){5,}[A-Za-z]?(?![\d])")
"""Six digits or more: an account, a card, a number of an unknown form."""

_NAMES: Final = {
    "waybill": "WAYBILL",
    "waybill_tail": "WAYBILL",
    "order_no": "ORDER",
    "phone": "PHONE",
    "phone_tail": "PHONE",
    "id_card": "ID",
    "address": "ADDRESS",
    "person": "PERSON",
}
_OPEN: Final = frozenset({"money", "date", "duration"})
"""Entities whose digits identify nobody."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the house knows of the people in a case, to be hidden wherever it stands."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    waybills: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@cache
def _account() -> re.Pattern[str]:
    cues = "|".join(sorted(map(re.escape, PROMPTS.account_cues), key=len, reverse=True))
    return re.compile(
        rf"(?:{cues})[是为：:\s]{{0,3}}(?P<id>[A-Za-z][\w-]{{4,19}})", re.I | re.ASCII
    )


class Veil:
    """Replaces personal data in the texts of one case; the same datum gets the same placeholder."""

    def __init__(self, *, known: Known) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._said: dict[str, str] = {}
        self._exact: dict[str, str] = {}
        for name, values in (
            ("PERSON", known.names),
            ("PHONE", known.phones),
            ("WAYBILL", known.waybills),
            ("NUMBER", known.numbers),
            ("MAIL", known.mails),
            ("ADDRESS", known.addresses),
        ):
            for value in values:
                if len(value.strip()) > 1:
                    self._exact[value.strip()] = name

    @property
    def held(self) -> Mapping[str, str]:
        """What each placeholder that was given out stands for."""
        return dict(self._said)

    def _placeholder(self, name: str, value: str) -> str:
        key = (name, re.sub(r"[\s-]", "", half_width(text=value)).lower())
        if key not in self._given:
            number = 1 + sum(n == name for n, _value in self._given)
            self._given[key] = f"[[{name}_{number}]]"
            self._said[self._given[key]] = value
        return self._given[key]

    def hide(self, *, texts: Iterable[str], at: datetime | None = None) -> tuple[str, ...]:
        """Return the texts without personal data. ``at`` is the moment of writing.

        What looks like a placeholder in a text is replaced, too, so that nobody can write one
        himself. A name found in one text is hidden in all of them.
        """
        given = [_plain(text) for text in texts]
        for text in given:
            for entity in extract(text=text, at=at):
                if entity.type == "person" and len(entity.text) > 1:
                    self._exact.setdefault(entity.text, "PERSON")
        return tuple(self._hide(text, at) for text in given)

    def _hide(self, text: str, at: datetime | None) -> str:
        plain = half_width(text=text)
        taken: list[tuple[int, int, str]] = []
        free = bytearray(len(text))

        def take(start: int, end: int, name: str) -> None:
            if not any(free[start:end]):
                free[start:end] = b"\x01" * (end - start)
                taken.append((start, end, name))

        for m in LIKE_PLACEHOLDER.finditer(text):
            take(*m.span(), "WORDS")
        for m in MAIL.finditer(plain):
            take(*m.span(), "MAIL")
        for m in _account().finditer(plain):
            take(*m.span("id"), "ACCOUNT")
        for value in sorted(self._exact, key=len, reverse=True):
            start = text.find(value)
            while start >= 0:
                take(start, start + len(value), self._exact[value])
                start = text.find(value, start + len(value))
        open_: list[tuple[int, int]] = []
        for entity in extract(text=text, at=at):
            if entity.type in _NAMES:
                take(entity.start, entity.end, _NAMES[entity.type])
            elif entity.type in _OPEN:
                open_.append((entity.start, entity.end))
        for m in NUMBER.finditer(plain):
            if not any(a <= m.start() and m.end() <= b for a, b in open_):
                take(*m.span(), "NUMBER")
        out, last = [], 0
        for start, end, name in sorted(taken):
            out += [text[last:start], self._placeholder(name, text[start:end])]
            last = end
        # What the desk itself would mask must not pass either.
        return mask_text(text="".join([*out, text[last:]]))


def _plain(text: str) -> str:
    """Drop characters that are not seen and could part a number."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf"})


def restore(*, text: str, held: Mapping[str, str]) -> str:
    """Put back what the placeholders stand for, once: what is put back is not looked at again."""
    return PLACEHOLDER.sub(lambda m: held.get(m.group(), m.group()), text)

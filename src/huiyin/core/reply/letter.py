"""The formal letter of reply, put together from the playbook's template and the facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from huiyin.core.playbook.care import FormalLetter
from huiyin.core.playbook.part import Text
from huiyin.core.wording import fill_in

_BLANK: Final = re.compile(r"_{2,}|\{[a-z]+\}")
LONGEST: Final = 20000
"""Characters that a part written by hand may have."""


class CannotWriteLetter(ValueError):
    """The letter is incomplete; ``zh`` and ``en`` say what is missing."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to print; ``parts`` are (heading or empty, body)."""

    reference: str
    title: str
    opening: str
    parts: tuple[tuple[str, str], ...]
    closing: str
    signature: str
    language: str


def write_letter(*, template: FormalLetter, values: Mapping[str, str], language: str) -> Letter:
    """Return the letter with its placeholders filled; parts whose fact is empty are left out.

    ``values`` holds the placeholders of letters: facts, verdict, remedies, bases and those of
    every message. Raises CannotWriteLetter where the facts are missing, a text is too long, or a
    blank is left.
    """
    if not values.get("facts", "").strip():
        raise CannotWriteLetter(zh="请写明查明的事实", en="write down what was found")
    if any(len(values.get(name, "")) > LONGEST for name in ("facts", "remedies", "bases")):
        raise CannotWriteLetter(
            zh=f"每一部分最多 {LONGEST} 字", en=f"a part holds {LONGEST} characters at most"
        )

    def filled(text: Text) -> str:
        return fill_in(text=text.said(language=language), values=values)

    parts = tuple(
        (filled(part.heading) if part.heading else "", filled(part.body))
        for part in template.parts
        if part.needs is None or values.get(part.needs, "").strip()
    )
    letter = Letter(
        reference=filled(template.reference),
        title=filled(template.title),
        opening=filled(template.opening),
        parts=parts,
        closing=filled(template.closing),
        signature=filled(template.signature),
        language=language,
    )
    whole = "\n".join((letter.title, letter.opening, letter.closing, letter.signature,
                       *(line for part in parts for line in part)))  # fmt: skip
    if left := _BLANK.search(whole):
        raise CannotWriteLetter(
            zh=f"还有没填的空：{left.group()}", en=f"a blank is not filled in: {left.group()}"
        )
    return letter

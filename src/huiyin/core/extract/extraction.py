"""From a text to the entities named in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.extract.addresses import AddressReader
from huiyin.core.extract.carriers import CarrierPatterns
from huiyin.core.extract.dates import find_said_dates
from huiyin.core.extract.entity import Entity
from huiyin.core.extract.identifiers import MOBILE, PHONE_FORM, find_identifiers
from huiyin.core.extract.lexicon import words_in
from huiyin.core.extract.money import find_cued_money
from huiyin.core.extract.numerals import half_width
from huiyin.core.extract.people import find_people
from huiyin.core.extract.quantities import find_quantities
from huiyin.core.extract.shipped import DEFAULT
from huiyin.core.extract.spans import Spans

PHONE_LABEL: Final = "电话"

_GOODS: Final = (Reason("extract.goods", "常见物品", "a common article"),)


def extract(
    *, text: str, at: datetime | None = None, carriers: CarrierPatterns = DEFAULT
) -> tuple[Entity, ...]:
    """Return the entities named in ``text``, in order of their start, never overlapping.

    ``at`` is the moment of writing (aware), from which relative dates are counted; without it
    they are found but have an empty value. ``carriers`` are the number patterns of the
    installation. Any text is accepted, nothing is raised.
    """
    plain = half_width(text=text)
    spans = Spans(source=text)
    # numbers first: what is part of a waybill or a phone is no sum, date or house
    find_identifiers(plain=plain, spans=spans, carriers=carriers)
    find_said_dates(plain=plain, spans=spans, at=at)
    find_quantities(plain=plain, spans=spans, at=at)
    find_cued_money(plain=plain, spans=spans)
    goods: list[tuple[int, str]] = []
    reader = AddressReader(plain=plain, spans=spans)
    for start, word, found in words_in(plain=plain):
        if found is None:
            goods.append((start, word))
        else:
            reader.place(start=start, word=word, found=found)
    reader.loose()
    find_people(plain=plain, spans=spans)
    for start, word in goods:
        end = start + len(word)
        # 手机号, 身份证尾号, 手机来电 speak of a number, not of an article
        if plain[end : end + 1] not in ("号", "尾", "来"):
            spans.add("goods", start, end, word, _GOODS)
    spans.found.sort(key=_start)
    return tuple(spans.found)


def extract_given(
    *, label: str, number: str, start: int, at: datetime | None = None
) -> tuple[Entity, ...]:
    """Return the entities of a number that was given in a field of its own.

    It is read as if ``label`` and ``number`` stood at ``start`` of the text.
    """
    begin = start + len(label)
    if label == PHONE_LABEL and number.isascii() and MOBILE.fullmatch(number):
        # what nearly every contact has, and always the same is read of it
        end = begin + len(number)
        return (Entity("phone", number, begin, end, number, (), PHONE_FORM["mobile"]),)
    return tuple(
        [
            replace(one, start=start + one.start, end=start + one.end)
            for one in extract(text=f"{label}{number}", at=at)
        ]
    )


def _start(entity: Entity) -> int:
    return entity.start

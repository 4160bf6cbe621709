"""Personal data in a reply that is not the customer's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from huiyin.core.extract import Entity, extract
from huiyin.core.extract.shipped import shipped_words
from huiyin.core.reply.remark import Span
from huiyin.core.reply.words import WORDS, ReplyWords

_MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", re.ASCII)
_DOOR: Final = re.compile(
    r"\d+\s?(?:号|弄|栋|幢|座|单元|室|楼|户|组)|[一二三四五六七八九十]+(?:栋|幢|单元)"
)
_NEAR: Final = 14
"""Characters around a number or address in which a public place makes it nobody's own."""


@dataclass(frozen=True, slots=True)
class Own:
    """What the customer is known by or has said himself: he may read it back.

    ``said`` are his own words; ``known`` are further texts that are no secret from him, such as
    the company's name, hotline and addresses and the agent's name.
    """

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreign:
    """One piece of personal data of somebody else: ``kind`` phone, id_card, person, address or
    mail."""

    kind: str
    span: Span


def foreign_data(
    *, text: str, own: Own, now: datetime | None = None, words: ReplyWords = WORDS
) -> tuple[Foreign, ...]:
    """Return the personal data in a reply that does not belong to the customer.

    Masked numbers, public service numbers, addresses and numbers beside a public place (an
    outlet, a station), and people named by surname and title only are not reported.
    """
    found = [
        Foreign(e.type, (e.start, e.end))
        for e in extract(text=text, at=now)
        if _is_foreign(e, text, own, words)
    ]
    taken = [f.span for f in found]
    for m in _named(words).finditer(text):
        span = m.span("name")
        if any(a < span[1] and span[0] < b for a, b in taken):
            continue
        if m["name"] not in shipped_words().not_names and not any(
            m["name"] in t for t in _texts(own)
        ):
            found.append(Foreign("person", span))
    mails = {m.lower() for m in own.mails}
    said = " ".join((*own.said, *own.known)).lower()
    for m in _MAIL.finditer(text):
        mail = m.group().lower()
        if mail not in mails and mail not in said:
            found.append(Foreign("mail", m.span()))
    return tuple(sorted(found, key=lambda f: f.span))


def _is_foreign(entity: Entity, text: str, own: Own, words: ReplyWords) -> bool:
    if entity.type in {"phone", "id_card"}:
        return _number(entity, text, own, words)
    if entity.type == "person":
        name = _full_name(entity)
        return bool(name) and not any(name in t for t in _texts(own))
    if entity.type == "address":
        if not _DOOR.search(entity.text) or _public(entity, text, words):
            return False
        place = _tight(entity.text)
        return not any(place in _tight(t) or _tight(t).endswith(place) for t in _texts(own))
    return False


def _texts(own: Own) -> Iterator[str]:
    yield from (t for t in (*own.names, *own.addresses, *own.said, *own.known) if t)


def _number(entity: Entity, text: str, own: Own, words: ReplyWords) -> bool:
    value = str(entity.value)
    service = entity.type == "phone" and any(value.startswith(n) for n in words.public_numbers)
    if "*" in value or service:
        return False
    digits = _digits(value.split("-")[0] if entity.type == "phone" else value)
    if any(digits and digits in _digits(t) for t in (*own.phones, *_texts(own))):
        return False
    mobile = entity.type == "id_card" or bool(re.match(r"1[3-9]", digits))
    return mobile or not _public(entity, text, words)


def _public(entity: Entity, text: str, words: ReplyWords) -> bool:
    around = text[max(0, entity.start - _NEAR) : entity.end + _NEAR]
    return any(place in around for place in words.public_places)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _tight(text: str) -> str:
    return re.sub(r"[\s,，。、]", "", text)


@cache
def _title() -> re.Pattern[str]:
    titles = "|".join(map(re.escape, shipped_words().titles))
    return re.compile(rf"(?:{titles}|同志)$")


@cache
def _named(words: ReplyWords) -> re.Pattern[str]:
    """Return the pattern of a full name behind a word for a person: 派件员李某某."""
    known = shipped_words()
    family = "|".join((*known.compound, f"[{''.join(sorted(known.surnames))}]"))
    after = "|".join(map(re.escape, words.name_after))
    return re.compile(
        rf"(?:{after})[是为：:\s“]{{0,2}}(?P<name>(?:{family})"
        r"(?:(?![过了的着是在不没有我您你他们这那去来到说讲打找问给将被和])[一-鿿]){1,2})"
        r"(?=$|[^一-鿿]|[已会将正把在向与和的于因没未给联上今明昨不被还也都就说让要是有电手身住本])"
    )


def _full_name(entity: Entity) -> str:
    """Return a name with its given name; empty for a surname with a title, or a hidden name."""
    name = _title().sub("", str(entity.value)).strip()
    family = 2 if name[:2] in shipped_words().compound else 1
    hidden = re.search(r"[*某老小阿]", name)
    return name if len(name) > family and not hidden else ""

"""From a contact's words to the facts that matching compares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from huiyin.core.extract import Entity
from huiyin.core.matching import content as said
from huiyin.core.matching.facts import ContactFacts
from huiyin.core.matching.gates import Opened
from huiyin.core.matching.people import people
from huiyin.core.matching.shipped import WORDS
from huiyin.core.matching.told import told
from huiyin.core.matching.words import MatchWords, half_width

_LONGEST: Final = 4000
_HAN: Final = re.compile(r"[一-鿿]+")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_LANDLINE: Final = re.compile(
    r"0\d{2,3}\d{7,8}(?:\d{1,6})?|[2-8]\d{6,7}|[48]00\d{7}|1\d{2,4}|9\d{4,5}"
)
_NAME_CHANNELS: Final = frozenset({"desk", "appeal", "web", "portal", "phone", "import"})
_SUBJECT: Final = re.compile(r"\s*(?:主题|标题|Subject)\s*:\s*(.*)", re.I)
_REPLY: Final = re.compile(r"\s*(?:re|fw|fwd|回复|答复|转发)\s*:", re.I)
_QUOTED: Final = re.compile(
    r"^[ \t]*(?:>|-{3,20}[ \t]*(?:原始邮件|Original)|在.{4,40}写道:|发件人:)", re.M | re.I
)
_BETWEEN: Final = re.compile(r"[\s()+-]")
_DIGIT: Final = re.compile(r"\d")
_NO_DIGIT: Final = re.compile(r"\D")
_RUN: Final = re.compile(r"(?<![\dA-Za-z.])[A-Za-z]{0,3}\d{3,10}(?![\dA-Za-z.])")
_BECAME: Final = re.compile(r"(?:变成?|成了|涨到|涨成|收成)了?(\d{1,5})(?![\d个天箱件号月日点])")
_ORIGIN: Final = re.compile(
    r"[^,。;!?\n() ]{0,5}?(?:[买订购]的|[发寄](?:的|来的|过来的)|给[我他她][^,。;]{0,2}[发寄])"
)
"""Behind a place: where the parcel comes from, which all parcels of a shop share."""
_BLOCK: Final = re.compile(r"[一二三四五六七八九十]{1,3}(?=栋|幢|号楼|单元)")
_INNER: Final = re.compile(r"前|中间|开头|头[几两三四]")
_SUM: Final = 5
_MATTER: Final = frozenset({"money", "goods", "person"})
_WRONG: Final = frozenset({"fault", "promise"})
_IDLE: Final = ("business", "checking", "asking")
_WIDE: Final = ("省", "市", "自治区", "自治州", "地区", "盟")
_PROVINCE: Final = ("省", "自治区", "特别行政区")


class CannotReadContact(ValueError):
    """A contact cannot be compared: its time has no zone."""


def read_contact(
    *,
    id: str,
    at: datetime,
    channel: str,
    sender: str,
    text: str,
    thread: str | None = None,
    entities: Sequence[Entity] = (),
    filed: bool = False,
    words: MatchWords = WORDS,
) -> ContactFacts:
    """Return the facts of one contact.

    ``entities`` are those of :func:`huiyin.core.extract.extract` for the same ``text``;
    ``filed`` tells that the person filed a complaint as such (a form, the desk), so it is never
    set aside as an enquiry.

    Raises:
        CannotReadContact: ``at`` is naive.
    """
    if at.tzinfo is None:
        raise CannotReadContact(f"the time of contact {id} has no zone")
    plain = half_width(text=text[:_LONGEST])
    subject = _SUBJECT.match(plain)
    is_reply = bool(subject and _REPLY.match(subject.group(1)))
    body_from = subject.end() if subject else 0
    quoted = _QUOTED.search(plain)
    quoted_from = quoted.start() if quoted else len(plain)

    waybills: dict[str, None] = {}
    others: dict[str, None] = {}
    tails: dict[str, None] = {}
    heads: dict[str, None] = {}
    phones: dict[str, None] = {}
    phone_tails: dict[str, None] = {}
    money: set[int] = set()
    places: set[str] = set()
    cities: set[str] = set()
    persons: set[str] = set()
    goods: set[str] = set()
    spans: list[tuple[int, int]] = []

    def aside(at: int) -> bool:
        return any(begin <= at < end for begin, end in asides)

    opened = words.gates.open(text=plain)
    asides = said.asides(
        plain=plain,
        parcel_named="这次" in plain or any(e.type == "waybill" for e in entities),
        words=words,
        opened=opened,
    )
    for entity in entities:
        kind, start = str(entity.type), entity.start
        value = str(entity.value)
        is_quoted = start >= quoted_from or (is_reply and start < body_from)
        if kind == "waybill":
            before = plain[max(0, start - 18) : start]
            (others if is_quoted or words.other_parcel.search(before) else waybills)[value] = None
        elif kind in ("place", "address"):
            if not is_quoted and not aside(start) and not _ORIGIN.match(plain, entity.end):
                _sort_places(value.split("/"), entity.text, cities, places)
            continue
        elif is_quoted or (aside(start) and kind in _MATTER):
            continue
        elif kind == "waybill_tail":
            inner = _INNER.search(plain[max(0, start - 8) : start]) or not value[:1].isdigit()
            (heads if inner else tails)[value] = None
        elif kind == "phone_tail":
            phone_tails[value] = None
        elif kind == "phone":
            if not words.staff.search(plain[max(0, start - 8) : start]):
                phones[_phone(value)] = None
        elif kind == "money" and isinstance(entity.value, int):
            money.add(entity.value)
            continue
        elif kind == "person":
            persons.add(value)
            continue
        elif kind == "goods":
            goods.add(words.same.get(value, value))
            continue
        else:
            continue
        spans.append((start, entity.end))

    # the subject of a reply is the old matter's: what the writer wants now is in the body
    content = _without(plain, spans, body_from if is_reply else 0, quoted_from)
    own = _without(plain, [*spans, *asides], body_from if is_reply else 0, quoted_from)
    loose: tuple[str, ...] = ()
    if _DIGIT.search(own):
        loose = _loose(own)
        money |= {int(run) * 100 for run in loose if run.isdigit() and len(run) <= _SUM}
        money |= {int(m.group(1)) * 100 for m in _BECAME.finditer(own)}
    money |= said.sums(content=own)
    identity, shared = _identity(channel, sender, plain, words)
    if identity.startswith("p:") and not shared:
        phones[identity[2:]] = None
    names, surnames = people(
        content=content,
        sender=sender.strip(),
        sender_is_name=channel in _NAME_CHANNELS,
        persons=persons,
        places=cities | places,
        words=words.people,
        opened=opened,
    )
    firms = said.firms(content=own, words=words, opened=opened)
    return ContactFacts(
        id=id,
        at=at,
        channel=channel,
        sender=sender,
        text=plain[:quoted_from],
        thread=thread or None,
        identity=identity,
        handle="" if identity.startswith(("p:", "e:")) else sender.strip(),
        shared=shared,
        waybills=tuple(waybills),
        other_waybills=tuple(w for w in others if w not in waybills),
        tails=tuple(tails),
        heads=tuple(heads),
        loose=loose,
        phones=tuple(phones),
        phone_tails=tuple(phone_tails),
        names=frozenset(names),
        surnames=frozenset(surnames),
        organisations=frozenset(firms),
        places=frozenset(p for p in places if len(p) > 1 and p[:2] in own),
        cities=frozenset(c for c in cities if len(c) > 1),
        goods=frozenset(goods | said.goods(content=own, words=words, opened=opened)),
        events=frozenset(said.events(content=own, words=words, opened=opened)),
        carriers=frozenset(said.carriers(content=own, words=words)),
        money=frozenset(money | _difference(money)),
        numbers=frozenset(said.counts(content=own)),
        kinds=said.kinds(content=own, words=words, opened=opened),
        pairs=said.pairs(
            content=_beyond_desk(own, shared, words),
            named={*places, *cities, *names},
            surnames=surnames,
            words=words,
        ),
        told_on=frozenset(n for n, e in words.told_on.items() if opened.finds(e, content)),
        told=told(content=content, at=at, words=words, opened=opened),
        signals=_signals(content, words, opened),
        content=content,
        length=len("".join(_HAN.findall(content))),
        filed=filed,
    )


def _signals(content: str, words: MatchWords, opened: Opened) -> frozenset[str]:
    """Return the names of the word lists met; an enquiry's only where nothing is found wrong."""
    met = {
        name
        for name, choice in words.signals.items()
        if choice in opened and name not in _IDLE and opened.finds(choice, content)
    }
    if met.isdisjoint(_WRONG):
        met.update(name for name in _IDLE if opened.finds(words.signals[name], content))
    if opened.finds(words.people.kin_of, content):
        met.add("kin")
    if opened.finds(words.focus, content):
        met.add("focus")
    return frozenset(met)


def _sort_places(path: list[str], said: str, cities: set[str], places: set[str]) -> None:
    """Add the city of a path, where ``said`` itself names it, and what lies within it.

    A province says little beside a city of it, and a city little beside a county of it: parcels
    of two of them are strangers.
    """
    if path[0].endswith(_PROVINCE) and len(path) > 1:
        path = path[1:]
    elif not path[0].endswith(_WIDE):
        places.update(_stem(part) for part in path)
        return
    if len(path) == 1 or path[0][:2] in said:
        cities.add(_stem(path[0]))
    places.update(_stem(part) for part in path[1:])


def _without(plain: str, spans: list[tuple[int, int]], begin: int, end: int) -> str:
    out: list[str] = []
    last = begin
    for start, stop in sorted(spans):
        if last <= start < end:
            out += [plain[last:start], " "]
            last = stop
    return "".join([*out, plain[last:end]])


def _beyond_desk(own: str, shared: bool, words: MatchWords) -> str:
    """Return what a shared telephone tells, without how its desk names itself."""
    desk = words.desk.match(own) if shared else None
    return own[desk.end() :] if desk else own


def _phone(value: str) -> str:
    if value[:1] == "1":
        value = value.split("-")[0]
    digits = _NO_DIGIT.sub("", value)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def _identity(channel: str, sender: str, plain: str, words: MatchWords) -> tuple[str, bool]:
    written = half_width(text=sender.strip())
    bare = written if written.isalnum() else _BETWEEN.sub("", written)
    if _MOBILE.fullmatch(bare):
        return f"p:{bare}", bool(words.desk.match(plain))
    if bare.isdigit() and _LANDLINE.fullmatch(bare) and channel != "chat":
        return f"p:{bare}", True
    if "@" in written[1:]:
        return f"e:{written.lower()}", False
    if not written or channel in _NAME_CHANNELS:
        return "", False
    return f"{channel}:{written}", False


def _difference(money: set[int]) -> set[int]:
    """Return what was taken too much: agreed on 12, charged 18, so 6 is at stake."""
    return {max(money) - min(money)} if len(money) == 2 else set()


def _loose(content: str) -> tuple[str, ...]:
    runs = dict.fromkeys([run.upper() for run in _RUN.findall(content)])
    return tuple([r for r in runs if not (len(r) == 4 and r.startswith(("199", "20")))])


def _stem(part: str) -> str:
    part = _BLOCK.sub(lambda m: said.digits(m.group()), part)
    for end in ("街道", "自治区", "自治州", "自治县", "地区", "新区", "社区"):
        if part.endswith(end) and len(part) > len(end) + 1:
            return part[: -len(end)]
    return part[:-1] if len(part) > 2 and part[-1] in "省市县区镇乡村旗" else part

"""Short strings by which a store finds the complaints a contact may be about.

A store keeps the :func:`index_keys` of every contact that opened or joined a complaint, asks with
one indexed ``IN`` query for the newest :data:`PER_KEY` complaints of each of the
:func:`lookup_keys` of a new contact, and lets :func:`choose` pick those worth weighing. Keys are
ordered from the strongest.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple, TypeVar

from huiyin.core.matching.facts import ComplaintFacts, ContactFacts
from huiyin.core.matching.numbers import TORN, bare

KEYS: Final = 24
"""A contact has at most this many keys of each sort."""

PER_KEY: Final = 20
"""A key leads to at most this many complaints, the newest: a shop's telephone has thousands."""

CANDIDATES: Final = 32
"""At most this many complaints are weighed for one contact."""

_BY_STORY: Final = 12
_BY_STORY_BESIDE_NUMBER: Final = 4
_STRONG: Final = frozenset({"w", "t", "s", "wt", "pt", "nn"})

OWNERS: Final = 6
"""At most this many other accounts of a customer are followed."""

Id = TypeVar("Id", bound=Hashable)


def choose(*, keys: Sequence[str], found: Mapping[str, Sequence[Id]]) -> list[Id]:
    """Return the complaints worth weighing, at most CANDIDATES.

    ``found`` gives for each key the complaints it leads to, newest first. Those of a number, a
    thread, an account or a full name all come; of those that only share parts of the story, the
    few that share the most and the rarest keys.
    """
    chosen: dict[Id, None] = {}
    shared: dict[Id, float] = {}
    numbered = False
    for key in keys:
        ids = found.get(key)
        if not ids:
            continue
        if key.partition(":")[0] in _STRONG:
            numbered = numbered or key.startswith(("w:", "t:"))
            chosen.update(dict.fromkeys(ids[:PER_KEY]))
        else:
            rarity = 1.0 / (2.0 + min(len(ids), PER_KEY))
            for id in ids[:PER_KEY]:
                shared[id] = shared.get(id, 0.0) + rarity
    rest = [(weight, id) for id, weight in shared.items() if id not in chosen]
    room = _BY_STORY_BESIDE_NUMBER if numbered else _BY_STORY
    if len(rest) > room:
        # a stable sort, so that of equals the one met first, the newest of a stronger key, stays
        rest.sort(key=lambda r: -r[0])
    out = [*chosen, *(id for _, id in rest[:room])]
    return out[:CANDIDATES]


def index_keys(*, contact: ContactFacts) -> tuple[str, ...]:
    """Return the keys under which the contact's complaint is found later (at most KEYS)."""
    return _keys(contact, _story(contact), index=True)


def lookup_keys(*, contact: ContactFacts) -> tuple[str, ...]:
    """Return the keys that lead to the complaints the contact may be about (at most KEYS)."""
    return _keys(contact, _story(contact), index=False)


def both_keys(*, contact: ContactFacts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the :func:`lookup_keys` and the :func:`index_keys` of a contact."""
    story = _story(contact)
    return _keys(contact, story, index=False), _keys(contact, story, index=True)


def customer_keys(*, complaint: ComplaintFacts) -> tuple[str, ...]:
    """Return the keys of what was known of the customer when the complaint was opened.

    Stored beside :func:`index_keys` of the opening contact when a decision names
    ``customer_of``.
    """
    keys = [f"s:{who}" for who in sorted(complaint.owners)[:8]]
    keys += [f"nn:{name}" for name in sorted(complaint.names)[:4]]
    keys += [f"n:{surname}" for surname in sorted(complaint.surnames)[:4]]
    keys += [f"o:{firm}" for firm in sorted(complaint.organisations)[:2]]
    return tuple(keys)


def owner_keys(*, contact: ContactFacts, complaints: Iterable[ComplaintFacts]) -> tuple[str, ...]:
    """Return keys of the other accounts of a customer whom one of their accounts has shown.

    ``complaints`` are those found so far. Who chats, and telephones about the first of two
    complaints, is thereby found for the second.
    """
    mine = {contact.identity, *(f"p:{phone}" for phone in contact.phones)} - {""}
    others: dict[str, None] = {}
    for complaint in complaints:
        if not mine.isdisjoint(complaint.owners):
            others.update(dict.fromkeys(sorted(complaint.owners - mine)))
    return tuple(f"s:{who}" for who in others)[:OWNERS]


def _keys(contact: ContactFacts, story: _Story, *, index: bool) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for waybill in contact.waybills[:4]:
        keys[f"w:{waybill}"] = None
    if contact.thread:
        keys[f"t:{contact.thread}"] = None
    if contact.identity:
        keys[f"s:{contact.identity}"] = None
    for phone in contact.phones[:3]:
        keys[f"s:p:{phone}"] = None
    if index:
        for waybill in contact.waybills[:4]:
            keys[f"wt:{bare(number=waybill)[-4:]}"] = None
        for tail in contact.tails[:2]:
            keys[f"wt:{tail[-4:]}"] = None
        for phone in contact.phones[:3]:
            keys[f"pt:{phone[-4:]}"] = None
    else:
        for waybill in contact.other_waybills[:2]:
            keys[f"w:{waybill}"] = None
        torn = [w for w in contact.waybills if len(w) <= TORN]
        for tail in (*torn, *contact.tails, *contact.loose)[:3]:
            keys[f"wt:{tail[-4:]}"] = None
        for tail in (*contact.phone_tails, *contact.tails)[:2]:
            keys[f"pt:{tail[-4:]}"] = None
    for name in sorted(contact.names)[:2]:
        keys[f"nn:{name}"] = None
    for waybill in contact.waybills[:1]:
        keys[f"wr:{waybill[:-3]}"] = None
    for organisation in sorted(contact.organisations)[:2]:
        keys[f"o:{organisation}"] = None
    found_by_number = bool(contact.waybills and (contact.identity or contact.thread))
    room = _FEW if found_by_number and not index else KEYS
    day = _opened_on(contact) if index else _told_on(contact)
    for key in chain(story.first, day, story.last):
        if len(keys) >= room:
            break
        keys[key] = None
    return tuple(keys)


class _Story(NamedTuple):
    """Keys of the matter itself, the rarest sorts first; between the two parts stand the days."""

    first: list[str]
    last: list[str]


def _story(contact: ContactFacts) -> _Story:
    fine = sorted(contact.places)[:2]
    cities = sorted(contact.cities)[:2]
    where = fine or cities[:1]
    goods = sorted(contact.goods)[:2]
    carriers = sorted(contact.carriers)[:1]
    surnames = sorted(contact.surnames)[:2]
    events = sorted(contact.events)[:3]
    first = [f"n:{surname}|{x}" for surname in surnames for x in (*where, *goods)]
    first += [f"g:{thing}|{x}" for thing in goods for x in (*carriers, *where[:1])]
    first += [f"m:{amount}" for amount in sorted(contact.money)[:3]]
    first += [f"e:{event}|{x}" for event in events for x in (*carriers, *fine)]
    first += [f"n:{surname}" for surname in surnames]
    first += [f"g:{thing}" for thing in goods]
    first += [f"k:{place}" for place in (*fine, *cities)]
    first += [f"k:{carrier}|{x}" for carrier in carriers for x in contact.kinds[:2]]
    last = [f"e:{event}" for event in events]
    last += [f"k:{carrier}" for carrier in carriers]
    pairs = contact.pairs
    last += [f"c:{pair}" for pair in sorted(pairs, key=pairs.__getitem__, reverse=True)[:KEYS]]
    return _Story(first, last)


def _opened_on(contact: ContactFacts) -> list[str]:
    return [f"r:{contact.channel}|{_day(contact.at)}"]


def _told_on(contact: ContactFacts) -> list[str]:
    days = (contact.at, contact.at - _DAY) if contact.told_on else ()
    return [f"r:{channel}|{_day(at)}" for channel in sorted(contact.told_on)[:2] for at in days]


def _day(at: datetime) -> str:
    return f"{at.month:02}{at.day:02}"


_DAY: Final = timedelta(days=1)
_FEW: Final = 12

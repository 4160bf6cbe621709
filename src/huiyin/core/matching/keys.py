"""Short strings by which a store finds the complaints a contact may be about.

A store keeps the :func:`index_keys` of every contact that opened or joined a complaint, asks with
one indexed ``IN`` query for the newest :data:`PER_KEY` complaints of each of the
:func:`lookup_keys` of a new contact, and lets :func:`choose` pick those worth weighing. Keys are
ordered from the strongest.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from huiyin.core.matching.facts import ComplaintFacts, ContactFacts

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
    return _keys(contact, index=True)


def lookup_keys(*, contact: ContactFacts) -> tuple[str, ...]:
    """Return the keys that lead to the complaints the contact may be about (at most KEYS)."""
    return _keys(contact, index=False)


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


def _keys(contact: ContactFacts, *, index: bool) -> tuple[str, ...]:
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
            keys[f"wt:{waybill[-4:]}"] = None
        for tail in contact.tails[:2]:
            keys[f"wt:{tail[-4:]}"] = None
        for phone in contact.phones[:3]:
            keys[f"pt:{phone[-4:]}"] = None
    else:
        for waybill in contact.other_waybills[:2]:
            keys[f"w:{waybill}"] = None
        for tail in (*contact.tails, *contact.loose)[:3]:
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
    for key in _soft(contact, index=index):
        if len(keys) >= room:
            break
        keys[key] = None
    return tuple(keys)


def _soft(contact: ContactFacts, *, index: bool) -> Iterator[str]:
    """Yield keys of the matter itself, the rarest sorts first."""
    fine = sorted(contact.places)[:2]
    where = fine or sorted(contact.cities)[:1]
    goods = sorted(contact.goods)[:2]
    carriers = sorted(contact.carriers)[:1]
    kinds = contact.kinds[:2]
    surnames = sorted(contact.surnames)[:2]
    yield from (f"n:{surname}|{x}" for surname in surnames for x in (*where, *goods))
    yield from (f"g:{thing}|{x}" for thing in goods for x in (*carriers, *where[:1]))
    yield from (f"m:{amount}" for amount in sorted(contact.money)[:3])
    yield from (
        f"e:{event}|{x}" for event in sorted(contact.events)[:3] for x in (*carriers, *fine)
    )
    yield from (f"n:{surname}" for surname in surnames)
    yield from (f"g:{thing}" for thing in goods)
    yield from (f"k:{place}" for place in (*fine, *sorted(contact.cities)[:2]))
    yield from (f"k:{carrier}|{x}" for carrier in carriers for x in kinds)
    if index:
        yield f"r:{contact.channel}|{contact.at:%m%d}"
    else:
        for channel in sorted(contact.told_on)[:2]:
            yield f"r:{channel}|{contact.at:%m%d}"
            yield f"r:{channel}|{contact.at - _DAY:%m%d}"
    yield from (f"e:{event}" for event in sorted(contact.events)[:3])
    yield from (f"k:{carrier}" for carrier in carriers)
    pairs = sorted(contact.pairs.items(), key=lambda p: -p[1])
    yield from (f"c:{pair}" for pair, _ in pairs)


_DAY: Final = timedelta(days=1)
_FEW: Final = 12

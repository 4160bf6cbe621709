"""Short strings by which a store finds the complaints a contact may be about.

A store keeps the :func:`index_keys` of every contact that opened or joined a complaint, and asks
for those complaints that share a key with :func:`lookup_keys` of a new contact: one indexed
``IN`` query, newest first, at most :data:`CANDIDATES`. Keys are ordered from the strongest.
"""

from __future__ import annotations

from typing import Final

from huiyin.core.matching.facts import ContactFacts

KEYS: Final = 24
"""A contact has at most this many keys of each sort."""

CANDIDATES: Final = 50
"""A store hands over at most this many candidates, those of the strongest keys and newest first."""

_RARE: Final = 0.75


def index_keys(*, contact: ContactFacts) -> tuple[str, ...]:
    """Return the keys under which the contact's complaint is found later (at most KEYS)."""
    return _keys(contact, index=True)


def lookup_keys(*, contact: ContactFacts) -> tuple[str, ...]:
    """Return the keys that lead to the complaints the contact may be about (at most KEYS)."""
    return _keys(contact, index=False)


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
        keys[f"n:{name}"] = None
    for organisation in sorted(contact.organisations)[:2]:
        keys[f"o:{organisation}"] = None
    where = sorted(contact.places)[:2] or sorted(contact.cities)[:1]
    goods = sorted(contact.goods)[:2]
    for surname in sorted(contact.surnames)[:1]:
        for place in where:
            keys[f"n:{surname}|{place}"] = None
        for thing in goods:
            keys[f"n:{surname}|{thing}"] = None
    for thing in goods:
        for carrier in sorted(contact.carriers)[:1]:
            keys[f"g:{thing}|{carrier}"] = None
        for place in where[:1]:
            keys[f"g:{thing}|{place}"] = None
    for place in sorted(contact.places)[:2]:
        for kind in sorted(contact.kinds)[:2]:
            keys[f"k:{place}|{kind}"] = None
    for carrier in sorted(contact.carriers)[:1]:
        for amount in sorted(contact.money)[:2]:
            keys[f"m:{amount}|{carrier}"] = None
        for kind in sorted(contact.kinds)[:2]:
            keys[f"k:{carrier}|{kind}"] = None
    for thing in goods:
        keys[f"g:{thing}"] = None
    for surname in sorted(contact.surnames)[:1]:
        keys[f"n:{surname}"] = None
    for pair, weight in contact.pairs.items():
        if len(keys) >= KEYS:
            break
        if weight >= _RARE:
            keys[f"c:{pair}"] = None
    return tuple(keys)[:KEYS]

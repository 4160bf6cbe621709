"""What matching remembers of complaints: read once for a batch, grown with every contact of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import orjson

from huiyin.core.matching import (
    ComplaintFacts,
    absorb,
    choose,
    customer_keys,
    named,
    open_complaint,
    owner_keys,
    reopened,
)
from huiyin.flows.contact import ReadContact
from huiyin.store.read import matching as lookups

OVER = frozenset({"resolved", "closed", "archived"})
"""A complaint of this status is opened again by whoever joins it."""


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ComplaintFacts:
    """Return stored facts; the newest complaints are weighed again and again."""
    return ComplaintFacts.from_json(data=orjson.loads(text))


class Recall:
    """The memory of one batch. Complaints are named by their id in hex.

    At most four queries whatever the number of contacts; facts are parsed when weighed.
    """

    def __init__(
        self,
        *,
        contacts: Sequence[ReadContact],
        named: Iterable[str],
        now: datetime,
    ) -> None:
        """Read what contacts may be about: by their keys, and what they name themselves."""
        self._keys: dict[str, list[str]] = {}
        self._stored: dict[str, lookups.Known] = {}
        self._facts: dict[str, ComplaintFacts] = {}
        self.changed: dict[str, ComplaintFacts] = {}
        """The facts of complaints that were opened or joined, as they are now."""
        asked = [key for one in contacts for key in (*one.lookup_keys, *one.thread_keys)]
        self._look_up(keys=asked, named=named, now=now)
        # Who chats, and telephones about another matter, is one customer: a second look.
        self._look_up(keys=[key for one in contacts for key in self._others(one)], now=now)

    def _others(self, one: ReadContact) -> tuple[str, ...]:
        """Return keys of the writer's other accounts, which their own complaints know."""
        theirs: dict[str, None] = {}
        for key in one.lookup_keys:
            if key[:2] == "s:":
                theirs.update(dict.fromkeys(self._keys.get(key, ())))
        if not theirs:
            return ()
        known = (self.facts(id=id) for id in theirs)
        return owner_keys(contact=one.facts, complaints=[k for k in known if k is not None])

    def _look_up(self, *, keys: Iterable[str], named: Iterable[str] = (), now: datetime) -> None:
        """Find what keys lead to, and read what is known of the complaints not read yet."""
        new = [key for key in dict.fromkeys(keys) if key not in self._keys]
        found = lookups.candidates(keys=new, now=now)
        self._keys.update((key, found.get(key, [])) for key in new)
        ids = dict.fromkeys(id for ids in found.values() for id in ids)
        ids.update(dict.fromkeys(named))
        self._stored.update(lookups.known(ids=[id for id in ids if id not in self._stored]))

    def _worth(self, keys: Sequence[str]) -> list[ComplaintFacts]:
        """Return the complaints worth weighing among those that keys lead to."""
        chosen = choose(keys=keys, found=self._keys)
        return [known for id in chosen if (known := self.facts(id=id)) is not None]

    def facts(self, *, id: str) -> ComplaintFacts | None:
        """Return what is known of a complaint; None for one without memory."""
        if id not in self._facts and id in self._stored and self._stored[id].facts:
            self._facts[id] = _parsed(self._stored[id].facts)
        return self._facts.get(id)

    def candidates(self, *, one: ReadContact) -> list[ComplaintFacts]:
        """Return the complaints that a contact may be about."""
        return self._worth((*self._others(one), *one.lookup_keys))

    def newest(self, *, key: str) -> str | None:
        """Return the newest complaint that a key leads to."""
        return next(iter(self._keys.get(key, ())), None)

    def living(self, *, id: str) -> str:
        """Return the complaint itself, or the one that it was merged into, however often."""
        while id in self._stored and (into := self._stored[id].merged_into) is not None:
            if into not in self._stored:
                self._stored.update(lookups.known(ids=[into]))
            id = into
        return id

    def number(self, *, id: str) -> str:
        """Return a complaint's number."""
        if id in self.changed:
            return self.changed[id].number
        return self._stored[id].number

    def ended(self, *, id: str) -> bool:
        """Tell whether a complaint has ended; one that a contact of this batch joined has not."""
        return id not in self.changed and self._stored[id].status in OVER

    def opened(
        self,
        *,
        id: str,
        number: str,
        one: ReadContact,
        customer_of: str | None = None,
        repeat: bool = False,
        asked: str = "",
    ) -> tuple[str, ...]:
        """Remember a complaint that a contact opens; returns the keys that lead to it.

        ``customer_of`` is another complaint of the same customer; ``asked`` is the one that it
        may be itself, where a person is asked.
        """
        customer = self.facts(id=customer_of) if customer_of else None
        if customer is None:
            facts = named(complaint=one.opening, id=id, number=number)
            more: tuple[str, ...] = ()
        else:
            facts = open_complaint(
                id=id, number=number, contact=one.facts, customer=customer, repeat=repeat
            )
            more = customer_keys(complaint=facts)
        return self._remember(replace(facts, asked=asked) if asked else facts, one, more)

    def joined(self, *, id: str, one: ReadContact) -> tuple[str, ...]:
        """Remember that a contact joined a complaint; returns the keys that lead to it."""
        known = self.facts(id=id)
        if known is None:
            return ()
        if known.state != "open":
            known = reopened(complaint=known)
        return self._remember(absorb(complaint=known, contact=one.facts), one, ())

    def _remember(
        self, facts: ComplaintFacts, one: ReadContact, more: tuple[str, ...]
    ) -> tuple[str, ...]:
        self._facts[facts.id] = self.changed[facts.id] = facts
        keys = tuple(dict.fromkeys((*one.index_keys, *more, *one.mail_keys)))
        for key in keys:
            found = self._keys.setdefault(key, [])
            if facts.id not in found:
                found.insert(0, facts.id)
        return keys

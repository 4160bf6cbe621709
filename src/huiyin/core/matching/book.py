"""A book of complaints in memory, found by the same keys as in a store."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import datetime
from typing import Literal

from huiyin.core.matching.decide import MatchDecision, decide
from huiyin.core.matching.doubt import DOUBT, Doubt
from huiyin.core.matching.facts import (
    ComplaintFacts,
    ContactFacts,
    absorb,
    ended,
    open_complaint,
    reopened,
)
from huiyin.core.matching.keys import (
    PER_KEY,
    choose,
    customer_keys,
    index_keys,
    lookup_keys,
    owner_keys,
)
from huiyin.core.matching.settings import SETTINGS, MatchSettings


class ComplaintBook:
    """Complaints and the contacts that joined them, without a database.

    A complaint's id is the id of the contact that opened it. Every key remembers its newest
    PER_KEY complaints only, so that taking a contact costs the same however many there are.
    """

    def __init__(self, *, settings: MatchSettings = SETTINGS, doubt: Doubt = DOUBT) -> None:
        self._settings = settings
        self._doubt = doubt
        self._complaints: dict[str, ComplaintFacts] = {}
        self._by_key: dict[str, deque[str]] = {}

    def __len__(self) -> int:
        return len(self._complaints)

    def candidates(self, *, contact: ContactFacts) -> list[ComplaintFacts]:
        """Return the complaints the contact may be about, strongest keys and newest first."""
        keys = lookup_keys(contact=contact)
        known = self._chosen(keys)
        more = owner_keys(contact=contact, complaints=known)
        return self._chosen((*more, *keys)) if more else known

    def _chosen(self, keys: tuple[str, ...]) -> list[ComplaintFacts]:
        found = {key: list(reversed(self._by_key[key])) for key in keys if key in self._by_key}
        return [self._complaints[id] for id in choose(keys=keys, found=found)]

    def take(self, *, contact: ContactFacts) -> MatchDecision:
        """Decide on a contact and record what follows from the decision."""
        decision = decide(
            contact=contact,
            candidates=self.candidates(contact=contact),
            now=contact.at,
            settings=self._settings,
            doubt=self._doubt,
        )
        target = decision.complaint_id
        if decision.decision in ("new", "repeat"):
            target = contact.id
            self._complaints[target] = open_complaint(
                id=target,
                number=target,
                contact=contact,
                customer=self._complaints.get(decision.customer_of or ""),
                repeat=decision.decision == "repeat",
            )
            if decision.unsure and decision.maybe:
                self._complaints[target] = replace(
                    self._complaints[target], asked=decision.maybe[0].complaint_id
                )
        elif target is not None:
            known = self._complaints[target]
            if decision.decision == "reopen":
                known = reopened(complaint=known)
            self._complaints[target] = absorb(complaint=known, contact=contact)
        if target is not None:
            keys = index_keys(contact=contact)
            if decision.customer_of is not None:
                keys += customer_keys(complaint=self._complaints[target])
            for key in keys:
                kept = self._by_key.setdefault(key, deque(maxlen=PER_KEY))
                if target in kept:
                    kept.remove(target)
                kept.append(target)
        return decision

    def end(self, *, contact_id: str, state: Literal["resolved", "closed"], at: datetime) -> bool:
        """End the complaint that a contact opened; False where that contact opened none.

        A contact that only joined a complaint does not end it: whoever says that it had opened
        one of its own says nothing of the one it was put to.
        """
        known = self._complaints.get(contact_id)
        if known is None:
            return False
        self._complaints[contact_id] = ended(complaint=known, state=state, at=at)
        return True

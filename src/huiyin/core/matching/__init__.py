"""Which complaint a contact belongs to: the open one, an ended one, a new one, or none."""

from huiyin.core.matching.book import ComplaintBook
from huiyin.core.matching.decide import Decision, MatchDecision, Maybe, decide
from huiyin.core.matching.facts import (
    UNKNOWN,
    CannotReadComplaintFacts,
    ComplaintFacts,
    ContactFacts,
    absorb,
    asked_of,
    ended,
    named,
    open_complaint,
    reopened,
)
from huiyin.core.matching.keys import (
    CANDIDATES,
    KEYS,
    PER_KEY,
    both_keys,
    choose,
    customer_keys,
    index_keys,
    lookup_keys,
    owner_keys,
)
from huiyin.core.matching.reading import CannotReadContact, read_contact
from huiyin.core.matching.settings import SETTINGS, MatchSettings
from huiyin.core.matching.words import CannotReadMatchingWords, MatchWords

__all__ = [
    "CANDIDATES",
    "KEYS",
    "PER_KEY",
    "SETTINGS",
    "UNKNOWN",
    "CannotReadComplaintFacts",
    "CannotReadContact",
    "CannotReadMatchingWords",
    "ComplaintBook",
    "ComplaintFacts",
    "ContactFacts",
    "Decision",
    "MatchDecision",
    "MatchSettings",
    "MatchWords",
    "Maybe",
    "absorb",
    "asked_of",
    "both_keys",
    "choose",
    "customer_keys",
    "decide",
    "ended",
    "index_keys",
    "lookup_keys",
    "named",
    "open_complaint",
    "owner_keys",
    "read_contact",
    "reopened",
]

"""Similar cases: which ended complaints are most like one, why, and their answer made to fit."""

from huiyin.core.similar.adapt import BLANK, Adapted, Parties, adapt
from huiyin.core.similar.case import Likely, PastCase, Present, past_terms
from huiyin.core.similar.look_up import Lists, lists
from huiyin.core.similar.rank import Similar, rank
from huiyin.core.similar.terms import Commonness, places_of, terms_of

__all__ = [
    "BLANK",
    "Adapted",
    "Commonness",
    "Likely",
    "Lists",
    "Parties",
    "PastCase",
    "Present",
    "Similar",
    "adapt",
    "lists",
    "past_terms",
    "places_of",
    "rank",
    "terms_of",
]

"""Doubts: what a person should look at again, with what speaks for and against it.

Nothing is decided here: a doubt changes no clock, no amount and no right of the customer.
"""

from huiyin.core.doubt.files import Print, Seen, same_files
from huiyin.core.doubt.finding import Finding
from huiyin.core.doubt.parcels import Claim, many_parcels
from huiyin.core.doubt.phash import bands, distance
from huiyin.core.doubt.review import OUTCOMES, CannotReview, review

__all__ = [
    "OUTCOMES",
    "CannotReview",
    "Claim",
    "Finding",
    "Print",
    "Seen",
    "bands",
    "distance",
    "many_parcels",
    "review",
    "same_files",
]

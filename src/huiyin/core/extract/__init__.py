"""Entities in a customer's words: numbers, money, dates, places, people, goods."""

from huiyin.core.extract.carriers import CannotReadCarriers, Carrier, CarrierPatterns
from huiyin.core.extract.entity import Candidate, Entity, EntityType
from huiyin.core.extract.extraction import PHONE_LABEL, extract, extract_given
from huiyin.core.extract.shipped import DEFAULT

__all__ = [
    "DEFAULT",
    "PHONE_LABEL",
    "Candidate",
    "CannotReadCarriers",
    "Carrier",
    "CarrierPatterns",
    "Entity",
    "EntityType",
    "extract",
    "extract_given",
]

"""Entities in a customer's words: numbers, money, dates, places, people, goods."""

from huiyin.core.extract.carriers import CannotReadCarriers, Carrier, CarrierPatterns
from huiyin.core.extract.entity import Candidate, Entity, EntityType
from huiyin.core.extract.extraction import extract
from huiyin.core.extract.shipped import DEFAULT

__all__ = [
    "DEFAULT",
    "Candidate",
    "CannotReadCarriers",
    "Carrier",
    "CarrierPatterns",
    "Entity",
    "EntityType",
    "extract",
]

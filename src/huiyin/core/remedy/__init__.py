"""What is owed: the compensation formula, every step with its legal basis."""

from huiyin.core.remedy.facts import CannotReadFacts, Policy, RemedyFacts, read_facts
from huiyin.core.remedy.formula import Remedy, Step, compensate

__all__ = [
    "CannotReadFacts",
    "Policy",
    "Remedy",
    "RemedyFacts",
    "Step",
    "compensate",
    "read_facts",
]

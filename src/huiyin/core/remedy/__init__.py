"""What is owed: the compensation formula, every step with its legal basis."""

from huiyin.core.remedy.facts import CannotReadFacts, Policy, RemedyFacts, read_facts, unknown_names
from huiyin.core.remedy.formula import CannotCompensate, Remedy, compensate
from huiyin.core.remedy.steps import Step, yuan

__all__ = [
    "CannotCompensate",
    "CannotReadFacts",
    "Policy",
    "Remedy",
    "RemedyFacts",
    "Step",
    "compensate",
    "read_facts",
    "unknown_names",
    "yuan",
]

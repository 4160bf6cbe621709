"""Complaints about somebody's manner: the states of a file, and who has which part in it."""

from huiyin.core.conduct.machine import (
    ACT_EVENTS,
    OBJECTION_NAMES,
    STAGE_NAMES,
    CannotHear,
    ConductStep,
    Standing,
    step,
)
from huiyin.core.conduct.parts import Colleague, Parts, parts

__all__ = [
    "ACT_EVENTS",
    "OBJECTION_NAMES",
    "STAGE_NAMES",
    "CannotHear",
    "Colleague",
    "ConductStep",
    "Parts",
    "Standing",
    "parts",
    "step",
]

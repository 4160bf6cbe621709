"""Handling a complaint again: grounds, levels, closing, and what may be added."""

from huiyin.core.rehandling.machine import (
    GROUND_NAMES,
    GROUNDS,
    INPUTS,
    OUTCOMES,
    OUTSIDE,
    STATES,
    CannotRehandle,
    Effect,
    Ground,
    Input,
    Ladder,
    Standing,
    State,
    Step,
    state_of,
    step,
)
from huiyin.core.rehandling.second_remedy import SecondRemedy, second_remedy

__all__ = [
    "GROUNDS",
    "GROUND_NAMES",
    "INPUTS",
    "OUTCOMES",
    "OUTSIDE",
    "STATES",
    "CannotRehandle",
    "Effect",
    "Ground",
    "Input",
    "Ladder",
    "SecondRemedy",
    "Standing",
    "State",
    "Step",
    "second_remedy",
    "state_of",
    "step",
]

"""Collaboration: what departments ask each other about a complaint, and who held it how long."""

from .attribution import Attribution, Holder, Moment, Segment, Share, attribute
from .state import (
    ASKED_SIDE,
    ASKING_SIDE,
    EVENT_OF,
    MOVES,
    OPEN,
    STATE_NAMES,
    WITH_DEPARTMENT,
    CannotCollaborate,
    Step,
    ask,
    step,
)

__all__ = [
    "ASKED_SIDE",
    "ASKING_SIDE",
    "EVENT_OF",
    "MOVES",
    "OPEN",
    "STATE_NAMES",
    "WITH_DEPARTMENT",
    "Attribution",
    "CannotCollaborate",
    "Holder",
    "Moment",
    "Segment",
    "Share",
    "Step",
    "ask",
    "attribute",
    "step",
]

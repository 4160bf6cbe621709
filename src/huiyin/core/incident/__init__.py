"""Incidents: which complaints one event hit, and how all of them are worked at once."""

from huiyin.core.incident.fits import Fit, Subject, fits
from huiyin.core.incident.listing import Listed, Listing, read_rows, read_text
from huiyin.core.incident.release import CannotRelease, reach, release
from huiyin.core.incident.rule import CannotRule, Rule, breadth, sound
from huiyin.core.incident.run import CannotMoveRun, Plan, Step, move_run, next_step

__all__ = [
    "CannotMoveRun",
    "CannotRelease",
    "CannotRule",
    "Fit",
    "Listed",
    "Listing",
    "Plan",
    "Rule",
    "Step",
    "Subject",
    "breadth",
    "fits",
    "move_run",
    "next_step",
    "reach",
    "read_rows",
    "read_text",
    "release",
    "sound",
]

"""The process as data: what a playbook holds, how it is read, how its rules decide."""

from huiyin.core.playbook.load import CannotLoadPlaybook, Problem, load_playbook
from huiyin.core.playbook.part import Text
from huiyin.core.playbook.rules import Facts, Match, all_matches, bind, first_match
from huiyin.core.playbook.schema import Playbook

__all__ = [
    "CannotLoadPlaybook",
    "Facts",
    "Match",
    "Playbook",
    "Problem",
    "Text",
    "all_matches",
    "bind",
    "first_match",
    "load_playbook",
]

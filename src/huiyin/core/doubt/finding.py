"""What a rule found: the rule, the other complaints, and the reasons on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from huiyin.core.because import Reason

RuleName = Literal["same_photo", "same_proof", "many_parcels"]

RULE_NAMES: dict[str, tuple[str, str]] = {
    "same_photo": ("照片相同", "Same photo"),
    "same_proof": ("价值证明相同", "Same proof of value"),
    "many_parcels": ("多个包裹丢损", "Many parcels"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should look at.

    ``key`` is the same for the same finding, so that it is raised once; ``others`` are the ids of
    the other complaints it is about; ``speaks_for`` and ``speaks_against`` hold the reasons.
    """

    rule: RuleName
    key: str
    others: tuple[str, ...]
    speaks_for: tuple[Reason, ...]
    speaks_against: tuple[Reason, ...]

"""What a playbook says about liability: who bears what by rule, by when, and fines by rule."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from huiyin.core.playbook.part import Fen, Iso, Name, Part, Ruled, Text
from huiyin.core.playbook.rules import RuleSet, compile_condition, rule_set

PartOfWay = Literal[
    "headquarters", "origin", "pickup_courier", "origin_hub", "destination_hub", "delivering",
    "courier", "customer",
]  # fmt: skip
PARTS: tuple[str, ...] = (
    "headquarters", "origin", "pickup_courier", "origin_hub", "destination_hub", "delivering",
    "courier", "customer",
)  # fmt: skip
"""The parts of a parcel's way that may be liable; a claim says who each of them is."""

PartyKind = Literal["department", "hub", "outlet", "courier"]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
Judge = Literal["supervisor", "manager"]
"""Who rules first: never the highest rank, so that somebody higher is left for the appeal."""


class LiabilityThen(Part):
    """Outcome of a rule of liability."""

    shares: dict[PartOfWay, BasisPoints]


class LiabilityRule(Ruled):
    """One rule of the list: the split it proposes, in basis points that add up to 10,000."""

    then: LiabilityThen


class Within(Part):
    """A time to do something: ``for`` on ``calendar``."""

    for_: Iso = Field(alias="for")
    calendar: Name = "cn-office"


class FineRule(Ruled):
    """A fine that may be imposed where ``when`` holds: between ``least`` and ``most``, in 分.

    ``on`` are the kinds of parties that it may hit; each at most once by this rule for one
    complaint.
    """

    name: Text
    on: tuple[PartyKind, ...]
    least: Fen = 1
    most: Fen


class Liability(Part):
    """How it is settled between headquarters, hubs, outlets, couriers and customer who bears what.

    ``evidence``: by when each party states its case; ``ruling``: by when a person rules after
    that; ``appeal``: how long a ruling or a fine may be appealed against; ``appeal_ruling``: by
    when the higher level answers; ``late``: how long is left once one of these was missed, before
    silence of the house becomes a ruling too: as proposed, or the first ruling stands. A fine whose
    appeal nobody answered is then ``fine_silent``. ``silent`` is the default ruling where a party
    said nothing: ``proposed`` keeps the split of the rule, ``silent_bears`` moves the shares that
    others contested to those who were silent.
    """

    evidence: Within = Within.model_validate({"for": "PT18H"})
    ruling: Within = Within.model_validate({"for": "PT18H"})
    appeal: Within = Within.model_validate({"for": "PT27H"})
    appeal_ruling: Within = Within.model_validate({"for": "PT27H"})
    late: Within = Within.model_validate({"for": "PT9H"})
    fine_silent: Literal["overturned", "sustained"] = "overturned"
    silent: Literal["proposed", "silent_bears"] = "proposed"
    ruled_by: Judge = "supervisor"
    appeal_by: Literal["manager", "administrator"] = "manager"
    rules: tuple[LiabilityRule, ...] = ()
    fines: tuple[FineRule, ...] = ()

    @cached_property
    def claim_rules(self) -> RuleSet[LiabilityThen]:
        """The list of liability, compiled."""
        return rule_set(
            conditions=(
                compile_condition(
                    id=r.id, when=r.when, then=r.then, because=r.reason(), from_=r.from_
                )
                for r in self.rules
            )
        )

    @cached_property
    def fine_rules(self) -> RuleSet[FineRule]:
        """The rules of fines with their conditions, compiled; for ``rules.all_matches``."""
        return rule_set(
            conditions=(
                compile_condition(id=r.id, when=r.when, then=r, because=r.reason(), from_=r.from_)
                for r in self.fines
            )
        )

    def fine(self, *, id: str) -> FineRule | None:
        """Return the rule of a fine, None where the playbook has none of this name."""
        return next((r for r in self.fines if r.id == id), None)

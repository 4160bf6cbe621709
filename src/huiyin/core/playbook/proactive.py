"""What a playbook says of parcels that go wrong before anybody complains."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huiyin.core.playbook.part import Iso, Name, Part, Ruled, Text


class CareThen(Part):
    """The case that is opened: its category and the words it opens with.

    ``words`` may name {waybill}, {place}, {hours}, {state} and {last}.
    """

    category: Name
    words: Text


class CareRule(Ruled):
    """When a parcel's track is reason enough to act: facts of the track alone may be asked."""

    then: CareThen


class Proactive(Part):
    """Care before the customer complains; without rules nothing is done.

    A track is looked at again ``every`` so long while it is not over, for ``days`` after its last
    scan at most. ``most_per_day`` cases are opened a day, so that a source that fails does not
    flood the desk; what is above it is shown as a number.
    """

    every: Iso = "PT1H"
    days: Annotated[int, Field(ge=1, le=60)] = 14
    most_per_day: Annotated[int, Field(ge=1, le=100000)] = 200
    rules: tuple[CareRule, ...] = ()

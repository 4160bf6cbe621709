"""What a playbook says of complaints about somebody's manner: limits, measures, who is told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from huiyin.core.playbook.part import Iso, Name, Part, Text


class Measure(Part):
    """What may follow for the employee: a ``sanction`` where upheld, else a ``notice``."""

    code: Name
    name: Text
    kind: Literal["sanction", "notice"]


class Conduct(Part):
    """How a file on service attitude runs.

    The superior answers ``answer_within`` on ``calendar``; ``warn_share`` of it gone by gives a
    reminder. The employee may object once, ``object_within`` of the measure (company setting).
    ``report_to`` is the department whose manager is told and decides; without it, any manager.
    """

    answer_within: Iso = "PT24H"
    calendar: Name = "always"
    warn_share: Annotated[float, Field(gt=0, lt=1)] = 0.75
    object_within: Iso = "P7D"
    report_to: Name | None = None
    measures: tuple[Measure, ...] = ()

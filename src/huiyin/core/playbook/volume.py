"""What a playbook says about how many contacts are usual and how soon they are answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huiyin.core.playbook.part import Part


class Target(Part):
    """How soon the first answer comes on a channel, and for what share of contacts, 0 to 1."""

    seconds: Annotated[int, Field(ge=1, le=604_800)]
    share: Annotated[float, Field(gt=0, le=1)]


class Volume(Part):
    """When a channel stands out, and the targets of first answers.

    silent: nothing for ``silent_minutes`` in which at least ``silent_least`` are usual. flooding:
    in ``flood_minutes`` at least ``flood_least`` and ``flood_times`` the usual. Targets are those
    of contact centres: telephone and chat 80 % in 20 s, mail in 4 h, social media in 60 min.
    """

    silent_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    silent_least: Annotated[float, Field(gt=0)] = 5.0
    flood_minutes: Annotated[int, Field(ge=1, le=120)] = 15
    flood_least: Annotated[int, Field(ge=2)] = 20
    flood_times: Annotated[float, Field(gt=1)] = 3.0
    targets: dict[str, Target] = Field(
        default={
            "phone": Target(seconds=20, share=0.8),
            "chat": Target(seconds=20, share=0.8),
            "email": Target(seconds=14_400, share=1.0),
            "social": Target(seconds=3_600, share=1.0),
        }
    )

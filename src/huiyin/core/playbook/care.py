"""What a playbook says about keeping word, handling again, calling back and formal letters."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from huiyin.core.playbook.part import (
    Cel,
    Clock24,
    Escalation,
    Fen,
    Iso,
    Name,
    Part,
    Ruled,
    Rung,
    Text,
)


class PromiseWatch(Part):
    """How promises to customers are read and watched.

    ``day_ends`` is until when "today" lasts; ``warn_share`` of the time gone by gives a warning,
    and a broken promise climbs ``escalate``.
    """

    day_ends: Clock24 = "18:00"
    warn_share: Annotated[float, Field(gt=0, lt=1)] = 0.75
    escalate: tuple[Escalation, ...] = (Escalation(after="PT0M", to="supervisor"),)

    @property
    def ends_at(self) -> time:
        """The end of the working day; 24:00 is the day's last minute."""
        return time(23, 59) if self.day_ends == "24:00" else time.fromisoformat(self.day_ends)


class Rehandling(Part):
    """Handling again for other grounds than a survey.

    ``least`` is the lowest rank that takes up each ground; ``second_cap`` bounds, in 分, what may
    be given beyond what is owed once a complaint is handled again (None is without limit).
    """

    least: dict[Literal["appealed", "court", "media"], Rung] = Field(
        default={"appealed": "manager", "court": "manager", "media": "manager"}
    )
    second_cap: Fen | None = None


class AftercareCall(Ruled):
    """When a customer is called back.

    ``on``: ``resolved`` after the answer, ``silent`` when the survey ran out unanswered,
    ``last_level`` when the highest rank could not satisfy him, ``promise_broken`` when a promise
    was not kept on a complaint that is closed already. The call is due ``within`` on ``calendar``.
    """

    on: Literal["resolved", "silent", "last_level", "promise_broken"]
    within: Iso = "PT24H"
    calendar: Name = "always"
    name: Text


class MissedCalls(Part):
    """Calls that nobody took: by when they are called back, and who hears that it is late.

    ``again_after`` is the rest after a try that reached nobody.
    """

    within: Iso = "PT2H"
    calendar: Name = "always"
    again_after: Iso = "PT1H"
    escalate: tuple[Escalation, ...] = (
        Escalation(after="PT0M", to="supervisor"),
        Escalation(after="PT4H", to="manager"),
    )


class Aftercare(Part):
    """Call-backs: who is called, and how often it is tried again when nobody answers."""

    calls: tuple[AftercareCall, ...] = ()
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    again_after: Iso = "PT24H"
    missed: MissedCalls = MissedCalls()


class LetterPart(Part):
    """A part of a formal letter; with ``needs`` it is left out where that fact is empty."""

    heading: Text | None = None
    body: Text
    needs: Literal["remedies", "bases", "verdict", "waybill"] | None = None


class FormalLetter(Part):
    """The formal letter of reply (答复函).

    ``when`` names the complaints that must get one; any other may. ``reference`` is the letter's
    own number, ``signature`` the lines at its end.
    """

    when: Cel | None = None
    reference: Text
    title: Text
    opening: Text
    parts: tuple[LetterPart, ...]
    closing: Text
    signature: Text

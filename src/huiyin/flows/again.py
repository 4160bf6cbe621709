"""Open again and handle again: a complaint that was answered or ended goes back to work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.rehandling import Ladder, Standing, Step, state_of
from huiyin.flows.facts import grounds_of
from huiyin.store.case import Case
from huiyin.store.ledger import Pen
from huiyin.store.read import cases, office

_PASSING = frozenset({"last_level", "called_back"})
"""Flags of a round of handling that the next round starts without."""


def with_flags(case: Case, *flags: str, without: Iterable[str] = ()) -> list[str]:
    """Return the flags of a complaint with some added at the end and some taken away."""
    gone = {*without, *flags}
    return [*(f for f in case.flags if f not in gone), *flags]


def standing_of(*, case: Case) -> Standing:
    """Return where a complaint stands in the handling again."""
    return Standing(
        state=state_of(
            status=case.status,
            level=case.level,
            flags=frozenset(case.flags),
            from_regulator=case.channel == "regulator",
        ),
        level=case.level,
        grounds=grounds_of(case=case),
        survey_open=bool(cases.open_surveys(complaint_id=case.id)),
    )


def ladder_of(*, case: Case) -> Ladder:
    """Return who handles a complaint again, by its playbook."""
    playbook = office.playbook(version_id=case.playbook_version)
    return Ladder(
        ranks=playbook.survey.rehandle_levels,
        least={str(k): str(v) for k, v in playbook.rehandling.least.items()},
    )


def take_step(
    *,
    pen: Pen,
    case: Case,
    step: Step,
    ground: str,
    data: Mapping[str, Any],
    actor: str | None = None,
    also: Sequence[Reason] = (),
) -> None:
    """Write down what a step decided: handled again, last level reached, or the customer heard.

    Closing is left to the room that closes.
    """
    if "rehandle" in step.effects:
        for survey in cases.open_surveys(complaint_id=case.id):
            pen.alter(table="survey", key=survey, state="cancelled")
        pen.change(
            case=case,
            kind="RehandlingStarted",
            data={**data, "level": step.after.level, "ground": ground},
            because=[*also, step.because],
            actor=actor,
            status="assigned",
            live=True,
            level=step.after.level,
            unread=True,
            resolved_at=None,
            closed_at=None,
            verdict="",
            flags=with_flags(case, "rehandling", ground, without=_PASSING),
        )
    elif "last_level" in step.effects:
        pen.change(
            case=case,
            kind="LastLevelReached",
            data=dict(data),
            because=[*also, step.because],
            actor=actor,
            flags=with_flags(case, "last_level", ground, without={"called_back"}),
            unread=True,
        )
    elif step.after.state == "called" and "called_back" not in case.flags:
        pen.set(case=case, flags=with_flags(case, "called_back"), unread=True)


def open_again(
    *,
    pen: Pen,
    case: Case,
    because: Reason,
    silent: bool,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Put a complaint back to work and record ComplaintReopened.

    A consultation or request that comes up again is worked on like a complaint.
    """
    for survey in cases.open_surveys(complaint_id=case.id):
        pen.alter(table="survey", key=survey, state="cancelled")
    pen.change(
        case=case,
        kind="ComplaintReopened",
        data={"before_status": case.status, "silent": silent, **(data or {})},
        because=[because],
        status="assigned",
        branch="complaint",
        live=True,
        reopened=case.reopened + 1,
        resolved_at=None,
        closed_at=None,
        unread=True,
        flags=with_flags(case, "reopened", without=_PASSING),
    )

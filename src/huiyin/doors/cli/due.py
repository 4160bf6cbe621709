"""``huiyin due``: when is it due, and how was that counted?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from huiyin.core.clocks import CALENDARS, due
from huiyin.doors.cli.jsonl import run_lines


def _moment(*, value: Any, what: str) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"{what} must be a time such as 2026-11-03T09:15:00+08:00")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{what} {value!r} is no ISO 8601 time") from error
    if moment.tzinfo is None:
        raise ValueError(f"{what} {value!r} has no offset; write +08:00")
    return moment


def _handle(data: dict[str, Any]) -> dict[str, Any]:
    name = data["calendar"]
    calendar = CALENDARS.get(name) if isinstance(name, str) else None
    if calendar is None:
        raise ValueError(f"unknown calendar {name!r}; known are {', '.join(sorted(CALENDARS))}")
    if not isinstance(data["for"], str):
        raise ValueError(f"for must be an ISO 8601 duration such as PT4H, not {data['for']!r}")
    listed = data.get("pauses") or []
    if not isinstance(listed, list):
        raise ValueError("pauses must be a list of [from, to]")
    pauses = []
    for number, pair in enumerate(listed, start=1):
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"pause {number} must be [from, to]")
        since = _moment(value=pair[0], what=f"pause {number} from")
        until = None if pair[1] is None else _moment(value=pair[1], what=f"pause {number} to")
        pauses.append((since, until))
    answer = due(
        start=_moment(value=data["start"], what="start"),
        duration=data["for"],
        calendar=calendar,
        pauses=pauses,
    )
    return {
        "id": data.get("id"),
        "due": answer.due.isoformat() if answer.due else None,
        "because": [r.as_json() for r in answer.because],
    }


@click.command("due")
@click.argument("file", default="-")
def command(file: str) -> None:
    """Count due times: {"id","start","calendar","for","pauses"?} a line."""
    run_lines(source=file, handle=_handle)

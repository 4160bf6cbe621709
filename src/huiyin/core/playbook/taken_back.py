"""What was refused again: a proposal that never reached the customer has completed nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

PROPOSED = "RemedyProposed"
REFUSING: frozenset[str] = frozenset({"RemedyRejected", "RemedyWithdrawn"})
"""Events that take a proposal back; one that was granted before has reached the customer."""
READ: frozenset[str] = REFUSING | {PROPOSED}
"""Events whose data say which remedy they are about."""


class Recorded(Protocol):
    """An event as far as it is looked at here."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def data(self) -> Mapping[str, Any]: ...  # noqa: D102


E = TypeVar("E", bound=Recorded)


def with_refusals(*, kinds: Iterable[str]) -> frozenset[str]:
    """Return kinds of events and those that may take one of them back."""
    named = frozenset(kinds)
    return named | REFUSING if PROPOSED in named else named


def standing(*, events: Iterable[E]) -> list[E]:
    """Return the events without proposals that were refused or withdrawn before they went out."""
    seen = list(events)
    gone = {_remedy(e) for e in seen if e.kind in REFUSING and not e.data.get("granted")}
    gone.discard("")
    if not gone:
        return seen
    return [e for e in seen if e.kind != PROPOSED or _remedy(e) not in gone]


def met_in_vain(
    *,
    started_at: datetime,
    stopped_at: datetime,
    stops_on: Iterable[str],
    events: Iterable[Recorded],
) -> bool:
    """Tell whether a clock was stopped by a proposal that was refused, and by nothing since."""
    kinds = frozenset(stops_on)
    seen = [e for e in events if e.kind in kinds | REFUSING and e.at >= started_at]
    if not any(e.kind == PROPOSED and e.at == stopped_at for e in seen):
        return False
    return not any(e.kind in kinds for e in standing(events=seen))


def _remedy(event: Recorded) -> str:
    return str(event.data.get("remedy") or "")

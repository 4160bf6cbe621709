"""Which complaints an incident's rule takes, of those that are open or just came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from huiyin.core.because import Reason
from huiyin.core.incident import Rule, Subject, fits
from huiyin.core.incident.listing import waybill_key
from huiyin.flows.facts import facts_of
from huiyin.store.case import Case
from huiyin.store.read import incidents

OVERLAP = timedelta(seconds=20)
"""How far back is looked again: a complaint is written a little after its moment."""
PAGE, PAGES = 500, 20
"""Complaints that came are read in so many pages of so many before other work has its turn."""
MOST = 10_000
"""A preview looks at the newest so many open complaints."""


@dataclass(frozen=True, slots=True)
class Found:
    """A complaint that fits, and why."""

    id: UUID
    number: str
    title: str
    waybill: str
    opened_at: datetime
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would take of the open complaints.

    ``without`` are waybills on its list that no open complaint is about; ``more`` tells that there
    are more open complaints than were looked at.
    """

    looked_at: int
    found: tuple[Found, ...]
    without: tuple[str, ...]
    more: bool


def fitting(*, rule: Rule, cases: Sequence[Case]) -> list[Found]:
    """Return those complaints that fit a sound rule."""
    out = []
    for case in cases:
        fit = fits(
            rule=rule,
            subject=Subject(
                opened_at=case.opened_at,
                waybill=case.waybill,
                category=case.category,
                also=tuple(case.secondary),
                region=case.region,
                text=f"{case.title}\n{case.triage.get('text', '')}",
                facts=facts_of(case=case) if rule.condition else {},
            ),
        )
        if fit.ok:
            out.append(
                Found(case.id, case.number, case.title, case.waybill, case.opened_at, fit.because)
            )
    return out


def preview(*, rule: Rule) -> Preview:
    """Return which open complaints a sound rule would take; nothing is written."""
    cases = incidents.newest(rule=rule, limit=MOST + 1)
    about = {waybill_key(text=c.waybill) for c in cases}
    return Preview(
        looked_at=min(len(cases), MOST),
        found=tuple(fitting(rule=rule, cases=cases[:MOST])),
        without=tuple(sorted(rule.waybills - about)),
        more=len(cases) > MOST,
    )


def newcomers(
    *, rule: Rule, incident_id: UUID, looked_to: datetime | None, now: datetime, page: int = PAGE
) -> tuple[list[Found], datetime]:
    """Return complaints that fit and that an incident does not know, and how far was looked.

    Stops after a page with newcomers, or after some pages without.
    """
    since = max(looked_to - OVERLAP, rule.takes_from) if looked_to else rule.takes_from
    after: tuple[datetime, UUID] | None = None
    for _page in range(PAGES):
        cases = incidents.arrived(rule=rule, since=since, after=after, limit=page)
        found = fitting(rule=rule, cases=cases)
        known = incidents.known(incident_id=incident_id, complaint_ids=[f.id for f in found])
        fresh = [f for f in found if f.id not in known]
        if fresh or len(cases) < page:
            return fresh, now
        after = cases[-1].opened_at, cases[-1].id
    assert after is not None
    # What lies within one overlap is not looked at for ever: go on behind the last.
    last = after[0]
    return [], last if last - OVERLAP > since else last + OVERLAP

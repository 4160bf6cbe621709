"""Take back: a proposal was refused, and the clocks that it had met run again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from huiyin.core.playbook import Playbook
from huiyin.core.playbook.taken_back import PROPOSED, REFUSING, met_in_vain
from huiyin.flows.ticking import run_again as go_on
from huiyin.store.case import Case, Happening, Ticking
from huiyin.store.ledger import Pen
from huiyin.store.read import office
from huiyin.store.read.happened import happened, one


def run_again(pen: Pen, events: Sequence[Happening]) -> None:
    """Let clocks run again whose proposal was refused or withdrawn before the customer saw it.

    They keep their due time: what was refused has taken time all the same.
    """
    met: dict[UUID, tuple[Case, list[tuple[Ticking, tuple[str, ...]]]]] = {}
    for event in events:
        case = event.case
        if not case.live or event.data.get("granted") or case.id in met:
            continue
        playbook = office.playbook(version_id=case.playbook_version)
        by = [(c, _ends(playbook, c.rule)) for c in pen.clocks(case=case) if c.state == "met"]
        if by := [(c, kinds) for c, kinds in by if PROPOSED in kinds]:
            met[case.id] = (case, by)
    if not met:
        return
    kinds = {k for _c, by in met.values() for _clock, ends in by for k in ends} | REFUSING
    written = happened(complaint_ids=list(met), kinds=kinds)
    for case, by in met.values():
        seen = [*written[case.id], *(one(*values) for values in pen.recorded(case=case))]
        running = {c.rule for c in pen.clocks(case=case) if c.running}
        for clock, ends in by:
            if (
                clock.stopped_at is not None
                and clock.rule not in running
                and met_in_vain(
                    started_at=clock.started_at, stopped_at=clock.stopped_at,
                    stops_on=ends, events=seen,
                )
            ):  # fmt: skip
                go_on(pen=pen, case=case, clock=clock)


def _ends(playbook: Playbook, rule: str) -> tuple[str, ...]:
    """Return the events that meet a clock of the playbook, or the clock of a step."""
    try:
        if rule.startswith("step:"):
            return playbook.step(id=rule[5:]).done_when
        return playbook.clock(id=rule).stops_on
    except KeyError:
        return ()

"""Which call-backs a playbook asks for on an occasion."""

from __future__ import annotations

from datetime import datetime

from huiyin.core.playbook import all_matches
from huiyin.core.playbook.care import AftercareCall
from huiyin.flows.facts import facts_of
from huiyin.store.case import Case
from huiyin.store.read import office


def calls_for(*, case: Case, on: str, now: datetime) -> tuple[AftercareCall, ...]:
    """Return the rules of call-backs that hold for a complaint on an occasion, in their order."""
    playbook = office.playbook(version_id=case.playbook_version)
    if not any(call.on == on for call in playbook.aftercare.calls):
        return ()
    matched, _missing = all_matches(
        rules=playbook.call_rules, facts=facts_of(case=case), on=now.date()
    )
    return tuple(m.then for m in matched if m.then.on == on)

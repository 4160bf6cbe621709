"""Watch: which clocks run, which stop or pause, and who is told when one is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from huiyin.core.clocks import ALWAYS, ClockFacts, sweep, warn_time
from huiyin.core.playbook import Playbook, all_matches
from huiyin.core.playbook.names import OWN_CLOCKS
from huiyin.core.playbook.schema import Clock
from huiyin.core.reply.pledges import RULES
from huiyin.flows.facts import facts_of
from huiyin.flows.ticking import begin, begin_like, calendar_of, due_of, pause, resume, stop
from huiyin.store.case import Case, Happening, Ticking
from huiyin.store.ledger import Pen, clocks
from huiyin.store.read import office


def start(pen: Pen, events: Sequence[Happening]) -> None:
    """Start the clocks that the event starts, and stop those it stops."""
    plans: dict[tuple[Any, ...], _Plan] = {}
    for event in events:
        case = event.case
        if not case.live:
            continue
        playbook = office.playbook(version_id=case.playbook_version)
        kinds = {event.kind}
        if event.kind == "ComplaintSorted":
            kinds.add("ComplaintOpened")
        if event.kind == "RehandlingStarted":
            _afresh(pen=pen, case=case, playbook=playbook)
        running = frozenset(c.rule for c in pen.clocks(case=case) if c.running)
        matched, _missing = all_matches(
            rules=playbook.clock_rules, facts=facts_of(case=case), on=pen.now.date()
        )
        since = case.opened_at if event.kind == "ComplaintSorted" else pen.now
        if "since" in event.data:
            since = datetime.fromisoformat(str(event.data["since"]))
        until = event.data.get("until")
        alike = (
            id(matched), event.kind, running, since, until, case.urgency, case.playbook_version,
        )  # fmt: skip
        plan = plans.get(alike)
        if plan is None:
            rules = [
                c.then
                for c in matched
                if c.then.id not in running and not kinds.isdisjoint(c.then.starts_on)
            ]
            clocks = [_clock(case=case, rule=rule, since=since, until=until) for rule in rules]
            plan = plans[alike] = _Plan(matched, clocks)
        for clock in plan.clocks:
            pen.start_clock(case=case, clock=begin_like(clock=clock, case=case))
        if plan.due:
            pen.record(case=case, kind="ClocksStarted", data={"due": plan.due}, actor="system")
    follow(pen, events)


class _Plan:
    """The clocks that complaints alike start at the same moment; a batch has many such."""

    def __init__(self, matched: object, clocks: list[Ticking]) -> None:
        """Hold what the plan was made of, too: it is told from others by its identity."""
        self.matched = matched
        self.clocks = clocks
        self.due = {c.rule: c.due_at.isoformat() for c in clocks if c.due_at}


def _afresh(*, pen: Pen, case: Case, playbook: Playbook) -> None:
    """Stop the company's own clocks of the round before; the law's go on."""
    for clock in pen.clocks(case=case):
        rule = _rule(playbook, clock.rule)
        if (
            clock.running
            and rule is not None
            and not rule.legal
            and "ComplaintResolved" in rule.stops_on
            and clock.started_at < pen.now
        ):
            stop(pen=pen, case=case, clock=clock, met=False)


def _clock(*, case: Case, rule: Clock, since: datetime, until: str | None = None) -> Ticking:
    """Return a rule's clock; ``until`` is a due time that a notice from outside gives."""
    calendar, length = rule.calendar, rule.length(urgency=case.urgency)
    if until is not None:
        seconds = ceil((datetime.fromisoformat(until) - since).total_seconds())
        calendar, length = "always", f"PT{seconds}S"
    return begin(
        case=case,
        rule=rule.id,
        name={"zh": rule.name.zh, "en": rule.name.en},
        calendar=calendar,
        duration=length,
        legal=rule.legal,
        share=rule.warn_share,
        since=since,
    )


def _rule(playbook: Playbook, name: str) -> Clock | None:
    try:
        return playbook.clock(id=name)
    except KeyError:
        return None


def _ladder(playbook: Playbook, clock: Ticking) -> tuple[tuple[str, str], ...]:
    if clock.rule.startswith("step:"):
        try:
            return playbook.step(id=clock.rule[5:]).ladder
        except KeyError:
            return ()
    if clock.collaboration_id is None:
        rule = _rule(playbook, clock.rule)
        rungs = rule.escalate if rule else ()
        if clock.rule in OWN_CLOCKS:
            rungs = playbook.promises.escalate
        return tuple((e.after, e.to) for e in rungs)
    try:
        return playbook.department(code=clock.name["department"]).ladder
    except KeyError:
        return ()


_ALWAYS_HEEDED = frozenset(
    {"ComplaintClosed", "ComplaintMerged", "ContactJoined", "CustomerAnswered", "ReplySent"}
)


@lru_cache(maxsize=16)
def _heeded(playbook_version: str) -> frozenset[str]:
    """Return the events that may stop, pause or resume a clock."""
    rules = office.playbook(version_id=playbook_version).clocks
    named = (kind for r in rules for kind in (*r.stops_on, *r.pauses_on, *r.resumes_on))
    return _ALWAYS_HEEDED.union(named)


def follow(pen: Pen, events: Sequence[Happening]) -> None:
    """Stop, pause and resume the clocks that name these events."""
    for event in events:
        case = event.case
        if event.kind not in _heeded(case.playbook_version):
            continue
        playbook = office.playbook(version_id=case.playbook_version)
        ended = event.kind in {"ComplaintClosed", "ComplaintMerged"}
        for clock in pen.clocks(case=case):
            if not clock.running:
                continue
            rule = _rule(playbook, clock.rule)
            if ended and rule and "PayoutPaid" in rule.stops_on:
                # Money that was agreed stays due however the complaint ends.
                continue
            if event.kind == "ComplaintClosed" and clock.rule == RULES["deed"]:
                # What was promised to be done stays promised.
                continue
            if (rule and event.kind in rule.stops_on) or ended:
                stop(pen=pen, case=case, clock=clock, met=not (ended and not _stops(rule, event)))
            elif rule and not clock.legal and event.kind in rule.pauses_on:
                pause(pen=pen, case=case, clock=clock)
            elif (
                rule
                and clock.pauses
                and clock.pauses[-1][1] is None
                and (
                    event.kind in rule.resumes_on
                    or event.kind in {"ContactJoined", "CustomerAnswered", "ReplySent"}
                )
            ):
                resume(pen=pen, case=case, clock=clock, share=rule.warn_share)


def _stops(rule: Clock | None, event: Happening) -> bool:
    return bool(rule and event.kind in rule.stops_on)


def retime(pen: Pen, events: Sequence[Happening]) -> None:
    """Count clocks again that are now longer or shorter, and start those newly due.

    One whose end a notice from outside gave stays as it is.
    """
    for event in events:
        case = event.case
        playbook = office.playbook(version_id=case.playbook_version)
        for clock in pen.clocks(case=case):
            rule = _rule(playbook, clock.rule)
            if not clock.running or rule is None:
                continue
            length = rule.length(urgency=case.urgency)
            given = clock.duration.endswith("S")
            if given or (length == clock.duration and rule.calendar == clock.calendar):
                continue
            pen.set_clock(case=case, clock=clock, duration=length, calendar=rule.calendar)
            due_at = due_of(clock=clock, playbook_version=case.playbook_version)
            if due_at:
                warn = warn_time(start=clock.started_at, due_at=due_at, share=rule.warn_share)
                pen.set_clock(
                    case=case,
                    clock=clock,
                    due_at=due_at,
                    warn_at=warn,
                    fire_at=warn,
                    warned_at=None,
                    breached_at=None if due_at > pen.now else clock.breached_at,
                    state="running",
                )
        matched, _missing = all_matches(
            rules=playbook.clock_rules, facts=facts_of(case=case), on=pen.now.date()
        )
        known = {c.rule for c in pen.clocks(case=case)}
        for condition in matched:
            rule = condition.then
            if rule.id not in known and "ComplaintOpened" in rule.starts_on:
                pen.start_clock(case=case, clock=_clock(case=case, rule=rule, since=case.opened_at))


def sweep_due(*, pen: Pen, limit: int) -> int:
    """Look at every clock whose time has come: warn, breach, escalate. Returns how many.

    Clocks are claimed by moving ``fire_at`` inside the transaction, so two workers never tell
    the same thing twice.
    """
    ids = clocks.claim_due(now=pen.now, limit=limit)
    if not ids:
        return 0
    cases = {c.id: c for c in pen.cases(ids=list(dict.fromkeys(ids.values())))}
    seen = 0
    for case in cases.values():
        playbook = office.playbook(version_id=case.playbook_version)
        for clock in (*pen.clocks(case=case), *pen.asked_clocks(case=case)):
            if clock.id not in ids or not clock.running:
                continue
            seen += 1
            swept = sweep(
                clock=ClockFacts(
                    rule=clock.rule,
                    due_at=clock.due_at,
                    warn_at=clock.warn_at,
                    warned=clock.warned_at is not None,
                    breached=clock.breached_at is not None,
                    escalation=clock.escalation,
                    ladder=_ladder(playbook, clock),
                    calendar=calendar_of(
                        playbook_version=case.playbook_version, name=clock.calendar
                    )
                    if clock.collaboration_id
                    else ALWAYS,
                    zone=ZoneInfo(playbook.timezone),
                ),
                now=pen.now,
            )
            pen.set_clock(
                case=case,
                clock=clock,
                state="breached" if swept.breached else clock.state,
                warned_at=clock.warned_at or (pen.now if swept.warned else None),
                breached_at=clock.breached_at or (clock.due_at if swept.breached else None),
                escalation=swept.escalation,
                fire_at=swept.fire_at,
            )
            for ring in swept.rings:
                kind = {
                    "warned": "ClockWarned", "breached": "ClockBreached", "escalated": "Escalated"
                }[ring.kind]  # fmt: skip
                if kind == "ClockBreached" and clock.rule in OWN_CLOCKS:
                    kind = "PromiseBroken"
                data: dict[str, Any] = {"clock": clock.rule, "name": clock.name}
                if clock.collaboration_id:
                    data["collaboration"] = clock.collaboration_id.hex
                if ring.to:
                    data["to"] = ring.to
                pen.record(case=case, kind=kind, data=data, because=[ring.because], actor="system")
    return seen

"""Watch: which clocks run, which stop or pause, and who is told when one is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from huiyin.core.clocks import (
    CALENDARS,
    Calendar,
    ClockFacts,
    calendar_from_data,
    due,
    sweep,
    warn_time,
)
from huiyin.core.playbook import Playbook, all_matches, bind
from huiyin.core.playbook.schema import Clock
from huiyin.flows.facts import facts_of
from huiyin.store.case import Case, Happening, Ticking
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, clocks
from huiyin.store.read import office

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=64)
def _own_calendar(playbook_version: str, name: str) -> Calendar:
    playbook = office.playbook(version_id=playbook_version)
    own = playbook.calendars[name]
    hours = [f"{a}-{b}" for a, b in own.hours]
    return calendar_from_data(
        name=name,
        data={
            "label": own.name.zh,
            "label_en": own.name.en,
            "hours": {_DAYS[d - 1]: hours for d in own.days},
            "timezone": playbook.timezone,
            "holidays": own.holidays,
        },
    )


def calendar_of(*, playbook_version: str, name: str) -> Calendar:
    """Return a calendar by name: one of every installation, or the playbook's own."""
    return CALENDARS.get(name) or _own_calendar(playbook_version, name)


def due_of(*, clock: Ticking, playbook_version: str, explain: bool = False) -> datetime | None:
    """Return a clock's due time from its start, length and pauses."""
    pauses = [
        (datetime.fromisoformat(str(a)), datetime.fromisoformat(b) if b else None)
        for a, b in clock.pauses
    ]
    zone = ZoneInfo(office.playbook(version_id=playbook_version).timezone)
    return due(
        start=clock.started_at.astimezone(zone),
        duration=clock.duration,
        calendar=calendar_of(playbook_version=playbook_version, name=clock.calendar),
        pauses=pauses,
        explain=explain,
    ).due


def start(pen: Pen, events: Sequence[Happening]) -> None:
    """Start the clocks that the event starts, and stop those it stops."""
    for event in events:
        case = event.case
        if not case.live:
            continue
        playbook = office.playbook(version_id=case.playbook_version)
        kinds = {event.kind}
        if event.kind == "ComplaintSorted":
            kinds.add("ComplaintOpened")
        running = {c.rule for c in pen.clocks(case=case) if c.running}
        matched, _missing = all_matches(
            rules=playbook.clock_rules, facts=bind(facts=facts_of(case=case)), on=pen.now.date()
        )
        began: dict[str, str] = {}
        for condition in matched:
            rule = condition.then
            if rule.id in running or kinds.isdisjoint(rule.starts_on):
                continue
            since = case.opened_at if event.kind == "ComplaintSorted" else pen.now
            clock = _clock(case=case, rule=rule, since=since)
            pen.start_clock(case=case, clock=clock)
            if clock.due_at:
                began[rule.id] = clock.due_at.isoformat()
        if began:
            pen.record(case=case, kind="ClocksStarted", data={"due": began}, actor="system")
    follow(pen, events)


def _clock(*, case: Case, rule: Clock, since: datetime) -> Ticking:
    clock = Ticking(
        id=new_id(now=since),
        complaint_id=case.id,
        rule=rule.id,
        name={"zh": rule.name.zh, "en": rule.name.en},
        calendar=rule.calendar,
        duration=rule.length(urgency=case.urgency),
        legal=rule.legal,
        state="running",
        started_at=since,
        due_at=None,
        warn_at=None,
        warned_at=None,
        breached_at=None,
        stopped_at=None,
        pauses=[],
        escalation=0,
        fire_at=None,
    )
    clock.due_at = due_of(clock=clock, playbook_version=case.playbook_version)
    if clock.due_at:
        clock.warn_at = warn_time(start=since, due_at=clock.due_at, share=rule.warn_share)
        clock.fire_at = clock.warn_at
    return clock


def _rule(playbook: Playbook, name: str) -> Clock | None:
    try:
        return playbook.clock(id=name)
    except KeyError:
        return None


def follow(pen: Pen, events: Sequence[Happening]) -> None:
    """Stop, pause and resume the clocks that name these events."""
    for event in events:
        case = event.case
        playbook = office.playbook(version_id=case.playbook_version)
        ended = event.kind in {"ComplaintClosed", "ComplaintMerged"}
        for clock in pen.clocks(case=case):
            if not clock.running:
                continue
            rule = _rule(playbook, clock.rule)
            if ended and rule and "PayoutPaid" in rule.stops_on:
                # Money that was agreed stays due however the complaint ends.
                continue
            if (rule and event.kind in rule.stops_on) or ended:
                stop(pen=pen, case=case, clock=clock, met=not (ended and not _stops(rule, event)))
            elif rule and not clock.legal and event.kind in rule.pauses_on:
                _pause(pen=pen, case=case, clock=clock)
            elif (
                rule
                and clock.pauses
                and clock.pauses[-1][1] is None
                and (
                    event.kind in rule.resumes_on
                    or event.kind in {"ContactJoined", "CustomerAnswered", "ReplySent"}
                )
            ):
                _resume(pen=pen, case=case, clock=clock, rule=rule)


def _stops(rule: Clock | None, event: Happening) -> bool:
    return bool(rule and event.kind in rule.stops_on)


def stop(*, pen: Pen, case: Case, clock: Ticking, met: bool) -> None:
    """End a clock: met (late or in time) or cancelled."""
    pen.set_clock(
        case=case,
        clock=clock,
        state="met" if met else "cancelled",
        stopped_at=pen.now,
        fire_at=None,
        breached_at=clock.breached_at
        or (pen.now if met and clock.due_at and pen.now > clock.due_at else None),
    )


def _pause(*, pen: Pen, case: Case, clock: Ticking) -> None:
    if clock.pauses and clock.pauses[-1][1] is None:
        return
    if clock.breached_at:
        return
    pen.set_clock(
        case=case,
        clock=clock,
        state="paused",
        pauses=[*clock.pauses, [pen.now.isoformat(), None]],
        due_at=None,
        fire_at=None,
    )


def _resume(*, pen: Pen, case: Case, clock: Ticking, rule: Clock) -> None:
    pauses = [list(p) for p in clock.pauses]
    pauses[-1][1] = pen.now.isoformat()
    pen.set_clock(case=case, clock=clock, state="running", pauses=pauses)
    due_at = due_of(clock=clock, playbook_version=case.playbook_version)
    warn = None
    if due_at:
        warn = warn_time(start=clock.started_at, due_at=due_at, share=rule.warn_share)
    pen.set_clock(
        case=case,
        clock=clock,
        due_at=due_at,
        warn_at=warn,
        fire_at=(warn if warn and warn > pen.now and not clock.warned_at else due_at),
    )


def retime(pen: Pen, events: Sequence[Happening]) -> None:
    """Count clocks again whose length hangs on the urgency, and start those newly due."""
    for event in events:
        case = event.case
        playbook = office.playbook(version_id=case.playbook_version)
        for clock in pen.clocks(case=case):
            rule = _rule(playbook, clock.rule)
            if not clock.running or rule is None:
                continue
            length = rule.length(urgency=case.urgency)
            if length == clock.duration:
                continue
            pen.set_clock(case=case, clock=clock, duration=length)
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
            rules=playbook.clock_rules, facts=bind(facts=facts_of(case=case)), on=pen.now.date()
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
        for clock in pen.clocks(case=case):
            if clock.id not in ids or not clock.running:
                continue
            seen += 1
            rule = _rule(playbook, clock.rule)
            ladder = tuple((e.after, e.to) for e in rule.escalate) if rule else ()
            swept = sweep(
                clock=ClockFacts(
                    rule=clock.rule,
                    due_at=clock.due_at,
                    warn_at=clock.warn_at,
                    warned=clock.warned_at is not None,
                    breached=clock.breached_at is not None,
                    escalation=clock.escalation,
                    ladder=ladder,
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
                data = {"clock": clock.rule, "name": clock.name}
                if ring.to:
                    data["to"] = ring.to
                pen.record(case=case, kind=kind, data=data, because=[ring.because], actor="system")
    return seen

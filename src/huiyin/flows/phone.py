"""Phone: what is told of calls, who calls whom, and the debts that missed calls make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.clocks import ClockFacts, due, sweep
from huiyin.core.phone import Debt, Known, Talk, number_of, owed, step
from huiyin.flows.facts import thing_of
from huiyin.flows.ticking import calendar_of
from huiyin.store.ledger import Pen, calls, volume
from huiyin.store.ledger.calls import Missed
from huiyin.store.read import missed_calls, office
from huiyin.store.read import phone as phone_read

HARD_TO_REACH = "access"
"""The category of those who telephoned and reached nobody."""
OUTCOMES = ("reached", "not_reached", "taken_down", "wrong_number")


class CannotTakeCall(ValueError):
    """A call that is not known, or something about it that cannot be; ``zh`` says what."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def hear(*, pen: Pen, account_id: int | None, call: str, told: Talk) -> UUID | None:
    """Take in what a telephone system told of a call; returns our id of it.

    None for calls that do not concern us: between our own telephones, or over before we knew.
    """
    held = calls.hold(account_id=account_id, external_id=call)
    if held is None and told.kind == "ended":
        return None
    stepped = step(call=held.known if held else None, told=told, extensions=phone_read.extensions())
    now, before = stepped.call, held.known if held else Known()
    if now is None:
        return None
    if held is None:
        id = calls.begin(account_id=account_id, external_id=call, call=now, now=pen.now)
        if now.direction == "in":
            volume.count(now=pen.now, channels={"phone": 1})
    else:
        id = held.id
        if now != before:
            calls.keep(id=id, call=now, now=pen.now)
    if stepped.missed:
        _owe(pen=pen, call=now, because=stepped.because)
    elif now.answered_at is not None and before.answered_at is None:
        outcome = "reached" if now.direction == "out" else "called_again"
        _settle(pen=pen, number=now.number, outcome=outcome, person=now.person)
    elif now.state == "unreached" and before.state != "unreached":
        _try_again(pen=pen, number=now.number)
    return id


def recorded(*, account_id: int | None, call: str, recording: str, now: datetime) -> None:
    """Note where the recording of a call is kept. Raises CannotTakeCall."""
    held = calls.hold(account_id=account_id, external_id=call)
    if held is None:
        raise CannotTakeCall(zh="录音的通话没有见过", en="a recording of a call never heard of")
    calls.recorded(id=held.id, recording=recording, now=now)


def begin(*, pen: Pen, actor: Actor, number: str, direction: str) -> UUID:
    """Begin a call by hand, where no telephone system tells of it; returns its id.

    Raises CannotTakeCall, PermissionError.
    """
    allowed = may(actor=actor, action="contact.new")
    if not allowed:
        raise PermissionError(allowed.zh)
    outside = number_of(said=number)
    if number.strip() and not outside:
        raise CannotTakeCall(zh="电话号码不对", en="this is no telephone number")
    call = Known(
        direction="out" if direction == "out" else "in",
        number=outside,
        state="talking",
        rang=(actor.id,),
        person=actor.id,
        started_at=pen.now,
        answered_at=pen.now,
    )
    id = calls.begin(account_id=None, external_id="", call=call, now=pen.now)
    outcome = "reached" if direction == "out" else "called_again"
    _settle(pen=pen, number=outside, outcome=outcome, person=actor.id)
    return id


def hang_up(*, pen: Pen, actor: Actor, call_id: UUID) -> None:
    """End a call that was begun by hand; one of a telephone system ends there.

    Raises CannotTakeCall.
    """
    held = _own(call_id=call_id, actor=actor)
    if held.known.state == "talking":
        known = held.known
        ended = Known(
            **{f: getattr(known, f) for f in ("direction", "number", "queue", "rang", "person")},
            state="ended",
            started_at=known.started_at,
            answered_at=known.answered_at,
            ended_at=pen.now,
        )
        calls.keep(id=held.id, call=ended, now=pen.now)


def put_aside(*, pen: Pen, actor: Actor, call_id: UUID) -> None:
    """Take a call off the screen: there is nothing to write down. Raises CannotTakeCall."""
    calls.noted(id=_own(call_id=call_id, actor=actor).id, now=pen.now)


def note(*, pen: Pen, actor: Actor, call_id: UUID, complaint_id: UUID | None) -> None:
    """Note that a call was written down, with the complaint it led to. Raises CannotTakeCall."""
    held = _own(call_id=call_id, actor=actor)
    calls.noted(id=held.id, now=pen.now, complaint_id=complaint_id)


def _own(*, call_id: UUID, actor: Actor) -> calls.HeldCall:
    held = calls.hold_id(id=call_id)
    if held is None or (held.known.person != actor.id and actor.id not in held.known.rang):
        raise CannotTakeCall(zh="找不到这通电话", en="there is no such call of yours")
    return held


def _owe(*, pen: Pen, call: Known, because: Sequence[Reason]) -> None:
    """Owe the caller a call-back; nobody can call a hidden number back."""
    if not call.number:
        return
    known = calls.missed_of(number=call.number)
    at = call.ended_at or pen.now
    debt = owed(
        known=Debt(known.first_at, known.last_at, known.count, False, because[0])
        if known
        else None,
        missed_at=at,
    )
    complaint_id = phone_read.open_complaint(number=call.number)
    case = pen.case(id=complaint_id) if complaint_id else None
    department = (case.department_id if case else None) or _who_calls_back()
    reasons = [*because, debt.because]
    if known is None:
        due_at = _due(start=at)
        calls.owe(
            number=call.number, queue=call.queue, at=at, due_at=due_at,
            complaint_id=complaint_id, department=department, because=reasons, now=pen.now,
        )  # fmt: skip
    else:
        due_at = known.due_at
        calls.change_missed(
            id=known.id,
            changes={
                "count": debt.count, "last_at": debt.last_at,
                "complaint_id": known.complaint_id or complaint_id,
                "because": [r.as_json() for r in reasons],
                "queue": call.queue,
                "department": department,
            },
        )  # fmt: skip
    if case is not None:
        pen.change(
            case=case,
            kind="CallerMissed",
            data={"count": debt.count, "due": due_at.isoformat()},
            because=reasons,
            actor="system",
            unread=True,
        )


def _who_calls_back() -> str:
    """Return the department that is told of a caller who has no open complaint.

    The one that handles complaints of those who reach nobody; empty tells everybody.
    """
    categories = office.current_playbook().categories
    return next((c.department for c in categories if c.code == HARD_TO_REACH), None) or ""


def _due(*, start: datetime, again: bool = False) -> datetime:
    playbook = office.current_playbook()
    rule = playbook.aftercare.missed
    found = due(
        start=start.astimezone(ZoneInfo(playbook.timezone)),
        duration=rule.again_after if again else rule.within,
        calendar=calendar_of(playbook_version=playbook.version_id, name=rule.calendar),
        explain=False,
    ).due
    return found or start


def _settle(*, pen: Pen, number: str, outcome: str, person: int | None) -> None:
    """End what is owed to a number: it was called back, or its caller was taken meanwhile."""
    known = calls.missed_of(number=number)
    if known is not None:
        _done(pen=pen, missed=known, outcome=outcome, person=person, words="")


def _done(*, pen: Pen, missed: Missed, outcome: str, person: int | None, words: str) -> None:
    calls.change_missed(
        id=missed.id,
        changes={
            "state": "done", "outcome": outcome, "called_by_id": person, "called_at": pen.now,
            "words": words, "fire_at": None,
        },
    )  # fmt: skip
    if missed.complaint_id is None:
        return
    case = pen.case(id=missed.complaint_id)
    zh, en = missed_calls.OUTCOMES[outcome]
    if words and person is not None:
        pen.message(case=case, direction="note", channel="phone", text=words, author_id=person)
    pen.record(
        case=case,
        kind="CallerCalledBack",
        data={"outcome": outcome, "count": missed.count, "late": pen.now > missed.due_at},
        because=[Reason(rule=f"missed_call.{outcome}", zh=zh, en=en)],
        actor=f"user:{person}" if person is not None else "system",
    )


def _try_again(*, pen: Pen, number: str) -> None:
    known = calls.missed_of(number=number)
    if known is not None:
        _unreached(pen=pen, missed=known, person=None, words="")


def _unreached(*, pen: Pen, missed: Missed, person: int | None, words: str) -> None:
    """Count a try that reached nobody; after the playbook's last it is given up."""
    attempts = missed.attempts + 1
    changes: dict[str, Any] = {"attempts": attempts}
    if attempts >= office.current_playbook().aftercare.attempts:
        calls.change_missed(id=missed.id, changes=changes)
        _done(pen=pen, missed=missed, outcome="given_up", person=person, words=words)
        return
    due_at = _due(start=pen.now, again=True)
    changes |= {"due_at": due_at, "fire_at": due_at, "escalation": 0}
    if words:
        changes["words"] = words
    calls.change_missed(id=missed.id, changes=changes)


def called_back(*, pen: Pen, missed_id: UUID, actor: Actor, outcome: str, words: str = "") -> None:
    """Write down by hand what came of calling back: reached, not_reached, taken_down, wrong_number.

    Raises CannotTakeCall, PermissionError.
    """
    found = calls.missed_by_id(id=missed_id)
    if found is None:
        raise CannotTakeCall(zh="找不到这个未接来电", en="there is no such missed call")
    if found.complaint_id is None:
        allowed = may(actor=actor, action="call_backs.see")
    else:
        thing = thing_of(case=pen.case(id=found.complaint_id))
        allowed = may(actor=actor, action="call_back", thing=thing)
    if not allowed:
        raise PermissionError(allowed.zh)
    if found.state != "due":
        raise CannotTakeCall(
            zh="这个来电已经回过了，请刷新页面", en="this was called back already, reload"
        )
    if outcome not in OUTCOMES:
        raise CannotTakeCall(zh="请选择回电结果", en="choose what came of the call")
    said = words.replace("\x00", "").strip()[:2000]
    if outcome == "not_reached":
        _unreached(pen=pen, missed=found, person=actor.id, words=said)
    else:
        _done(pen=pen, missed=found, outcome=outcome, person=actor.id, words=said)


def remind(*, pen: Pen, limit: int) -> int:
    """Tell the ranks of the playbook's ladder which callers wait too long; returns how many."""
    late = calls.missed_late(now=pen.now, limit=limit)
    playbook = office.current_playbook()
    rule = playbook.aftercare.missed
    for missed in late:
        swept = sweep(
            clock=ClockFacts(
                rule="missed_call",
                due_at=missed.due_at,
                warn_at=None,
                warned=True,
                breached=bool(missed.escalation) or missed.fire_at != missed.due_at,
                escalation=missed.escalation,
                ladder=tuple((e.after, e.to) for e in rule.escalate),
                calendar=calendar_of(playbook_version=playbook.version_id, name=rule.calendar),
                zone=ZoneInfo(playbook.timezone),
            ),
            now=pen.now,
        )
        calls.change_missed(
            id=missed.id, changes={"escalation": swept.escalation, "fire_at": swept.fire_at}
        )
        if missed.complaint_id is None:
            continue
        case = pen.case(id=missed.complaint_id)
        for ring in swept.rings:
            if ring.to:
                pen.record(
                    case=case,
                    kind="Escalated",
                    data={
                        "clock": "missed_call",
                        "name": {"zh": "回电", "en": "Call back"},
                        "to": ring.to,
                    },
                    because=[ring.because],
                    actor="system",
                )
    return len(late)

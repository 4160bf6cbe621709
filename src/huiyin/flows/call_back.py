"""Call back: customers who are called after the answer, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.clocks import due
from huiyin.core.playbook.care import AftercareCall
from huiyin.core.rehandling import OUTCOMES
from huiyin.flows.calling import calls_for
from huiyin.flows.facts import thing_of
from huiyin.flows.ticking import calendar_of
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import call_backs, office


class CannotCallBack(ValueError):
    """The call-back is done already or what was written is incomplete; ``zh`` says which."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


_OCCASIONS = {
    "ComplaintResolved": "resolved",
    "SurveyExpired": "silent",
    "LastLevelReached": "last_level",
    "PromiseBroken": "promise_broken",
}


def schedule(pen: Pen, events: Sequence[Happening]) -> None:
    """Put customers on the list where the playbook, or the last level, asks for a call."""
    for event in events:
        case, on = event.case, _OCCASIONS[event.kind]
        if on == "promise_broken" and case.live:
            continue
        asked = calls_for(case=case, on=on, now=pen.now)
        if asked:
            _add(pen=pen, case=case, on=on, call=asked[0])
        elif on == "last_level" or (on == "silent" and case.level > 0):
            _add(pen=pen, case=case, on=on, call=None)


def _add(*, pen: Pen, case: Case, on: str, call: AftercareCall | None) -> None:
    """Add a call-back in place of one still owed; without a rule it is due within a day."""
    playbook = office.playbook(version_id=case.playbook_version)
    zone = ZoneInfo(playbook.timezone)
    due_at = due(
        start=pen.now.astimezone(zone),
        duration=call.within if call else "PT24H",
        calendar=calendar_of(
            playbook_version=case.playbook_version, name=call.calendar if call else "always"
        ),
        explain=False,
    ).due
    _cancel(pen=pen, case=case)
    row_id = new_id(now=pen.now)
    name = {"zh": call.name.zh, "en": call.name.en} if call else {"zh": "回访", "en": "Call back"}
    pen.add(
        table="call_back",
        row={
            "id": row_id,
            "complaint_id": case.id,
            "rule": call.id if call else "last_level",
            "occasion": on,
            "name": name,
            "due_at": due_at,
            "state": "due",
            "attempts": 0,
            "outcome": "",
            "words": "",
            "called_by_id": None,
            "called_at": None,
            "created_at": pen.now,
        },
    )
    because = (
        call.reason()
        if call
        else Reason(rule="call_back.needed", zh="办结前先回访", en="called before it is closed")
    )
    pen.record(
        case=case,
        kind="CallBackDue",
        data={"call_back": row_id.hex, "name": name, "due": due_at.isoformat() if due_at else ""},
        because=[because],
        actor="system",
    )


def cancel(pen: Pen, events: Sequence[Happening]) -> None:
    """Take customers off the list whose complaint is being worked again or has ended."""
    for event in events:
        _cancel(pen=pen, case=event.case)


def _cancel(*, pen: Pen, case: Case) -> None:
    for row_id in call_backs.waiting(complaint_id=case.id):
        if "state" not in pen.altered(table="call_back", key=row_id):
            pen.alter(table="call_back", key=row_id, state="cancelled")


def record(
    *,
    pen: Pen,
    call_back_id: UUID,
    actor: Actor,
    outcome: str,
    words: str = "",
    again_at: datetime | None = None,
) -> UUID:
    """Write down a call-back: satisfied, dissatisfied, refused, or not_reached (again at …).

    After the playbook's last attempt it is given up. Returns the complaint's id. Raises
    CannotCallBack, PermissionError.
    """
    found = call_backs.one(call_back_id=call_back_id)
    if found is None:
        raise CannotCallBack(zh="找不到这次回访", en="there is no such call-back")
    case = pen.case(id=found.complaint_id)
    found = call_backs.one(call_back_id=call_back_id) or found
    last = found.occasion == "last_level"
    allowed = may(
        actor=actor,
        action="call_back_last" if last else "call_back",
        thing=thing_of(case=case),
    )
    if not allowed:
        raise PermissionError(allowed.zh)
    if found.state != "due":
        raise CannotCallBack(
            zh="这次回访已经有结果了，请刷新页面", en="this call-back is done already, reload"
        )
    if outcome not in OUTCOMES:
        raise CannotCallBack(zh="请选择回访结果", en="choose what came of the call")
    said = words.replace("\x00", "").strip()[:2000]
    if outcome == "dissatisfied" and not said:
        raise CannotCallBack(
            zh="客户不满意的，请写下哪里不满意", en="write down what he is not satisfied with"
        )
    rules = office.playbook(version_id=case.playbook_version).aftercare
    attempts = found.attempts + 1
    if outcome == "not_reached" and attempts < rules.attempts:
        _again(pen=pen, case=case, row=found, attempts=attempts, again_at=again_at)
        outcome, state = "not_reached", "due"
    else:
        outcome = "given_up" if outcome == "not_reached" else outcome
        state = "done"
        pen.alter(
            table="call_back",
            key=found.id,
            state="done",
            attempts=attempts,
            outcome=outcome,
            words=said,
            called_by_id=actor.id,
            called_at=pen.now,
        )
    if said:
        pen.message(case=case, direction="note", channel="phone", text=said, author_id=actor.id)
    zh, en = OUTCOMES.get(outcome, ("多次未接通，不再打", "not reached, given up"))
    pen.record(
        case=case,
        kind="CallBackDone",
        data={
            "call_back": found.id.hex, "name": found.name, "outcome": outcome, "attempts": attempts,
            "state": state,
        },
        because=[Reason(rule=f"call_back.{outcome}", zh=zh, en=en)],
    )  # fmt: skip
    return case.id


def _again(
    *,
    pen: Pen,
    case: Case,
    row: call_backs.Waiting,
    attempts: int,
    again_at: datetime | None,
) -> None:
    rules = office.playbook(version_id=case.playbook_version).aftercare
    if again_at is not None and again_at <= pen.now:
        raise CannotCallBack(zh="再打的时间已经过去", en="the time to call again is past")
    moment = (
        again_at
        or due(
            start=pen.now,
            duration=rules.again_after,
            calendar=calendar_of(playbook_version=case.playbook_version, name="always"),
            explain=False,
        ).due
    )
    pen.alter(table="call_back", key=row.id, attempts=attempts, due_at=moment)

"""Promise: what replies promise runs on clocks, and is kept, broken, or taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.reply.pledges import RULES, By, keeps, kind_of
from huiyin.flows.facts import thing_of
from huiyin.flows.ticking import begin, stop
from huiyin.store.case import Case, Happening, Ticking
from huiyin.store.ledger import Pen
from huiyin.store.read import office


class CannotChangePromise(ValueError):
    """The promise is not open any more, or no reason was given; ``zh`` says which."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


_BY: dict[str, By] = {
    "ReplySent": "reply",
    "CustomerAsked": "reply",
    "CustomerCalled": "call",
    "CallMissed": "missed_call",
}


def keep(pen: Pen, events: Sequence[Happening]) -> None:
    """Mark the promises that a reply or a call keeps, in time or late."""
    for event in events:
        for clock in pen.clocks(case=event.case):
            kind = kind_of(rule=clock.rule)
            if kind is not None and clock.running and keeps(kind=kind, by=_BY[event.kind]):
                _kept(pen=pen, case=event.case, clock=clock, by=_BY[event.kind])


def _kept(*, pen: Pen, case: Case, clock: Ticking, by: By) -> None:
    stop(pen=pen, case=case, clock=clock, met=True)
    late = clock.breached_at is not None
    pen.record(
        case=case,
        kind="PromiseKept",
        data={"clock": clock.id.hex, "name": clock.name, "late": late, "by": by},
        because=[
            Reason(
                rule="promise.kept_late" if late else "promise.kept",
                zh="做到了，但晚于承诺的时间" if late else "在承诺的时间之前做到",
                en="done, but later than promised" if late else "done before the promised time",
            )
        ],
    )


def make(pen: Pen, events: Sequence[Happening]) -> None:
    """Start a clock for every promise that a reply made."""
    for event in events:
        for promised in event.data.get("promises", ()):
            _begin(
                pen=pen,
                case=event.case,
                rule=RULES[promised["kind"]],
                words=promised["words"],
                due=datetime.fromisoformat(promised["due"]),
                data={"message": event.data["message"]},
            )


def _begin(
    *, pen: Pen, case: Case, rule: str, words: str, due: datetime, data: dict[str, Any]
) -> None:
    watch = office.playbook(version_id=case.playbook_version).promises
    since = pen.now.replace(microsecond=0)
    seconds = max(60, int((due - since).total_seconds()))
    clock = begin(
        case=case,
        rule=rule,
        name={"zh": f"承诺：{words}", "en": f"Promise: {words}", **data},
        calendar="always",
        duration=f"PT{seconds}S",
        legal=False,
        share=watch.warn_share,
        since=since,
    )
    pen.start_clock(case=case, clock=clock)
    pen.record(
        case=case,
        kind="PromiseMade",
        data={"clock": clock.id.hex, "words": words, "due": due.isoformat(), **data},
        because=[
            Reason(
                rule=f"promise.{kind_of(rule=rule)}",
                zh="回复里对客户的承诺，到点未做到会提醒",
                en="promised to the customer in a reply; told when it is not done in time",
                words=(words,),
            )
        ],
    )


def move_on(pen: Pen, events: Sequence[Happening]) -> None:
    """Let the promises of a merged complaint run on with the one it went into, and back."""
    for event in events:
        case = event.case
        if event.kind == "ComplaintMerged":
            target = pen.case(id=UUID(event.data["into"]))
            for clock in pen.clocks(case=case):
                if kind_of(rule=clock.rule) and clock.running and clock.due_at:
                    _begin(
                        pen=pen,
                        case=target,
                        rule=clock.rule,
                        words=clock.name["zh"].removeprefix("承诺："),
                        due=clock.due_at,
                        data={"from": case.id.hex},
                    )
        elif "from" in event.data:
            for clock in pen.clocks(case=case):
                if clock.running and clock.name.get("from") == event.data["from"]:
                    stop(pen=pen, case=case, clock=clock, met=False)


def _open(*, pen: Pen, complaint_id: UUID, clock_id: UUID, actor: Actor) -> tuple[Case, Ticking]:
    case = pen.case(id=complaint_id)
    allowed = may(actor=actor, action="promise", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    for clock in pen.clocks(case=case):
        if clock.id == clock_id and kind_of(rule=clock.rule) and clock.running:
            return case, clock
    raise CannotChangePromise(
        zh="这个承诺已经有结果了，请刷新页面", en="this promise is decided already, reload"
    )


def keep_by_hand(*, pen: Pen, complaint_id: UUID, clock_id: UUID, actor: Actor) -> None:
    """Confirm that a promise was kept. Raises CannotChangePromise, PermissionError."""
    case, clock = _open(pen=pen, complaint_id=complaint_id, clock_id=clock_id, actor=actor)
    _kept(pen=pen, case=case, clock=clock, by="hand")


def withdraw(*, pen: Pen, complaint_id: UUID, clock_id: UUID, actor: Actor, reason: str) -> None:
    """Take a promise back with a reason: the customer agreed to something else, or it was none.

    Raises CannotChangePromise, PermissionError.
    """
    case, clock = _open(pen=pen, complaint_id=complaint_id, clock_id=clock_id, actor=actor)
    why = reason.strip()[:500]
    if not why:
        raise CannotChangePromise(zh="请写明为什么撤回这个承诺", en="say why it is taken back")
    stop(pen=pen, case=case, clock=clock, met=False)
    pen.record(
        case=case,
        kind="PromiseWithdrawn",
        data={"clock": clock.id.hex, "name": clock.name},
        because=[Reason(rule="promise.withdrawn", zh=why, en=why)],
    )

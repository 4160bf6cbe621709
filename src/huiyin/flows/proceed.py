"""Proceed: a complaint goes on in its procedure. Clocks of steps, deeds of steps, ticks by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.playbook import Playbook
from huiyin.core.playbook.facts import FACTS, KNOWN_OTHERWISE, told
from huiyin.core.playbook.fill_in import fill_in_form
from huiyin.core.playbook.schema import Step
from huiyin.core.playbook.steps import (
    BY_HAND,
    ROUNDS,
    Happened,
    Plan,
    Progress,
    Standing,
    StepNow,
    decide,
    may_tick,
    plan_of,
    progress_of,
)
from huiyin.core.playbook.taken_back import with_refusals
from huiyin.flows.facts import facts_of, thing_of
from huiyin.flows.ticking import begin, stop
from huiyin.store.case import Case, Happening, Ticking
from huiyin.store.ledger import Pen
from huiyin.store.read import office
from huiyin.store.read.happened import happened, one

CLOCK = "step:"
"""Before the id of a step: the name of its clock."""
_LATER = frozenset(
    {"CategoryCorrected", "VerdictGiven", "PlaybookChanged", "TrackUpdated", "ParcelArrived"}
)
"""Events that may change which steps apply, beside those that complete one."""


class CannotProceed(ValueError):
    """The step cannot be done like this; ``zh`` and ``en`` say why and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def proceed(pen: Pen, events: Sequence[Happening]) -> None:
    """Look at the procedures of the complaints to which something happened that concerns them.

    New complaints cost nothing unless their first steps have clocks or deeds of their own.
    """
    wanted: dict[UUID, Case] = {}
    for event in events:
        case = event.case
        if not case.live or case.id in wanted:
            continue
        if event.kind == "ComplaintSorted":
            if _plan(case).begins_by_itself:
                wanted[case.id] = case
        elif event.kind in _heeded(case.playbook_version):
            wanted[case.id] = case
    if not wanted:
        return
    kinds = {k for c in wanted.values() for k in _heeded(c.playbook_version)}
    written = happened(complaint_ids=list(wanted), kinds=kinds)
    for case in wanted.values():
        _go_on(pen=pen, case=case, written=written[case.id])


def tick(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    step: str,
    answers: Mapping[str, str] | None = None,
    note: str = "",
) -> None:
    """Tick a step that is open, with the answers of its form.

    Raises CannotProceed, CannotFillIn, PermissionError.
    """
    case, now, _progress = _in_hand(pen=pen, complaint_id=complaint_id, actor=actor, step=step)
    if not may_tick(step=now.step, role=actor.role):
        raise PermissionError("这一步由上级来办")
    if now.state not in {"open", "asking"}:
        raise CannotProceed(
            zh=f"这一步现在不能勾选：{now.because.zh}", en=f"not possible now: {now.because.en}"
        )
    data: dict[str, Any] = {"step": step}
    facts: dict[str, Any] = {}
    if now.step.form is not None:
        form = office.playbook(version_id=case.playbook_version).form(id=now.step.form)
        filled = fill_in_form(form=form, given=answers or {})
        facts = dict(filled.facts)
        data["form"] = dict(filled.answers)
    still = [n for n in now.missing if n not in facts]
    if still:
        raise CannotProceed(
            zh="先填写：" + "、".join(FACTS[n].zh for n in still),
            en="first tell: " + ", ".join(FACTS[n].en for n in still),
        )
    if facts:
        data["facts"] = facts
        _keep(pen=pen, case=case, facts=facts)
    if said := note.replace("\x00", "").strip()[:500]:
        data["note"] = said
    pen.record(
        case=case,
        kind="StepDone",
        data=data,
        because=[
            Reason(rule="proceed.ticked", zh=f"完成：{now.step.name.zh}", en=now.step.name.en)
        ],
    )


def untick(*, pen: Pen, complaint_id: UUID, actor: Actor, step: str) -> None:
    """Take a tick back. Raises CannotProceed, PermissionError."""
    case, now, progress = _in_hand(pen=pen, complaint_id=complaint_id, actor=actor, step=step)
    done = progress.done.get(step)
    if done is None or done.event != "StepDone":
        raise CannotProceed(zh="只有手工勾选的步骤才能取消", en="only a tick is taken back")
    if not may_tick(step=now.step, role=actor.role):
        raise PermissionError("这一步由上级来办")
    pen.record(
        case=case,
        kind="StepUndone",
        data={"step": step},
        because=[
            Reason(rule="proceed.unticked", zh=f"取消：{now.step.name.zh}", en=now.step.name.en)
        ],
    )


def learn_facts(*, pen: Pen, complaint_id: UUID, actor: Actor, given: Mapping[str, str]) -> int:
    """Keep facts that a person tells, by name as typed; returns how many.

    Raises CannotTell, CannotProceed, PermissionError.
    """
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor)
    facts = {}
    for name, text in given.items():
        if name in FACTS and name not in KNOWN_OTHERWISE:
            value = told(name=name, text=text)
            if value is not None:
                facts[name] = value
    if not facts:
        raise CannotProceed(zh="请至少填写一项", en="fill in at least one")
    _keep(pen=pen, case=case, facts=facts)
    zh = "、".join(FACTS[n].zh for n in facts)
    en = ", ".join(FACTS[n].en for n in facts)
    pen.record(
        case=case,
        kind="FactLearned",
        data={"facts": facts},
        because=[Reason(rule="proceed.told", zh=f"补充了：{zh}", en=f"told: {en}")],
    )
    return len(facts)


def _keep(*, pen: Pen, case: Case, facts: Mapping[str, Any]) -> None:
    pen.set(case=case, triage={**case.triage, "told": {**case.triage.get("told", {}), **facts}})


def _guard(*, case: Case, actor: Actor) -> None:
    allowed = may(actor=actor, action="step", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if not case.live:
        raise CannotProceed(zh="投诉已结束，请先重新打开", en="reopen the complaint first")


def _in_hand(
    *, pen: Pen, complaint_id: UUID, actor: Actor, step: str
) -> tuple[Case, StepNow, Progress]:
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor)
    plan = _plan(case)
    written = happened(complaint_ids=[case.id], kinds=plan.heeded)[case.id]
    progress = progress_of(plan=plan, events=written)
    standing = decide(plan=plan, facts=_facts(case, progress), done=progress.done)
    for now in standing.steps:
        if now.step.id == step:
            return case, now, progress
    raise CannotProceed(zh="这件投诉没有这个步骤，请刷新", en="there is no such step, reload")


def _plan(case: Case) -> Plan:
    playbook = office.playbook(version_id=case.playbook_version)
    return plan_of(playbook=playbook, category=case.category, branch=case.branch)


def _facts(case: Case, progress: Progress) -> dict[str, Any]:
    return {**progress.facts, **facts_of(case=case)}


@lru_cache(maxsize=16)
def _heeded(playbook_version: str) -> frozenset[str]:
    """Return the events that may complete a step of any category."""
    steps = office.playbook(version_id=playbook_version).steps
    named = with_refusals(kinds=(kind for step in steps for kind in step.done_when))
    return named | ROUNDS | BY_HAND | _LATER


def _go_on(*, pen: Pen, case: Case, written: Iterable[Happened]) -> None:
    plan = _plan(case)
    pending = (one(*values) for values in pen.recorded(case=case))
    progress = progress_of(plan=plan, events=(*written, *pending))
    standing = decide(plan=plan, facts=_facts(case, progress), done=progress.done)
    _stop_clocks(pen=pen, case=case, standing=standing)
    playbook = office.playbook(version_id=case.playbook_version)
    running = {c.rule for c in pen.clocks(case=case) if c.running}
    began: dict[str, str] = {}
    for now in standing.open():
        step = now.step
        if step.within is not None and CLOCK + step.id not in running:
            clock = _begin(pen=pen, case=case, step=step)
            began[clock.rule] = clock.due_at.isoformat() if clock.due_at else ""
        deed = step.automatic
        if deed is not None and deed.do == "look_up_track" and now.state == "open":
            # All that was to be looked up is known.
            pen.record(case=case, kind="StepDone", data={"step": step.id}, actor="system",
                       because=[now.because])  # fmt: skip
        elif deed is not None and deed.do != "look_up_track" and step.id not in progress.run:
            _run(pen=pen, case=case, playbook=playbook, now=now)
    if began:
        pen.record(case=case, kind="ClocksStarted", data={"due": began}, actor="system")


def _begin(*, pen: Pen, case: Case, step: Step) -> Ticking:
    clock = begin(
        case=case,
        rule=CLOCK + step.id,
        name={"zh": step.name.zh, "en": step.name.en},
        calendar=step.calendar,
        duration=step.within or "",
        legal=False,
        share=0.75,
        since=pen.now,
    )
    pen.start_clock(case=case, clock=clock)
    return clock


def _stop_clocks(*, pen: Pen, case: Case, standing: Standing) -> None:
    states = {CLOCK + s.step.id: s.state for s in standing.steps}
    for clock in pen.clocks(case=case):
        if not clock.running or not clock.rule.startswith(CLOCK):
            continue
        state = states.get(clock.rule, "left_out")
        if state not in {"open", "asking"}:
            stop(pen=pen, case=case, clock=clock, met=state == "done")


def _run(*, pen: Pen, case: Case, playbook: Playbook, now: StepNow) -> None:
    """Record that a step does its deed; the rooms that follow do it.

    A request needs somebody in whose name it is put: until then the step stays open.
    """
    deed = now.step.automatic
    assert deed is not None
    data: dict[str, Any] = {"step": now.step.id, "do": deed.do}
    if deed.do == "request":
        by = _person(pen.actor) or case.assignee_id
        if by is None:
            return
        data |= {"department": deed.department, "by": by}
    elif deed.do == "send":
        data["script"] = deed.script
    zh, en = {
        "send": ("按规程自动告知客户", "told the customer as the playbook says"),
        "request": ("按规程自动请部门协办", "asked the department as the playbook says"),
    }[deed.do]
    pen.record(
        case=case,
        kind="StepRun",
        data=data,
        because=[Reason(rule=f"steps.{now.step.id}", zh=f"{now.step.name.zh}：{zh}", en=en)],
        actor="system",
    )


def _person(actor: str) -> int | None:
    return int(actor[5:]) if actor.startswith("user:") else None

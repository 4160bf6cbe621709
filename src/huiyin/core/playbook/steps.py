"""Where a complaint stands in its procedure: done, open, waiting, asking for facts, left out.

Steps that come after the same one are open side by side; a step with several before it joins
them. An optional step holds nobody up, nor does one that its condition leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from huiyin.core.because import Reason
from huiyin.core.playbook.facts import FACTS, KNOWN_OTHERWISE
from huiyin.core.playbook.rules import Condition, bind, holds
from huiyin.core.playbook.schema import Playbook, Step
from huiyin.core.playbook.taken_back import standing, with_refusals

State = Literal["done", "open", "asking", "waiting", "left_out"]

ROUNDS: frozenset[str] = frozenset({"RehandlingStarted", "ComplaintReopened"})
"""Events after which the procedure begins anew."""
BY_HAND: frozenset[str] = frozenset({"StepDone", "StepUndone", "StepRun", "FactLearned"})
"""Events of the procedure itself; their data names the step or the facts."""


@dataclass(frozen=True, slots=True)
class StepNow:
    """One step and where it stands.

    ``missing`` are facts it asks for, ``waits_for`` the steps before it that are not done.
    """

    step: Step
    state: State
    because: Reason
    missing: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """The whole procedure of one complaint at one moment."""

    steps: tuple[StepNow, ...]
    asked: tuple[str, ...]
    """Facts that somebody must tell, in the order in which steps want them."""

    def open(self) -> tuple[StepNow, ...]:
        """Return the steps that may be worked on now; several of them run side by side."""
        return tuple(s for s in self.steps if s.state in {"open", "asking"})

    @property
    def finished(self) -> bool:
        """True when no step is left that must be done."""
        return all(s.step.optional or s.state in {"done", "left_out"} for s in self.steps)


@dataclass(frozen=True, slots=True)
class Done:
    """That a step is done: when, and by whom; ``event`` names what completed it."""

    at: datetime
    by: str
    event: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What the events of the present round say: steps done, deeds run, facts learned."""

    done: Mapping[str, Done]
    run: frozenset[str]
    facts: Mapping[str, Any]
    since: int
    """Sequence number of the event that began the round."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as the procedure reads it."""

    seq: int
    kind: str
    at: datetime
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """The compiled procedure of a category on a branch; ``known`` keeps answers by their facts."""

    rows: tuple[tuple[Step, Condition[Step], tuple[int, ...]], ...]
    """(step, its condition, places of the steps before it)."""
    asked: tuple[str, ...]
    heeded: frozenset[str]
    """Events that complete a step of it."""
    known: dict[Any, Standing] = field(default_factory=dict, repr=False, compare=False)

    @property
    def begins_by_itself(self) -> bool:
        """True when a first step has a clock or does something by itself."""
        return any(not before and (s.within or s.automatic) for s, _c, before in self.rows)


_KEPT = 4096


def plan_of(*, playbook: Playbook, category: str, branch: str) -> Plan:
    """Return the compiled procedure of a category on a branch; kept with the playbook.

    Raises KeyError for an unknown category.
    """
    key = (category, branch)
    kept: Plan | None = playbook.plans.get(key)
    if kept is None:
        kept = _compile(playbook, playbook.steps_for(category=category, branch=branch))
        playbook.plans[key] = kept
    return kept


def _compile(playbook: Playbook, steps: tuple[Step, ...]) -> Plan:
    place = {step.id: n for n, step in enumerate(steps)}
    rows = tuple(
        (
            step,
            playbook.step_conditions[step.id],
            tuple(place[name] for name in step.after if name in place),
        )
        for step in steps
    )
    asked = {name for _s, condition, _b in rows for name in condition.needs}
    asked.update(name for step in steps for name in step.needs)
    heeded = frozenset(kind for step in steps for kind in step.done_when)
    heeded = with_refusals(kinds=heeded) | ROUNDS | BY_HAND
    return Plan(rows=rows, asked=tuple(sorted(asked)), heeded=heeded)


def progress_of(*, plan: Plan, events: Iterable[Happened]) -> Progress:
    """Read from a complaint's events, oldest first, what is done in its present round.

    Facts stay known from round to round; steps and deeds begin anew. A proposal that was refused
    has completed nothing.
    """
    done: dict[str, Done] = {}
    run: set[str] = set()
    facts: dict[str, Any] = {}
    since = 0
    for event in standing(events=events):
        if event.kind in ROUNDS:
            done, run, since = {}, set(), event.seq
        name = str(event.data.get("step", ""))
        if event.kind == "FactLearned":
            facts.update(event.data.get("facts") or {})
        elif event.kind == "StepRun":
            run.add(name)
            if event.data.get("do") == "send":
                done[name] = Done(at=event.at, by=event.actor, event=event.kind)
        elif event.kind == "StepUndone":
            done.pop(name, None)
        elif event.kind == "StepDone":
            done[name] = Done(at=event.at, by=event.actor, event=event.kind)
            facts.update(event.data.get("facts") or {})
        for step, _condition, _before in plan.rows:
            if event.kind in step.done_when and step.id not in done:
                done[step.id] = Done(at=event.at, by=event.actor, event=event.kind)
    return Progress(done=done, run=frozenset(run), facts=facts, since=since)


def decide(*, plan: Plan, facts: Mapping[str, Any], done: Iterable[str]) -> Standing:
    """Say where every step stands, each with its reason.

    ``facts`` as conditions name them; one that is absent or None is unknown.
    """
    finished = frozenset(done)
    values = [facts.get(name) for name in plan.asked]
    for n, value in enumerate(values):
        if value.__class__ is list:
            values[n] = tuple(value)
    key = (finished, *values, *map(type, values))
    kept = plan.known.get(key)
    if kept is None:
        if len(plan.known) >= _KEPT:
            plan.known.clear()
        kept = plan.known[key] = decide_afresh(plan=plan, facts=facts, done=finished)
    return kept


def decide_afresh(*, plan: Plan, facts: Mapping[str, Any], done: frozenset[str]) -> Standing:
    """Decide without looking at what was decided before; :func:`decide` is what callers use."""
    bound = bind(facts=facts)
    out: list[StepNow] = []
    asked: dict[str, None] = {}
    for step, condition, before in plan.rows:
        applies = True if condition.program is None else holds(condition=condition, facts=bound)
        now = _stands(step, condition, applies, [out[n] for n in before], bound.known, done)
        out.append(now)
        asked.update(dict.fromkeys(now.missing))
    return Standing(steps=tuple(out), asked=tuple(asked))


def _stands(
    step: Step,
    condition: Condition[Step],
    applies: bool | None,
    before: list[StepNow],
    known: Mapping[str, Any],
    done: frozenset[str],
) -> StepNow:
    if step.id in done:
        return StepNow(step, "done", _because("steps.done", "已完成", "done"))
    if applies is False:
        return StepNow(
            step, "left_out",
            Reason(
                rule="steps.left_out", zh=f"不满足条件：{step.when}",
                en=f"the condition does not hold: {step.when}",
            ),
        )  # fmt: skip
    behind = [b for b in before if not (b.step.optional or b.state in {"done", "left_out"})]
    if behind and not (step.join == "any" and any(b.state == "done" for b in before)):
        zh = "、".join(b.step.name.zh for b in behind)
        en = ", ".join(b.step.name.en for b in behind)
        some = step.join == "any" and len(behind) > 1
        return StepNow(
            step, "waiting",
            Reason(
                rule="steps.waiting",
                zh=f"先完成{'其中一项：' if some else '：'}{zh}",
                en=f"after {'one of ' if some else ''}{en}",
            ),
            waits_for=tuple(b.step.id for b in behind),
        )  # fmt: skip
    wanted = tuple(sorted(condition.needs - known.keys())) if applies is None else ()
    wanted += tuple(n for n in step.needs if n not in known and n not in wanted)
    if wanted:
        zh = "、".join(FACTS[n].zh for n in wanted if n in FACTS)
        en = ", ".join(FACTS[n].en for n in wanted if n in FACTS)
        rule = "steps.condition_asks" if applies is None else "steps.asks"
        return StepNow(
            step, "asking", Reason(rule=rule, zh=f"还需要知道：{zh}", en=f"still unknown: {en}"),
            missing=wanted,
        )  # fmt: skip
    if step.optional:
        return StepNow(step, "open", _because("steps.open", "可以办（非必办）", "may be done"))
    return StepNow(step, "open", _because("steps.open", "现在办", "to be done now"))


_SAID: dict[str, Reason] = {}


def _because(rule: str, zh: str, en: str) -> Reason:
    """Reuse the few reasons that name no step."""
    return _SAID.setdefault(zh, Reason(rule=rule, zh=zh, en=en))


_ABOVE: dict[str, frozenset[str]] = {
    "supervisor": frozenset({"supervisor", "manager", "administrator"}),
    "process_owner": frozenset({"process_owner", "manager", "administrator"}),
    "manager": frozenset({"manager", "administrator"}),
    "administrator": frozenset({"administrator"}),
}


def may_tick(*, step: Step, role: str) -> bool:
    """Tell whether a role may tick a step: what is given to a rank is not for those below it."""
    return role in _ABOVE.get(step.role, frozenset({role}))


def to_be_told(*, missing: Iterable[str]) -> tuple[str, ...]:
    """Return of missing facts those that a person types in."""
    return tuple(n for n in missing if n in FACTS and n not in KNOWN_OTHERWISE)

"""Carry out: answer and settle all complaints of an incident, each with its own facts.

A batch is written down, held for a while in which the whole can be called back, and then worked
off complaint by complaint in the worker: every step is one transaction of the rooms that a person
would use, by the rights of the person who made the batch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import OperationalError

from huiyin.core.access import Actor, may_on_bulk
from huiyin.core.incident import Plan, next_step, release
from huiyin.core.remedy import authority
from huiyin.core.wording import fill_in
from huiyin.flows import answer, investigate, journey, settle
from huiyin.flows.outlook import (
    CannotCarryOut,
    ended_as,
    hold_length,
    told,
    values_for,
    weighed,
)
from huiyin.flows.replying import Sending
from huiyin.flows.telling import values_of
from huiyin.store.ledger import bulk_runs
from huiyin.store.read import incidents, office, remedies
from huiyin.store.read.incidents import Item, Run

log = logging.getLogger(__name__)


def start(
    *, incident_id: UUID, actor: Actor, plan: Plan, text: str, token: str, now: datetime
) -> UUID:
    """Make a batch: held, or waiting for release where its sum is above the maker's authority.

    The same token makes one batch. Returns its id. Raises CannotCarryOut, CannotStartRun,
    PermissionError.
    """
    _cases_found, items, ruling = weighed(
        incident_id=incident_id, actor=actor, plan=plan, text=text, now=now
    )
    if all(i.error for i in items):
        raise CannotCarryOut(
            zh=f"没有一件可以处理：{items[0].error['zh']}",
            en=f"none of them can be served: {items[0].error['en']}",
        )
    if not ruling.ok and ruling.ask is None:
        raise CannotCarryOut(
            zh="没有任何一级的额度够得着这个合计，请分几天或分几批处理",
            en="no rank's authority reaches this sum: work in several batches",
        )
    return bulk_runs.create(
        now=now,
        incident_id=incident_id,
        token=token,
        user_id=actor.id,
        plan=plan.as_json(),
        text=text.strip().replace("\x00", ""),
        because=[ruling.because],
        items=items,
        hold_until=now + hold_length() if ruling.ok else None,
    )


def _run(run_id: UUID) -> Run:
    found = incidents.run(id=run_id)
    if found is None:
        raise CannotCarryOut(zh="找不到这个批次", en="there is no such batch")
    return found


def _need(*, actor: Actor, action: str, run: Run) -> None:
    allowed = may_on_bulk(actor=actor, action=action, made_by=run.made_by)
    if not allowed:
        raise PermissionError(allowed.zh)


def let_go(*, run_id: UUID, actor: Actor, now: datetime) -> None:
    """Release a batch whose sum is above its maker's authority; its hold begins.

    Raises CannotRelease (a PermissionError), CannotMoveRun.
    """
    run = _run(run_id)
    _need(actor=actor, action="release", run=run)
    playbook = office.current_playbook()
    today = now.astimezone(ZoneInfo(playbook.timezone)).date()
    usable = authority.capacities(
        actor=actor, absences=remedies.absences_for(deputy=actor.id, today=today), today=today
    )
    release(
        actor=actor,
        made_by=run.made_by,
        usable=usable,
        amounts=incidents.amounts(run_id=run_id),
        ladder=remedies.ladder_of(playbook=playbook),
        today=incidents.granted_today(
            owners=[c.owner.id for c in usable], now=now, zone=playbook.timezone
        ),
    )
    bulk_runs.move(
        id=run_id, act="release", now=now, released_by_id=actor.id, released_at=now,
        hold_until=now + hold_length(),
    )  # fmt: skip


def call_back(*, run_id: UUID, actor: Actor, now: datetime) -> str:
    """Call a held batch back whole, or stop one that runs; returns its state.

    Raises CannotMoveRun, PermissionError.
    """
    run = _run(run_id)
    _need(actor=actor, action="call_back", run=run)
    act = "stop" if run.state == "running" else "call_back"
    return bulk_runs.move(id=run_id, act=act, now=now, stopped_by_id=actor.id)


def retry(*, run_id: UUID, actor: Actor, now: datetime) -> None:
    """Try again what failed, waited or was left; it is held first. Raises as call_back does."""
    run = _run(run_id)
    _need(actor=actor, action="retry", run=run)
    bulk_runs.move(
        id=run_id, act="retry", now=now, hold_until=now + hold_length(), finished_at=None,
        lease_until=None,
    )  # fmt: skip


# ------------------------------------------------------------------ in the worker


def go_on(*, clock: Callable[[], datetime], within: timedelta = timedelta(seconds=1)) -> int:
    """Work on one batch for a while; returns how many steps were done.

    Whoever is killed loses nothing: the next worker goes on once the lease has lapsed.
    """
    begun = clock()
    run_id = bulk_runs.claim(now=begun)
    if run_id is None:
        return 0
    run = _run(run_id)
    done = 0
    while clock() - begun < within:
        items = incidents.pending(run_id=run_id, limit=20)
        if not items:
            bulk_runs.finish(id=run_id, now=clock())
            return done + 1
        for item in items:
            if not bulk_runs.keep(id=run_id, now=clock()):
                return done
            done += _serve(run=run, item=item, clock=clock)
            if clock() - begun >= within:
                break
    bulk_runs.give_back(id=run_id)
    return done


def _serve(*, run: Run, item: Item, clock: Callable[[], datetime]) -> int:
    """Do the steps that are left for one complaint; a failure is kept with its reason."""
    done = 0
    step = next_step(plan=run.plan, done=item.step)
    if step is None:
        bulk_runs.take(item_id=item.id, step=item.step, now=clock(), last=True)
        return 1
    while step is not None:
        now = clock()
        try:
            if not _STEPS[step](run, item, now):
                return done
        except OperationalError:
            raise
        except (ValueError, PermissionError) as problem:
            state = "waiting" if isinstance(problem, CannotGrant) else ended_as(problem=problem)
            bulk_runs.set_aside(
                item_id=item.id, step=item.step, state=state, error=told(problem=problem), now=now
            )
            return done + 1
        except Exception as problem:
            log.exception("complaint %s of batch %s failed", item.complaint_id, run.id)
            name = type(problem).__name__
            bulk_runs.set_aside(
                item_id=item.id, step=item.step, state="failed", now=now,
                error={"zh": f"处理时出错：{name}", "en": f"handling failed: {name}"},
            )  # fmt: skip
            return done + 1
        done += 1
        item = replace(item, step=item.step + 1)
        if step == "propose":
            item = replace(item, remedy_id=incidents.remedy_of(item_id=item.id))
        step = next_step(plan=run.plan, done=item.step)
    return done


class CannotGrant(CannotCarryOut):
    """The remedy waits for somebody's approval; tried again, the complaint goes on."""


def _take(run: Run, item: Item, now: datetime) -> bool:
    last = next_step(plan=run.plan, done=item.step + 1) is None
    return bulk_runs.take(item_id=item.id, step=item.step, now=now, last=last)


def _judge(run: Run, item: Item, now: datetime) -> bool:
    who, _name = incidents.actor(user_id=run.made_by)
    with journey.writing(now=now, actor=f"user:{who.id}") as pen:
        if not _take(run, item, now):
            return False
        case = pen.case(id=item.complaint_id)
        if not case.verdict:
            plan = run.plan
            investigate.give_verdict(
                pen=pen, complaint_id=case.id, actor=who, verdict=plan.verdict, cause=plan.cause,
                department=plan.department, reason=plan.reason,
            )  # fmt: skip
    return True


def _propose(run: Run, item: Item, now: datetime) -> bool:
    who, _name = incidents.actor(user_id=run.made_by)
    with journey.writing(now=now, actor=f"user:{who.id}") as pen:
        if not _take(run, item, now):
            return False
        remedy_id = settle.propose(
            pen=pen, complaint_id=item.complaint_id, actor=who, kind=run.plan.kind,
            amount=run.plan.amount if item.amount is None else item.amount,
            reason=run.plan.reason, facts=item.facts or None,
            told_with_answer=run.plan.answers,
        )  # fmt: skip
        bulk_runs.remember(item_id=item.id, remedy_id=remedy_id)
    return True


def _grant(run: Run, item: Item, now: datetime) -> bool:
    assert item.remedy_id is not None
    found = remedies.offer(remedy_id=item.remedy_id)
    state = found.state if found else "gone"
    if state in {"rejected", "withdrawn", "gone"}:
        raise CannotCarryOut(zh="补偿被驳回或撤回", en="the remedy was rejected or withdrawn")
    by = run.released_by if state == "waiting" else run.made_by
    if by is None:
        raise CannotGrant(zh="补偿等待审批，审批后可重试", en="the remedy waits for approval")
    who, _name = incidents.actor(user_id=by)
    with journey.writing(now=now, actor=f"user:{who.id}") as pen:
        if not _take(run, item, now):
            return False
        if state == "waiting":
            try:
                settle.decide(
                    pen=pen, remedy_id=item.remedy_id, actor=who, approve=True,
                    reason=run.plan.reason, told_with_answer=run.plan.answers,
                )  # fmt: skip
            except (settle.CannotSettle, PermissionError) as problem:
                why = told(problem=problem)
                raise CannotGrant(
                    zh=f"补偿等待审批：{why['zh']}", en=f"waits for approval: {why['en']}"
                ) from problem
    return True


def _answer(run: Run, item: Item, now: datetime) -> bool:
    who, name = incidents.actor(user_id=run.made_by)
    amount = item.amount
    if item.remedy_id is not None:
        found = remedies.offer(remedy_id=item.remedy_id)
        amount = found.amount if found else amount
    with journey.writing(now=now, actor=f"user:{who.id}") as pen:
        if not _take(run, item, now):
            return False
        case = pen.case(id=item.complaint_id)
        values = values_for(
            values=values_of(pen=pen, case=case, agent=name), plan=run.plan, amount=amount,
            incident=incidents.name_of(incident_id=run.incident_id),
        )  # fmt: skip
        words = fill_in(text=run.text, values=values)
        how = Sending(agent=name, despite=run.plan.despite)
        say = answer.resolve if run.plan.final else answer.reply
        say(pen=pen, complaint_id=case.id, actor=who, text=words, agent=name, how=how)
    return True


_STEPS: Mapping[str, Callable[[Run, Item, datetime], bool]] = {
    "judge": _judge,
    "propose": _propose,
    "grant": _grant,
    "answer": _answer,
}

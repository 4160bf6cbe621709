"""Carry out: answer and settle all complaints of an incident, each with its own facts.

A batch is written down, held for a while in which the whole can be called back, and then worked
off complaint by complaint in the worker: every step is one transaction of the rooms that a person
would use, by the rights of the person who made the batch.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import OperationalError

from huiyin.core.access import Actor, may, may_on_bulk
from huiyin.core.because import Reason
from huiyin.core.clocks import parse_duration
from huiyin.core.incident import Plan, next_step, reach, release
from huiyin.core.incident.listing import waybill_key
from huiyin.core.masking import mask_name
from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.core.remedy import authority, yuan
from huiyin.core.remedy.authority import Ruling
from huiyin.core.wording import fill_in
from huiyin.flows import answer, investigate, journey, settle
from huiyin.flows.replying import Sending, look
from huiyin.flows.telling import values_of
from huiyin.store.case import Case
from huiyin.store.ledger import bulk_runs, pen
from huiyin.store.ledger.bulk_runs import NewItem
from huiyin.store.read import incidents, office, proposing, remedies
from huiyin.store.read.incidents import Item, Run
from huiyin.store.read.labels import VERDICT_NAMES
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.standing import Standing

log = logging.getLogger(__name__)

MOST = 5000
"""A batch has at most so many complaints."""
SAMPLES = 5
PLACEHOLDERS = (
    "customer", "number", "waybill", "amount", "remedy", "category", "department", "verdict",
    "link", "company", "hotline", "agent", "incident",
)  # fmt: skip
_BRACES = re.compile(r"\{([^{}]*)\}")


class CannotCarryOut(ValueError):
    """The batch cannot be made as it is; ``zh`` and ``en`` say what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Sample:
    """What one complaint would get: its sum in 分 and the words, the name covered.

    ``stops`` is what keeps the answer from going out without a reason, ``remarks`` what else was
    found in it.
    """

    complaint_id: UUID
    number: str
    waybill: str
    amount: int | None
    text: str
    stops: tuple[Reason, ...]
    remarks: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Unfit:
    """A complaint that the batch cannot serve as it is, and why."""

    complaint_id: UUID
    number: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """A batch before it is made: how many, the sum in 分, whose authority, samples, failures."""

    total: int
    amount: int
    least: int
    largest: int
    ruling: Ruling
    samples: tuple[Sample, ...]
    unfit: tuple[Unfit, ...]
    hold: timedelta


def check(*, plan: Plan, text: str) -> None:
    """Refuse a batch that does nothing or that cannot be meant. Raises CannotCarryOut."""
    if not plan.steps:
        raise CannotCarryOut(
            zh="请选择要做什么：补偿、答复或两者", en="choose what to do: settle, answer or both"
        )
    if plan.kind and plan.kind not in KIND_NAMES:
        raise CannotCarryOut(zh="请选择补偿方式", en="choose the kind of remedy")
    if plan.kind and not plan.reason.strip():
        raise CannotCarryOut(zh="请写明补偿的理由", en="give the reason for the remedy")
    if plan.kind in MONEY_KINDS and not plan.by_formula and plan.amount is None:
        raise CannotCarryOut(
            zh="请选择损失类型按规则计算，或填写统一金额",
            en="choose the kind of loss to compute by rule, or give one sum for all",
        )
    _check_verdict(plan=plan)
    if plan.answers:
        _check_words(plan=plan, text=text)


def _check_verdict(*, plan: Plan) -> None:
    if not plan.verdict:
        return
    if plan.verdict not in VERDICT_NAMES:
        raise CannotCarryOut(zh="请选择成立、部分成立或不成立", en="choose a verdict")
    causes = {c.code for c in office.current_playbook().causes}
    if (plan.verdict != "not_upheld" or plan.cause) and plan.cause not in causes:
        raise CannotCarryOut(zh="投诉成立时请选择原因", en="an upheld complaint needs its cause")


def _check_words(*, plan: Plan, text: str) -> None:
    words = text.strip()
    if not words:
        raise CannotCarryOut(zh="请填写要发送的内容", en="write something to send")
    if len(words) > 5000:
        raise CannotCarryOut(zh="内容超过 5000 字", en="more than 5,000 characters")
    used = set(_BRACES.findall(words))
    strange = sorted(used - set(PLACEHOLDERS))
    if strange:
        listed = "、".join("{" + p + "}" for p in PLACEHOLDERS)
        raise CannotCarryOut(
            zh=f"没有“{{{strange[0]}}}”这个占位符，可用：{listed}",
            en=f"there is no placeholder {{{strange[0]}}}; use {listed.replace('、', ', ')}",
        )
    if {"amount", "remedy"} & used and not plan.kind:
        raise CannotCarryOut(
            zh="内容里写了 {amount} 或 {remedy}，但没有选择补偿",
            en="the words name {amount} or {remedy}, but no remedy is chosen",
        )


def _weigh(
    *,
    case: Case,
    plan: Plan,
    listed: Mapping[str, Mapping[str, Any]],
    standing: Standing | None,
    actor: Actor,
    now: datetime,
) -> NewItem:
    """Return what a complaint gets, or why it cannot be served."""
    error: dict[str, str] = {}
    amount: int | None = None
    facts: dict[str, Any] = {}
    try:
        if plan.final and not (plan.verdict or case.verdict):
            raise CannotCarryOut(zh="还没有核查结论，不能办结", en="no verdict yet")
        if plan.kind:
            judged = case
            if plan.verdict and not case.verdict:
                judged = replace(case, verdict=plan.verdict, cause=plan.cause)
            if plan.by_formula:
                known = proposing.known_facts(case=judged, now=now, standing=standing)
                on_list = listed.get(waybill_key(text=case.waybill), {})
                facts = {
                    **known, **on_list, "kind": plan.harm, "value_proven": plan.value_proven
                }  # fmt: skip
                facts = {k: v for k, v in facts.items() if v not in (None, "")}
            found = proposing.plan(
                case=judged, actor=actor, kind=plan.kind, amount=plan.amount,
                facts=facts or None, now=now, standing=standing,
            )  # fmt: skip
            amount = found.proposal.amount
    except ValueError as problem:
        error = _told(problem)
    return NewItem(complaint_id=case.id, amount=amount, facts=facts, error=error)


def _told(problem: Exception) -> dict[str, str]:
    return {
        "zh": str(getattr(problem, "zh", "") or problem)[:300],
        "en": str(getattr(problem, "en", "") or problem)[:300],
    }


def _cases(*, incident_id: UUID, only: Sequence[UUID] | None) -> list[Case]:
    cases = incidents.linked_cases(incident_id=incident_id, statuses=incidents.WORKABLE)
    if only is not None:
        wanted = set(only)
        cases = [c for c in cases if c.id in wanted]
    if not cases:
        raise CannotCarryOut(
            zh="事件里没有还要处理的投诉", en="the incident has no complaint left to work on"
        )
    if len(cases) > MOST:
        raise CannotCarryOut(
            zh=f"一个批次最多 {MOST} 件", en=f"a batch has {MOST} complaints at most"
        )
    return cases


def _weighed(
    *, incident_id: UUID, actor: Actor, plan: Plan, text: str, now: datetime
) -> tuple[list[Case], list[NewItem], Ruling]:
    allowed = may(actor=actor, action="incidents.send")
    if not allowed:
        raise PermissionError(allowed.zh)
    check(plan=plan, text=text)
    cases = _cases(incident_id=incident_id, only=None)
    listed = incidents.listed_facts(incident_id=incident_id)
    standing = None
    if plan.kind:
        standing = proposing.stands(cases=cases, owner=actor.id, kind=plan.kind, now=now)
    items = [
        _weigh(case=c, plan=plan, listed=listed, standing=standing, actor=actor, now=now)
        for c in cases
    ]
    playbook = office.current_playbook()
    ruling = reach(
        actor=actor,
        amounts=[i.amount or 0 for i in items if not i.error],
        ladder=remedies.ladder_of(playbook=playbook),
        today=incidents.granted_today(owners=[actor.id], now=now, zone=playbook.timezone)[actor.id],
    )
    return cases, items, ruling


def outlook(
    *, incident_id: UUID, actor: Actor, agent: str, plan: Plan, text: str, now: datetime
) -> Outlook:
    """Return what a batch would do; nothing is written. Raises CannotCarryOut, PermissionError."""
    cases, items, ruling = _weighed(
        incident_id=incident_id, actor=actor, plan=plan, text=text, now=now
    )
    by_id = {c.id: c for c in cases}
    good = [i for i in items if not i.error]
    sums = [i.amount or 0 for i in good]
    shown = _spread(good)
    return Outlook(
        total=len(good),
        amount=sum(sums),
        least=min(sums, default=0),
        largest=max(sums, default=0),
        ruling=ruling,
        samples=_samples(
            cases=by_id, items=shown, plan=plan, text=text, agent=agent, now=now,
            incident_id=incident_id, actor=actor,
        ),
        unfit=tuple(
            Unfit(i.complaint_id, by_id[i.complaint_id].number, i.error["zh"], i.error["en"])
            for i in items
            if i.error
        ),
        hold=hold_length(),
    )  # fmt: skip


def _samples(
    *,
    cases: Mapping[UUID, Case],
    items: Sequence[NewItem],
    plan: Plan,
    text: str,
    agent: str,
    now: datetime,
    incident_id: UUID,
    actor: Actor,
) -> tuple[Sample, ...]:
    """Fill the words for a few complaints, as they would go out, with the names covered."""
    named = incidents.name_of(incident_id=incident_id)
    out = []
    with pen(now=now, actor=f"user:{actor.id}") as hand:
        hand.cases(ids=[i.complaint_id for i in items])
        for item in items:
            case = cases[item.complaint_id]
            words = ""
            stops: list[Reason] = []
            remarks: list[Reason] = []
            if plan.answers:
                judged = replace(case, verdict=case.verdict or plan.verdict)
                values = _values(
                    values=values_of(pen=hand, case=judged, agent=agent), plan=plan,
                    amount=item.amount, incident=named,
                )  # fmt: skip
                whole = fill_in(text=text.strip(), values=values)
                found = look(complaint_id=case.id, text=whole, agent=agent, now=now)
                stops = [r.because for r in found.stops]
                remarks = [r.because for r in found.remarks if r not in found.stops]
                values["customer"] = mask_name(name=values["customer"])
                words = fill_in(text=text.strip(), values=values)
            out.append(
                Sample(
                    case.id, case.number, case.waybill, item.amount, words, tuple(stops),
                    tuple(remarks),
                )
            )  # fmt: skip
    return tuple(out)


def _spread(items: Sequence[NewItem]) -> list[NewItem]:
    """Return a few that show the range: least, greatest, and some between."""
    if len(items) <= SAMPLES:
        return list(items)
    ranked = sorted(items, key=lambda i: i.amount or 0)
    return [ranked[n * (len(ranked) - 1) // (SAMPLES - 1)] for n in range(SAMPLES)]


def hold_length() -> timedelta:
    """Return how long a batch is held."""
    length = parse_duration(text=office.current_playbook().incidents.hold)
    return timedelta(days=length.days, seconds=length.seconds)


def start(
    *, incident_id: UUID, actor: Actor, plan: Plan, text: str, token: str, now: datetime
) -> UUID:
    """Make a batch: held, or waiting for release where its sum is above the maker's authority.

    The same token makes one batch. Returns its id. Raises CannotCarryOut, CannotStartRun,
    PermissionError.
    """
    _cases_found, items, ruling = _weighed(
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
            state = "waiting" if isinstance(problem, CannotGrant) else "failed"
            bulk_runs.set_aside(
                item_id=item.id, step=item.step, state=state, error=_told(problem), now=now
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
            amount=item.amount, reason=run.plan.reason, facts=item.facts or None,
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
                    reason=run.plan.reason,
                )  # fmt: skip
            except (settle.CannotSettle, PermissionError) as problem:
                told = _told(problem)
                raise CannotGrant(
                    zh=f"补偿等待审批：{told['zh']}", en=f"waits for approval: {told['en']}"
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
        values = _values(
            values=values_of(pen=pen, case=case, agent=name), plan=run.plan, amount=amount,
            incident=incidents.name_of(incident_id=run.incident_id),
        )  # fmt: skip
        words = fill_in(text=run.text, values=values)
        how = Sending(agent=name, despite=run.plan.despite)
        say = answer.resolve if run.plan.final else answer.reply
        say(pen=pen, complaint_id=case.id, actor=who, text=words, agent=name, how=how)
    return True


def _values(
    *, values: Mapping[str, str], plan: Plan, amount: int | None, incident: str
) -> dict[str, str]:
    kind = KIND_NAMES.get(plan.kind, ("", ""))
    return {
        **values,
        "amount": f"¥{yuan(amount)}" if amount else "",
        "remedy": kind[0],
        "incident": incident,
    }


_STEPS: Mapping[str, Callable[[Run, Item, datetime], bool]] = {
    "judge": _judge,
    "propose": _propose,
    "grant": _grant,
    "answer": _answer,
}

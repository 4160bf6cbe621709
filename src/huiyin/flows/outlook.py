"""Outlook: what a batch would do for each complaint of an incident, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.clocks import parse_duration
from huiyin.core.incident import Plan, reach
from huiyin.core.incident.listing import waybill_key
from huiyin.core.masking import mask_name
from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.core.remedy import yuan
from huiyin.core.remedy.authority import Ruling
from huiyin.core.remedy.offer import ANSWERED_KINDS
from huiyin.core.remedy.parcel import CannotClaimTwice
from huiyin.core.wording import fill_in
from huiyin.flows.replying import look
from huiyin.flows.telling import values_of
from huiyin.store.case import Case
from huiyin.store.ledger import pen
from huiyin.store.ledger.bulk_runs import NewItem
from huiyin.store.read import incidents, office, proposing, remedies
from huiyin.store.read.labels import VERDICT_NAMES
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.standing import Standing

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
    if plan.by_formula and plan.amount is not None:
        raise CannotCarryOut(
            zh="选了按规则逐件计算，就不用统一金额：请清空统一金额，或改选“不按公式，用统一金额”",
            en="the sum is computed by rule for each: empty the one sum for all, or choose not to"
            " use the formula",
        )
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
    if plan.kind in ANSWERED_KINDS and "link" not in used:
        raise CannotCarryOut(
            zh="请在内容里写上 {link}：客户只收到这一条消息，要从链接里接受或不接受补偿",
            en="put {link} into the words: this is the one message the customer gets, and the link"
            " is where he accepts or declines",
        )


def _weigh(
    *,
    case: Case,
    plan: Plan,
    listed: Mapping[str, Mapping[str, Any]],
    standing: Standing | None,
    served: dict[tuple[str, str], str],
    actor: Actor,
    now: datetime,
) -> NewItem:
    """Return what a complaint gets, or why it cannot be served.

    ``served`` are the claims of parcels that complaints before it in the batch get, with their
    numbers: a parcel of which two complain is paid once, the other is for a person.
    """
    ended = "failed"
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
            heads = {(found.parcel, c.head) for c in found.proposal.claims}
            if twice := next((served[h] for h in heads if h in served), ""):
                raise CannotClaimTwice(
                    zh=f"同一个包裹的投诉 {twice} 在这一批里赔付，同一包裹不能重复赔付",
                    en=f"complaint {twice} of this batch settles the same parcel;"
                    " a parcel is not paid twice",
                )
            served.update(dict.fromkeys(heads, case.number))
            amount = found.proposal.amount
    except ValueError as problem:
        error, ended = told(problem=problem), ended_as(problem=problem)
    return NewItem(complaint_id=case.id, amount=amount, facts=facts, error=error, ended=ended)


def ended_as(*, problem: Exception) -> str:
    """Return the state of a complaint that a batch cannot serve for this reason."""
    return "claimed" if isinstance(problem, CannotClaimTwice) else "failed"


def told(*, problem: Exception) -> dict[str, str]:
    """Return what a refusal says, {zh, en}."""
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


def weighed(
    *, incident_id: UUID, actor: Actor, plan: Plan, text: str, now: datetime
) -> tuple[list[Case], list[NewItem], Ruling]:
    """Return the complaints of a batch, what each gets or why not, and whose authority it needs.

    Raises CannotCarryOut, PermissionError.
    """
    allowed = may(actor=actor, action="incidents.send")
    if not allowed:
        raise PermissionError(allowed.zh)
    check(plan=plan, text=text)
    cases = _cases(incident_id=incident_id, only=None)
    listed = incidents.listed_facts(incident_id=incident_id)
    standing = None
    if plan.kind:
        standing = proposing.stands(cases=cases, owner=actor.id, kind=plan.kind, now=now)
    served: dict[tuple[str, str], str] = {}
    items = [
        _weigh(
            case=c, plan=plan, listed=listed, standing=standing, served=served, actor=actor, now=now
        )
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
    cases, items, ruling = weighed(
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
                values = values_for(
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


def values_for(
    *, values: Mapping[str, str], plan: Plan, amount: int | None, incident: str
) -> dict[str, str]:
    """Return what the words of a batch are filled with for one complaint."""
    kind = KIND_NAMES.get(plan.kind, ("", ""))
    return {
        **values,
        "amount": f"¥{yuan(amount)}" if amount else "",
        "remedy": kind[0],
        "incident": incident,
    }

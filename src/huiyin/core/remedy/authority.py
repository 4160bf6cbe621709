"""The ladder of authority: who may grant how much, per case, per day and per customer.

A proposal within the proposer's own limits is granted at once. Above them somebody else decides:
with his own authority or, while a colleague is away, with that colleague's. Nobody decides on his
own proposal, neither himself nor a deputy in his name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from huiyin.core.access import ON_COMPLAINT, ROLE_NAMES, Actor, Thing, may
from huiyin.core.because import Reason
from huiyin.core.remedy.steps import yuan


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rank may grant, 分; None is without limit."""

    per_case: int | None
    per_day: int | None
    per_customer: int | None


@dataclass(frozen=True, slots=True)
class Spent:
    """What was granted before, 分: on the case, today by the authority's owner, to the customer."""

    case: int = 0
    day: int = 0
    customer: int = 0


@dataclass(frozen=True, slots=True)
class Absence:
    """A person away from ``first`` to ``last``, both included, and his deputy."""

    person: Actor
    deputy: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Capacity:
    """An authority that somebody may use: ``owner`` is himself or whom he deputises for."""

    owner: Actor


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether it is granted, by whose authority, why, and whom to ask otherwise."""

    ok: bool
    owner: Actor | None
    because: Reason
    ask: str | None = None
    """The lowest rank whose authority reaches; None when it is granted or none does."""


Ladder = Mapping[str, Limits]
_LIMIT_NAMES = {
    "case": ("每件额度", "limit per case"),
    "day": ("每日额度", "limit per day"),
    "customer": ("对同一客户的额度", "limit per customer"),
}


def exceeded(*, limits: Limits | None, amount: int, spent: Spent) -> tuple[str, int] | None:
    """Return the first limit that an amount breaks, ("case" | "day" | "customer", limit in 分).

    No limits at all (a role that grants nothing) is a limit of 0 per case; an amount of 0 (an
    apology, a re-delivery) breaks none.
    """
    if amount == 0:
        return None
    if limits is None:
        return "case", 0
    for name, limit, before in (
        ("case", limits.per_case, spent.case),
        ("day", limits.per_day, spent.day),
        ("customer", limits.per_customer, spent.customer),
    ):
        if limit is not None and before + amount > limit:
            return name, limit
    return None


def rank_for(*, ladder: Ladder, amount: int, spent: Spent) -> str | None:
    """Return the lowest rank that may approve an amount on this case, None when none may.

    What a person has granted today is left out: another of the same rank may have some left.
    """
    fresh = Spent(case=spent.case, customer=spent.customer)
    for role, limits in ladder.items():
        if role in ON_COMPLAINT["approve"] and not exceeded(
            limits=limits, amount=amount, spent=fresh
        ):
            return role
    return None


def _too_much(*, broken: tuple[str, int], owner: Actor, ladder: Ladder, ask: str | None) -> Reason:
    name, limit = broken
    zh, en = _LIMIT_NAMES[name]
    role = ROLE_NAMES.get(owner.role, (owner.role,) * 2)
    next_zh, next_en = ROLE_NAMES.get(ask or "", ("上一级", "the next rank"))
    return Reason(
        rule=f"authority.{name}",
        zh=f"超出{role[0]}{zh} ¥{yuan(limit)}，需要{next_zh}审批",
        en=f"above the {role[1].lower()}'s {en} of ¥{yuan(limit)}: needs {next_en.lower()}",
        words=(yuan(limit),),
    )


def grant(*, proposer: Actor, amount: int, ladder: Ladder, spent: Spent) -> Ruling:
    """Decide whether a proposal stands at once by the proposer's own authority."""
    broken = exceeded(limits=ladder.get(proposer.role), amount=amount, spent=spent)
    if broken is None:
        return Ruling(
            ok=True,
            owner=proposer,
            because=Reason(
                rule="authority.within",
                zh="在本人额度内，直接生效" if amount else "不涉及金额，直接生效",
                en="within the proposer's own authority" if amount else "carries no money",
            ),
        )
    ask = rank_for(ladder=ladder, amount=amount, spent=spent)
    return Ruling(
        ok=False,
        owner=None,
        because=_too_much(broken=broken, owner=proposer, ladder=ladder, ask=ask),
        ask=ask,
    )


def capacities(*, actor: Actor, absences: Sequence[Absence], today: date) -> tuple[Capacity, ...]:
    """Return the authorities that a person may use today: his own, then those he deputises for.

    Deputising is not handed on: a deputy's deputy has only the deputy's own authority.
    """
    if not actor.active:
        return ()
    own = [Capacity(owner=actor)]
    for absence in absences:
        if (
            absence.deputy == actor.id
            and absence.person.id != actor.id
            and absence.person.active
            and absence.first <= today <= absence.last
        ):
            own.append(Capacity(owner=absence.person))
    return tuple(own)


def approve(
    *,
    actor: Actor,
    proposed_by: int | None,
    usable: Sequence[Capacity],
    thing: Thing,
    amount: int,
    ladder: Ladder,
    spent: Mapping[int, Spent],
) -> Ruling:
    """Decide whether a person may approve a proposal, and by whose authority.

    ``usable`` comes from :func:`capacities`; ``spent`` holds what counts for each owner by his id.
    His own authority is tried first. The answer names the rule that stands in the way.
    """
    if proposed_by == actor.id:
        return _refused("authority.own_proposal", "不能审批自己提出的方案", "his own proposal")
    refused: Ruling | None = None
    for capacity in usable:
        owner = capacity.owner
        if owner.id == proposed_by:
            refused = refused or _refused(
                "authority.deputy_of_proposer",
                "不能以提出人的名义审批他自己的方案",
                "a deputy may not approve what the absent person proposed in his name",
            )
            continue
        if not may(
            actor=Actor(id=actor.id, role=owner.role, department=owner.department),
            action="approve",
            thing=thing,
        ):
            continue
        counted = spent.get(owner.id, Spent())
        broken = exceeded(limits=ladder.get(owner.role), amount=amount, spent=counted)
        if broken is None:
            return Ruling(ok=True, owner=owner, because=_granted(actor=actor, owner=owner))
        ask = rank_for(ladder=ladder, amount=amount, spent=counted)
        refused = Ruling(
            ok=False,
            owner=None,
            because=_too_much(broken=broken, owner=owner, ladder=ladder, ask=ask),
            ask=ask,
        )
    return refused or _refused(
        "authority.role", "您的角色没有审批权限", "your role may not approve"
    )


def _granted(*, actor: Actor, owner: Actor) -> Reason:
    role = ROLE_NAMES.get(owner.role, (owner.role,) * 2)
    if owner.id == actor.id:
        return Reason(
            rule="authority.approved",
            zh=f"在{role[0]}审批额度内",
            en=f"within the {role[1].lower()}'s authority",
        )
    return Reason(
        rule="authority.deputy",
        zh=f"代{role[0]}审批，在其额度内",
        en=f"as deputy of the {role[1].lower()}, within that authority",
    )


def _refused(rule: str, zh: str, en: str) -> Ruling:
    return Ruling(ok=False, owner=None, because=Reason(rule=rule, zh=zh, en=en))

"""A proposal before it is made: the facts known, the sum, the parcel's claims, equal cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor
from huiyin.core.playbook import Playbook, bind
from huiyin.core.playbook.names import MONEY_KINDS
from huiyin.core.playbook.rules import holds
from huiyin.core.playbook.schema import Remedy as Entry
from huiyin.core.rehandling import second_remedy
from huiyin.core.remedy import Remedy, RemedyFacts, compensate, read_facts
from huiyin.core.remedy.offer import LIVE
from huiyin.core.remedy.proposal import CannotPropose, Meter, Proposal, Terms, likeness_of, propose
from huiyin.store import models
from huiyin.store.case import CASE_FIELDS, Case
from huiyin.store.read import office, remedies
from huiyin.store.read.standing import Standing

KIND_OF_CATEGORY: Mapping[str, str] = {
    "delay": "delay",
    "lost": "loss",
    "damaged": "damage_partial",
    "attitude": "attitude",
    "fee": "overcharge",
    "pickup": "overcharge",
    "delivery": "fake_sign",
    "claim": "loss",
}
"""The kind of loss that a category suggests; a person may always choose another."""
_CAUSES: Mapping[str, str] = {"weather": "force_majeure", "customer": "user"}
"""Groups of the cause tree that are defences of 民法典 832."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposal with what is kept of it: facts and policy, steps, and the parcel's name."""

    proposal: Proposal
    owed: Remedy | None
    facts: dict[str, Any]
    steps: list[dict[str, Any]]
    parcel: str


def case_of(*, complaint_id: UUID) -> Case | None:
    """Return a complaint's fields without taking it in hand."""
    values = models.Complaint.objects.filter(id=complaint_id).values_list(*CASE_FIELDS).first()
    return Case(*values) if values else None


def entry_of(*, playbook: Playbook, category: str, kind: str) -> Entry | None:
    """Return the playbook's entry of a kind of remedy, the category's own first."""
    listed = (*playbook.remedies_for(category=category), *playbook.remedies)
    return next((e for e in listed if e.kind == kind), None)


def known_facts(*, case: Case, now: datetime, standing: Standing | None = None) -> dict[str, Any]:
    """Return the facts of the formula that complaint, triage and verdict tell already."""
    playbook = office.playbook(version_id=case.playbook_version)
    known: dict[str, Any] = {
        "kind": KIND_OF_CATEGORY.get(case.category, ""),
        "now": now.isoformat(timespec="minutes"),
        "carrier": case.carrier,
    }
    if case.amount:
        known["real_value"] = case.amount
    if case.cause:
        try:
            group = playbook.cause(code=case.cause).group
        except KeyError:
            group = "other"
        known["cause"] = _CAUSES.get(group, "carrier")
    if standing is not None:
        earlier: dict[str, Any] | None = standing.earlier_facts(case=case)
    else:
        earlier = (
            models.Remedy.objects.filter(complaint_id=case.id)
            .exclude(facts={})
            .order_by("-id")
            .values_list("facts", flat=True)
            .first()
        )
    if earlier:
        known |= {k: v for k, v in earlier.items() if k not in {"policy", "now"}}
    return known


def _facts(
    *, case: Case, playbook: Playbook, facts: Mapping[str, Any], now: datetime
) -> tuple[RemedyFacts, Remedy, dict[str, Any]]:
    carrier = str(facts.get("carrier") or case.carrier)
    data = {
        "now": now.isoformat(),
        **{k: v for k, v in facts.items() if v is not None and v != ""},
        "policy": playbook.compensation.as_policy(carrier=carrier),
    }
    read, policy = read_facts(data=data)
    return read, compensate(facts=read, policy=policy), data


def stands(
    *,
    cases: Sequence[Case],
    owner: int,
    kind: str,
    now: datetime,
    without: UUID | None = None,
) -> Standing:
    """Return what stands on the parcels of some complaints, under the playbook in force.

    ``without`` is a remedy that is being withdrawn: it counts no more.
    """
    playbook = office.current_playbook()
    return Standing(
        cases=cases,
        owner=owner,
        kind=kind,
        now=now,
        zone=playbook.timezone,
        customer_days=playbook.settlement.customer_days,
        without=without,
    )


def plan(
    *,
    case: Case,
    actor: Actor,
    kind: str,
    amount: int | None,
    facts: Mapping[str, Any] | None,
    now: datetime,
    standing: Standing | None = None,
    without: UUID | None = None,
) -> Plan:
    """Return what a proposal comes to, with everything the decision rests on.

    ``standing`` is what was read for many complaints at once; ``without`` is a remedy that the
    proposal takes the place of. Raises CannotPropose,
    CannotClaimTwice, CannotReadFacts, CannotCompensate.
    """
    playbook = office.playbook(version_id=case.playbook_version)
    entry = entry_of(playbook=playbook, category=case.category, kind=kind)
    if entry is not None:
        _applies(playbook=playbook, entry=entry, case=case)
    read: RemedyFacts | None = None
    owed: Remedy | None = None
    data: dict[str, Any] = {}
    if facts and kind in {"amount", "fee_waiver"}:
        read, owed, data = _facts(case=case, playbook=playbook, facts=facts, now=now)
    money = kind in MONEY_KINDS
    if money and amount is None and entry is not None and isinstance(entry.amount, int):
        amount = entry.amount
    known = standing or stands(cases=[case], owner=actor.id, kind=kind, now=now, without=without)
    cap = entry.cap if entry is not None else None
    given = known.given(case=case) if cap is not None else 0
    alike = likeness_of(kind=kind, category=case.category, facts=read, owed=owed)
    proposal = propose(
        proposer=actor,
        terms=Terms(kind=kind, money=money, cap=cap, given=given),
        category=case.category,
        amount=amount,
        facts=read,
        owed=owed,
        standing=known.claims(case=case),
        ladder=remedies.ladder_of(playbook=playbook),
        spent=known.spent(case=case),
        meter=Meter(
            earlier={alike: known.equals(likeness=alike) if money else []},
            at_least=playbook.settlement.like_cases,
            departs_percent=playbook.settlement.departs_percent,
        ),
    )
    if money and case.level:
        _second(case=case, amount=proposal.amount, computed=proposal.computed or 0, without=without)
    return Plan(
        proposal=proposal,
        owed=owed,
        facts=data,
        steps=[s.as_json() for s in owed.steps] if owed is not None else [],
        parcel=known.parcel(case=case),
    )


def _second(*, case: Case, amount: int, computed: int, without: UUID | None) -> None:
    """Refuse what goes beyond the cap of a complaint handled again. Raises CannotPropose."""
    first = (
        models.Event.objects.filter(complaint_id=case.id, kind="RehandlingStarted")
        .order_by("seq")
        .values_list("at", flat=True)
        .first()
    )
    granted = again = 0
    owed = computed
    standing = models.Remedy.objects.filter(complaint_id=case.id, state__in=LIVE)
    if without is not None:
        standing = standing.exclude(id=without)
    for row in standing.values("amount", "computed", "proposed_at"):
        granted += row["amount"]
        again += row["amount"] if first is not None and row["proposed_at"] >= first else 0
        owed = max(owed, row["computed"] or 0)
    rules = office.playbook(version_id=case.playbook_version).rehandling
    found = second_remedy(
        level=case.level,
        amount=amount,
        owed=owed,
        granted=granted,
        again=again,
        cap=rules.second_cap,
    )
    if not found.ok:
        raise CannotPropose(zh=found.because.zh, en=found.because.en)


def _applies(*, playbook: Playbook, entry: Entry, case: Case) -> None:
    """Refuse a remedy whose condition is known not to hold. Raises CannotPropose."""
    known = {"category": case.category, "verdict": case.verdict, "cause": case.cause}
    condition = next(c for c in playbook.remedy_rules.conditions if c.then is entry)
    facts = bind(facts={k: v for k, v in known.items() if v})
    if holds(condition=condition, facts=facts) is False:
        raise CannotPropose(
            zh=f"按规程，这件投诉不适用“{entry.name.zh}”：{entry.because.zh}",
            en=f"the playbook does not provide {entry.name.en.lower()} here: {entry.because.en}",
        )

"""The formula: national standard for delay, loss and damage; civil law and contract for money.

Insured parcels follow the carrier's insurance terms; uninsured ones 民法典 833 with the contract's
cap. The cap falls on intent or gross negligence (民法典 506) or when the terms were not drawn to
the customer's attention (民法典 496). The threefold fee of 邮政法 art. 47 is for postal items and
is not used.

Arithmetic is exact: a sum is a pair of integers, numerator and denominator. Fractions of a 分 are
rounded half up, once, when the loss has been shared and capped; salvage and fee are whole 分.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from huiyin.core.because import Reason
from huiyin.core.remedy.facts import Policy, RemedyFacts
from huiyin.core.remedy.steps import THOROUGH_DELAY_DAYS, Step

_WHOLE = frozenset({"loss", "damage_total"})
_ONE = Fraction(1)


class CannotCompensate(ValueError):
    """A fact that the sum needs is missing; the message names it."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is owed, 分: compensation, refund of the fee, and their sum.

    ``cap_applied`` is what bounds the compensation: multiple, fixed, no_proof, insured_amount or
    None. ``treated_as`` is the kind that the facts amount to.
    """

    compensation: int
    fee_refund: int
    total: int
    steps: tuple[Step, ...]
    cap_applied: str | None
    treated_as: str
    needs_review: bool

    @property
    def because(self) -> tuple[Reason, ...]:
        """The steps as reasons of a decision."""
        return tuple(step.as_reason() for step in self.steps)


def _round(top: int, bottom: int) -> int:
    return (2 * top + bottom) // (2 * bottom)


class _Sum:
    """The sum being written: its steps and whether a person must look."""

    __slots__ = ("review", "steps")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.review = False

    def add(self, rule: str, amount: int = 0, /, **values: int | Fraction) -> None:
        self.steps.append(Step(rule, amount, values))

    def ask(self, rule: str, amount: int = 0, /, **values: int | Fraction) -> None:
        self.review = True
        self.steps.append(Step(f"review.{rule}", amount, values))


def compensate(*, facts: RemedyFacts, policy: Policy) -> Remedy:
    """Return what is owed for the facts under a company's policy, step by step, in 分.

    Never negative; above the policy's cap only where the cap falls. Raises CannotCompensate when a
    fact is missing without which nothing can be said.
    """
    work = _Sum()
    kind = _treated(facts=facts, policy=policy, work=work)
    if kind in {"fake_sign", "attitude"}:
        work.add(kind)
        work.ask("no_amount")
        return _result(facts, work, 0, 0, None, kind)
    if kind == "overcharge":
        return _result(facts, work, 0, _overcharge(facts=facts, work=work), None, kind)
    if kind == "on_time":
        work.add("delay.none")
        return _result(facts, work, 0, 0, None, "delay")
    if _exempt(facts=facts, work=work):
        return _result(facts, work, 0, 0, None, kind)
    if kind == "delay":
        fee = _fee(facts=facts, why="a delay gives it back")
        work.add("delay.fee", fee, fee=fee)
        return _result(facts, work, 0, fee, None, kind)
    amount, cap = _compensation(facts=facts, policy=policy, kind=kind, work=work)
    refund = _refund_on_loss(facts=facts, policy=policy, kind=kind, work=work)
    return _result(facts, work, amount, refund, cap, kind)


def _fee(*, facts: RemedyFacts, why: str) -> int:
    if facts.fee is None:
        raise CannotCompensate(f"missing field fee: {why}")
    return facts.fee


def _treated(*, facts: RemedyFacts, policy: Policy, work: _Sum) -> str:
    if facts.kind == "wrong_item":
        work.add("wrong_item")
        return "damage_total"
    if facts.kind != "delay":
        return facts.kind
    assert facts.promised_at is not None and facts.now is not None
    late = facts.now - facts.promised_at
    if late <= timedelta(0):
        return "on_time"
    if facts.value_destroyed or facts.loss_ratio == 1:
        work.add("delay.destroyed")
        return "damage_total"
    days = THOROUGH_DELAY_DAYS[facts.route]
    if facts.route == "hkmt" and policy.hkmt_days is not None:
        days = policy.hkmt_days
    if late > timedelta(days=days):
        work.add("delay.thorough", late=late.days, days=days)
        return "loss"
    return "delay"


def _overcharge(*, facts: RemedyFacts, work: _Sum) -> int:
    if facts.overcharged is None:
        work.ask("overcharge")
        return 0
    work.add("overcharge", facts.overcharged, amount=facts.overcharged)
    return facts.overcharged


def _exempt(*, facts: RemedyFacts, work: _Sum) -> bool:
    if facts.cause == "carrier":
        return False
    if facts.cause == "force_majeure" and facts.insured_amount:
        work.add("insured.force_majeure")
        return False
    work.add(f"exempt.{facts.cause}")
    return True


def _share(*, facts: RemedyFacts, kind: str, work: _Sum) -> Fraction:
    """Return the part of the value that is lost."""
    ratio = facts.loss_ratio
    if kind not in _WHOLE:
        if ratio is None:
            raise CannotCompensate(f"missing field loss_ratio: the part lost by {facts.kind}")
        return ratio
    if facts.kind == "delay" or ratio is None:
        return _ONE
    if ratio != 1:
        work.ask("loss_ratio", part=ratio)
    return ratio


def _compensation(
    *, facts: RemedyFacts, policy: Policy, kind: str, work: _Sum
) -> tuple[int, str | None]:
    """Return the compensation after cap and salvage, and what capped it."""
    share = _share(facts=facts, kind=kind, work=work)
    if not share:
        work.add("no_loss")
        return 0, None
    if facts.insured_amount:
        amount, cap = _insured(facts=facts, insured=facts.insured_amount, share=share, work=work)
    else:
        amount, cap = _uninsured(facts=facts, policy=policy, share=share, work=work)
    if facts.salvage:
        amount = max(0, amount - facts.salvage)
        work.add("salvage", amount, salvage=facts.salvage, amount=amount)
    return amount, cap


def _loss(*, value: int, share: Fraction, work: _Sum) -> tuple[int, int]:
    top, bottom = value * share.numerator, share.denominator
    loss = _round(top, bottom)
    if bottom == 1:
        work.add("loss", loss, value=value)
    else:
        work.add("loss.part", loss, value=value, part=share, loss=loss)
    return top, bottom


def _insured(
    *, facts: RemedyFacts, insured: int, share: Fraction, work: _Sum
) -> tuple[int, str | None]:
    value = facts.real_value
    if value is None:
        work.ask("value")
        value = insured
    elif not facts.value_proven:
        work.ask("proof")
    top, bottom = _loss(value=value, share=share, work=work)
    loss = amount = _round(top, bottom)
    if insured < value:
        amount = _round(top * insured, bottom * value)
        work.add("insured.under", amount, loss=loss, insured=insured, value=value, amount=amount)
    amount = min(amount, insured)
    work.add("insured", amount, insured=insured, amount=amount)
    if amount < loss and (facts.gross_negligence or not facts.terms_shown):
        work.ask("insured_terms", amount)
    return amount, "insured_amount" if amount == insured and amount < loss else None


def _uninsured(
    *, facts: RemedyFacts, policy: Policy, share: Fraction, work: _Sum
) -> tuple[int, str | None]:
    value, times = facts.real_value, policy.no_proof_multiple
    proven = facts.value_proven and value is not None
    claimed = None
    if value is not None:
        claimed = _round(*_loss(value=value, share=share, work=work))
    if not proven and times is not None:
        fee = _fee(facts=facts, why="the value is not proven and a multiple of the fee is paid")
        amount = fee * times
        work.add("no_proof", amount, fee=fee, times=times, amount=amount)
        if claimed is not None and claimed < amount:
            work.ask("claimed", amount, amount=amount, loss=claimed)
        return _capped(facts=facts, policy=policy, amount=amount, cap="no_proof", work=work)
    if claimed is None:
        raise CannotCompensate("missing field real_value: what was lost, or a no_proof_multiple")
    if not proven:
        work.ask("proof", claimed)
    return _capped(facts=facts, policy=policy, amount=claimed, cap=None, work=work)


def _capped(
    *, facts: RemedyFacts, policy: Policy, amount: int, cap: str | None, work: _Sum
) -> tuple[int, str | None]:
    terms = policy.uninsured_cap
    if terms.kind == "none" and cap is None:
        return amount, cap
    if facts.gross_negligence or not facts.terms_shown:
        work.add("cap.lifted.negligence" if facts.gross_negligence else "cap.lifted.terms", amount)
        work.ask("cap", amount)
        return amount, cap
    if terms.kind == "none":
        return amount, cap
    if terms.kind == "fixed":
        limit = terms.amount or 0
        if amount > limit:
            amount, cap = limit, "fixed"
            work.add("cap.fixed", amount, amount=amount)
        return amount, cap
    times = terms.retail or 0
    if facts.account == "monthly" and terms.monthly is not None:
        times = terms.monthly
    fee = _fee(facts=facts, why="the cap is a multiple of it")
    if amount > fee * times:
        amount, cap = fee * times, "multiple"
        work.add("cap.multiple", amount, fee=fee, times=times, amount=amount)
    return amount, cap


def _refund_on_loss(*, facts: RemedyFacts, policy: Policy, kind: str, work: _Sum) -> int:
    if not policy.refund_fee_on_loss or kind not in _WHOLE:
        return 0
    if facts.fee is None:
        work.ask("fee")
        return 0
    if facts.fee:
        work.add("fee.refund", facts.fee, fee=facts.fee)
    return facts.fee


def _result(
    facts: RemedyFacts, work: _Sum, amount: int, refund: int, cap: str | None, kind: str
) -> Remedy:
    total = amount + refund
    if facts.authority is not None and total > facts.authority:
        work.ask("authority", total, amount=total, authority=facts.authority)
    return Remedy(
        compensation=amount,
        fee_refund=refund,
        total=total,
        steps=tuple(work.steps),
        cap_applied=cap,
        treated_as=kind,
        needs_review=work.review,
    )

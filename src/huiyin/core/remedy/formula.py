"""The formula: national standard for delay, loss and damage; civil law and contract for money.

Insured parcels follow the carrier's insurance terms; uninsured ones 民法典 833 with the contract's
cap. The cap falls on intent or gross negligence (民法典 506) or when the terms were not drawn to
the customer's attention (民法典 496). The threefold fee of 邮政法 art. 47 is for postal items and
is not used. Fractions of a 分 are rounded half up, once, at the end of a share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from huiyin.core.remedy.facts import Policy, RemedyFacts

CITY_DAYS, DOMESTIC_DAYS, INTERNATIONAL_DAYS = 3, 7, 10
"""彻底延误: calendar days after the promised time (GB/T 27917)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the sum. ``amount`` in 分 is what stands after it."""

    rule: str
    zh: str
    en: str
    amount: int
    basis: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is owed, 分: compensation, refund of the fee, and their sum."""

    compensation: int
    fee_refund: int
    total: int
    steps: tuple[Step, ...]
    cap_applied: str | None
    treated_as: str
    needs_review: bool


def _round(value: Fraction) -> int:
    return int((value * 2 + 1) // 2)


def _yuan(fen: int) -> str:
    return f"{fen / 100:.2f}"


class _Sum:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.review = False

    def add(self, rule: str, zh: str, en: str, amount: int, basis: str) -> None:
        self.steps.append(Step(rule=rule, zh=zh, en=en, amount=amount, basis=basis))


def compensate(*, facts: RemedyFacts, policy: Policy) -> Remedy:
    """Return what is owed for the facts under a company's policy, step by step."""
    work = _Sum()
    kind = _treated(facts=facts, policy=policy, work=work)
    if kind in {"fake_sign", "attitude"}:
        work.review = True
        work.add(
            kind,
            "该情形没有法定赔付金额，由人工确定道歉等补救方式",
            "no statutory amount; a person decides on other remedies",
            0,
            "domain: no statutory payout",
        )
        return _result(facts, work, 0, 0, None, kind)
    if kind == "overcharge":
        amount = facts.overcharged or 0
        work.review = facts.overcharged is None
        work.add(
            "overcharge",
            f"退还多收费用 {_yuan(amount)} 元" if amount else "多收金额待核实",
            f"the overcharge of {_yuan(amount)} is returned",
            amount,
            "民法典 985",
        )
        return _result(facts, work, amount, 0, None, kind)
    if kind == "on_time":
        work.add("delay.none", "未超过承诺时限", "not later than promised", 0, "GB/T 27917")
        return _result(facts, work, 0, 0, None, "delay")
    exempt = _exempt(facts=facts, work=work)
    if exempt:
        return _result(facts, work, 0, 0, None, kind)
    if kind == "delay":
        work.add(
            "delay.fee",
            f"延误：免除本次服务费用 {_yuan(facts.fee)} 元（不含保价费）",
            f"delay: the fee of {_yuan(facts.fee)} is waived, not the premium",
            facts.fee,
            "GB/T 27917",
        )
        return _result(facts, work, 0, facts.fee, None, kind)
    loss = _loss(facts=facts, kind=kind, work=work)
    cap: str | None = None
    if facts.insured_amount:
        amount = _insured(facts=facts, loss=loss, work=work)
        cap = "insured_amount" if amount < loss and amount == facts.insured_amount else None
    else:
        amount, cap = _uninsured(facts=facts, policy=policy, loss=loss, work=work)
    if facts.salvage:
        amount = max(0, amount - facts.salvage)
        work.add(
            "salvage",
            f"扣除残值 {_yuan(facts.salvage)} 元",
            f"salvage of {_yuan(facts.salvage)} is deducted",
            amount,
            "民法典 833",
        )
    whole = kind in {"loss", "damage_total", "wrong_item"}
    refund = facts.fee if policy.refund_fee_on_loss and whole else 0
    if refund:
        work.add(
            "fee.refund",
            f"另退本次运费 {_yuan(refund)} 元",
            f"the fee of {_yuan(refund)} is returned as well",
            refund,
            "GB/T 27917; company policy",
        )
    return _result(
        facts, work, amount, refund, cap, "damage_total" if kind == "wrong_item" else kind
    )


def _treated(*, facts: RemedyFacts, policy: Policy, work: _Sum) -> str:
    if facts.kind == "wrong_item":
        work.add(
            "wrong_item", "内件不符按全部损毁处理", "a wrong article counts as total damage", 0,
            "GB/T 27917",
        )  # fmt: skip
        return "wrong_item"
    if facts.kind != "delay":
        return facts.kind
    assert facts.promised_at is not None and facts.now is not None
    late = facts.now - facts.promised_at
    if late <= timedelta(0):
        return "on_time"
    if facts.value_destroyed or (facts.loss_ratio is not None and facts.loss_ratio == 1):
        work.add(
            "delay.destroyed",
            "延误使内件失去价值，按全部损毁处理",
            "the delay destroyed the value: total damage",
            0,
            "GB/T 27917",
        )
        return "damage_total"
    days = {
        "city": CITY_DAYS,
        "domestic": DOMESTIC_DAYS,
        "hkmt": policy.hkmt_days,
        "international": INTERNATIONAL_DAYS,
    }[facts.route]
    if late > timedelta(days=days):
        work.add(
            "delay.thorough",
            f"超过承诺时限 {late.days} 天，已过彻底延误期限 {days} 天，按丢失处理",
            f"{late.days} days late, past the {days} days of a thorough delay: counts as loss",
            0,
            "GB/T 27917 彻底延误",
        )
        return "loss"
    return "delay"


def _exempt(*, facts: RemedyFacts, work: _Sum) -> bool:
    if facts.cause in {"nature", "user"}:
        zh = {"nature": "物品自身性质或合理损耗", "user": "寄件人或收件人的过错"}[facts.cause]
        work.add(
            "exempt", f"{zh}所致，承运人不承担赔偿", "the goods' nature or the user's fault", 0,
            "民法典 832",
        )  # fmt: skip
        return True
    if facts.cause == "force_majeure" and not facts.insured_amount:
        work.add(
            "exempt", "不可抗力所致，未保价件不承担赔偿", "force majeure, not insured", 0,
            "民法典 832",
        )  # fmt: skip
        return True
    return False


def _loss(*, facts: RemedyFacts, kind: str, work: _Sum) -> int:
    value = facts.real_value
    if value is None:
        value = facts.insured_amount or 0
        work.review = work.review or facts.insured_amount is None
    share = Fraction(1)
    if kind in {"damage_partial", "shortage"}:
        share = facts.loss_ratio if facts.loss_ratio is not None else Fraction(1)
        work.review = work.review or facts.loss_ratio is None
    elif (
        facts.loss_ratio is not None and kind in {"loss", "damage_total"} and facts.kind != "delay"
    ):
        share = facts.loss_ratio
    loss = _round(value * share)
    work.add(
        "loss",
        f"实际损失 {_yuan(value)} × {float(share):g} = {_yuan(loss)} 元",
        f"actual loss {_yuan(value)} × {float(share):g} = {_yuan(loss)}",
        loss,
        "民法典 833",
    )
    return loss


def _insured(*, facts: RemedyFacts, loss: int, work: _Sum) -> int:
    insured = facts.insured_amount or 0
    amount = loss
    if facts.real_value and insured < facts.real_value:
        amount = _round(Fraction(loss * insured, facts.real_value))
        work.add(
            "insured.under",
            f"不足额保价：损失 × {_yuan(insured)} ÷ {_yuan(facts.real_value)} = {_yuan(amount)} 元",
            f"under-insured: loss × {_yuan(insured)} ÷ {_yuan(facts.real_value)}",
            amount,
            "保价条款",
        )
    amount = min(amount, insured)
    work.add(
        "insured",
        f"保价金额 {_yuan(insured)} 元以内赔付 {_yuan(amount)} 元",
        f"within the insured amount of {_yuan(insured)}",
        amount,
        "保价条款",
    )
    return amount


def _uninsured(
    *, facts: RemedyFacts, policy: Policy, loss: int, work: _Sum
) -> tuple[int, str | None]:
    lifted = facts.gross_negligence or not facts.terms_shown
    amount, cap = loss, None
    if not facts.value_proven and policy.no_proof_multiple is not None:
        amount = facts.fee * policy.no_proof_multiple
        work.add(
            "no_proof",
            f"价值无法证明，按运费 {policy.no_proof_multiple} 倍计 {_yuan(amount)} 元",
            f"value not proven: {policy.no_proof_multiple} × the fee",
            amount,
            "合同约定",
        )
        return amount, "no_proof"
    limit: int | None = None
    if policy.uninsured_cap.kind == "multiple":
        times = policy.uninsured_cap.retail or 0
        if facts.account == "monthly" and policy.uninsured_cap.monthly is not None:
            times = policy.uninsured_cap.monthly
        limit = facts.fee * times
    elif policy.uninsured_cap.kind == "fixed":
        limit = policy.uninsured_cap.amount
    if limit is None:
        return amount, cap
    if lifted:
        work.review = True
        work.add(
            "cap.lifted",
            "存在故意或重大过失，或未提示赔偿条款，限额不适用",
            "gross negligence or terms not shown: the cap falls",
            amount,
            "民法典 506、496、497",
        )
        return amount, cap
    if amount > limit:
        amount, cap = limit, policy.uninsured_cap.kind
        work.add(
            "cap",
            f"未保价，按合同限额 {_yuan(limit)} 元",
            f"not insured: the contract's cap of {_yuan(limit)}",
            amount,
            "民法典 833；运单契约条款",
        )
    return amount, cap


def _result(
    facts: RemedyFacts, work: _Sum, amount: int, refund: int, cap: str | None, kind: str
) -> Remedy:
    total = max(0, amount) + refund
    above = facts.authority is not None and total > facts.authority
    return Remedy(
        compensation=max(0, amount),
        fee_refund=refund,
        total=total,
        steps=tuple(work.steps),
        cap_applied=cap,
        treated_as=kind,
        needs_review=work.review or above,
    )

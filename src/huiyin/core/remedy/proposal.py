"""What a proposal comes to: the sum, what it claims of the parcel, whose authority it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huiyin.core.access import Actor
from huiyin.core.because import Reason
from huiyin.core.remedy.authority import Ladder, Ruling, Spent, grant
from huiyin.core.remedy.facts import RemedyFacts
from huiyin.core.remedy.formula import Remedy
from huiyin.core.remedy.likeness import Comparison, compare, likeness, likeness_by_hand
from huiyin.core.remedy.parcel import Claimed, Claiming, claim, heads_of
from huiyin.core.remedy.steps import yuan

MOST = 10**10
"""No single remedy is larger, 分."""


class CannotPropose(ValueError):
    """The remedy is not possible; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the playbook says of a kind of remedy: does it carry money, and up to what, 分."""

    kind: str
    money: bool
    cap: int | None = None
    given: int = 0
    """What stands of this kind on the parcel already, 分."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What the consistency meter compares with."""

    earlier: Mapping[str, Sequence[int]]
    """Likeness → what equal cases got, 分."""
    at_least: int
    departs_percent: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A remedy that may be proposed: amount in 分, claims, ruling, comparison and reasons."""

    amount: int
    computed: int | None
    claims: tuple[Claiming, ...]
    ruling: Ruling
    likeness: str
    comparison: Comparison | None
    because: tuple[Reason, ...]


def likeness_of(*, kind: str, category: str, facts: RemedyFacts | None, owed: Remedy | None) -> str:
    """Return the text that equal cases of a proposal share."""
    if facts is not None and owed is not None and kind == "amount":
        return likeness(facts=facts, owed=owed)
    return likeness_by_hand(category=category, kind=kind)


def propose(
    *,
    proposer: Actor,
    terms: Terms,
    category: str,
    amount: int | None,
    facts: RemedyFacts | None,
    owed: Remedy | None,
    standing: Sequence[Claimed],
    ladder: Ladder,
    spent: Spent,
    meter: Meter,
) -> Proposal:
    """Return what a proposal comes to.

    ``amount`` None takes what the formula yields. Less than that may be offered, more only as
    goodwill. Raises CannotPropose, CannotClaimTwice.
    """
    alike = likeness_of(kind=terms.kind, category=category, facts=facts, owed=owed)
    parts = _parts(kind=terms.kind, owed=owed)
    computed = sum(parts.values()) if parts is not None else None
    asked = _asked(terms=terms, amount=amount, computed=computed)
    if parts is not None and computed is not None:
        parts = _less(parts=parts, by=computed - asked)
    claims, told = claim(
        wanted=heads_of(kind=terms.kind, category=category, amount=asked, parts=parts),
        standing=standing,
    )
    due = sum(c.amount for c in claims) if claims else asked
    ruling = grant(proposer=proposer, amount=due, ladder=ladder, spent=spent)
    comparison = None
    if terms.money:
        comparison = compare(
            amount=due,
            earlier=meter.earlier.get(alike, ()),
            at_least=meter.at_least,
            departs_percent=meter.departs_percent,
        )
    because = [*(owed.because if owed is not None and parts is not None else ()), *told]
    because.append(ruling.because)
    if comparison is not None:
        because.append(comparison.because)
    return Proposal(
        amount=due,
        computed=computed,
        claims=claims,
        ruling=ruling,
        likeness=alike if terms.money else "",
        comparison=comparison,
        because=tuple(because),
    )


def _parts(*, kind: str, owed: Remedy | None) -> dict[str, int] | None:
    """Return what the formula yields by head for this kind of remedy, None without the formula."""
    if owed is None or kind not in {"amount", "fee_waiver"}:
        return None
    if owed.treated_as == "overcharge":
        return {"overcharge": owed.fee_refund}
    if kind == "fee_waiver":
        return {"fee": owed.fee_refund}
    return {"compensation": owed.compensation, "fee": owed.fee_refund}


def _less(*, parts: Mapping[str, int], by: int) -> dict[str, int]:
    """Take an amount off, from the compensation first."""
    out = {}
    for head, part in parts.items():
        off = min(by, part)
        out[head], by = part - off, by - off
    return out


def _asked(*, terms: Terms, amount: int | None, computed: int | None) -> int:
    if not terms.money:
        return 0
    if amount is None:
        if computed is None:
            raise CannotPropose(zh="请填写大于 0 的金额", en="give an amount above 0")
        amount = computed
    if computed is not None and amount > computed:
        raise CannotPropose(
            zh=f"按规则应付 ¥{yuan(computed)}，不能高于这个数；多给的部分请另提关怀补偿",
            en=f"the rules yield ¥{yuan(computed)}; what goes beyond is a goodwill payment",
        )
    if amount <= 0:
        zero = computed == 0
        raise CannotPropose(
            zh="按规则算出的金额为 0，可改用致歉、关怀补偿等方式"
            if zero
            else "请填写大于 0 的金额",
            en="the rules yield 0; choose another kind of remedy"
            if zero
            else "give an amount above 0",
        )
    if amount > MOST:
        raise CannotPropose(zh="金额超出范围", en="the amount is out of range")
    if terms.cap is not None and terms.given + amount > terms.cap:
        raise CannotPropose(
            zh=f"这种补偿每个包裹最多 ¥{yuan(terms.cap)}"
            + (f"，已有 ¥{yuan(terms.given)}" if terms.given else ""),
            en=f"this kind is limited to ¥{yuan(terms.cap)} a parcel"
            + (f", of which ¥{yuan(terms.given)} stand" if terms.given else ""),
        )
    return amount

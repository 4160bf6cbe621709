"""A parcel is never paid twice: what may be claimed once, and what a further claim may add.

One parcel has one claim for each head. A later claim of the same head, from whichever complaint,
is possible only when the earlier one was paid and the sum owed has risen: it pays the difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huiyin.core.because import Reason
from huiyin.core.remedy.steps import yuan

HEADS: dict[str, tuple[str, str]] = {
    "compensation": ("赔偿", "compensation"),
    "fee": ("退还运费", "refund of the fee"),
    "overcharge": ("退还多收费用", "refund of the overcharge"),
    "cod": ("返还代收货款", "cash on delivery"),
}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A standing claim of a parcel: its head, round, sum in 分, state and complaint number."""

    head: str
    round: int
    amount: int
    paid: bool
    number: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Claiming:
    """What is claimed now: head, round, and the part that is still to be paid, 分."""

    head: str
    round: int
    amount: int


class CannotClaimTwice(ValueError):
    """The parcel has this claim already; ``zh`` and ``en`` name the complaint."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def heads_of(
    *, kind: str, category: str, amount: int, parts: Mapping[str, int] | None
) -> dict[str, int]:
    """Return what a remedy claims of its parcel: {head: 分}; {} for gestures.

    ``parts`` is what the formula yielded by head; without it the kind of remedy decides.
    """
    if kind not in {"amount", "fee_waiver"}:
        return {}
    if parts is not None:
        return {head: part for head, part in parts.items() if part}
    if kind == "fee_waiver":
        return {"fee": amount}
    head = {"cod": "cod", "fee": "overcharge", "pickup": "overcharge"}.get(category, "compensation")
    return {head: amount}


def claim(
    *, wanted: Mapping[str, int], standing: Sequence[Claimed]
) -> tuple[tuple[Claiming, ...], tuple[Reason, ...]]:
    """Return what may be claimed beside the standing claims of the same parcel, and why.

    Raises CannotClaimTwice when a head is claimed and not paid yet, or when nothing is left of
    the sum after what was paid.
    """
    out: list[Claiming] = []
    reasons: list[Reason] = []
    settled: CannotClaimTwice | None = None
    for head, amount in wanted.items():
        zh, en = HEADS[head]
        earlier = sorted((c for c in standing if c.head == head), key=lambda c: c.round)
        unpaid = next((c for c in earlier if not c.paid), None)
        if unpaid is not None:
            raise CannotClaimTwice(
                zh=f"这个包裹已有{zh} ¥{yuan(unpaid.amount)}（投诉 {unpaid.number}），"
                "同一包裹不能重复赔付；要改金额请先撤回那一笔",
                en=f"the parcel has a {en} of ¥{yuan(unpaid.amount)} already"
                f" (complaint {unpaid.number}); withdraw it before offering another",
            )
        paid = sum(c.amount for c in earlier)
        if not earlier:
            out.append(Claiming(head=head, round=0, amount=amount))
            continue
        last = earlier[-1]
        if amount <= paid:
            settled = CannotClaimTwice(
                zh=f"这个包裹的{zh} ¥{yuan(paid)} 已在投诉 {last.number} 付清，不能重复赔付",
                en=f"the {en} of ¥{yuan(paid)} for this parcel was paid on complaint"
                f" {last.number}; a parcel is not paid twice",
            )
            continue
        out.append(Claiming(head=head, round=last.round + 1, amount=amount - paid))
        reasons.append(
            Reason(
                rule="parcel.difference",
                zh=f"此前已付{zh} ¥{yuan(paid)}（投诉 {last.number}），本次只补差额"
                f" ¥{yuan(amount - paid)}",
                en=f"{en} of ¥{yuan(paid)} was paid before (complaint {last.number});"
                f" the difference is ¥{yuan(amount - paid)}",
            )
        )
    if settled is not None and not out:
        raise settled
    return tuple(out), tuple(reasons)

"""The consistency meter: what did equal cases get, and does this one depart from them?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from huiyin.core.because import Reason
from huiyin.core.remedy.facts import RemedyFacts
from huiyin.core.remedy.formula import Remedy
from huiyin.core.remedy.steps import yuan

_BANDS = (0, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000, 2000000, 5000000)
"""Lower ends of the bands of value, 分: 1–2–5 steps, so that a band is narrow in proportion."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What equal cases got, 分: how many, the median, the middle half, and whether this departs."""

    n: int
    median: int
    low: int
    high: int
    departs: bool
    because: Reason


def band_of(*, value: int) -> int:
    """Return the lower end of the band in which a value lies, 分."""
    return _BANDS[bisect_right(_BANDS, max(value, 0)) - 1]


def likeness(*, facts: RemedyFacts, owed: Remedy) -> str:
    """Return the text that equal cases share: kind, insurance, proof, account, band of value."""
    value = facts.real_value
    band = "?" if value is None else str(band_of(value=value))
    return "|".join(
        (
            owed.treated_as,
            "insured" if facts.insured_amount else "uninsured",
            "proven" if facts.value_proven else "unproven",
            facts.account,
            band,
        )
    )


def likeness_by_hand(*, category: str, kind: str) -> str:
    """Return the text that remedies set by hand share: category and kind of remedy."""
    return f"hand|{category}|{kind}"


def compare(
    *, amount: int, earlier: Sequence[int], at_least: int, departs_percent: int
) -> Comparison | None:
    """Compare an amount with what equal cases got; None when there are fewer than ``at_least``.

    It departs when it lies outside the middle half of the cases and is further from the median
    than ``departs_percent`` of it.
    """
    if len(earlier) < at_least:
        return None
    middle = round(median(earlier))
    quarters = quantiles(earlier, n=4, method="inclusive")
    low, high = round(quarters[0]), round(quarters[2])
    departs = not low <= amount <= high and abs(amount - middle) * 100 > middle * departs_percent
    where_zh = "高于" if amount > middle else "低于" if amount < middle else "等于"
    where_en = "above" if amount > middle else "below" if amount < middle else "equal to"
    return Comparison(
        n=len(earlier),
        median=middle,
        low=low,
        high=high,
        departs=departs,
        because=Reason(
            rule="likeness.departs" if departs else "likeness.fits",
            zh=f"同类 {len(earlier)} 件，中位数 ¥{yuan(middle)}，一半在 ¥{yuan(low)}–{yuan(high)}；"
            f"这一件{where_zh}中位数" + ("，差别较大，请说明理由" if departs else ""),
            en=f"{len(earlier)} equal cases: median ¥{yuan(middle)}, half of them"
            f" ¥{yuan(low)}–{yuan(high)}; this one is {where_en} the median"
            + (" and departs: give the reason" if departs else ""),
            words=(str(len(earlier)), yuan(middle)),
        ),
    )

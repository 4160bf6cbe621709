"""Shares of a cost in basis points: 10,000 of them are the whole, and no 分 is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping

WHOLE = 10_000
"""Basis points of a whole; one percent is a hundred of them."""

_PERCENT = re.compile(r"\d{1,3}(\.\d{1,2})?", re.ASCII)


class CannotSplit(ValueError):
    """The shares are no split of a whole; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def parse_percent(*, text: str) -> int:
    """Read "33.33", "50 %" or "50％" as basis points. Raises CannotSplit."""
    said = text.strip().rstrip("%％").strip()
    if not said:
        return 0
    if not _PERCENT.fullmatch(said):
        raise CannotSplit(
            zh=f"“{text.strip()[:20]}”不是百分比，请写 0 到 100，最多两位小数",
            en=f"{text.strip()[:20]!r} is no percentage: write 0 to 100, at most two decimals",
        )
    whole, _dot, rest = said.partition(".")
    return int(whole) * 100 + int((rest + "00")[:2])


def percent(*, share: int) -> str:
    """Say basis points as a percentage without idle zeros: 3333 → "33.33"."""
    whole, rest = divmod(share, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def whole(*, shares: Mapping[str, int]) -> dict[str, int]:
    """Return shares that are a split of the whole, zero ones kept. Raises CannotSplit."""
    if any(share < 0 for share in shares.values()):
        raise CannotSplit(zh="责任比例不能是负数", en="a share cannot be negative")
    total = sum(shares.values())
    if total != WHOLE:
        raise CannotSplit(
            zh=f"各方比例合计 {percent(share=total)}%，应为 100%",
            en=f"the shares add up to {percent(share=total)} %, they must make 100 %",
        )
    return dict(shares)


def weigh(*, amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Split an amount by weights (not all 0); the parts add up to it exactly.

    Each part is rounded down and what is left over goes, one by one, to the largest remainders
    first, at a tie to the larger weight, then by name.
    """
    total = sum(weights.values())
    parts, rest = {}, []
    for who, weight in weights.items():
        parts[who], over = divmod(amount * weight, total)
        rest.append((-over, -weight, who))
    for _over, _weight, who in sorted(rest)[: amount - sum(parts.values())]:
        parts[who] += 1
    return parts


def split(*, amount: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Split an amount in 分 by shares to the last 分, as :func:`weigh`. Raises CannotSplit."""
    return weigh(amount=amount, weights=whole(shares=shares))

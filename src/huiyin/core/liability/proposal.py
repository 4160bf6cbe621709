"""What the playbook's rules say of who is liable, once it is known how the parcel went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from huiyin.core.because import Reason
from huiyin.core.playbook.liability import PARTS, Liability
from huiyin.core.playbook.rules import first_match
from huiyin.core.shares import percent

PART_NAMES: dict[str, tuple[str, str]] = {
    "headquarters": ("总部", "Headquarters"),
    "origin": ("收件网点", "Origin outlet"),
    "pickup_courier": ("收件员", "Picking-up courier"),
    "origin_hub": ("始发分拨", "Origin hub"),
    "destination_hub": ("目的分拨", "Destination hub"),
    "delivering": ("派件网点", "Delivering outlet"),
    "courier": ("派件员", "Delivering courier"),
    "customer": ("客户", "Customer"),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The split that a rule proposes, in basis points by part of the way; they add up to 10,000.

    ``missing`` are facts that rules before it asked for and nobody told; ``unnamed`` are parts
    that bear a share and nobody was named for: somebody has to be named before it is claimed.
    """

    rule: str
    shares: Mapping[str, int]
    because: tuple[Reason, ...]
    missing: tuple[str, ...]
    unnamed: tuple[str, ...]


def propose(
    *, liability: Liability, facts: Mapping[str, Any], named: Mapping[str, str], on: date
) -> Proposal:
    """Return what the first rule that holds proposes; the last rule of a playbook always holds.

    ``facts`` are those of a complaint and of the parcel's way, ``named`` says who each part of the
    way is (part → party).
    """
    match = first_match(rules=liability.claim_rules, facts=facts, on=on)
    given: dict[str, int] = dict(match.then.shares.items())
    shares = {part: given[part] for part in PARTS if part in given}
    said_zh = "，".join(f"{PART_NAMES[p][0]} {percent(share=s)}%" for p, s in shares.items() if s)
    said_en = ", ".join(f"{PART_NAMES[p][1]} {percent(share=s)} %" for p, s in shares.items() if s)
    return Proposal(
        rule=match.rule,
        shares=shares,
        because=(
            match.because,
            Reason(rule="liability.proposed", zh=f"建议比例：{said_zh}", en=f"proposed: {said_en}"),
        ),
        missing=match.missing,
        unnamed=tuple(p for p, s in shares.items() if s and not named.get(p)),
    )


def to_parties(*, shares: Mapping[str, int], named: Mapping[str, str]) -> dict[str, int]:
    """Return shares by party; whoever stands for several parts bears the sum of them."""
    out = {who: 0 for who in named.values() if who}
    for part, share in shares.items():
        if share:
            out[named[part]] = out.get(named[part], 0) + share
    return out

"""Whose an identity or a complaint is: what follows from the moves that stand, in their order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from huiyin.core.matching import ComplaintFacts


@dataclass(frozen=True, slots=True)
class Move:
    """What a person gave from one customer to another; ``stands`` until it is undone."""

    id: str
    from_id: str
    to_id: str
    items: frozenset[str]
    stands: bool = True


def origin_of(*, item: str, now_of: str, moves: Sequence[Move]) -> str:
    """Return whose a thing was before any of the moves (in order); ``now_of`` if none names it."""
    return next((m.from_id for m in moves if item in m.items), now_of)


def owner_of(*, item: str, origin: str, moves: Sequence[Move]) -> str:
    """Return whose a thing is: each standing move takes it along if it was there to be taken.

    So moves may be undone in any order: what a later move took from a customer who never had it
    stays where it came from.
    """
    owner = origin
    for move in moves:
        if move.stands and item in move.items and move.from_id == owner:
            owner = move.to_id
    return owner


def account(*, kind: str, value: str) -> str:
    """Return an identity as the matcher names it: p:13800001111, e:a@b.example, wechat:openid."""
    if kind == "phone":
        return f"p:{value}"
    return f"e:{value.lower()}" if kind == "email" else f"{kind}:{value}"


def own(*, complaint: ComplaintFacts, accounts: Collection[str]) -> ComplaintFacts:
    """Return a complaint's facts with the accounts known as its customer's."""
    return replace(complaint, owners=complaint.owners | frozenset(accounts))


def disown(*, complaint: ComplaintFacts, accounts: Collection[str]) -> ComplaintFacts:
    """Return a complaint's facts with the accounts no longer known as its customer's."""
    return replace(complaint, owners=complaint.owners - frozenset(accounts))

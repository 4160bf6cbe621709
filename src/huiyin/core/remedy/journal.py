"""The double-entry journal of remedies: every act is a transfer whose lines add up to 0.

Accounts: ``cost:CODE`` what a department or outlet bears, ``owed`` what customers have to get,
``requested`` what finance was asked to pay, ``paid`` what has left the house. Debit is positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

OWED, REQUESTED, PAID = "owed", "requested", "paid"
NOBODY = "cost:none"
"""Bears a cost until somebody is found liable."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transfer, 分: debit above 0, credit below."""

    account: str
    amount: int


def cost(*, department: str) -> str:
    """Return the account of what a department or outlet bears."""
    return f"cost:{department}" if department else NOBODY


def granted(*, amount: int, department: str) -> tuple[Line, ...]:
    """A remedy is granted: the department bears it, the customer has to get it."""
    return (Line(cost(department=department), amount), Line(OWED, -amount))


def released(*, costs: Mapping[str, int]) -> tuple[Line, ...]:
    """A granted remedy ends unpaid: what each account bears goes back."""
    total = sum(costs.values())
    return (Line(OWED, total), *(Line(account, -part) for account, part in costs.items()))


def requested(*, amount: int) -> tuple[Line, ...]:
    """Finance is asked to pay."""
    return (Line(OWED, amount), Line(REQUESTED, -amount))


def settled(*, amount: int) -> tuple[Line, ...]:
    """The payment went through."""
    return (Line(REQUESTED, amount), Line(PAID, -amount))


def failed(*, amount: int) -> tuple[Line, ...]:
    """The payment did not go through: the customer still has to get it."""
    return (Line(REQUESTED, amount), Line(OWED, -amount))


def returned(*, amount: int) -> tuple[Line, ...]:
    """The payment came back: the customer still has to get it."""
    return (Line(PAID, amount), Line(OWED, -amount))


def carried(*, costs: Mapping[str, int], shares: Mapping[str, int]) -> tuple[Line, ...]:
    """Move what a remedy cost to those who bear it: ``shares`` in percent, adding up to 100.

    Each share is rounded down and the 分 left over go to the largest shares first. Raises
    ValueError when the shares do not add up to 100.
    """
    if sum(shares.values()) != 100 or any(share < 0 for share in shares.values()):
        raise ValueError("shares must add up to 100 percent")
    total = sum(costs.values())
    parts = {who: total * share // 100 for who, share in shares.items()}
    order = sorted(shares, key=lambda who: (-shares[who], who))
    for who in order[: total - sum(parts.values())]:
        parts[who] += 1
    after: dict[str, int] = {}
    for who, part in parts.items():
        account = cost(department=who)
        after[account] = after.get(account, 0) + part
    moved = {account: after.get(account, 0) - costs.get(account, 0) for account in {*costs, *after}}
    return tuple(Line(account, amount) for account, amount in sorted(moved.items()) if amount)


def balanced(*, lines: Iterable[Line]) -> bool:
    """Tell whether lines add up to 0."""
    return sum(line.amount for line in lines) == 0

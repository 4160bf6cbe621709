"""The double-entry journal of remedies: every act is a transfer whose lines add up to 0.

Accounts: ``cost:CODE`` what a department or outlet bears, ``owed`` what customers have to get,
``requested`` what finance was asked to pay, ``paid`` what has left the house. Fines stand on
``fine:CODE`` against ``fines``, what outlets paid on ``settled:CODE`` against ``received``. Debit
is positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from huiyin.core.shares import split

OWED, REQUESTED, PAID, FINES = "owed", "requested", "paid", "fines"
RECEIVED = "received"
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


def granted(*, amount: int, shares: Mapping[str, int]) -> tuple[Line, ...]:
    """A remedy is granted: those with a share bear it, the customer has to get it.

    ``shares`` as in :func:`carried`. Raises CannotSplit.
    """
    return (*carried(costs={}, shares=shares, total=amount), Line(OWED, -amount))


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


def carried(
    *, costs: Mapping[str, int], shares: Mapping[str, int], total: int | None = None
) -> tuple[Line, ...]:
    """Move what a remedy cost to those who bear it.

    ``shares`` {code: basis points} make 10,000; "" is nobody. Parts are exact to the 分, what is
    left over by rounding goes to the largest remainders. Nothing moves where everybody bears his
    part already. Raises CannotSplit.
    """
    whole = sum(costs.values()) if total is None else total
    after: dict[str, int] = {}
    for who, part in split(amount=whole, shares=shares).items():
        account = cost(department=who)
        after[account] = after.get(account, 0) + part
    moved = {account: after.get(account, 0) - costs.get(account, 0) for account in {*costs, *after}}
    return tuple(Line(account, amount) for account, amount in sorted(moved.items()) if amount)


def fined(*, party: str, amount: int) -> tuple[Line, ...]:
    """A fine takes effect: the party owes it to the house."""
    return (Line(fine_account(party=party), amount), Line(FINES, -amount))


def fine_account(*, party: str) -> str:
    """Return the account of a party's fines."""
    return f"fine:{party}"


def settled_up(*, party: str, amount: int) -> tuple[Line, ...]:
    """A party settles its account: above 0 it paid the house, below 0 it was paid."""
    return (Line(settled_account(party=party), -amount), Line(RECEIVED, amount))


def settled_account(*, party: str) -> str:
    """Return the account of what a party has paid."""
    return f"settled:{party}"


def balanced(*, lines: Iterable[Line]) -> bool:
    """Tell whether lines add up to 0."""
    return sum(line.amount for line in lines) == 0

"""A party's statement of account: what it owed before, what came, what it owes now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the journal on a party's account, 分: above 0 the party owes it."""

    at: datetime
    account: str
    kind: str
    amount: int
    number: str


@dataclass(frozen=True, slots=True)
class Row:
    """A posting with the balance after it."""

    posting: Posting
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of account; opening plus all rows is closing."""

    opening: int
    rows: tuple[Row, ...]
    closing: int
    debits: int
    credits: int


def statement(*, opening: int, postings: Iterable[Posting]) -> Statement:
    """Add postings, in their order, to the opening balance."""
    rows, balance, debits, credits = [], opening, 0, 0
    for posting in postings:
        balance += posting.amount
        debits += max(posting.amount, 0)
        credits -= min(posting.amount, 0)
        rows.append(Row(posting=posting, balance=balance))
    return Statement(opening, tuple(rows), balance, debits, credits)

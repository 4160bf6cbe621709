"""A party's statement of account: what it owed before, what came, what it owes now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


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


REFERENCE_LIMIT = 80


class CannotSettleUp(ValueError):
    """The payment cannot be written down; ``zh`` and ``en`` say what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def settle_up(*, balance: int, amount: int, paid_on: date, today: date, reference: str) -> int:
    """Return what a payment of ``amount`` 分 comes to on an account with this balance.

    Above 0: the party paid what it owed; below 0: it was paid what it had too much. Nobody pays
    more than there is. Raises CannotSettleUp.
    """
    if not balance:
        raise CannotSettleUp(zh="余额为零，没有要结的款", en="the balance is 0: nothing to settle")
    if not 0 < amount <= abs(balance):
        raise CannotSettleUp(
            zh=f"金额应大于 0，不超过余额 ¥{abs(balance) / 100:,.2f}",
            en=f"the amount must be above 0 and not above the balance of {abs(balance) / 100:,.2f}",
        )
    if paid_on > today:
        raise CannotSettleUp(zh="付款日期不能在今天以后", en="the day of payment is to come yet")
    if not reference.strip() or len(reference.strip()) > REFERENCE_LIMIT:
        raise CannotSettleUp(
            zh=f"请填写凭证号（转账流水、抵扣单号等），不超过 {REFERENCE_LIMIT} 字",
            en=f"give the reference of the payment, at most {REFERENCE_LIMIT} characters",
        )
    return amount if balance > 0 else -amount


def take_back(*, amount: int, undone: bool, words: str) -> int:
    """Return what undoes a payment of ``amount`` 分, once. Raises CannotSettleUp."""
    if undone:
        raise CannotSettleUp(zh="这笔款项已经冲正过", en="this payment was taken back already")
    if not words.strip():
        raise CannotSettleUp(zh="冲正请写明原因", en="give the reason for taking it back")
    return -amount

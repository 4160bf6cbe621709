"""A payment that another system makes: told to it under one number, asked about until it ended.

What was sent once is never sent under another number while its end is unknown: the other system is
asked first, and only where it never heard of the number is the same number sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from huiyin.core.because import Reason
from huiyin.core.remedy.steps import yuan

UNHEARD: Final = timedelta(seconds=60)
"""So long may a request be on its way before "never heard of it" is believed."""
SETTLED: Final = timedelta(minutes=10)
"""The same where an earlier request of the same payment was left without an answer."""
MOST_SENDS: Final = 6
FIRST_PAUSE, LONGEST_PAUSE = 30, 3600
"""Seconds between questions about a payment under way: twice as long each time."""

State = Literal["paid", "failed", "returned", "processing", "absent", "refused", "unclear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One payment as the other system is told; ``amount`` in 分.

    ``address`` is the payee's name with the provider where that is not ``account`` (openid).
    ``at`` and ``nonce`` are of this try, ``number`` is the same at every one. ``hook`` is where
    the provider may report.
    """

    number: str
    amount: int
    method: str
    payee: str = field(repr=False)
    account: str = field(repr=False)
    address: str = field(default="", repr=False)
    reason: str = ""
    complaint: str = ""
    waybill: str = ""
    at: datetime
    nonce: str = ""
    hook: str = ""

    @property
    def plain(self) -> str:
        """The number in letters and digits alone, for providers that take nothing else."""
        return plain(number=self.number)


def plain(*, number: str) -> str:
    """Return a payout's number in letters and digits alone; as unique as the number itself."""
    return "".join(c for c in number if c.isascii() and c.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the other system says of a payment.

    paid, failed, returned: its end. processing: it has it. absent: it never heard of the number.
    refused: it did not take it. unclear: nothing that can be relied on; ``wait`` seconds where it
    asks for patience. ``amount`` in 分 where it names one.
    """

    state: State
    reference: str = ""
    amount: int | None = None
    zh: str = ""
    en: str = ""
    wait: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What follows from what was told.

    pay, fail, return: book it. wait: ask again in ``wait`` seconds. ask: ask at once. send: send
    the same number again. stop: a person must look.
    """

    act: Literal["pay", "fail", "return", "wait", "ask", "send", "stop"]
    because: Reason
    wait: int = 0


_ENDS: Final[dict[str, Literal["pay", "fail", "return"]]] = {
    "paid": "pay", "failed": "fail", "returned": "return",
}  # fmt: skip


def judge(
    *,
    told: Told,
    amount: int,
    asked: bool,
    sends: int,
    tries: int,
    since: timedelta,
    refused: bool,
    ended: bool = False,
) -> Next:
    """Decide what follows from an answer about a payment of ``amount`` 分.

    ``asked`` tells whether it was a question, not the payment itself; ``sends`` how often the
    payment was sent and ``since`` how long ago; ``tries`` how many questions led nowhere so far;
    ``refused`` whether the last request was refused. ``ended``: its end is
    booked already, and it is looked after.
    """
    if told.amount is not None and told.amount != amount:
        return Next(
            act="stop",
            because=Reason(
                rule="transfer.amount",
                zh=f"对方记的金额是 ¥{yuan(told.amount)}，与应付 ¥{yuan(amount)} 不符，请人工核对",
                en=f"¥{yuan(told.amount)} there, ¥{yuan(amount)} here: somebody must look",
            ),
        )
    if told.state in _ENDS:
        return Next(act=_ENDS[told.state], because=_said("transfer.end", told))
    if told.state == "refused" and not asked:
        return Next(act="ask", because=_said("transfer.refused", told))
    if told.state == "absent" and ended:
        return Next(
            act="stop",
            because=Reason(
                rule="transfer.vanished",
                zh="这笔已经入账，对方却查不到，请人工核对",
                en="its end is booked, yet it is not known there: somebody must look",
            ),
        )
    if told.state == "absent" and asked:
        return _unheard(told=told, sends=sends, tries=tries, since=since, refused=refused)
    wait = pause(tries=tries)
    if told.wait is not None:
        wait = max(1, min(told.wait, LONGEST_PAUSE))
    return Next(act="wait", wait=wait, because=_said(f"transfer.{told.state}", told))


def _unheard(*, told: Told, sends: int, tries: int, since: timedelta, refused: bool) -> Next:
    patience = SETTLED if refused and sends > 1 else timedelta(0) if refused else UNHEARD
    if since < patience:
        left = int((patience - since).total_seconds()) + 1
        return Next(act="wait", wait=left, because=_said("transfer.unheard", told))
    if refused:
        return Next(act="fail", because=_said("transfer.not_taken", told))
    if sends >= MOST_SENDS:
        return Next(
            act="stop",
            because=Reason(
                rule="transfer.sends",
                zh=f"已发送 {sends} 次，对方一直说没有收到，请人工核对",
                en=f"sent {sends} times and never heard of: look into it",
            ),
        )
    return Next(act="send", because=_said("transfer.again", told))


def _said(rule: str, told: Told) -> Reason:
    return Reason(rule=rule, zh=told.zh or told.state, en=told.en or told.zh or told.state)


def pause(*, tries: int) -> int:
    """Return how many seconds to wait before the next question."""
    return min(FIRST_PAUSE << min(max(tries, 0), 10), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An account that can pay: by which methods, and above what sum (分) a person must release."""

    account: int
    methods: frozenset[str]
    above: int = 0


def waits_for_release(*, amount: int, above: int) -> bool:
    """Tell whether a person must release a payment, 分: what is above the account's limit."""
    return amount > above


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A payout and its remedy at the moment it would go out; sums in 分."""

    state: str
    amount: int
    offer_state: str
    offer_amount: int
    granted: bool
    """Somebody with the authority for it has granted the remedy."""


def why_not(*, standing: Standing) -> Reason | None:
    """Return why a payout may not go out now, None when everything it needs is there."""
    if standing.state != "requested":
        return Reason("transfer.state", "这笔已不在待付款状态", "it waits for payment no longer")
    if not standing.granted:
        return Reason("transfer.approval", "补偿的审批还没有完成", "the remedy is not approved")
    if standing.offer_state != "accepted":
        return Reason(
            "transfer.offer",
            "补偿方案已不在“客户已接受”状态",
            "the offer does not stand as accepted any more",
        )
    if standing.amount != standing.offer_amount or standing.amount <= 0:
        return Reason(
            "transfer.sum",
            "付款金额与批准的补偿不一致",
            "the payment differs from the remedy that was approved",
        )
    return None


def fits(*, amount: int, spent: int, per_day: int) -> bool:
    """Tell whether a payment fits into the day's budget, 分; 0 means no limit."""
    return not per_day or spent + amount <= per_day

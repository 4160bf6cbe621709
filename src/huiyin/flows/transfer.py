"""Transfer: payouts that go out by an account's system, from the choice of it to their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.channels import paying
from huiyin.channels.protocol import PayoutWay
from huiyin.channels.registry import channel as channel_of
from huiyin.core.because import Reason
from huiyin.core.remedy import yuan
from huiyin.core.remedy.offer import UNPAID_PAYOUTS, CannotMoveOffer, move_payout
from huiyin.core.remedy.reconcile import Result, reconcile
from huiyin.core.remedy.transfer import Told, Way, fits, plain, waits_for_release, why_not
from huiyin.flows import payout
from huiyin.store.ledger import Pen, limits, transfers
from huiyin.store.ledger.transfers import Claimed
from huiyin.store.read import accounts, office, payouts
from huiyin.store.read.accounts import Account
from huiyin.store.read.payouts import Sent

MOST: Final = 200
"""Payouts given to accounts in one transaction."""
_DAY: Final = timedelta(days=1)
_ENDS: Final = ("paid", "failed", "returned")
_NO_OPENID: Final = {
    "zh": "没有收款人的 openid，由财务按批次付款",
    "en": "the payee's openid is not known: finance pays it by its batch",
}


class CannotAfford(payout.CannotTransfer):
    """The account's budget of the day is used up; ``until`` is when the next one begins."""

    def __init__(self, *, until: datetime) -> None:
        self.until = until
        super().__init__(zh="今天的付款额度已用完", en="the sum for today is used up")


@dataclass(frozen=True, slots=True)
class Paying:
    """An account that pays, with its system's way and settings."""

    account: Account
    way: PayoutWay
    authority: Way


def paying_accounts() -> list[Paying]:
    """Return the accounts that are switched on for paying, the oldest first."""
    found = []
    for account in sorted(accounts.known().values(), key=lambda a: a.id):
        channel = channel_of(code=account.code)
        if channel is None or channel.payout is None or account.sealed:
            continue
        methods = paying.methods_of(settings=account.settings) & set(channel.payout.methods)
        if methods:
            above = paying.fen(settings=account.settings, name="above")
            authority = Way(account=account.id, methods=methods, above=above)
            found.append(Paying(account, channel.payout, authority))
    return found


def methods_of(*, ways: Sequence[Paying]) -> frozenset[str]:
    """Return the methods by which some account pays."""
    return frozenset(m for way in ways for m in way.authority.methods)


def route(*, pen: Pen, ways: Sequence[Paying]) -> int:
    """Give payouts that wait to the accounts that pay by their method; returns how many.

    What is above an account's limit is held until a person releases it. Whom no account can pay
    is left to finance's batch.
    """
    ids = limits.unrouted_payouts(methods=methods_of(ways=ways), limit=MOST)
    waiting = payouts.routes(ids=ids)
    for one in waiting:
        fitting = [w for w in ways if one.method in w.authority.methods]
        found = ((way, _address(one=one, way=way)) for way in fitting)
        way, address = next(((w, a) for w, a in found if a is not None), (fitting[0], None))
        state = "left" if address is None else _first_state(amount=one.amount, way=way)
        if address is not None:
            pen.alter(table="payout", key=one.id, way=way.account.id)
        pen.add(
            table="payout_transfer",
            row={
                "id": one.id,
                "payout_id": one.id,
                "account_id": way.account.id,
                "plain": plain(number=one.number),
                "state": state,
                "address": (address or "")[:200],
                "routed_at": pen.now,
                "next_try_at": pen.now if state == "due" else None,
                "told": _NO_OPENID if address is None else {},
            },
        )
    return len(waiting)


def _address(*, one: payouts.Route, way: Paying) -> str | None:
    """Return the payee's name with the provider, "" where it needs none, None if not known."""
    if not way.way.by_openid:
        return ""
    if one.customer_id is None:
        return None
    app_id = str(way.account.settings.get("app_id") or "")
    return payouts.openid_of(customer_id=one.customer_id, app_id=app_id) or None


def _first_state(*, amount: int, way: Paying) -> str:
    return "held" if waits_for_release(amount=amount, above=way.authority.above) else "due"


def begin(*, pen: Pen, claimed: Claimed, account: Account) -> bool:
    """Write down that a payout goes out now; False when another worker has it.

    It is committed before the first call: whoever finds it later asks before he sends. Raises
    CannotTransfer where its approvals are not complete, CannotAfford.
    """
    found = payout.in_hand(pen=pen, payout_id=claimed.id)
    if found is None:
        return False
    sent, case = found
    why = why_not(standing=sent.ready)
    if why is not None:
        raise payout.CannotTransfer(zh=why.zh, en=why.en)
    _afford(pen=pen, account=account, amount=sent.standing.amount)
    if not transfers.sending(claimed=claimed, sends=0, now=pen.now):
        return False
    one = sent.standing
    pen.alter(table="payout", key=one.id, state=move_payout(state=one.state, act="send"))
    pen.record(
        case=case,
        kind="PayoutSent",
        data={
            "payout": str(one.id), "remedy": str(one.remedy_id), "amount": one.amount,
            "number": one.number, "provider": account.name,
        },
        because=[
            Reason(
                rule="transfer.sent",
                zh=f"审批齐全，交“{account.name}”付款 ¥{yuan(one.amount)}",
                en=f"approved in full; {account.name} pays ¥{yuan(one.amount)}",
            )
        ],
    )  # fmt: skip
    return True


def _afford(*, pen: Pen, account: Account, amount: int) -> None:
    per_day = paying.fen(settings=account.settings, name="per_day")
    if not per_day:
        return
    zone = ZoneInfo(office.current_playbook().timezone)
    midnight = pen.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    spent = transfers.spent(account_id=account.id, since=midnight)
    if not fits(amount=amount, spent=spent, per_day=per_day):
        raise CannotAfford(until=midnight + _DAY)


def report(*, pen: Pen, number: str, account_id: int, told: Told) -> bool:
    """Book what a provider says of a payout's end; False when none such went by the account.

    What is known already changes nothing. What does not fit (another sum, an end after another)
    is left to a person.
    """
    found = payouts.sent(plain=plain(number=number))
    if found is None or found.account_id != account_id or not found.sends:
        return False
    if told.state not in _ENDS:
        return True
    again = payout.in_hand(pen=pen, payout_id=found.standing.id)
    sent, case = again or (found, pen.case(id=found.standing.complaint_id))
    one = sent.standing
    if one.state == "returned" and told.state == "paid":
        return True
    # where the word that it was paid got lost on the way, it was paid before it came back
    lost = told.state == "returned" and one.state in UNPAID_PAYOUTS
    steps = [replace(told, state="paid", zh="", en=""), told] if lost else [told]
    for step in steps:
        result = _result(number=one.number, told=step)
        out = reconcile(batch=[one.asked], results=[result])
        try:
            for act, _ in out.acts:
                payout.end(pen=pen, case=case, one=one, act=act, result=result)
        except CannotMoveOffer as error:
            return _stop(pen=pen, payout_id=one.id, zh=error.zh, en=error.en)
        for wrong in out.mismatches:
            return _stop(pen=pen, payout_id=one.id, zh=wrong.zh, en=wrong.en)
        one = replace(one, state=step.state, offer_state="paid")
    pen.alter(
        table="payout_transfer", key=one.id, state="done", refused=False, lease_until=None,
        next_try_at=_watch(pen=pen, sent=sent, told=told), asked_at=pen.now,
        told={"zh": told.zh, "en": told.en},
    )  # fmt: skip
    return True


def _stop(*, pen: Pen, payout_id: UUID, zh: str, en: str) -> bool:
    """Leave a payout to a person."""
    pen.alter(
        table="payout_transfer", key=payout_id, state="stopped", next_try_at=None,
        lease_until=None, asked_at=pen.now, told={"zh": zh, "en": en},
    )  # fmt: skip
    return True


def _result(*, number: str, told: Told) -> Result:
    return Result(
        row=0, number=number, outcome=told.state, amount=told.amount, reference=told.reference,
        note=told.zh,
    )  # fmt: skip


def _watch(*, pen: Pen, sent: Sent, told: Told) -> datetime | None:
    """Return when a paid payout is asked about again, to find what came back."""
    account = accounts.known().get(sent.account_id)
    days = account.settings.get("watch_days") if account else 0
    ends = (sent.first_sent_at or pen.now) + timedelta(days=days if isinstance(days, int) else 0)
    return pen.now + _DAY if told.state == "paid" and pen.now + _DAY <= ends else None

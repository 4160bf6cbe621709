"""Transfer: payouts that go out by an account's system, from the choice of it to their end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.channels import paying
from huiyin.channels.protocol import PayoutWay
from huiyin.channels.registry import channel as channel_of
from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.remedy import yuan
from huiyin.core.remedy.offer import UNPAID_PAYOUTS, move_payout
from huiyin.core.remedy.reconcile import Result, reconcile
from huiyin.core.remedy.transfer import Told, Way, fits, plain, way_for, why_not
from huiyin.flows import payout
from huiyin.store.case import Case
from huiyin.store.ledger import Pen, limits, transfers
from huiyin.store.ledger.transfers import Claimed
from huiyin.store.read import accounts, office, payouts, remedies
from huiyin.store.read.accounts import Account
from huiyin.store.read.payouts import Sent

MOST: Final = 200
"""Payouts given to accounts in one transaction."""
_DAY: Final = timedelta(days=1)
_ENDS: Final = ("paid", "failed", "returned")


class CannotTransfer(ValueError):
    """The act is not possible on this payout; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


class CannotAfford(CannotTransfer):
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


def route(*, pen: Pen, ways: list[Paying]) -> int:
    """Give payouts that wait to the accounts that pay by their method; returns how many.

    What is above an account's limit is held until a person releases it. What no account can pay
    stays for finance's batch.
    """
    done = 0
    for one in payouts.routes(ids=limits.free_payouts(limit=MOST)):
        for way in ways:
            if way_for(method=one.method, ways=[way.authority]) is None:
                continue
            address = ""
            if way.way.by_openid:
                app_id = str(way.account.settings.get("app_id") or "")
                if one.customer_id is not None:
                    address = payouts.openid_of(customer_id=one.customer_id, app_id=app_id)
                if not address:
                    continue
            _give(pen=pen, one=one, way=way, address=address)
            done += 1
            break
    return done


def _give(*, pen: Pen, one: payouts.Route, way: Paying, address: str) -> None:
    held = one.amount > way.authority.above
    pen.alter(table="payout", key=one.id, way=way.account.id)
    pen.add(
        table="payout_transfer",
        row={
            "id": one.id,
            "payout_id": one.id,
            "account_id": way.account.id,
            "plain": plain(number=one.number),
            "state": "held" if held else "due",
            "address": address[:200],
            "routed_at": pen.now,
            "next_try_at": None if held else pen.now,
            "told": {},
        },
    )


def begin(*, pen: Pen, claimed: Claimed, account: Account) -> bool:
    """Write down that a payout goes out now; False when another worker has it.

    It is committed before the first call: whoever finds it later asks before he sends. Raises
    CannotTransfer where its approvals are not complete, CannotAfford.
    """
    found = _in_hand(pen=pen, payout_id=claimed.id)
    if found is None:
        return False
    sent, case = found
    why = why_not(standing=sent.ready)
    if why is not None:
        raise CannotTransfer(zh=why.zh, en=why.en)
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


def _in_hand(*, pen: Pen, payout_id: UUID) -> tuple[Sent, Case] | None:
    """Take the complaint of a payout in hand and read the payout again under its lock."""
    found = payouts.sent(payout_id=payout_id)
    if found is None:
        return None
    case = pen.case(id=found.standing.complaint_id)
    return payouts.sent(payout_id=payout_id) or found, case


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
    again = _in_hand(pen=pen, payout_id=found.standing.id)
    sent, case = again or (found, pen.case(id=found.standing.complaint_id))
    one, told_now = sent.standing, {"zh": told.zh, "en": told.en}
    if one.state == "returned" and told.state == "paid":
        return True
    if told.state == "returned" and one.state in UNPAID_PAYOUTS:
        # the word that it was paid got lost on the way
        paid = _result(number=one.number, told=replace(told, state="paid", zh=""))
        payout.end(pen=pen, case=case, one=one, act="pay", result=paid)
        one = replace(one, state="paid", offer_state="paid")
    out = reconcile(batch=[one.asked], results=[_result(number=one.number, told=told)])
    if out.mismatches:
        wrong = out.mismatches[0]
        pen.alter(
            table="payout_transfer", key=one.id, state="stopped", next_try_at=None,
            lease_until=None, asked_at=pen.now, told={"zh": wrong.zh, "en": wrong.en},
        )  # fmt: skip
        return True
    for act, result in out.acts:
        payout.end(pen=pen, case=case, one=one, act=act, result=result)
    pen.alter(
        table="payout_transfer", key=one.id, state="done", refused=False, lease_until=None,
        next_try_at=_watch(pen=pen, sent=sent, told=told), asked_at=pen.now, told=told_now,
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


def _homes() -> frozenset[str]:
    return frozenset(office.current_playbook().settlement.paid_by)


def _guarded(*, pen: Pen, actor: Actor, action: str, payout_id: UUID) -> tuple[Sent, Case]:
    allowed = may(actor=actor, action=action, homes=_homes())
    if not allowed:
        raise PermissionError(allowed.zh)
    found = _in_hand(pen=pen, payout_id=payout_id)
    if found is None:
        raise CannotTransfer(zh="找不到这笔付款", en="there is no such payout")
    return found


def release(*, pen: Pen, actor: Actor, payout_id: UUID) -> UUID:
    """Let a payout go out that is above its account's limit; returns the complaint's id.

    Nobody releases what he proposed, or accepted in the customer's name. Raises CannotTransfer,
    PermissionError.
    """
    sent, case = _guarded(pen=pen, actor=actor, action="payouts.release", payout_id=payout_id)
    one = sent.standing
    if sent.transfer_state != "held":
        raise CannotTransfer(zh="这笔不需要放行", en="it waits for no release")
    if actor.id in one.touched_by:
        raise CannotTransfer(
            zh="这笔是您自己提出或代客户接受的，请同事放行",
            en="you proposed or accepted it yourself: a colleague has to release it",
        )
    why = why_not(standing=sent.ready)
    if why is not None:
        raise CannotTransfer(zh=why.zh, en=why.en)
    pen.alter(
        table="payout_transfer", key=one.id, state="due", released_by_id=actor.id,
        released_at=pen.now, next_try_at=pen.now,
    )  # fmt: skip
    pen.record(
        case=case,
        kind="PayoutReleased",
        data=_named(sent),
        because=[
            Reason(
                rule="transfer.released",
                zh=f"已放行付款 ¥{yuan(one.amount)}",
                en=f"payment of ¥{yuan(one.amount)} released",
            )
        ],
    )
    return case.id


def _named(sent: Sent) -> Mapping[str, Any]:
    one = sent.standing
    return {
        "payout": str(one.id), "remedy": str(one.remedy_id), "amount": one.amount,
        "number": one.number,
    }  # fmt: skip


def to_batch(*, pen: Pen, actor: Actor, payout_id: UUID) -> None:
    """Give a payout that never went out back to finance's batch.

    Raises CannotTransfer, PermissionError.
    """
    sent, _ = _guarded(pen=pen, actor=actor, action="payouts.work", payout_id=payout_id)
    if sent.sends or sent.standing.state != "requested":
        raise CannotTransfer(
            zh="这笔已经发给付款渠道，不能再走批次",
            en="it was sent already and cannot go by the batch",
        )
    pen.alter(table="payout", key=payout_id, way=None)
    pen.alter(
        table="payout_transfer", key=payout_id, state="left", next_try_at=None, lease_until=None
    )


def pay_again(*, pen: Pen, actor: Actor, payout_id: UUID) -> UUID:
    """Ask for a payment anew, to the same payee, after one failed or came back.

    Returns the new payout's id. Raises CannotTransfer, CannotClaimTwice, PermissionError.
    """
    allowed = may(actor=actor, action="payouts.work", homes=_homes())
    if not allowed:
        raise PermissionError(allowed.zh)
    found = payouts.former(payout_id=payout_id)
    if found is None:
        raise CannotTransfer(zh="找不到这笔付款", en="there is no such payout")
    case = pen.case(id=found.standing.complaint_id)
    found = payouts.former(payout_id=payout_id) or found
    one = found.standing
    if (
        one.state not in {"failed", "returned"}
        or one.offer_state != "accepted"
        or remedies.under_way(remedy_id=one.remedy_id)
    ):
        raise CannotTransfer(
            zh="这笔补偿没有等待重新付款", en="this remedy does not wait for another payment"
        )
    return payout.request(
        pen=pen,
        case=case,
        remedy_id=one.remedy_id,
        amount=one.amount,
        payee=found.payee,
        by=found.requested_by,
        because=Reason(
            rule="transfer.pay_again",
            zh="上一笔没有付成，按原收款信息再付",
            en="the last payment did not go through; paid again to the same payee",
        ),
    )


def ask_now(*, pen: Pen, actor: Actor, payout_id: UUID) -> None:
    """Let the provider be asked at once what became of a payout; nothing is sent anew by this.

    Raises CannotTransfer, PermissionError.
    """
    _guarded(pen=pen, actor=actor, action="payouts.work", payout_id=payout_id)
    if not transfers.hasten(id=payout_id, now=pen.now):
        raise CannotTransfer(zh="这笔没有等待结果", en="its end is not awaited")

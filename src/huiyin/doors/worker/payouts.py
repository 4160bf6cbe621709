"""Payouts out by accounts: sent once under their number, asked about until their end is known."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from huiyin.channels.protocol import CannotWrite, Fate, PayoutWay
from huiyin.channels.registry import channel as channel_of
from huiyin.channels.registry import channels
from huiyin.core.remedy.transfer import Next, Told, Transfer, judge
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.flows import journey, transfer
from huiyin.flows.payout import CannotTransfer
from huiyin.store.ledger import accounts as accounts_ledger
from huiyin.store.ledger import transfers
from huiyin.store.ledger.transfers import Claimed
from huiyin.store.read import accounts, payouts
from huiyin.store.read.accounts import Account

BATCH: Final = 20
REST: Final = timedelta(minutes=5)
"""What waits for an account that is switched off is looked at again after this."""
NEVER: Final = "HYTEST-000000-P0"
"""No payout has this number: a test of the connection asks for it."""


def codes() -> frozenset[str]:
    """Return the codes of the partners that pay."""
    return frozenset(code for code, partner in channels().items() if partner.payout is not None)


def pay() -> int:
    """Give payouts to the accounts that pay them, and do what is due; returns how much."""
    ways = transfer.paying_accounts()
    done = 0
    if ways and payouts.unrouted(methods=transfer.methods_of(ways=ways)).exists():
        with journey.writing(now=timezone.now(), actor="system") as pen:
            done = transfer.route(pen=pen, ways=ways)
    claimed = transfers.claim(now=timezone.now(), limit=BATCH)
    for one in claimed:
        _Round(one).do()
    return done + len(claimed)


def probe(account: Account) -> Fate:
    """Ask for a payment that never was: a proved "never heard of it" shows that all is right.

    Raises CannotWrite, CannotReach.
    """
    channel = channel_of(code=account.code)
    assert channel is not None and channel.payout is not None
    nobody = Transfer(
        number=NEVER, amount=10**9, method="bank", payee="测试", account="test", address="test",
        at=timezone.now(), nonce=secrets.token_hex(16),
    )  # fmt: skip
    # writing a payment that is never sent tries the keys that only payments need
    channel.payout.send(nobody, account.settings)
    question = channel.payout.ask(nobody, account.settings)
    told = channel.payout.read(nobody, account.settings, question, call(call=question))
    if told.state == "absent":
        return Fate(state="sent")
    return Fate(state="refused", zh=told.zh or told.state, en=told.en or told.state)


class _Round:
    """What one worker does about one claimed transfer."""

    def __init__(self, claimed: Claimed) -> None:
        self.claimed = claimed
        self.sends = claimed.sends
        self.sent_at = claimed.sent_at
        self.refusal = (
            Told(state="failed", zh=claimed.told.get("zh", ""), en=claimed.told.get("en", ""))
            if claimed.refused
            else None
        )

    def do(self) -> None:
        """Send it where it never went out, else ask; go on as the answers say."""
        now = timezone.now()
        account = accounts.one(id=self.claimed.account_id)
        channel = channel_of(code=account.code) if account else None
        if account is None or channel is None or channel.payout is None:
            self._off(until=now + REST, zh="付款渠道已删除", en="the account is gone")
        elif not account.enabled or account.sealed:
            self._off(until=now + REST, zh="付款渠道已停用", en="the account is switched off")
        elif account.rest_until and account.rest_until > now:
            self._off(until=account.rest_until, zh=account.error, en=account.error)
        else:
            step = "ask" if self.sends else "send"
            while step:
                step = self._step(step=step, account=account, way=channel.payout)

    def _off(self, *, until: datetime, zh: str, en: str) -> None:
        # why it was refused is kept, it is the reason that people will read
        told = {"zh": zh, "en": en} if self.refusal is None else None
        transfers.put_off(claimed=self.claimed, until=until, told=told)

    def _stop(self, *, zh: str, en: str) -> None:
        transfers.stop(claimed=self.claimed, now=timezone.now(), told={"zh": zh, "en": en})

    def _step(self, *, step: str, account: Account, way: PayoutWay) -> str:
        """Do one call; returns the next step, "" where this round is over."""
        now = timezone.now()
        asked = step == "ask"
        if not accounts_ledger.spend(
            id=account.id, now=now, per_minute=int(account.settings.get("per_minute") or 0)
        ):
            until = now + timedelta(seconds=60 - now.second)
            transfers.put_off(claimed=self.claimed, until=until)
            return ""
        order = payouts.order(
            payout_id=self.claimed.id,
            address=self.claimed.address,
            at=now,
            nonce=secrets.token_hex(16),
            hook=f"{settings.HUIYIN.site_url}/hooks/{account.code}/{account.id}/",
        )
        try:
            request = (way.ask if asked else way.send)(order, account.settings)
            if not self._may_go(asked=asked, account=account, now=now):
                return ""
        except transfer.CannotAfford as error:
            self._off(until=error.until, zh=error.zh, en=error.en)
            return ""
        except (CannotWrite, CannotTransfer) as error:
            self._stop(zh=error.zh, en=error.en)
            return ""
        try:
            told = way.read(order, account.settings, request, call(call=request))
        except CannotReach as error:
            told = Told(state="unclear", zh=f"连不上或没有应答：{error}", en=f"no answer: {error}")
        self._note(account=account, told=told)
        then = judge(
            told=told,
            amount=order.amount,
            asked=asked,
            sends=self.sends,
            tries=self.claimed.tries,
            since=timezone.now() - (self.sent_at or now),
            refused=self.refusal is not None,
            ended=payouts.ended(payout_id=self.claimed.id),
        )
        return self._follow(account=account, number=order.number, told=told, then=then)

    def _may_go(self, *, asked: bool, account: Account, now: datetime) -> bool:
        """Note durably that a payment goes out before it does; a question needs the lease alone.

        Raises CannotTransfer.
        """
        if asked:
            return transfers.hold(claimed=self.claimed, now=now)
        if self.sends:
            goes = transfers.sending(claimed=self.claimed, sends=self.sends, now=now)
        else:
            with journey.writing(now=now, actor="system") as pen:
                goes = transfer.begin(pen=pen, claimed=self.claimed, account=account)
        self.sends, self.sent_at, self.refusal = self.sends + 1, now, None
        return goes

    def _note(self, *, account: Account, told: Told) -> None:
        now = timezone.now()
        if told.state == "unclear":
            accounts_ledger.failed(id=account.id, now=now, error=told.zh, wait=told.wait)
        else:
            accounts_ledger.worked(id=account.id, now=now)

    def _follow(self, *, account: Account, number: str, told: Told, then: Next) -> str:
        now = timezone.now()
        said = {"zh": then.because.zh, "en": then.because.en}
        if then.act == "send":
            return "send"
        if then.act == "ask":
            self.refusal = replace(told, state="failed")
            transfers.refused(claimed=self.claimed, told=said)
            return "ask"
        if then.act == "wait":
            until = now + timedelta(seconds=then.wait)
            kept = said if self.refusal is None else {"zh": self.refusal.zh, "en": self.refusal.en}
            transfers.waits(claimed=self.claimed, now=now, until=until, told=kept)
        elif then.act == "stop":
            self._stop(zh=then.because.zh, en=then.because.en)
        else:
            end = self.refusal if told.state == "absent" and self.refusal else told
            with journey.writing(now=now, actor="system") as pen:
                transfer.report(pen=pen, number=number, account_id=account.id, told=end)
        return ""

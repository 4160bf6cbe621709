"""Payouts by accounts, over real sockets to systems that check every signature: paid once, booked
once, whatever breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels.conformance.provider_server import Provider, provider
from company import LOST, World, actor, complaint, kinds
from huiyin.channels import registry
from huiyin.core.remedy.payee import Payee
from huiyin.core.remedy.transfer import SETTLED, UNHEARD, Transfer
from huiyin.doors.worker import loop, payouts, signals
from huiyin.flows import agree, pay, release, settle
from huiyin.flows.payout import CannotTransfer
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts, audit, books
from partners.pay_servers import APP, Alipay, Bank, Finance, WeChat

PHONE, OPENID = "13812345678", "oHuiyinOpenId0001"
FACTS = {"kind": "loss", "fee": 2000, "real_value": 600000, "carrier": "sf"}
PAYEES = {
    "bank": Payee(method="bank", name="张三", account="6222020200112233445"),
    "wechat": Payee(method="wechat", name="张三", account=PHONE),
    "alipay": Payee(method="alipay", name="张三", account=PHONE),
}
BANKS: dict[str, tuple[type[Any], str]] = {
    "payout_http": (Finance, "bank"),
    "payout_wechat": (WeChat, "wechat"),
    "payout_alipay": (Alipay, "alipay"),
}
each = pytest.mark.parametrize("line", sorted(BANKS), indirect=True)


@dataclass
class Line:
    """An account, the system behind it, and what the tests do with both."""

    world: World
    code: str
    account: int
    bank: Bank
    there: Provider
    method: str

    def want(self, waybill: str = "SF1234567890123", phone: str = PHONE) -> models.Payout:
        """Let a customer accept a remedy of ¥160."""
        text = LOST.replace("SF1234567890123", waybill)
        case = complaint(
            self.world.post("portal", text, sender=phone, phone=phone, waybill=waybill)
        )
        models.Complaint.objects.filter(id=case.id).update(category="lost", department_id="claims")
        if self.method == "wechat":
            models.Identity.objects.get_or_create(
                kind="wechat", value=OPENID,
                defaults={"customer_id": case.customer_id, "since": timezone.now(), "proven": True},
            )  # fmt: skip
        remedy_id = self.world.do(
            "agent", settle.propose, complaint_id=case.id, kind="amount", facts=FACTS
        )
        self.world.customer(agree.accept, remedy_id=remedy_id, payee=PAYEES[self.method])
        return models.Payout.objects.get(remedy_id=remedy_id)

    def set(self, **settings: Any) -> None:
        """Change settings of the account."""
        row = models.ChannelAccount.objects.get(id=self.account)
        row.settings = {**row.settings, **settings}
        row.save()
        accounts.forget()

    def work(self, *, watched: bool = False, **later: float) -> None:
        """Let time pass until everything is tried, and try; ``later`` is since it was sent.

        ``watched``: let also the day pass after which what is paid is looked after.
        """
        ago = timedelta(**later)
        rows = models.PayoutTransfer.objects.exclude(next_try_at=None)
        for row in rows if watched else rows.exclude(state="done"):
            row.next_try_at = timezone.now()
            row.sent_at = row.sent_at and row.sent_at - ago
            row.save()
        models.ChannelAccount.objects.update(rest_until=None)
        payouts.pay()
        signals.work()

    def call_back(self, number: str, *, id: str = "1", **change: Any) -> int:
        """Let the system report a payment."""
        at = timezone.now().timestamp()
        body, headers = self.bank.callback(number, at=at, id=id, **change)  # type: ignore[attr-defined]
        answer = Client().post(
            f"/hooks/{self.code}/{self.account}/", body, headers=headers,
            content_type=headers.pop("Content-Type", "application/json"),
        )  # fmt: skip
        signals.work()
        return int(answer.status_code)

    @property
    def number(self) -> str:
        """The only payment's number, as the system knows it."""
        (number,) = self.bank.book
        return number


def fresh(payout: models.Payout) -> tuple[str, str, str]:
    """Return the states of a payout, its transfer and its remedy."""
    payout.refresh_from_db()
    payout.remedy.refresh_from_db()
    sent = models.PayoutTransfer.objects.filter(payout=payout).first()
    return payout.state, sent.state if sent else "", payout.remedy.state


def steps(case: models.Complaint) -> list[str]:
    return [kind for kind in kinds(case) if kind.startswith("Payout")]


def sound() -> list[str]:
    return [*books.faults(), *audit.broken_links()]


def told(payout: models.Payout) -> str:
    return str(models.PayoutTransfer.objects.get(payout=payout).told.get("zh", ""))


@contextmanager
def opened(world: World, code: str) -> Iterator[Line]:
    kind, method = BANKS[code]
    bank = kind()
    with provider(bank.answers) as there:
        bank.there = there
        channel = registry.channels()[code]
        accounts.forget()
        if method == "wechat":
            own = models.ChannelAccount.objects.create(
                code="wechat", spoken="wechat", writes=False, name="公众号", enabled=True,
                settings={"app_id": APP}, created_at=timezone.now(),
            )  # fmt: skip
            models.Reach.objects.create(channel="wechat", address=OPENID, account_id=own.id)
        account = ledger.save(
            id=None, code=code, spoken="payout", writes=False, name="付款渠道", enabled=True,
            settings={
                **bank.settings(there.base), f"pay_{method}": True, "above": 1000, "per_day": 0,
                "per_minute": 0, "watch_days": 7,
            },
            secrets=channel.secrets, now=timezone.now(),
        )  # fmt: skip
        yield Line(world, code, account, bank, there, method)
        accounts.forget()


@pytest.fixture
def line(world: World, request: pytest.FixtureRequest) -> Iterator[Line]:
    with opened(world, getattr(request, "param", "payout_http")) as running:
        yield running


@each
def test_paid_at_once_and_booked_on_both_sides(line: Line) -> None:
    payout = line.want()
    line.work()
    assert fresh(payout) == ("paid", "done", "paid")
    assert payout.reference.endswith(line.number)
    assert len(line.bank.paid()) == 1 and line.bank.forged == 0
    case = models.Complaint.objects.get(id=payout.complaint_id)
    assert steps(case) == ["PayoutRequested", "PayoutSent", "PayoutPaid"]
    assert books.balances() == {"cost:none": 16000, "paid": -16000}
    assert sound() == []
    line.work(watched=True)
    assert len(line.bank.paid()) == 1 and fresh(payout)[0] == "paid"
    del line.bank.book[line.number]
    line.work(watched=True)
    assert fresh(payout) == ("paid", "stopped", "paid") and not line.bank.book


@each
def test_under_way_then_paid_by_callback_once(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    assert fresh(payout) == ("processing", "sent", "accepted")
    assert books.balances() == {"cost:none": 16000, "requested": -16000}
    line.bank.book[line.number]["state"] = "paid"
    assert line.call_back(line.number) in {200, 202}
    assert fresh(payout) == ("paid", "done", "paid")
    events = models.Event.objects.filter(kind="PayoutPaid").count()
    assert line.call_back(line.number) in {200, 202}
    assert line.call_back(line.number, id="2") in {200, 202}
    assert models.Event.objects.filter(kind="PayoutPaid").count() == events == 1
    assert sound() == []


@each
def test_under_way_and_found_paid_by_a_question(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    line.work()
    assert fresh(payout)[0] == "processing" and line.bank.asked == [line.number]
    line.bank.book[line.number]["state"] = "paid"
    line.work()
    assert fresh(payout) == ("paid", "done", "paid")
    assert len(line.there.calls) == 3


@each
def test_failed_with_the_systems_reason_and_paid_again(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    line.bank.book[line.number].update(state="failed", reason="账户状态异常")
    line.work()
    assert fresh(payout) == ("failed", "done", "accepted")
    assert "账户状态异常" in payout.note
    assert books.balances() == {"cost:none": 16000, "owed": -16000}
    line.bank.mode = "paid"
    again = line.world.do("clerk", release.pay_again, payout_id=payout.id)
    line.work()
    assert models.Payout.objects.get(id=again).state == "paid"
    assert len(line.bank.book) == 2 and len(line.bank.paid()) == 1
    with pytest.raises(CannotTransfer):
        line.world.do("clerk", release.pay_again, payout_id=payout.id)
    assert sound() == []


@each
def test_refused_is_asked_about_before_it_counts_as_failed(line: Line) -> None:
    line.bank.mode = "refused"
    payout = line.want()
    line.work()
    assert fresh(payout) == ("failed", "done", "accepted")
    assert len(line.bank.asked) == 1 and line.bank.paid() == []
    assert payout.note
    assert sound() == []


@each
def test_the_line_breaks_after_it_was_paid(line: Line) -> None:
    line.bank.mode = "lost"
    payout = line.want()
    line.work()
    assert fresh(payout)[0] == "processing"
    assert len(line.bank.paid()) == 1
    line.work()
    assert fresh(payout) == ("paid", "done", "paid")
    assert len(line.bank.paid()) == 1 and len(line.bank.asked) == 1
    assert models.PayoutTransfer.objects.get().sends == 1
    assert sound() == []


@each
def test_the_line_breaks_before_it_arrived(line: Line) -> None:
    line.bank.mode = "swallowed"
    payout = line.want()
    line.work()
    line.bank.mode = "paid"
    line.work()
    assert fresh(payout)[0] == "processing" and not line.bank.book
    line.work(seconds=UNHEARD.total_seconds())
    assert fresh(payout) == ("paid", "done", "paid")
    assert models.PayoutTransfer.objects.get().sends == 2 and len(line.bank.paid()) == 1


@each
def test_killed_between_the_note_and_the_call(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    payout = line.want()
    with monkeypatch.context() as broken:
        broken.setattr(payouts, "call", _die)
        with pytest.raises(Killed):
            line.work()
    assert fresh(payout)[0] == "processing" and not line.there.calls
    line.work()
    assert not line.there.calls, "its lease is still the dead worker's"
    models.PayoutTransfer.objects.update(lease_until=None)
    line.work()
    assert [m for m, *_ in line.there.calls if line.code != "payout_alipay"] in ([], ["GET"])
    assert not line.bank.book
    line.work(seconds=UNHEARD.total_seconds())
    assert fresh(payout) == ("paid", "done", "paid") and len(line.bank.paid()) == 1
    assert sound() == []


@each
def test_killed_between_the_call_and_its_booking(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    payout = line.want()
    with monkeypatch.context() as broken:
        broken.setattr(payouts, "judge", _die)
        with pytest.raises(Killed):
            line.work()
    assert fresh(payout)[0] == "processing" and len(line.bank.paid()) == 1
    models.PayoutTransfer.objects.update(lease_until=None)
    line.work()
    assert fresh(payout) == ("paid", "done", "paid")
    assert len(line.bank.paid()) == 1 and len(line.bank.asked) == 1
    assert sound() == []


class Killed(BaseException):
    """The process ends here."""


def _die(**_: Any) -> Any:
    raise Killed


@each
def test_a_refusal_after_a_lost_request_waits_before_it_counts(line: Line) -> None:
    line.bank.mode = "swallowed"
    payout = line.want()
    line.work()
    line.bank.mode = "refused"
    line.work(seconds=UNHEARD.total_seconds())
    assert fresh(payout)[0] == "processing", "the first request may still arrive"
    line.work(seconds=SETTLED.total_seconds())
    assert fresh(payout) == ("failed", "done", "accepted")
    assert payout.note


@each
def test_a_system_that_is_down_rests_and_nothing_is_lost(line: Line) -> None:
    line.bank.mode = "down"
    payout = line.want()
    line.work()
    account = accounts.one(id=line.account)
    assert account and account.rest_until and account.rest_until > timezone.now()
    calls = len(line.there.calls)
    models.PayoutTransfer.objects.update(next_try_at=timezone.now(), lease_until=None)
    payouts.pay()
    assert len(line.there.calls) == calls, "it rests"
    line.bank.mode = "paid"
    line.work()
    line.work(seconds=UNHEARD.total_seconds())
    assert fresh(payout) == ("paid", "done", "paid") and len(line.bank.paid()) == 1


def test_nobody_there(line: Line) -> None:
    line.set(base="http://127.0.0.1:9/pay")
    payout = line.want()
    line.work()
    assert fresh(payout) == ("processing", "sent", "accepted")
    assert "连不上" in told(payout)
    line.set(base=f"{line.there.base}/pay")
    line.work(seconds=UNHEARD.total_seconds())
    assert fresh(payout)[0] == "paid"


@each
def test_limited_by_the_system(line: Line) -> None:
    line.bank.mode = "limited"
    payout = line.want()
    line.work()
    assert fresh(payout)[0] == "processing" and not line.bank.book
    account = accounts.one(id=line.account)
    assert account and account.rest_until
    line.bank.mode = "paid"
    line.work(seconds=UNHEARD.total_seconds())
    assert fresh(payout)[0] == "paid"


def test_limited_by_ourselves(line: Line) -> None:
    line.set(per_minute=2)
    for n in range(3):
        line.want(waybill=f"SF123456789012{n}", phone=f"1381234567{n}")
    line.work()
    assert len(line.there.calls) == 2
    waits = models.PayoutTransfer.objects.get(sends=0)
    assert waits.state == "due" and waits.next_try_at and waits.next_try_at > timezone.now()
    models.ChannelAccount.objects.update(minute=timezone.now() - timedelta(minutes=2))
    line.work()
    assert len(line.bank.paid()) == 3


def test_the_budget_of_the_day(line: Line) -> None:
    line.set(per_day=300)
    one, two = (line.want(waybill=f"SF123456789012{n}", phone=f"1381234567{n}") for n in (0, 1))
    line.work()
    assert sorted((fresh(one)[0], fresh(two)[0])) == ["paid", "requested"]
    late = models.PayoutTransfer.objects.get(sends=0)
    assert late.told["zh"] == "今天的付款额度已用完"
    models.PayoutTransfer.objects.filter(sends=1).update(
        first_sent_at=timezone.now() - timedelta(days=1)
    )
    line.work()
    assert len(line.bank.paid()) == 2


@each
def test_a_forged_callback_changes_nothing(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    at = timezone.now().timestamp()
    body, headers = line.bank.callback(line.number, at=at)  # type: ignore[attr-defined]
    kind = headers.pop("Content-Type", "application/json")
    where = f"/hooks/{line.code}/{line.account}/"
    forged = Client().post(where, body[:-9] + body[-8:], headers=headers, content_type=kind)
    assert forged.status_code in {400, 401, 403}
    signals.work()
    assert fresh(payout)[0] == "processing" and not models.Signal.objects.exists()


def test_a_callback_about_another_accounts_payment_is_set_apart(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    models.PayoutTransfer.objects.update(account_id=line.account + 1)
    line.bank.book[line.number]["state"] = "paid"
    line.call_back(line.number)
    assert fresh(payout)[0] == "processing"
    assert models.Signal.objects.get().state == "failed"


@each
def test_what_came_back_is_found_by_the_daily_question(line: Line) -> None:
    if line.code == "payout_wechat":
        pytest.skip("WeChat Pay returns nothing once it is in the balance")
    payout = line.want()
    line.work()
    sent = models.PayoutTransfer.objects.get()
    assert sent.next_try_at and sent.next_try_at > timezone.now() + timedelta(hours=23)
    line.bank.book[line.number].update(state="returned", reason="账户已销户")
    line.work(watched=True)
    assert fresh(payout) == ("returned", "done", "accepted")
    assert books.balances() == {"cost:none": 16000, "owed": -16000}
    line.call_back(line.number)
    assert fresh(payout)[0] == "returned" and sound() == []


def test_returned_before_we_heard_that_it_was_paid(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    line.bank.book[line.number]["state"] = "returned"
    line.work()
    assert fresh(payout) == ("returned", "done", "accepted")
    case = models.Complaint.objects.get(id=payout.complaint_id)
    assert steps(case)[-2:] == ["PayoutPaid", "PayoutReturned"]
    assert sound() == []


def test_another_sum_is_left_to_a_person_and_not_paid_again(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    line.bank.book[line.number].update(state="paid", amount=15900)
    line.work()
    assert fresh(payout) == ("processing", "stopped", "accepted")
    assert "159.00" in told(payout)
    line.bank.book[line.number]["amount"] = 16000
    line.world.do("clerk", release.ask_now, payout_id=payout.id)
    line.work()
    assert fresh(payout) == ("paid", "done", "paid")


def test_a_callback_with_another_sum_books_nothing(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    line.call_back(line.number, state="returned", amount=15900)
    assert fresh(payout) == ("processing", "stopped", "accepted")
    case = models.Complaint.objects.get(id=payout.complaint_id)
    assert steps(case) == ["PayoutRequested", "PayoutSent"] and sound() == []


def test_an_end_that_no_longer_fits_the_remedy_is_left_to_a_person(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    models.Remedy.objects.update(state="withdrawn")
    line.bank.book[line.number]["state"] = "paid"
    line.work()
    assert fresh(payout) == ("processing", "stopped", "withdrawn")
    assert "撤回" in told(payout)


def test_paid_after_it_was_called_failed_is_left_to_a_person(line: Line) -> None:
    line.bank.mode = "failed"
    payout = line.want()
    line.work()
    assert fresh(payout)[0] == "failed"
    line.bank.book[line.number]["state"] = "paid"
    line.call_back(line.number)
    assert fresh(payout) == ("failed", "stopped", "accepted")
    with pytest.raises(ValueError, match="must clear it"):
        line.world.do("clerk", release.pay_again, payout_id=payout.id)
    with pytest.raises(ValueError, match="must clear it"):
        line.world.customer(agree.pay_again, remedy_id=payout.remedy_id, payee=PAYEES["bank"])
    assert len(line.bank.book) == 1
    line.bank.book.clear()
    line.world.do("clerk", release.ask_now, payout_id=payout.id)
    line.work(hours=1)
    assert fresh(payout) == ("failed", "stopped", "accepted")
    assert not line.bank.book, "what is booked as failed is never sent again"


def test_what_is_above_the_limit_waits_for_a_person(line: Line) -> None:
    line.set(above=100)
    payout = line.want()
    line.work()
    assert fresh(payout) == ("requested", "held", "accepted") and not line.there.calls
    with pytest.raises(PermissionError):
        line.world.do("agent", release.release, payout_id=payout.id)
    with pytest.raises(PermissionError):
        line.world.do("admin", release.release, payout_id=payout.id)
    line.world.do("mgr", release.release, payout_id=payout.id)
    line.work()
    assert fresh(payout) == ("paid", "done", "paid")
    case = models.Complaint.objects.get(id=payout.complaint_id)
    assert steps(case) == ["PayoutRequested", "PayoutReleased", "PayoutSent", "PayoutPaid"]
    with pytest.raises(CannotTransfer):
        line.world.do("mgr", release.release, payout_id=payout.id)


def test_nobody_releases_his_own(line: Line) -> None:
    line.set(above=0)
    payout = line.want()
    models.Remedy.objects.update(proposed_by=actor("clerk").id)
    line.work()
    with pytest.raises(CannotTransfer, match="colleague"):
        line.world.do("clerk", release.release, payout_id=payout.id)
    line.world.do("boss", release.release, payout_id=payout.id)
    assert fresh(payout)[1] == "due"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "withdrawn"}, "客户已接受"),
        ({"decided_at": None}, "审批"),
        ({"authority_of": None}, "审批"),
        ({"amount": 15000}, "不一致"),
    ],
)
def test_nothing_goes_out_whose_approvals_are_not_complete(
    line: Line, change: dict[str, Any], said: str
) -> None:
    payout = line.want()
    models.Remedy.objects.filter(id=payout.remedy_id).update(**change)
    line.work()
    assert fresh(payout)[:2] == ("requested", "stopped") and not line.there.calls
    assert said in told(payout)


def test_the_batch_of_finance_remains_for_what_no_account_pays(line: Line) -> None:
    line.set(pay_bank=False)
    payout = line.want()
    line.work()
    assert fresh(payout) == ("requested", "", "accepted")
    line.world.do("mgr", pay.batch)
    line.set(pay_bank=True)
    line.work()
    assert fresh(payout) == ("requested", "", "accepted") and not line.there.calls


def test_what_an_account_has_is_in_no_batch_until_it_is_given_back(line: Line) -> None:
    line.set(above=0)
    payout = line.want()
    line.work()
    with pytest.raises(pay.CannotPay):
        line.world.do("mgr", pay.batch)
    line.world.do("mgr", release.to_batch, payout_id=payout.id)
    line.work()
    assert fresh(payout)[1] == "left" and not line.there.calls
    line.world.do("mgr", pay.batch)
    with pytest.raises(CannotTransfer):
        line.world.do("mgr", release.release, payout_id=payout.id)


def test_what_was_sent_goes_by_no_batch(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    with pytest.raises(CannotTransfer, match="sent already"):
        line.world.do("mgr", release.to_batch, payout_id=payout.id)
    with pytest.raises(ValueError, match="under way"):
        line.world.do("agent", settle.withdraw, remedy_id=payout.remedy_id, reason="不赔了")


def test_an_account_that_was_switched_off_keeps_what_it_sent(line: Line) -> None:
    line.bank.mode = "processing"
    payout = line.want()
    line.work()
    models.ChannelAccount.objects.update(enabled=False)
    accounts.forget()
    line.work()
    assert fresh(payout) == ("processing", "sent", "accepted") and "停用" in told(payout)
    models.ChannelAccount.objects.update(enabled=True)
    line.bank.book[line.number]["state"] = "paid"
    line.work()
    assert fresh(payout)[0] == "paid"


def test_who_has_no_openid_is_paid_by_the_batch(world: World) -> None:
    with opened(world, "payout_wechat") as line:
        models.Reach.objects.all().delete()
        payout = line.want()
        line.work()
        assert fresh(payout) == ("requested", "left", "accepted")
        assert "openid" in told(payout)
        world.do("mgr", pay.batch)
        assert fresh(payout)[1] == "left" and models.Payout.objects.get().batch_id


@each
def test_the_connection_is_tested_by_asking_for_a_payment_that_never_was(line: Line) -> None:
    ledger.ask_probe(id=line.account, now=timezone.now())
    loop.probing.probe()
    account = accounts.one(id=line.account)
    assert account and account.probe["ok"], account and account.probe
    assert not line.bank.book and len(line.bank.asked) == 1
    line.bank.mode = "down"
    ledger.ask_probe(id=line.account, now=timezone.now())
    loop.probing.probe()
    account = accounts.one(id=line.account)
    assert account and not account.probe["ok"] and account.probe["zh"]


PERSONS = ("agent", "ops", "clerk", "boss", "mgr", "admin")


@pytest.mark.parametrize(
    ("act", "allowed"),
    [
        ("release", {"clerk", "boss", "mgr"}),
        ("ask", {"clerk", "boss", "mgr", "admin"}),
        ("batch", {"clerk", "boss", "mgr", "admin"}),
        ("again", {"clerk", "boss", "mgr", "admin"}),
    ],
)
def test_who_may_do_what_with_a_payout(
    line: Line, as_person: Callable[[str], Client], act: str, allowed: set[str]
) -> None:
    line.set(above=0)
    payout = line.want()
    line.work()
    where = f"/desk/payouts/one/{payout.id.hex}/{act}"
    for who in PERSONS:
        client = as_person(who)
        assert client.get(where).status_code in {403, 405}
        answer = client.post(where, {"state": ""})
        assert answer.status_code == (302 if who in allowed else 403), (who, act)
    assert Client().post(where).status_code == 302, "to the login"
    assert as_person("mgr").post(f"/desk/payouts/one/{payout.id.hex}/nonsense").status_code == 404
    assert as_person("mgr").post(f"/desk/payouts/one/nonsense/{act}").status_code == 404


def test_the_page_shows_what_waits_what_failed_and_why(
    line: Line, as_person: Callable[[str], Client]
) -> None:
    line.set(above=0)
    payout = line.want()
    line.work()
    clerk = as_person("clerk")
    page = clerk.get("/desk/payouts").content.decode()
    for said in ("等人处理", "待放行", "付款渠道", "每一笔都须放行", "放行", "改走批次"):
        assert said in page
    assert "6222020200112233445" not in page
    models.Remedy.objects.update(proposed_by=actor("clerk").id)
    own = clerk.get("/desk/payouts").content.decode()
    assert "须同事放行" in own and f"/one/{payout.id.hex}/release" not in own
    line.bank.mode = "processing"
    as_person("mgr").post(f"/desk/payouts/one/{payout.id.hex}/release", {"state": "held"})
    line.work()
    page = clerk.get("/desk/payouts?state=processing").content.decode()
    assert "付款中" in page and "立即查询" in page and "等人处理" not in page
    assert "最近答复" in page
    line.bank.book[line.number].update(state="failed", reason="账户状态异常")
    clerk.post(f"/desk/payouts/one/{payout.id.hex}/ask", {"state": "processing"})
    line.work()
    page = clerk.get("/desk/payouts?state=failed").content.decode()
    assert "账户状态异常" in page and "再付一次" in page
    done = clerk.post(f"/desk/payouts/one/{payout.id.hex}/again", {"state": "failed"}, follow=True)
    assert "重新请款" in done.content.decode()
    page = clerk.get("/desk/payouts?state=failed").content.decode()
    assert f"/one/{payout.id.hex}/again" not in page
    case = models.Complaint.objects.get(id=payout.complaint_id)
    timeline = as_person("agent").get(f"/desk/c/{case.id.hex}/").content.decode()
    for said in ("放行付款", "已发起付款", "付款失败"):
        assert said in timeline


def test_the_page_speaks_english(line: Line, as_person: Callable[[str], Client]) -> None:
    line.bank.mode = "refused"
    line.want()
    line.work()
    client = as_person("clerk")
    client.cookies["django_language"] = "en"
    page = client.get("/desk/payouts").content.decode()
    for said in ("Paid automatically", "above ¥1,000.00", "Pay again", "Failed", "收款账号不存在"):
        assert said in page


def test_settings_of_an_account_by_the_form(
    world: World, as_person: Callable[[str], Client]
) -> None:
    finance = Finance()
    client = as_person("admin")
    page = client.get("/desk/channels/new/payout_http").content.decode()
    assert "签名密钥" in page and "超过多少元须由人放行" in page
    sent = {
        "name": "财务系统", "enabled": "on", "pay_bank": "on", "above": "500", "per_day": "",
        "per_minute": "60", "watch_days": "7", **finance.settings("https://finance.example"),
    }  # fmt: skip
    made = client.post("/desk/channels/new/payout_http", sent)
    assert made.status_code == 302
    row = models.ChannelAccount.objects.get()
    assert row.settings["above"] == 500 and row.settings["pay_bank"] is True
    assert finance.secret not in str(row.settings) + row.secrets
    page = client.get(made["Location"]).content.decode()
    assert finance.secret not in page and f"/hooks/payout_http/{row.id}/" in page
    wrong = client.post("/desk/channels/new/payout_http", {**sent, "above": "-1", "secret": ""})
    assert wrong.status_code == 400
    assert as_person("boss").post("/desk/channels/new/payout_http", sent).status_code == 403


def test_a_key_pasted_into_a_field_of_one_line_signs(
    world: World, as_person: Callable[[str], Client]
) -> None:
    given = WeChat().settings("https://wechat.example")
    pasted = {**given, "private_key": given["private_key"].replace("\n", "")}
    sent = {"name": "微信支付", "enabled": "on", "pay_wechat": "on", **pasted}
    made = as_person("admin").post("/desk/channels/new/payout_wechat", sent)
    assert made.status_code == 302, made.content.decode()
    row = models.ChannelAccount.objects.get()
    assert "PRIVATE" not in str(row.settings) and row.settings["platform_key"]
    account = accounts.one(id=row.id)
    channel = registry.channel(code="payout_wechat")
    assert account and channel and channel.payout
    order = Transfer(
        number="HY20261103-000001-P7", amount=100, method="wechat", payee="张三", account=PHONE,
        address=OPENID, at=timezone.now(), nonce="n",
    )  # fmt: skip
    call = channel.payout.send(order, account.settings)
    assert call.headers["Authorization"].startswith("WECHATPAY2-SHA256-RSA2048 mchid=")

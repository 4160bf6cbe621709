"""SMS through a real Kannel with its fake SMSC: in, out, in parts, in Chinese, reports, leaving."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from company import World, found
from huiyin.channels.sms_kannel import CHANNEL
from huiyin.doors.worker import outgoing, probing, signals
from huiyin.flows import answer, intake, investigate
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts
from kannel_server import PASSWORD, USER, CannotStartKannel, Kannel, programs, running_kannel

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

SECRET = "hook-secret-1"
PHONE = "13800138000"
WORDS = "运单 SF1234567890123 的快递五天没动，我要投诉😀"


@pytest.fixture(scope="module")
def gateway(live_server: LiveServer) -> Iterator[Kannel]:
    try:
        there = programs()
    except CannotStartKannel as error:
        pytest.skip(f"Kannel cannot be installed here: {error}")
    hook = f"{live_server.url}/hooks/sms_kannel/1/?secret={SECRET}&id=%I&from=%p&to=%P&at=%T"
    with running_kannel(found=there, hook=hook) as running:
        yield running


@pytest.fixture
def kannel(
    gateway: Kannel, live_server: LiveServer, transactional_db: None, settings: Any
) -> Iterator[Kannel]:
    settings.HUIYIN = replace(settings.HUIYIN, quiet_hours="")
    accounts.forget()
    found(now=timezone.now())
    id = _account(base=gateway.base, hook=f"{live_server.url}/hooks/sms_kannel/1/")
    models.ChannelAccount.objects.filter(id=id).update(id=1)
    accounts.forget()
    gateway.forget()
    yield gateway
    accounts.forget()


def _account(*, base: str, hook: str) -> int:
    return ledger.save(
        id=None,
        code="sms_kannel",
        spoken="sms",
        writes=True,
        name="网关",
        enabled=True,
        settings={
            "base": base, "username": USER, "password": PASSWORD, "secret": SECRET,
            "sender": "10690001", "signature": "【示例快递】", "callback": hook,
        },
        secrets=CHANNEL.secrets,
        now=timezone.now(),
    )  # fmt: skip


def _arrived(count: int) -> bool:
    return models.InboxItem.objects.count() >= count


def test_a_complaint_by_sms_is_answered_and_its_arrival_reported(kannel: Kannel) -> None:
    kannel.incoming(sender=f"+86{PHONE}", text=WORDS)
    kannel.wait(lambda: _arrived(1))
    (done,) = intake.decide(now=timezone.now())
    assert done.outcome == "opened"
    case = models.Complaint.objects.get()
    assert (case.channel, case.reply_to, case.waybill) == ("sms", PHONE, "SF1234567890123")
    assert models.Message.objects.get(direction="in").text == WORDS
    phone = kannel.network()
    assert outgoing.deliver() == 1
    kannel.wait(kannel.received)
    ((number, text),) = kannel.received()
    kannel.stop(phone)
    assert number == PHONE and text.startswith("【示例快递】") and case.number in text
    kannel.wait(lambda: models.Signal.objects.filter(kind="delivery").exists())
    assert signals.work() == 1
    assert models.Outbox.objects.get().delivery == "delivered"


def test_long_messages_come_whole_and_go_whole(kannel: Kannel) -> None:
    long = "快递五天没动，我要投诉。" * 14
    octets = long.encode("utf-16-be")
    parts = [octets[i : i + 134] for i in range(0, len(octets), 134)]
    kannel.incoming_in_parts(sender=PHONE, parts=parts)
    kannel.wait(lambda: _arrived(1))
    intake.decide(now=timezone.now())
    assert models.Message.objects.get(direction="in").text == long
    row = models.Outbox.objects.get()
    row.payload["text"] = answer = "您好，您的包裹正在找，请放心。" * 20
    row.save()
    kannel.network()
    assert outgoing.deliver() == 1
    kannel.wait(kannel.received)
    assert kannel.received() == [(PHONE, f"【示例快递】{answer}")]


def test_a_word_unsubscribes_and_nothing_is_sent_any_more(kannel: Kannel) -> None:
    kannel.incoming(sender=PHONE, text=WORDS)
    kannel.wait(lambda: _arrived(1))
    kannel.incoming(sender=PHONE, text="TD")
    kannel.wait(lambda: models.Signal.objects.filter(kind="left").exists())
    assert signals.work() == 1
    assert models.Reach.objects.get().left_at is not None
    intake.decide(now=timezone.now())
    assert models.InboxItem.objects.count() == 1
    phone = kannel.network()
    assert outgoing.deliver() == 0
    assert kannel.received() == []
    kannel.stop(phone)
    kannel.incoming(sender=PHONE, text="恢复")
    kannel.wait(lambda: models.Signal.objects.filter(kind="left").count() == 2)
    signals.work()
    assert models.Reach.objects.get().left_at is None


def test_a_survey_asked_by_sms_is_answered_by_one_figure(kannel: Kannel) -> None:
    kannel.incoming(sender=PHONE, text=WORDS)
    kannel.wait(lambda: _arrived(1))
    intake.decide(now=timezone.now())
    case = models.Complaint.objects.get()
    world = World(now=timezone.now())
    world.do("mgr", investigate.give_verdict, complaint_id=case.id, verdict="not_upheld",
             cause="no_fault")  # fmt: skip
    world.do("mgr", answer.resolve, complaint_id=case.id, text="已送到，抱歉耽误")
    asked = next(row.id for row in models.Outbox.objects.all() if "/s/" in row.payload["text"])
    models.Outbox.objects.exclude(id=asked).delete()
    phone = kannel.network()
    assert outgoing.deliver() == 1
    kannel.wait(kannel.received)
    ((number, text),) = kannel.received()
    kannel.stop(phone)
    assert number == PHONE and "也可以直接回复数字" in text and "1-5" in text
    kannel.incoming(sender=PHONE, text="5")
    kannel.wait(lambda: _arrived(2))
    (done,) = intake.decide(now=timezone.now())
    case.refresh_from_db()
    assert (done.outcome, done.stars, case.stars, case.contacts) == ("set_aside", 5, 5, 1)


def test_a_gateway_sends_again_what_was_not_taken(kannel: Kannel) -> None:
    models.ChannelAccount.objects.update(enabled=False)
    accounts.forget()
    kannel.incoming(sender=PHONE, text=WORDS)
    assert not models.InboxItem.objects.exists()
    models.ChannelAccount.objects.update(enabled=True)
    accounts.forget()
    kannel.incoming(sender=PHONE, text="我的快递到哪里了")
    kannel.wait(lambda: _arrived(1))
    # What was refused may have come again by now beside it; nothing is there twice.
    assert not models.InboxItem.objects.exclude(repeats=0).exists()


def test_the_connection_is_tested(kannel: Kannel) -> None:
    id = models.ChannelAccount.objects.get().id
    ledger.ask_probe(id=id, now=timezone.now())
    assert probing.probe() == 1
    assert models.ChannelAccount.objects.get().probe["ok"] is True
    row = accounts.one(id=id)
    assert row is not None
    ledger.save(
        id=id, code="sms_kannel", spoken="sms", writes=True, name="网关", enabled=True,
        settings={**row.settings, "password": "wrong"}, secrets=CHANNEL.secrets,
        now=timezone.now(),
    )  # fmt: skip
    ledger.ask_probe(id=id, now=timezone.now())
    probing.probe()
    assert models.ChannelAccount.objects.get().probe["zh"] == "账号或密码不对"


def test_who_does_not_know_the_secret_is_turned_away(kannel: Kannel) -> None:
    hook = f"/hooks/sms_kannel/{models.ChannelAccount.objects.get().id}/"
    client = Client()
    for query in ("", "?secret=x&from=1", "?dlr=1&sign=x&state=1", "?dlr=1&state=1"):
        assert client.post(hook + query, b"x", content_type="text/plain").status_code == 403
    assert client.get(f"{hook}?secret={SECRET}&from=1").status_code == 400
    assert not models.InboxItem.objects.exists() and not models.Signal.objects.exists()

"""A message that its channel will not carry goes by the next, once; at night what rings waits."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from channels.conformance.provider_server import Provider
from company import World, complaint, kinds
from huiyin.doors.worker import outgoing, signals
from huiyin.store import models
from huiyin.store.ledger import outbox, reaches
from huiyin.store.ledger import signals as ledger_signals
from huiyin.store.ledger.signals import Told

PHONE, MAIL = "13800138000", "kunde@example.com"
NIGHT = datetime(2026, 11, 3, 23, tzinfo=ZoneInfo("Asia/Shanghai"))
WORDS = "运单 SF1234567890123 的快递五天没动，我要投诉"


def told(world: World, email: str = MAIL) -> models.Complaint:
    """Open a complaint by SMS whose acknowledgement is due now, by day or night."""
    case = complaint(world.post("sms", WORDS, sender=PHONE, phone=PHONE, email=email))
    models.Complaint.objects.filter(id=case.id).update(reply_channel="sms", reply_to=PHONE)
    case.refresh_from_db()
    models.Outbox.objects.all().delete()
    letter = models.Message.objects.get(complaint_id=case.id, direction="out")
    models.Outbox.objects.create(
        id=letter.id, complaint_id=case.id, message_id=letter.id, channel="sms", recipient=PHONE,
        payload={"text": "已收到", "subject": "", "number": case.number, "automatic": True},
        next_try_at=world.now, created_at=world.now,
    )  # fmt: skip
    return case


@pytest.mark.parametrize("how", ["refused", "left"])
def test_the_next_channel_carries_it_once(company: World, there: Provider, how: str) -> None:
    case = told(company)
    if how == "left":
        reaches.left(channel="sms", address=PHONE, now=company.now, why="TD")
    there.state = "refused"
    assert outgoing.deliver() == 0
    first, second = models.Outbox.objects.order_by("created_at")
    assert (first.state, second.state) == ("moved", "pending")
    assert (second.channel, second.recipient) == ("email", MAIL)
    assert second.message_id == first.message_id and second.payload["tried"] == ["sms"]
    assert second.payload["subject"] == f"[{case.number}]"
    assert kinds(case)[-1] == "MessagePassedOn"
    event = models.Event.objects.filter(complaint_id=case.id).order_by("-seq")[0]
    rules = [r["rule"] for r in json.loads(event.because)]
    assert rules == ["outgoing.tried", "outgoing.next"]
    outgoing.deliver()
    assert models.Outbox.objects.count() == 2


def test_where_nothing_else_reaches_him_it_is_a_dead_letter(
    company: World, there: Provider
) -> None:
    told(company, email="")
    there.state = "refused"
    outgoing.deliver()
    letter = models.Outbox.objects.get()
    assert letter.state == "dead" and "IncorrectPhoneNumber" in letter.error


def test_a_message_of_which_a_part_went_out_stays_where_it_is(
    company: World, there: Provider
) -> None:
    told(company)
    row = models.Outbox.objects.get()
    row.payload["parts_done"] = 1
    row.save()
    reaches.left(channel="sms", address=PHONE, now=company.now, why="TD")
    outgoing.deliver()
    assert models.Outbox.objects.get().state == "dead"


def test_two_workers_pass_a_message_on_once(company: World) -> None:
    told(company)
    now = timezone.now()
    (parcel,) = outbox.claim(now=now, channels=frozenset({"sms"}), limit=5)
    assert outbox.moved(parcel=parcel, error="x")
    assert not outbox.moved(parcel=parcel, error="x")


@pytest.mark.usefixtures("company")
def test_what_rings_and_nobody_wrote_waits_for_the_morning() -> None:
    night = World(now=NIGHT)
    complaint(night.post("sms", WORDS, sender=PHONE, phone=PHONE))
    letter = models.Outbox.objects.get()
    assert letter.next_try_at == NIGHT.replace(day=4, hour=8)
    other = WORDS.replace("SF1234567890123", "SF1765432109876")
    complaint(night.post("email", other, sender=MAIL))
    assert models.Outbox.objects.get(channel="email").next_try_at == NIGHT


def reported(case: models.Complaint, state: str) -> None:
    """Let the provider report of the one message that went out by SMS."""
    sent = models.Outbox.objects.get(complaint_id=case.id, channel="sms")
    report = {"reference": sent.reference, "state": state, "told": "UNDELIV 空号"}
    one = Told(
        channel="sms", account_id=None, kind="delivery", external_id=f"{state}-{len(kinds(case))}",
        raw=json.dumps(report).encode(),
    )  # fmt: skip
    assert ledger_signals.store(now=timezone.now(), told=[one]) == 1
    signals.work()


@pytest.mark.parametrize("by_mail", [True, False])
def test_a_late_report_that_it_did_not_arrive_lets_the_next_carry_it(
    company: World, there: Provider, by_mail: bool
) -> None:
    case = told(company, email=MAIL if by_mail else "")
    assert outgoing.deliver() == 1
    reported(case, "failed")
    sent = models.Outbox.objects.get(channel="sms")
    assert "空号" in sent.error
    if not by_mail:
        assert sent.state == "dead" and "MessagePassedOn" not in kinds(case)
        assert outbox.retry(ids=[sent.id], now=timezone.now()) == 1
        assert models.Outbox.objects.get(channel="sms").delivery == ""
        return
    assert sent.state == "moved" and kinds(case)[-1] == "MessagePassedOn"
    second = models.Outbox.objects.get(channel="email")
    assert (second.message_id, second.recipient) == (sent.message_id, MAIL)
    assert second.payload["tried"] == ["sms"]
    reported(case, "failed")
    assert models.Outbox.objects.count() == 2, "another report moves nothing"


def test_the_timeline_says_by_what_it_went(company: World, there: Provider) -> None:
    case = told(company)
    assert outgoing.deliver() == 1
    client = Client()
    client.force_login(
        models.User.objects.get(username="mgr"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    page = client.get(f"/desk/c/{case.id.hex}/").content.decode()
    assert "短信 · sms号" in page and "已发出" in page

"""Sending through a mail server that takes, refuses, delays, hangs up or is not there."""

from __future__ import annotations

import dataclasses
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from django.conf import LazySettings
from django.utils import timezone

from company import LOST, World
from huiyin.channels.email import message_ids
from huiyin.doors.worker import loop, mail_out
from huiyin.doors.worker.mail import accept
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.ledger import outbox
from huiyin.store.read import accounts, operations

SECRET = "secret-word-of-the-mailbox"


class Letterbox:
    """A mail server's manners: what it answers to each recipient, and what it took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.senders: list[str] = []
        self.to_recipient: dict[str, str] = {}
        self.to_sender = "250 OK"
        self.to_data = "250 OK"
        self.hang_up_after_data = False

    async def handle_MAIL(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.to_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:
        if self.to_data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            read = BytesParser(policy=default).parsebytes(envelope.content)
            assert isinstance(read, EmailMessage)
            self.mails.append(read)
            self.senders.append(str(envelope.mail_from))
        if self.hang_up_after_data:
            server.transport.close()
        return self.to_data


def _let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data.password == SECRET.encode(), handled=False)


@pytest.fixture
def letterbox(world: World, settings: LazySettings) -> Iterator[Letterbox]:
    box = Letterbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=_let_in, auth_require_tls=False
    )
    server.start()
    settings.HUIYIN = dataclasses.replace(
        settings.HUIYIN,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_tls="none",
        smtp_user="care@care.example",
        smtp_password=SECRET,
        smtp_from="care@care.example",
        imap_user="inbox@care.example",
    )
    yield box
    server.stop()


def enqueue(world: World, *recipients: str, automatic: bool = False, **load: object) -> None:
    """Put messages into the outbox, in this order."""
    case = world.post("phone", LOST, sender="13812345678")
    models.Outbox.objects.all().delete()
    for recipient in recipients:
        payload = {"subject": "进展", "text": "您好", "automatic": automatic, **load}
        with world_pen() as pen:
            pen.send(
                case=pen.case(id=case.complaint_id),  # type: ignore[arg-type]
                channel="email",
                recipient=recipient,
                payload=payload,
            )


def world_pen() -> Any:
    from huiyin.store.ledger import pen

    return pen(now=timezone.now(), actor="system")


def due() -> None:
    """Let every message and the way out be due again."""
    past = timezone.now() - timedelta(seconds=1)
    models.Outbox.objects.filter(state="pending").update(next_try_at=past, lease_until=None)
    models.Job.objects.update(next_at=past)


def state() -> dict[str, Any]:
    return dict(models.Job.objects.get(name="smtp").state)


def fates() -> list[tuple[str, int]]:
    return list(models.Outbox.objects.order_by("id").values_list("state", "attempts"))


def test_the_receipt_answers_the_customer_s_own_mail(world: World, letterbox: Letterbox) -> None:
    raw = f"From: zhou@mail.example\nMessage-ID: <1@mail.example>\n\n{LOST}\n".encode("gbk")
    accept(raw=raw)
    world.now = timezone.now()
    assert world.decide()[0].outcome == "opened"
    assert mail_out.deliver() == 1
    (sent,) = letterbox.mails
    assert (sent["To"], sent["In-Reply-To"]) == ("zhou@mail.example", "<1@mail.example>")
    assert sent["Auto-Submitted"] == "auto-replied"


def test_a_mail_goes_out_once_with_all_it_needs(world: World, letterbox: Letterbox) -> None:
    enqueue(world, "zhou@mail.example", number="HY20261103-000001", automatic=True)
    assert mail_out.deliver() == 1
    assert mail_out.deliver() == 0
    (sent,) = letterbox.mails
    row = models.Outbox.objects.get()
    assert sent["Message-ID"] == message_ids.ours(id=row.id, domain="care.example")
    assert sent["From"].addresses[0].display_name == "测试快递"
    assert sent["Reply-To"] == "inbox@care.example"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert letterbox.senders == ["care@care.example"]
    assert (row.state, row.error) == ("sent", "")
    assert row.sent_at is not None


def test_refused_for_good_is_dead_and_refused_for_now_comes_again(
    world: World, letterbox: Letterbox
) -> None:
    letterbox.to_recipient = {
        "gone@mail.example": "550 5.1.1 no such user",
        "full@mail.example": "452 4.2.2 mailbox full",
    }
    enqueue(world, "gone@mail.example", "full@mail.example", "no address", "fine@mail.example")
    assert mail_out.deliver() == 1
    assert fates() == [("dead", 1), ("pending", 1), ("dead", 1), ("sent", 1)]
    assert "5.1.1 no such user" in models.Outbox.objects.order_by("id")[0].error
    letterbox.to_recipient = {}
    due()
    assert mail_out.deliver() == 1
    assert fates()[1] == ("sent", 2)
    dead = operations.page().dead
    assert [d.recipient for d in dead] == ["no address", "g***@mail.example"]
    outbox.retry(ids=[models.Outbox.objects.order_by("id")[0].id], now=timezone.now())
    assert mail_out.deliver() == 1


def test_what_is_refused_for_good_goes_by_sms_where_there_is_a_telephone(
    world: World, letterbox: Letterbox
) -> None:
    accounts.forget()
    ledger.save(
        id=None, code="sms_kannel", spoken="sms", writes=True, name="短信", enabled=True,
        settings={}, secrets=frozenset(), now=world.now,
    )  # fmt: skip
    world.post("email", LOST, sender="gone@mail.example", email="gone@mail.example",
               phone="13800138000")  # fmt: skip
    letterbox.to_recipient = {"gone@mail.example": "550 5.1.1 no such user"}
    due()
    assert mail_out.deliver() == 0
    first, second = models.Outbox.objects.order_by("created_at", "id")
    assert first.state == "moved" and "5.1.1" in first.error
    assert (second.channel, second.recipient, second.state) == ("sms", "13800138000", "pending")
    accounts.forget()


@pytest.mark.parametrize(("answer", "fate"), [("554 5.7.1 spam", "dead"), ("451 later", "pending")])
def test_refused_after_its_data(world: World, letterbox: Letterbox, answer: str, fate: str) -> None:
    letterbox.to_data = answer
    enqueue(world, "a@mail.example", "b@mail.example")
    assert mail_out.deliver() == 0
    assert fates() == [(fate, 1), (fate, 1)]


def test_a_wrong_password_costs_no_mail_a_try_and_stays_secret(
    world: World,
    letterbox: Letterbox,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, smtp_password="wrong-secret-word")
    enqueue(world, "a@mail.example")
    with caplog.at_level(logging.DEBUG, logger="huiyin"):
        for _ in range(3):
            due()
            assert mail_out.deliver() == 0
    assert fates() == [("pending", 0)]
    assert (state()["failures"], "535" in state()["error"]) == (3, True)
    assert "wrong-secret-word" not in caplog.text + str(state())
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, smtp_password=SECRET)
    assert mail_out.deliver() == 0
    due()
    assert mail_out.deliver() == 1
    assert "error" not in state()


def test_a_sender_that_is_refused_costs_no_mail_a_try(world: World, letterbox: Letterbox) -> None:
    letterbox.to_sender = "550 frequency limited"
    enqueue(world, "a@mail.example", "b@mail.example")
    assert mail_out.deliver() == 0
    assert fates() == [("pending", 0), ("pending", 0)]
    (way,) = operations.page().ways
    assert (way.code, "frequency limited" in way.error) == ("smtp", True)
    assert way.next_try_at is not None


def test_a_line_that_breaks_counts_for_the_mail_on_it_alone(
    world: World, letterbox: Letterbox
) -> None:
    letterbox.hang_up_after_data = True
    enqueue(world, "a@mail.example", "b@mail.example")
    assert mail_out.deliver() == 0
    assert fates() == [("pending", 1), ("pending", 0)]
    letterbox.hang_up_after_data = False
    due()
    assert mail_out.deliver() == 2
    first, again = (m for m in letterbox.mails if m["To"] == "a@mail.example")
    assert first["Message-ID"] == again["Message-ID"]


def test_a_server_that_is_not_there(
    world: World, letterbox: Letterbox, settings: LazySettings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, smtp_port=port)
    enqueue(world, "a@mail.example")
    assert mail_out.deliver() == 0
    assert fates() == [("pending", 0)]
    assert "refused" in state()["error"].lower()


def test_a_server_that_says_nothing_is_left_and_stops_nobody(
    world: World, letterbox: Letterbox, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_out, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.HUIYIN = dataclasses.replace(settings.HUIYIN, smtp_port=silent.getsockname()[1])
        enqueue(world, "a@mail.example")
        assert mail_out.deliver() == 0
    assert fates() == [("pending", 0)]
    assert "time" in state()["error"].lower()


def test_two_workers_send_a_mail_once(world: World, letterbox: Letterbox) -> None:
    enqueue(world, "a@mail.example")
    (slow,) = outbox.claim(now=timezone.now(), channels=frozenset({"email"}), limit=5)
    assert mail_out.deliver() == 0
    models.Outbox.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert mail_out.deliver() == 1
    assert not outbox.hold(parcel=slow, now=timezone.now())
    outbox.give_back(parcels=[slow])
    assert fates() == [("sent", 2)]


def test_two_machines_do_not_answer_each_other_for_ever(
    world: World, letterbox: Letterbox, settings: LazySettings
) -> None:
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, mail_automatic_per_hour=3)
    enqueue(world, *["robot@mail.example"] * 5, automatic=True)
    assert mail_out.deliver() == 3
    assert [fate for fate, _ in fates()] == ["sent", "sent", "sent", "dead", "dead"]
    enqueue(world, "other@mail.example", automatic=True)
    assert mail_out.deliver() == 1
    enqueue(world, "robot@mail.example", automatic=False)
    assert mail_out.deliver() == 1


def test_a_slow_server_does_not_hold_up_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = threading.Event()
    free = threading.Event()
    rounds: list[int] = []

    def stuck() -> int:
        inside.set()
        free.wait(20)
        return 0

    def busy() -> int:
        rounds.append(1)
        return 1

    monkeypatch.setattr(loop, "OUTSIDE", (stuck,))
    monkeypatch.setattr(loop, "INSIDE", (busy,))
    monkeypatch.setattr(loop.people, "sign_of_life", lambda **_given: None)
    monkeypatch.setattr(loop, "PATIENCE", 0.1)
    loop.run(stopped=lambda: inside.is_set() and len(rounds) >= 3)
    free.set()
    assert len(rounds) >= 3

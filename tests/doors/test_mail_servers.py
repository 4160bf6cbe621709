"""Mail there and back through a real Postfix and a real Dovecot, by several mailboxes."""

from __future__ import annotations

import dataclasses
import os
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import format_datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

import dovecot_server
import postfix_server
from company import LOST, World, complaint, kinds
from dovecot_server import (
    PASSWORD,
    SECOND,
    SECOND_PASSWORD,
    USER,
    CannotStartDovecot,
    Mailbox,
    running_dovecot,
)
from huiyin.doors.worker import imap, mail, mail_idle, mail_out, mail_probe, mailboxes
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts, office
from postfix_server import (
    CUSTOMER,
    NOBODY,
    SILENT,
    TRUSTED_SERVER,
    CannotStartPostfix,
    Postfix,
    running_postfix,
)
from token_server import Tokens, token_server

pytestmark = pytest.mark.slow
OTHER = "还有一件，运单YT7788990011223，外箱压烂了，杯子全碎。"
VERP = "care+b*@care.example"


@pytest.fixture(scope="module")
def boxes() -> Iterator[Mailbox]:
    """A Dovecot for this file; skipped where none can be had."""
    try:
        program = dovecot_server.binary()
    except CannotStartDovecot as error:
        pytest.skip(str(error))
    with running_dovecot(program=program) as box:
        yield box


@pytest.fixture(scope="module")
def post(boxes: Mailbox) -> Iterator[Postfix]:
    """A Postfix that delivers into that Dovecot; skipped where none can be started."""
    try:
        program = postfix_server.program()
    except CannotStartPostfix as error:
        pytest.skip(str(error))
    with running_postfix(program=program, boxes=boxes) as server:
        yield server


@pytest.fixture
def empty(
    boxes: Mailbox, world: World, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mailbox]:
    """Empty mailboxes whose certificate is trusted, and no mailbox set up yet."""
    boxes.empty()
    monkeypatch.setenv("SSL_CERT_FILE", str(boxes.certificate))
    accounts.forget()
    yield boxes
    accounts.forget()


def use(settings: LazySettings, boxes: Mailbox, post: Postfix | None, **other: object) -> None:
    """Set up the mailbox of the settings, encrypted by STARTTLS both ways."""
    given: dict[str, object] = {
        "imap_host": "127.0.0.1",
        "imap_port": boxes.port,
        "imap_user": USER,
        "imap_password": PASSWORD,
        "imap_tls": "starttls",
        "smtp_from": f"客服 <{USER}>",
        "mail_bounce_to": VERP,
    }
    if post is not None:
        given |= {
            "smtp_host": "127.0.0.1",
            "smtp_port": post.port,
            "smtp_tls": "starttls",
            "smtp_user": USER,
            "smtp_password": PASSWORD,
        }
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, **(given | other))  # type: ignore[arg-type]


def account(boxes: Mailbox, post: Postfix | None = None, **other: object) -> accounts.Account:
    """Add a mailbox as a channel account."""
    given: dict[str, Any] = {
        "sender": f"理赔 <{SECOND}>",
        "user": SECOND,
        "password": SECOND_PASSWORD,
        "auth": "password",
        "imap_host": "127.0.0.1",
        "imap_port": boxes.tls_port,
        "imap_tls": "tls",
        "idle": True,
    }
    if post is not None:
        given |= {"smtp_host": "127.0.0.1", "smtp_port": post.port, "smtp_tls": "starttls"}
    id = ledger.save(
        id=None, code="email", spoken="email", writes=False, name="理赔邮箱", enabled=True,
        settings=given | other, now=timezone.now(),
        secrets=frozenset({"password", "smtp_password", "client_secret", "refresh_token"}),
    )  # fmt: skip
    found = accounts.one(id=id)
    assert found is not None
    return found


def write(post: Postfix, text: str, *, to: str = USER, **headers: str) -> str:
    """Let the customer write a mail; returns its Message-ID."""
    letter = EmailMessage()
    letter["From"], letter["To"] = f"周女士 <{CUSTOMER}>", to
    letter["Subject"] = headers.pop("subject", "包裹")
    letter["Message-ID"] = f"<{time.monotonic_ns()}@customer.example>"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    with smtplib.SMTP("127.0.0.1", post.port) as line:
        line.send_message(letter, from_addr=CUSTOMER, to_addrs=[to])
    return str(letter["Message-ID"])


def delivered(boxes: Mailbox, box: str, *, count: int = 1) -> list[EmailMessage]:
    """Wait until mails lie in a mailbox and return them, in the order of their coming."""
    folder = boxes.home / box / "new"
    ends = time.monotonic() + 30
    while len(files := list(folder.iterdir())) < count and time.monotonic() < ends:
        time.sleep(0.02)
    assert len(files) == count
    read = BytesParser(policy=default)
    found = [read.parsebytes(f.read_bytes()) for f in sorted(files, key=lambda f: f.name)]
    return [m for m in found if isinstance(m, EmailMessage)]


def take(world: World, boxes: Mailbox, box: str = "mail", *, count: int = 1) -> None:
    """Wait for delivered mail and let it be fetched."""
    delivered(boxes, box, count=count)
    past = timezone.now() - timedelta(seconds=1)
    models.Job.objects.filter(name__startswith="imap").update(next_at=past)
    assert mail.poll() == count, list(models.Job.objects.values_list("name", "state"))
    world.now = timezone.now()


def send() -> int:
    """Let what waits in the outbox be due, and send it."""
    models.Outbox.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    return mail_out.deliver()


def test_a_complaint_goes_there_and_back_and_stays_one(
    world: World, empty: Mailbox, post: Postfix, settings: LazySettings
) -> None:
    use(settings, empty, post)
    mail.poll()
    asked = write(post, LOST)
    take(world, empty)
    case = complaint(world.decide()[0])
    assert send() == 1
    (receipt,) = delivered(empty, "customer")
    sent = models.Outbox.objects.get()
    assert receipt["Return-Path"] == f"<care+b{sent.id.hex}@care.example>"
    assert receipt["From"] == f"客服 <{USER}>"
    assert receipt["In-Reply-To"] == asked
    assert case.number in receipt["Subject"]
    write(post, "好的，那我等着。", subject="回复", In_Reply_To=receipt["Message-ID"])
    take(world, empty)
    answer = world.decide()[0]
    assert (answer.outcome, answer.complaint_id) == ("joined", case.id)


def test_a_mail_that_comes_back_marks_what_was_not_delivered(
    world: World, empty: Mailbox, post: Postfix, settings: LazySettings
) -> None:
    use(settings, empty, post)
    mail.poll()
    write(post, LOST, Reply_To=NOBODY)
    take(world, empty)
    case = complaint(world.decide()[0])
    assert case.reply_to == NOBODY
    assert send() == 1
    assert models.Outbox.objects.get().state == "sent"
    take(world, empty)
    assert world.decide()[0].outcome == "set_aside"
    back = models.Outbox.objects.get()
    assert (back.state, back.complaint_id) == ("dead", case.id)
    assert "5.1.1" in back.error
    assert kinds(case)[-1] == "MailBounced"
    assert send() == 0
    case.refresh_from_db()
    assert case.unread


def test_two_machines_do_not_answer_each_other_for_ever(
    world: World, empty: Mailbox, post: Postfix, settings: LazySettings
) -> None:
    """The other side answers every mail and does not say that it is a machine."""
    use(settings, empty, post, mail_automatic_per_hour=3)
    mail.poll()
    text = LOST
    for round in range(1, 8):
        write(post, text, subject=f"工单 {round}")
        take(world, empty)
        world.decide()
        if not send():
            break
        (_last,) = delivered(empty, "customer", count=1)
        for file in (empty.home / "customer" / "new").iterdir():
            file.unlink()
        text = f"还有一件，运单YT77889900112{round}0，外箱压烂了，杯子全碎。"
    assert models.Outbox.objects.filter(state="sent").count() == 3
    assert "互相回复" in models.Outbox.objects.get(state="dead").error


def test_each_mailbox_is_read_and_answers_whom_it_heard(
    world: World, empty: Mailbox, post: Postfix, settings: LazySettings
) -> None:
    use(settings, empty, post)
    second = account(empty, post)
    assert [b.account_id for b in mailboxes.mailboxes()] == [None, second.id]
    assert {USER, SECOND} <= office.own_addresses()
    mail.poll()
    write(post, LOST, to=SECOND)
    take(world, empty, "second")
    case = complaint(world.decide()[0])
    assert send() == 1
    (receipt,) = delivered(empty, "customer")
    assert receipt["From"] == f"理赔 <{SECOND}>"
    assert receipt["Return-Path"] == f"<{SECOND}>"
    assert models.Outbox.objects.get(complaint_id=case.id).account_id == second.id


def test_one_mail_to_both_mailboxes_is_one(
    world: World, empty: Mailbox, post: Postfix, settings: LazySettings
) -> None:
    use(settings, empty, None)
    account(empty)
    mail.poll()
    letter = EmailMessage()
    letter["From"], letter["To"] = CUSTOMER, f"{USER}, {SECOND}"
    letter["Subject"], letter["Message-ID"] = "包裹", "<both@customer.example>"
    letter["Date"] = timezone.now()
    letter.set_content(LOST)
    with smtplib.SMTP("127.0.0.1", post.port) as line:
        line.send_message(letter, to_addrs=[USER, SECOND])
    delivered(empty, "mail")
    delivered(empty, "second")
    models.Job.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert mail.poll() == 1
    assert models.InboxItem.objects.get().repeats == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(
    world: World,
    empty: Mailbox,
    post: Postfix,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    use(settings, empty, post)
    assert mail.poll() == 0
    told = str(models.Job.objects.get(name="imap").state["error"])
    assert "CERTIFICATE_VERIFY_FAILED" in told
    found = account(empty, post)
    fate = mail_probe.probe(found)
    assert fate.state == "refused"
    assert "CERTIFICATE_VERIFY_FAILED" in fate.zh


def test_the_test_of_a_connection_tells_what_works(
    world: World, empty: Mailbox, post: Postfix
) -> None:
    found = account(empty, post)
    fate = mail_probe.probe(found)
    assert fate.state == "sent", fate.zh
    assert "收信正常，邮箱里有 0 封，来信即收" in fate.zh
    assert "发信正常" in fate.zh
    wrong = mail_probe.probe(account(empty, post, password="not the word"))
    assert wrong.state == "refused"
    assert "AUTHENTICATIONFAILED" in wrong.zh
    assert "not the word" not in wrong.zh + wrong.en
    smtp = mail_probe.probe(account(empty, post, smtp_password="not the word"))
    assert "发信不通" in smtp.zh
    assert "535" in smtp.zh


OAUTH: dict[str, object] = {
    "auth": "oauth2",
    "password": "",
    "client_id": "huiyin",
    "client_secret": "s3cret",
    "refresh_token": "refresh-0",
}


@pytest.fixture
def tokens(boxes: Mailbox) -> Iterator[Tokens]:
    """The token server that the mail server believes."""
    with token_server(port=boxes.token_port, user=SECOND) as own:
        yield own


def test_a_token_opens_both_ways_and_is_asked_for_once(
    world: World, empty: Mailbox, post: Postfix, tokens: Tokens
) -> None:
    account(empty, post, token_url=f"{tokens.base}/token", **OAUTH)
    mail.poll()
    write(post, LOST, to=SECOND)
    take(world, empty, "second")
    world.decide()
    assert send() == 1
    (receipt,) = delivered(empty, "customer")
    assert receipt["From"] == f"理赔 <{SECOND}>"
    assert tokens.asked == 1


def test_a_lapsed_token_is_renewed_and_a_replaced_refresh_token_kept(
    world: World, empty: Mailbox, tokens: Tokens
) -> None:
    tokens.replaces = True
    found = account(empty, token_url=f"{tokens.base}/token", **OAUTH)
    box = mailboxes.of_account(account=found)
    imap.leave(line=imap.opened(box=box))
    tokens.holding.clear()
    with pytest.raises(imap.BROKEN):
        imap.opened(box=box)
    imap.leave(line=imap.opened(box=box))
    assert tokens.asked == 2
    kept = accounts.one(id=found.id)
    assert kept is not None
    assert kept.settings["refresh_token"] == tokens.refresh == "refresh-2"
    row = models.ChannelAccount.objects.get(id=found.id)
    assert "refresh-2" not in str(row.settings) + row.secrets
    assert "access-2" not in row.token


def test_a_refused_refresh_token_is_told_in_the_servers_words(
    world: World, empty: Mailbox, tokens: Tokens
) -> None:
    tokens.refresh = "another"
    found = account(empty, token_url=f"{tokens.base}/token", **OAUTH)
    fate = mail_probe.probe(found)
    assert fate.state == "refused"
    assert "invalid_grant" in fate.zh
    assert "AADSTS700082" in fate.zh
    assert "s3cret" not in fate.zh
    assert mail.poll() == 0
    assert "invalid_grant" in models.Job.objects.get(name=f"imap:{found.id}").state["error"]


def waiting(box: mailboxes.Mailbox) -> tuple[threading.Event, Callable[[], int], Any]:
    """Keep a line on which the server tells; returns (end it, how often it told, its thread)."""
    over = threading.Event()
    told: list[float] = []
    failed: list[BaseException] = []

    def keep() -> None:
        try:
            mail_idle.wait(box=box, over=over, came=lambda: told.append(time.monotonic()))
        except imap.BROKEN as error:
            failed.append(error)

    thread = threading.Thread(target=keep)
    thread.start()
    thread.failed = failed  # type: ignore[attr-defined]
    return over, lambda: len(told), thread


def until(holds: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 20
    while not holds() and time.monotonic() < ends:
        time.sleep(0.01)
    return holds()


def test_the_server_tells_of_mail_at_once(
    world: World, empty: Mailbox, post: Postfix, settings: LazySettings
) -> None:
    use(settings, empty, None)
    over, told, thread = waiting(mailboxes.of_settings())
    try:
        assert until(lambda: told() == 1)
        write(post, LOST)
        assert until(lambda: told() == 2)
        write(post, LOST)
        assert until(lambda: told() == 3)
    finally:
        over.set()
        thread.join(timeout=20)
    assert not thread.is_alive()
    assert thread.failed == []


def test_a_waiting_line_notices_that_the_server_is_gone(
    world: World, empty: Mailbox, settings: LazySettings
) -> None:
    use(settings, empty, None)
    over, told, thread = waiting(mailboxes.of_settings())
    try:
        assert until(lambda: told() == 1)
        empty.stop()
        thread.join(timeout=20)
        assert not thread.is_alive()
        assert len(thread.failed) == 1
    finally:
        over.set()
        empty.start(binary=dovecot_server.binary())
    imap.leave(line=imap.opened(box=mailboxes.of_settings()))


def test_what_our_server_found_out_stands_beside_the_mail(
    world: World, empty: Mailbox, post: Postfix, settings: LazySettings
) -> None:
    use(settings, empty, None, mail_trusted_servers=(TRUSTED_SERVER,))
    mail.poll()
    forged = "mx.care.example; spf=pass smtp.mailfrom=customer.example; dmarc=pass"
    write(post, LOST, Authentication_Results=forged)
    take(world, empty)
    world.decide()
    assert models.Message.objects.get(direction="in").mail == {}
    said = "spf=pass smtp.mailfrom=customer.example; dkim=none; dmarc=fail header.from=b.example"
    write(post, OTHER, X_Say_Results=said)
    take(world, empty)
    world.decide()
    second = models.Message.objects.filter(direction="in").order_by("id").last()
    assert second is not None
    (proof,) = second.mail["proof"]
    assert (proof["by"], proof["spf"], proof["dmarc"]) == (TRUSTED_SERVER, "pass", "fail")


def old_mailbox(boxes: Mailbox, *, read: int, unread: int) -> None:
    """Fill a mailbox as it stands after a year: old mail, read and unread, some without a date."""
    for number in range(read + unread):
        seen = number < read
        lines = [
            f"From: a{number}@mail.example",
            f"Subject: {number}",
            f"Message-ID: <old-{number}@mail.example>",
            "Content-Type: text/plain; charset=utf-8",
        ]
        if number % 2:
            lines.append(f"Date: {format_datetime(timezone.now())}")
        raw = ("\n".join(lines) + f"\n\n{LOST} {number}\n").encode()
        folder, flags = ("cur", ":2,S") if seen else ("new", "")
        file = boxes.home / "mail" / folder / f"{number}.old{flags}"
        file.write_bytes(raw)
        long_ago = (timezone.now() - timedelta(days=200)).timestamp() + number
        os.utime(file, (long_ago, long_ago))
        os.chown(file, *dovecot_server.owner())


def test_a_mailbox_is_taken_over_bit_by_bit_and_answers_nobody(
    world: World, empty: Mailbox, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the mail's own date says that it was written just now, or says nothing."""
    old_mailbox(empty, read=24, unread=6)
    use(settings, empty, None, imap_take_over_days=365)
    monkeypatch.setattr(mail, "BATCH", 5)
    monkeypatch.setattr(mail, "BUDGET", 0.0)
    came, looks = 0, 0
    stored = mail.intake.accept

    def break_off(**given: Any) -> Any:
        monkeypatch.setattr(mail.intake, "accept", stored)
        accepted = stored(**given)
        empty.stop()
        return accepted

    while came < 30 and looks < 40:
        looks += 1
        if looks == 3:
            # From now on every look does a few batches, then the server is killed in the middle.
            monkeypatch.setattr(mail, "BUDGET", 30.0)
            monkeypatch.setattr(mail.intake, "accept", break_off)
        came += mail.poll()
        if empty.process is None:
            empty.start(binary=dovecot_server.binary())
        models.Job.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    state = models.Job.objects.get(name="imap").state
    assert came == models.InboxItem.objects.count() == 30
    assert (state["over_done"], state["over_total"], state["waiting"]) == (30, 30, 0)
    assert mail.poll() == 0
    world.now = timezone.now()
    while world.decide():
        pass
    assert not models.Outbox.objects.exists()
    assert models.InboxItem.objects.filter(state__in=["opened", "joined", "reopened"]).exists()


def test_new_mail_is_answered_while_the_old_is_taken_over(
    world: World, empty: Mailbox, post: Postfix, settings: LazySettings
) -> None:
    old_mailbox(empty, read=3, unread=0)
    use(settings, empty, post, imap_take_over_days=365)
    assert mail.poll() == 3
    write(post, OTHER, Reply_To=SILENT)
    delivered(empty, "mail")
    models.Job.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert mail.poll() == 1
    world.now = timezone.now()
    world.decide()
    assert [o.recipient for o in models.Outbox.objects.all()] == [SILENT]

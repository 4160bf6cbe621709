"""Mails find their complaint by what they answer; machines' mails open none."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import pytest
from django.conf import LazySettings

from company import LOST, World, complaint, kinds, outcomes
from huiyin.channels.email import message_ids
from huiyin.channels.email.read import external_id
from huiyin.flows import answer, investigate
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import accounts, audit

OTHER = "还有一件，运单YT7788990011223，外箱压烂了，杯子全碎。"


@pytest.fixture(autouse=True)
def _address(settings: LazySettings) -> None:
    settings.HUIYIN = dataclasses.replace(
        settings.HUIYIN, smtp_host="127.0.0.1", smtp_from="客服 <care@care.example>"
    )


def letter(text: str, *, id: str = "", sender: str = "zhou@mail.example", **given: str) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "care@care.example"
    message["Subject"] = given.pop("subject", "包裹")
    if id:
        message["Message-ID"] = f"<{id}@mail.example>"
    for name, value in given.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def arrive(world: World, *raws: bytes) -> list[Decided]:
    world.accept(
        *(
            Arrival("email", "email", external_id=external_id(raw=r), raw=r, headers={})
            for r in raws
        )
    )
    return sorted(world.decide(), key=lambda d: d.inbox_id)


def our_id(case: models.Complaint) -> str:
    sent = models.Outbox.objects.filter(complaint_id=case.id).order_by("id").last()
    assert sent is not None
    return message_ids.ours(id=sent.id, domain="care.example")


def close(world: World, case: models.Complaint) -> None:
    world.do(
        "boss",
        investigate.give_verdict,
        complaint_id=case.id,
        verdict="not_upheld",
        cause="no_fault",
    )
    world.do("boss", answer.resolve, complaint_id=case.id, text="包裹已找到并送达。")


def test_a_reply_to_our_mail_joins_though_it_says_nothing_else(world: World) -> None:
    case = complaint(arrive(world, letter(LOST, id="1"))[0])
    reply = letter("好的，知道了。", id="2", subject="x", In_Reply_To=our_id(case))
    decided = arrive(world, reply)[0]
    assert (decided.outcome, decided.complaint_id) == ("joined", case.id)
    assert decided.because[0].rule == "receive.thread"


def test_our_id_deep_in_the_references_is_enough(world: World) -> None:
    case = complaint(arrive(world, letter(LOST, id="1"))[0])
    chain = f"<x@else.example> {our_id(case)} <y@else.example>"
    reply = letter("请看下面", id="2", sender="wife@mail.example", subject="x", References=chain)
    assert arrive(world, reply)[0].complaint_id == case.id


def test_an_id_of_ours_that_was_never_sent_says_nothing(world: World) -> None:
    arrive(world, letter(LOST, id="1"))
    foreign = "<019a47c2f3d07b6a9c5de0f1a2b3c4d5@care.example>"
    other = letter(OTHER, id="2", sender="b@mail.example", In_Reply_To=foreign)
    assert arrive(world, other)[0].outcome == "opened"


def test_a_mail_that_answers_the_customer_s_own_mail_joins(world: World) -> None:
    first, second = arrive(
        world, letter(LOST, id="1"), letter("照片见附件", id="2", References="<1@mail.example>")
    )
    assert (first.outcome, second.outcome) == ("opened", "joined")
    third = arrive(world, letter("再补一张", id="3", References="<2@mail.example>"))[0]
    assert third.complaint_id == first.complaint_id


def test_the_first_mail_may_come_after_its_answer(world: World) -> None:
    second = letter(LOST, id="2", sender="b@mail.example", References="<1@mail.example>")
    late = letter("您好，这是我的情况。", id="1", sender="a@mail.example")
    opened, joined = arrive(world, second, late)
    assert (opened.outcome, joined.outcome) == ("opened", "joined")
    assert joined.complaint_id == opened.complaint_id


def test_customers_who_answer_one_mass_mail_stay_apart(world: World) -> None:
    mass = "<announcement@news.example>"
    one = letter(LOST, id="1", sender="a@mail.example", References=mass)
    two = letter(OTHER, id="2", sender="b@mail.example", References=mass)
    assert outcomes(arrive(world, one, two)) == ["opened", "opened"]


def test_another_parcel_in_an_old_thread_is_another_complaint(world: World) -> None:
    case = complaint(arrive(world, letter(LOST, id="1"))[0])
    decided = arrive(world, letter(OTHER, id="2", In_Reply_To=our_id(case)))[0]
    assert decided.outcome == "opened"
    assert decided.complaint_id != case.id


def test_a_number_in_the_words_is_enough(world: World) -> None:
    case = complaint(world.post("portal", LOST, sender="13812345678", phone="13812345678"))
    decided = arrive(world, letter(f"编号{case.number}，有消息了吗？", id="2", subject="x"))[0]
    assert (decided.outcome, decided.complaint_id) == ("joined", case.id)


def test_who_only_names_a_number_is_not_told_the_answers(world: World) -> None:
    case = complaint(world.post("portal", LOST, sender="13812345678", phone="13812345678"))
    arrive(world, letter(f"[{case.number}] 进展？", id="2", sender="stranger@mail.example"))
    case.refresh_from_db()
    assert (case.reply_channel, case.reply_to) == ("portal", "13812345678")
    assert not models.Outbox.objects.filter(recipient="stranger@mail.example").exists()


def test_who_only_names_a_parcel_is_not_told_the_answers(world: World) -> None:
    case = complaint(world.post("portal", LOST, sender="13812345678", phone="13812345678"))
    words, mail = f"{case.waybill} 怎么还没找到", "stranger@mail.example"
    arrive(world, letter(words, id="2", sender=mail))
    world.post("portal", words, sender=mail, email=mail)
    case.refresh_from_db()
    assert (case.contacts, case.reply_channel) == (3, "portal")
    assert not models.Outbox.objects.filter(recipient=mail).exists()
    world.post("api", words, sender=mail, email=mail)
    case.refresh_from_db()
    assert case.reply_to == mail, "a program of the company knows whose address it is"


def test_a_mail_of_the_customer_s_own_brings_the_answers_there(world: World) -> None:
    mail = "a@mail.example"
    world.post("web", OTHER, sender=mail, email=mail, phone="13812345678")
    case = complaint(world.post("portal", LOST, sender="13812345678", phone="13812345678"))
    arrive(world, letter(f"{case.waybill} 怎么还没找到", id="2", sender=mail))
    case.refresh_from_db()
    assert (case.reply_channel, case.reply_to) == ("email", mail)


def test_thanks_for_the_answer_do_not_open_again_but_a_grievance_does(world: World) -> None:
    case = complaint(arrive(world, letter(LOST, id="1"))[0])
    close(world, case)
    thanks = letter("收到了，谢谢你们。", id="2", In_Reply_To=our_id(case))
    decided = arrive(world, thanks)[0]
    assert decided.outcome == "set_aside"
    assert models.InboxItem.objects.get(id=decided.inbox_id).complaint_id == case.id
    case.refresh_from_db()
    assert case.status == "resolved"
    grievance = letter("根本没有收到，你们又在骗人！", id="3", In_Reply_To=our_id(case))
    assert arrive(world, grievance)[0].outcome == "reopened"


def bounce(case: models.Complaint, *, action: str = "failed") -> bytes:
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.care.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <{action}@mx.care.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

This is the mail system.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.care.example

Final-Recipient: rfc822; zhou@mail.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

Message-ID: {our_id(case)}

--b--
""".encode()


def test_a_bounce_is_shown_on_its_complaint_and_never_answered(world: World) -> None:
    case = complaint(arrive(world, letter(LOST, id="1"))[0])
    sent = models.Outbox.objects.get()
    models.Outbox.objects.update(state="sent", sent_at=world.now)
    models.Complaint.objects.update(unread=False)
    decided = arrive(world, bounce(case))[0]
    assert decided.outcome == "set_aside"
    case.refresh_from_db()
    assert case.unread
    assert kinds(case)[-1] == "MailBounced"
    because = models.Event.objects.filter(complaint_id=case.id).order_by("seq").last()
    assert because is not None
    assert "550 5.1.1 User unknown" in because.because
    sent.refresh_from_db()
    assert sent.state == "dead"
    assert "zhou@mail.example" in sent.error
    assert models.Outbox.objects.count() == 1
    assert list(audit.balance_faults()) == []
    assert list(audit.broken_links()) == []


def test_what_came_back_goes_by_the_next_channel(world: World) -> None:
    accounts.forget()
    ledger.save(
        id=None, code="sms_kannel", spoken="sms", writes=True, name="短信", enabled=True,
        settings={}, secrets=frozenset(), now=world.now,
    )  # fmt: skip
    case = complaint(arrive(world, letter(LOST, id="1"))[0])
    models.Identity.objects.create(
        kind="phone", value="13800138000", customer_id=case.customer_id, since=world.now,
        proven=True,
    )  # fmt: skip
    models.Outbox.objects.update(state="sent", sent_at=world.now)
    arrive(world, bounce(case))
    first, second = models.Outbox.objects.order_by("created_at", "id")
    assert first.state == "moved" and "zhou@mail.example" in first.error
    assert (second.channel, second.recipient, second.state) == ("sms", "13800138000", "pending")
    assert second.message_id == first.message_id
    assert kinds(case)[-2:] == ["MailBounced", "MessagePassedOn"]
    arrive(world, bounce(case))
    assert models.Outbox.objects.count() == 2, "the same mail comes back once"
    accounts.forget()


def test_a_late_mail_is_only_noted(world: World) -> None:
    case = complaint(arrive(world, letter(LOST, id="1"))[0])
    assert arrive(world, bounce(case, action="delayed"))[0].outcome == "set_aside"
    assert "MailBounced" not in kinds(case)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "auto_reply"},
        {"Precedence": "bulk"},
        {"X_Auto_Response_Suppress": "All"},
        {"subject": "自动回复：我在休假"},
        {"subject": "休假自动回复: 包裹"},
        {"Return_Path": "<>"},
        {"sender": "MAILER-DAEMON@mx.mail.example"},
        {"sender": "care@care.example"},
    ],
    ids=str,
)
def test_no_machine_is_answered(world: World, headers: dict[str, Any]) -> None:
    assert arrive(world, letter(LOST, id="1", **headers))[0].outcome == "set_aside"
    assert not models.Outbox.objects.exists()
    assert not models.Complaint.objects.exists()


def test_old_mail_is_taken_in_without_an_answer(world: World) -> None:
    old = format_datetime(world.now - timedelta(days=30))
    fresh = format_datetime(world.now - timedelta(hours=2))
    decided = arrive(
        world,
        letter(LOST, id="1", Date=old),
        letter("包裹还是没找到", id="2", Date=old, References="<1@mail.example>"),
    )
    assert outcomes(decided) == ["opened", "joined"]
    assert not models.Outbox.objects.exists()
    assert arrive(world, letter(OTHER, id="3", Date=fresh))[0].outcome == "opened"
    assert models.Outbox.objects.count() == 1


def test_the_same_mail_twice_is_one_and_another_under_its_id_is_kept(world: World) -> None:
    first = letter(LOST, id="1")
    relayed = b"Received: from b by a; Tue, 3 Nov 2026 10:00:00 +0800\n" + first
    impostor = letter("快递员上门时骂人，态度恶劣", id="1", sender="b@mail.example")
    assert outcomes(arrive(world, first)) == ["opened"]
    assert arrive(world, relayed) == []
    assert outcomes(arrive(world, impostor)) == ["opened"]
    nameless = letter(OTHER, sender="c@mail.example")
    assert outcomes(arrive(world, nameless)) == ["opened"]
    assert arrive(world, nameless) == []
    assert models.InboxItem.objects.count() == 3

"""One matter told by WeChat, telephone, e-mail and SMS stays one complaint, answered on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.test import Client
from django.utils import timezone

from channels.conformance import sms_kannel, wechat
from channels.conformance.kit import Kit
from channels.conformance.provider_server import provider
from company import complaint
from huiyin.channels import registry
from huiyin.channels.protocol import Request
from huiyin.doors.worker import mail, outgoing
from huiyin.flows import intake
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts

WAYBILL = "SF1357924680246"
PHONE = "13800138111"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    accounts.forget()
    yield
    accounts.forget()


def connect(kit: Kit, base: str) -> int:
    channel = registry.channels()[kit.code]
    return ledger.save(
        id=None, code=kit.code, spoken=channel.spoken, writes=True, name=kit.code, enabled=True,
        settings=kit.settings(base), secrets=channel.secrets, now=timezone.now(),
    )  # fmt: skip


def come(kit: Kit, account: int, request: Request) -> None:
    answer = Client().generic(
        request.method,
        f"/hooks/{kit.code}/{account}/",
        request.body,
        content_type=request.headers.get("content-type", "text/xml"),
        query_params=dict(request.query),
        headers={k: v for k, v in request.headers.items() if k != "content-type"},
    )
    assert answer.status_code < 300, answer.content


def letter() -> bytes:
    mail = EmailMessage()
    mail["From"] = "王女士 <wang@example.com>"
    mail["To"] = "service@huiyin.example"
    mail["Subject"] = f"运单 {WAYBILL} 一直没有收到"
    mail["Message-ID"] = "<one@example.com>"
    mail["Date"] = timezone.now()
    mail.set_content(f"我已经在微信和电话里说过，运单 {WAYBILL} 还是没有人处理。电话 {PHONE}")
    return mail.as_bytes()


@pytest.mark.usefixtures("world")
def test_wechat_phone_mail_and_sms_are_one(as_person: Callable[[str], Client]) -> None:
    assert wechat.KIT.answers and wechat.KIT.text and wechat.KIT.sent
    assert sms_kannel.KIT.answers and sms_kannel.KIT.text
    with provider(wechat.KIT.answers) as there, provider(sms_kannel.KIT.answers) as gateway:
        official, number = connect(wechat.KIT, there.base), connect(sms_kannel.KIT, gateway.base)

        words = f"运单 {WAYBILL} 一周没更新了，我要投诉"
        come(wechat.KIT, official, wechat.KIT.text("1", "openid-wang", words, timezone.now()))
        (first,) = intake.decide(now=timezone.now())
        case = complaint(first)
        assert (first.outcome, case.channel) == ("opened", "wechat")

        called = as_person("agent").post(
            "/desk/new",
            {"channel": "phone", "branch": "complaint", "phone": PHONE, "name": "王女士",
             "waybill": WAYBILL, "text": "来电催问快递下落，微信上已经投诉过"},
        )  # fmt: skip
        assert called.status_code == 302 and case.id.hex in called["Location"]

        mail.accept(raw=letter())
        (third,) = intake.decide(now=timezone.now())
        assert (third.outcome, third.complaint_id) == ("joined", case.id)

        request = sms_kannel.KIT.text(
            "4", PHONE, "我的快递还没有消息，什么时候答复", timezone.now()
        )
        come(sms_kannel.KIT, number, request)
        (fourth,) = intake.decide(now=timezone.now())
        assert (fourth.outcome, fourth.complaint_id) == ("joined", case.id)

        assert models.Complaint.objects.count() == 1
        case.refresh_from_db()
        assert case.contacts == 4
        came = models.Message.objects.filter(complaint=case, direction="in")
        assert {m.channel for m in came} == {"wechat", "phone", "email", "sms"}
        known = set(models.Identity.objects.values_list("kind", "value"))
        assert {
            ("phone", PHONE), ("wechat", "openid-wang"), ("email", "wang@example.com")
        } <= known  # fmt: skip

        models.Outbox.objects.filter(next_try_at__gt=timezone.now()).update(
            next_try_at=timezone.now() - timedelta(seconds=1)
        )
        outgoing.deliver()
        told = [t for _, p, _, b in there.calls if (t := wechat.KIT.sent(p, b)) is not None]
        assert told and case.number in told[0]

"""A customer chooses how he is reached, and everything that goes out obeys it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from company import World, complaint, kinds
from huiyin.doors.worker import outgoing
from huiyin.flows import answer, prefer, survey
from huiyin.flows.telling import tracking_url
from huiyin.store import models
from huiyin.store.ledger import reaches

PHONE, MAIL = "13800138000", "kunde@kehu.example"
WORDS = "运单 SF1234567890123 的快递五天没动，我要投诉"


@pytest.fixture
def case(company: World) -> models.Complaint:
    """Somebody who wrote by mail and left his telephone."""
    return complaint(company.post("email", WORDS, sender=MAIL, email=MAIL, phone=PHONE))


@pytest.fixture
def world(company: World) -> World:
    """Who logs in here works at the company of these tests."""
    return company


def wish(world: World, case: models.Complaint, channel: str) -> bool:
    return bool(world.customer(prefer.prefer, complaint_id=case.id, channel=channel, actor=None))


def newest() -> models.Outbox:
    return models.Outbox.objects.order_by("-created_at", "-id")[0]


def test_replies_notices_survey_and_reminder_go_by_the_channel_chosen(
    company: World, case: models.Complaint
) -> None:
    assert newest().channel == "email"
    assert wish(company, case, "sms")
    company.later(minutes=1)
    company.do("mgr", answer.reply, complaint_id=case.id, text="查到了，今晚送到。")
    sent = newest()
    assert (sent.channel, sent.recipient) == ("sms", PHONE)
    assert [r["rule"] for r in sent.payload["because"]] == ["outgoing.preferred"]
    assert sent.payload["text"] == "查到了，今晚送到。" and not sent.payload["subject"]
    company.later(minutes=1)
    company.post("email", "SF1234567890123 还有外包装照片", sender=MAIL, email=MAIL)
    assert newest().channel == "sms", "the receipt of further words"
    company.later(minutes=1)
    models.Complaint.objects.filter(id=case.id).update(verdict="upheld", status="working")
    company.do("mgr", answer.resolve, complaint_id=case.id, text="已送到，抱歉耽误。")
    company.later(days=2)
    models.Outbox.objects.all().delete()
    with_pen = company.customer(survey.remind, limit=5)
    assert with_pen == 1 and newest().channel == "sms"
    spoken = models.Message.objects.filter(complaint_id=case.id, direction="out")
    assert spoken.order_by("-at")[0].channel == "sms"


def test_where_the_choice_does_not_reach_him_the_next_carries_it(
    company: World, case: models.Complaint
) -> None:
    wish(company, case, "sms")
    reaches.left(channel="sms", address=PHONE, now=company.now, why="TD")
    company.later(minutes=1)
    company.do("mgr", answer.reply, complaint_id=case.id, text="查到了。")
    sent = newest()
    assert sent.channel == "email" and sent.payload["subject"]
    rules = [r["rule"] for r in sent.payload["because"]]
    assert rules == ["outgoing.left", "outgoing.next"]


def test_what_nobody_wrote_waits_for_the_morning_by_the_channel_chosen(
    company: World, case: models.Complaint, settings: object
) -> None:
    wish(company, case, "sms")
    night = World(now=datetime(2026, 11, 30, 23, tzinfo=ZoneInfo("Asia/Shanghai")))
    night.post("email", "SF1234567890123 还没到", sender=MAIL, email=MAIL)
    sent = newest()
    assert sent.channel == "sms" and sent.next_try_at == night.now.replace(month=12, day=1, hour=8)


def test_a_second_complaint_of_his_is_answered_so_from_the_first_word(
    company: World, case: models.Complaint
) -> None:
    wish(company, case, "sms")
    company.later(minutes=1)
    other = complaint(
        company.post(
            "email",
            "运单 YT7788990011223 少了一件，里面缺一双鞋，请赔偿",
            sender=MAIL,
            email=MAIL,
        )
    )
    assert other.id != case.id
    sent = models.Outbox.objects.get(complaint_id=other.id)
    assert (sent.channel, sent.recipient) == ("sms", PHONE)


def test_a_change_is_an_event_on_each_live_complaint_and_none_is_none(
    company: World, case: models.Complaint
) -> None:
    assert wish(company, case, "sms") and not wish(company, case, "sms")
    assert kinds(case).count("ChannelPreferred") == 1
    event = models.Event.objects.get(complaint_id=case.id, kind="ChannelPreferred")
    assert json.loads(event.data) == {"from": "", "to": "sms"} and event.actor == "customer"
    assert wish(company, case, "")
    assert models.Customer.objects.get(id=case.customer_id).prefers == ""
    with pytest.raises(prefer.CannotPrefer):
        wish(company, case, "wechat")


def test_the_customer_chooses_on_his_page(company: World, case: models.Complaint) -> None:
    client = Client()
    link = tracking_url(case_id=case.id, number=case.number).partition("/t/")[2]
    page = client.get(f"/t/{link}").content.decode()
    assert "短信 138****8000" in page and PHONE not in page
    assert client.post(f"/t/{link}reach", {"channel": "sms"}).status_code == 302
    assert models.Customer.objects.get(id=case.customer_id).prefers == "sms"
    refused = client.post(f"/t/{link}reach", {"channel": "douyin"})
    assert refused.status_code == 422 and "请另选一个" in refused.content.decode()
    assert client.post(f"/t/{link[:-3]}xx/reach", {"channel": "sms"}).status_code == 404


def test_an_agent_sets_it_and_the_complaint_says_so(
    company: World, case: models.Complaint, as_person: Callable[[str], Client]
) -> None:
    agent = as_person("agent")
    page = f"/desk/customers/{case.customer_id.hex}"  # type: ignore[union-attr]
    assert "客户希望怎样收到答复" in agent.get(page, follow=True).content.decode()
    agent.post(f"{page}/prefer", {"channel": "sms"})
    assert models.Customer.objects.get(id=case.customer_id).prefers == "sms"
    said = agent.get(f"/desk/c/{case.id.hex}/").content.decode()
    assert "客户选择联系渠道" in said and "由我们选择 → 短信" in said
    assert "客户选择的渠道" in said, "the composer says by what an answer goes and why"
    models.Outbox.objects.all().delete()
    company.do("mgr", answer.reply, complaint_id=case.id, text="查到了。")
    outgoing.deliver()
    said = agent.get(f"/desk/c/{case.id.hex}/").content.decode()
    assert "短信 · sms号 · 客户选择的渠道" in said


def test_a_handler_of_another_department_may_not(
    company: World, case: models.Complaint, as_person: Callable[[str], Client]
) -> None:
    outsider = as_person("clerk")
    outsider.post(f"/desk/customers/{case.customer_id.hex}/prefer", {"channel": "sms"})  # type: ignore[union-attr]
    assert models.Customer.objects.get(id=case.customer_id).prefers == ""


def test_who_filed_under_the_customer_s_telephone_neither_sees_nor_sets_it(
    company: World, case: models.Complaint
) -> None:
    company.post("phone", "快递员上门时骂人，态度恶劣", sender=PHONE)
    form = complaint(
        company.post("portal", "运单YT7788990011223压烂了，杯子全碎", sender=PHONE, phone=PHONE)
    )
    assert form.customer_id == case.customer_id
    link = tracking_url(case_id=form.id, number=form.number).partition("/t/")[2]
    page = Client().get(f"/t/{link}").content.decode()
    assert "怎样通知您" not in page and "****" not in page
    assert Client().post(f"/t/{link}reach", {"channel": "sms"}).status_code == 422
    assert models.Customer.objects.get(id=case.customer_id).prefers == ""

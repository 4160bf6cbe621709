"""The assistant's card on the complaint page, and its use on the operations page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

import model_server
from company import World, complaint, kinds
from huiyin.doors.worker import assistant
from huiyin.store import models
from model_server import KEY, MODEL, ModelServer

Enter = Callable[[str], Client]
SAID = "我叫王小明，电话13812345678，单号SF1234567890123，手机丢了三天没人管，赔我300元"
HX = {"HX-Request": "true"}


@pytest.fixture
def case(world: World) -> models.Complaint:
    return complaint(world.post("portal", SAID, sender_name="王小明", phone="13812345678"))


@pytest.fixture
def model(settings: LazySettings) -> Iterator[ModelServer]:
    with model_server.running_model() as server:
        settings.HUIYIN = dataclasses.replace(
            settings.HUIYIN,
            assistant_url=server.url,
            assistant_key=KEY,
            assistant_model=MODEL,
            assistant_price=20,
        )
        yield server


def test_without_a_service_there_is_no_trace_of_it(
    case: models.Complaint, as_person: Enter
) -> None:
    client = as_person("agent")
    path = f"/desk/c/{case.id.hex}"
    assert "助手" not in client.get(f"{path}/beside").content.decode()
    assert client.get(f"{path}/assistant").status_code == 404
    assert client.post(f"{path}/assistant/ask", {"kind": "draft"}).status_code == 404
    assert "助手" not in as_person("boss").get("/desk/operations").content.decode()
    assert not models.AssistantRequest.objects.exists()


def test_a_draft_is_asked_for_waited_for_and_taken_by_a_click(
    case: models.Complaint, model: ModelServer, as_person: Enter
) -> None:
    client = as_person("agent")
    path = f"/desk/c/{case.id.hex}"
    beside = client.get(f"{path}/beside").content.decode()
    for word in ("助手", "摘要", "草拟回复", "翻译", "第二意见"):
        assert word in beside
    assert "every 2s" not in beside
    waiting = client.post(f"{path}/assistant/ask", {"kind": "draft"}, headers=HX).content.decode()
    assert "every 2s" in waiting and "在写" in waiting
    again = client.post(f"{path}/assistant/ask", {"kind": "draft"}, headers=HX).content.decode()
    assert "已经在问了" in again

    model.behave = lambda h: h.say("[[PERSON_1]]您好，正在核实，会打[[PHONE_1]]找您 & 说明。")
    assistant.answer()
    card = client.get(f"{path}/assistant", headers=HX).content.decode()
    assert "every 2s" not in card and "王小明您好" in card and "&amp; 说明" in card
    assert "13812345678" not in card, "masked as everywhere on the page"
    request = models.AssistantRequest.objects.get()
    link = f"{path}/assistant/{request.id.hex}"
    assert f'href="{link}" data-answer' in card
    taken = client.get(link, headers=HX).json()
    assert (
        taken["text"] == "王小明您好，正在核实，会打138****5678找您 & 说明。" and taken["because"]
    )
    assert client.get(link).status_code == 302
    client.post(f"{path}/do/reveal", {"field": "customer"})
    assert "13812345678" in client.get(link, headers=HX).json()["text"]
    assert not models.Message.objects.filter(author_id__isnull=False).exists()
    assert kinds(case).count("AssistantAsked") == 1
    page = client.get(f"{path}/").content.decode()
    assert "请助手帮忙" in page


def test_a_second_opinion_stands_beside_ours(
    case: models.Complaint, model: ModelServer, as_person: Enter
) -> None:
    client = as_person("agent")
    path = f"/desk/c/{case.id.hex}/assistant"
    client.post(f"{path}/ask", {"kind": "opinion"}, headers=HX)
    model.behave = lambda h: h.say('{"category":"fee","urgency":"low","why":"<b>只说钱</b>"}')
    assistant.answer()
    refused = client.get(path).content.decode()
    assert "未采用" in refused and "网页代码" in refused
    client.post(f"{path}/ask", {"kind": "opinion"}, headers=HX)
    model.behave = lambda h: h.say('{"category":"fee","urgency":"low","why":"说的是钱"}')
    assistant.answer()
    card = client.get(path).content.decode()
    assert "说的是钱" in card and "我们判定" in card
    now = models.Complaint.objects.get(id=case.id)
    assert (now.category, now.urgency) == (case.category, case.urgency)


def test_strangers_see_and_ask_nothing(
    case: models.Complaint, model: ModelServer, as_person: Enter
) -> None:
    path = f"/desk/c/{case.id.hex}/assistant"
    stranger = as_person("ops")
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/ask", {"kind": "draft"}).status_code == 404
    owner = as_person("agent")
    owner.post(f"{path}/ask", {"kind": "draft"})
    assistant.answer()
    request = models.AssistantRequest.objects.get()
    assert stranger.get(f"{path}/{request.id.hex}", headers=HX).status_code == 404
    for bad in ("x", "0" * 32):
        assert owner.get(f"{path}/{bad}", headers=HX).status_code == 404
    assert owner.get(f"{path}/ask").status_code == 405
    unknown = owner.post(f"{path}/ask", {"kind": "pay_out"}, headers=HX)
    assert unknown.status_code == 200 and "不会做" in unknown.content.decode()
    assert models.AssistantRequest.objects.count() == 1


def test_operations_show_what_it_was_used_for(
    case: models.Complaint, model: ModelServer, as_person: Enter
) -> None:
    client = as_person("agent")
    path = f"/desk/c/{case.id.hex}/assistant"
    client.post(f"{path}/ask", {"kind": "summary"}, headers=HX)
    assistant.answer()
    client.post(f"{path}/ask", {"kind": "draft"}, headers=HX)
    model.behave = lambda h: h.send(b"<h1>no</h1>", kind="text/html")
    assistant.answer()
    page = as_person("boss").get("/desk/operations").content.decode()
    assert "助手（今天）" in page and "120 / 200000" in page and "¥0.0003" in page
    assert "服务的回答不是 JSON" in page and KEY not in page


def test_the_card_speaks_english(
    case: models.Complaint, model: ModelServer, as_person: Enter
) -> None:
    client = as_person("agent")
    client.cookies["django_language"] = "en"
    path = f"/desk/c/{case.id.hex}/assistant"
    card = client.post(f"{path}/ask", {"kind": "draft"}, headers=HX).content.decode()
    assert "Assistant" in card and "Draft reply" in card and "助手" not in card
    assert models.AssistantRequest.objects.get().language == "en"

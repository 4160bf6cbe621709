"""WeChat from end to end: the check of the address, menu, progress, waybills, windows, chores."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.conformance import wechat as theirs
from channels.conformance.provider_server import Provider, provider
from huiyin.channels import registry, tencent
from huiyin.channels.protocol import Request
from huiyin.channels.wechat_out import template_values
from huiyin.doors.worker import outgoing, probing, remote, signals
from huiyin.flows import intake
from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts


@pytest.fixture
def there() -> Iterator[Provider]:
    assert theirs.KIT.answers is not None
    with provider(theirs.KIT.answers) as running:
        yield running


@pytest.fixture
def account(db: None, there: Provider) -> Iterator[int]:
    accounts.forget()
    channel = registry.channels()["wechat"]
    yield ledger.save(
        id=None,
        code="wechat",
        spoken="wechat",
        writes=True,
        name="公众号",
        enabled=True,
        settings=theirs.KIT.settings(there.base),
        secrets=channel.secrets,
        now=timezone.now(),
    )
    accounts.forget()


def change(**changes: Any) -> None:
    row = models.ChannelAccount.objects.get()
    models.ChannelAccount.objects.update(settings={**row.settings, **changes})
    accounts.forget()


def come(account: int, request: Request) -> Any:
    return Client().generic(
        request.method,
        f"/hooks/wechat/{account}/",
        request.body,
        content_type="text/xml",
        query_params=dict(request.query),
    )


def said(account: int, **message: Any) -> Any:
    now = timezone.now()
    return come(account, theirs.sealed(theirs.xml(now, **message), now))


def opened(answer: bytes) -> dict[str, str]:
    """Open a sealed answer as WeChat does."""
    outer = {e.tag: e.text or "" for e in ElementTree.fromstring(answer)}
    parts = (theirs.TOKEN, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
    assert outer["MsgSignature"] == tencent.signature(*parts)
    body = tencent.open_sealed(
        text=outer["Encrypt"], key=tencent.key_of(text=theirs.KEY), owner=theirs.APP
    )
    return {e.tag: e.text or "" for e in ElementTree.fromstring(body)}


def test_signature_of_the_documentation() -> None:
    assert (
        tencent.signature("AAAAA", "1714037059", "486452656")
        == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    )


def test_address_is_proved_by_its_echo(account: int) -> None:
    stamp = str(int(timezone.now().timestamp()))
    query = {"timestamp": stamp, "nonce": "1", "echostr": "4375120948345356249"}
    url = f"/hooks/wechat/{account}/"
    good = {**query, "signature": tencent.signature(theirs.TOKEN, stamp, "1")}
    assert Client().get(url, good).content == b"4375120948345356249"
    assert Client().get(url, {**query, "signature": "0" * 40}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><Content>1</Content></xml>',
        b"<xml>" + b"<a>" * 50 + b"</a>" * 50 + b"</xml>",
        b"<xml><Content>1</xml>",
        b"\xff\xff\xff",
    ],
)
def test_xml_that_bites_is_not_read(body: bytes) -> None:
    with pytest.raises(tencent.CannotOpen):
        tencent.read_xml(body=body)


def test_long_words_are_cut_where_nothing_breaks() -> None:
    text = "包裹一直没有更新。" * 300 + "👨‍👩‍👧" * 400
    parts = tencent.split_bytes(text=text, most=2048, parts=None, link="")
    assert "".join(parts) == text and max(len(p.encode()) for p in parts) <= 2048
    assert not any(p.startswith("\u200d") or p.endswith("\u200d") for p in parts)


def test_template_takes_as_much_as_its_fields() -> None:
    values = template_values(
        rows="character_string1={number}\nthing2={text}\ntime3={time}\nnonsense",
        number="HY1",
        text="我们已经找到您的包裹，今天下午会重新派送，请保持电话畅通",
        at=timezone.now(),
    )
    assert list(values) == ["character_string1", "thing2", "time3"]
    assert len(values["thing2"]["value"]) == 20 and values["thing2"]["value"].endswith("…")


@pytest.mark.usefixtures("world")
def test_menu_asks_for_words_and_progress_is_told_to_its_sender_alone(account: int) -> None:
    asked = said(account, MsgType="event", Event="CLICK", EventKey="COMPLAIN")
    answer = opened(asked.content)
    assert answer["ToUserName"] == "openid-1" and answer["Content"].startswith("请写 http")
    assert not models.InboxItem.objects.exists()
    progress = {"MsgType": "event", "Event": "CLICK", "EventKey": "PROGRESS"}
    assert "没有处理中的投诉" in opened(said(account, **progress).content)["Content"]
    said(account, MsgType="text", Content="包裹 SF1234567890123 丢了，我要投诉", MsgId="1")
    intake.decide(now=timezone.now())
    case = models.Complaint.objects.get()
    told = opened(said(account, MsgType="text", Content="查进度", MsgId="2").content)["Content"]
    assert case.number in told and f"/t/{case.number}/" in told
    stranger = opened(said(account, sender="openid-2", **progress).content)["Content"]
    assert case.number not in stranger
    assert models.InboxItem.objects.count() == 1


@pytest.mark.usefixtures("world")
def test_who_leaves_gets_nothing_and_who_comes_back_is_welcomed(account: int) -> None:
    said(account, MsgType="text", Content="包裹 SF1234567890123 丢了，我要投诉", MsgId="1")
    intake.decide(now=timezone.now())
    assert said(account, MsgType="event", Event="unsubscribe").content == b"success"
    signals.work()
    assert models.Reach.objects.get().left_at
    now = timezone.now() + timedelta(seconds=5)
    body = theirs.xml(now, MsgType="event", Event="subscribe")
    assert opened(come(account, theirs.sealed(body, now)).content)["Content"] == "您好"
    signals.work()
    assert models.Reach.objects.get().left_at is None


@pytest.mark.usefixtures("world")
def test_waybill_complaint_comes_with_pictures_and_is_answered(
    account: int, there: Provider
) -> None:
    answer = said(
        account, MsgType="event", Event="waybill_complaint", Token="tok-9", OrderID="O-7",
        WayBillID="SF1234567890123", ComplainType=1006, Content="盒子压扁了",
        Pic=f"{there.base}/1.jpg|http://127.0.0.1:1/inside.jpg", Name="王芳", Phone="13800138000",
    )  # fmt: skip
    told = opened(answer.content)
    assert (told["Event"], told["ResultCode"]) == ("waybill_complaint", "0")
    intake.decide(now=timezone.now())
    case = models.Complaint.objects.get()
    assert (case.waybill, case.category) == ("SF1234567890123", "damaged")
    remote.fetch()
    outside, inside = models.RemoteFile.objects.order_by("name")
    assert inside.state == "pending" and "公网" in inside.error
    assert outside.state == "pending"  # this server says {"errcode": 0}: no picture
    models.Outbox.objects.all().delete()
    letter = models.Outbox.objects.create(
        id=new_id(), complaint_id=case.id, channel="wechat", recipient=case.reply_to,
        payload={"text": "已赔付", "number": case.number}, next_try_at=timezone.now(),
        created_at=timezone.now(),
    )  # fmt: skip
    assert outgoing.deliver() == 1
    letter.refresh_from_db()
    assert letter.state == "sent"
    path, body = next((p, b) for _, p, _, b in there.calls if "update_complaint_result" in p)
    assert "access_token=t-1" in path
    assert json.loads(body) == {
        "token": "tok-9", "waybill_id": "SF1234567890123", "result": "已处理", "desc": "已赔付",
    }  # fmt: skip


@pytest.mark.usefixtures("world")
def test_file_that_cannot_be_had_is_told_on_the_complaint(account: int, there: Provider) -> None:
    said(account, MsgType="image", MediaId="image-1", MsgId="1", PicUrl="")
    intake.decide(now=timezone.now())
    models.RemoteFile.objects.update(remote="url:http://127.0.0.1:1/x", attempts=6)
    remote.fetch()
    assert models.RemoteFile.objects.get().state == "failed"
    event = models.Event.objects.get(kind="FileLost")
    assert "公网" in json.loads(event.data)["told"]
    assert models.Complaint.objects.get().unread


@pytest.mark.usefixtures("world")
def test_agent_sees_the_window_and_afterwards_a_template_goes(
    account: int, there: Provider, as_person: Callable[[str], Client]
) -> None:
    said(account, MsgType="text", Content="包裹 SF1234567890123 丢了，我要投诉", MsgId="1")
    intake.decide(now=timezone.now())
    case = models.Complaint.objects.get()
    outgoing.deliver()
    client = as_person("mgr")
    page = client.get(reverse("desk:complaint", args=[case.id.hex])).content.decode()
    assert "还可发 4 条" in page
    models.Reach.objects.update(last_in_at=timezone.now() - timedelta(hours=49))
    assert (
        "回复时限已过" in client.get(reverse("desk:complaint", args=[case.id.hex])).content.decode()
    )
    change(template_id="tpl-1", template_fields="thing2={text}")
    models.Outbox.objects.update(state="pending", next_try_at=timezone.now(), attempts=0)
    there.calls.clear()
    assert outgoing.deliver() == 1
    ((path, body),) = [(p, b) for _, p, _, b in there.calls]
    letter = json.loads(body)
    assert path.startswith("/cgi-bin/message/template/send")
    assert letter["template_id"] == "tpl-1" and letter["url"].endswith("/")


@pytest.mark.usefixtures("world")
def test_menu_is_set_from_the_page(
    account: int, there: Provider, as_person: Callable[[str], Client]
) -> None:
    client = as_person("admin")
    assert "设置菜单" in client.get(f"/desk/channels/{account}").content.decode()
    client.post(f"/desk/channels/{account}/test", {"chore": "menu"})
    assert probing.probe() == 1
    body = next(b for _, p, _, b in there.calls if "menu/create" in p)
    assert [b["name"] for b in json.loads(body)["button"]] == ["我要投诉", "查进度"]
    assert models.ChannelAccount.objects.get().probe["zh"] == "设置菜单：已完成"
    assert sum("stable_token" in p for _, p, _, _ in there.calls) == 1


@pytest.mark.usefixtures("world")
def test_mapping_is_tried_on_a_sample(as_person: Callable[[str], Client]) -> None:
    client = as_person("admin")
    given = {
        "name": "微博", "secret": "x", "mapping": "items = $.list\ntext = $.t\nsender = $.u[",
        "sample": '{"list": [{"t": "没人管", "u": 1}]}', "try": "1", "enabled": "on",
    }  # fmt: skip
    page = client.post("/desk/channels/new/social", given)
    text = page.content.decode()
    assert page.status_code == 200 and "没人管" in text and "JSONPath 写错了" in text
    assert not models.ChannelAccount.objects.exists()

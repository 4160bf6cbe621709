"""Live chat through its doors: said once, kept with the complaint, answered at once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from company import World, kinds, photo
from huiyin.flows import chat, journey
from huiyin.store import models
from huiyin.store.ledger import accounts as accounts_ledger
from huiyin.store.ledger import chats as ledger
from huiyin.store.read import accounts
from huiyin.store.read.chats import token

LOST = "我的包裹丢了，运单SF1234567890123，三天没更新"
ONCE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def site(world: World) -> int:
    """A site whose pages may hold the widget."""
    id = accounts_ledger.save(
        id=None,
        code="chat",
        spoken="chat",
        writes=False,
        name="官网",
        enabled=True,
        settings={
            "origins": "https://www.example.com\nhttps://*.shop.example\njavascript:alert(1)",
            "greeting": "您好",
            "sessions_per_hour": 3,
            "lines_per_minute": 4,
        },
        secrets=frozenset(),
        now=world.now,
    )
    accounts.forget()
    return id


def begin(site: int, *, once: str = ONCE, **fields: str) -> tuple[str, UUID]:
    """Begin a session; returns its address and id."""
    answer = Client().post(f"/chat/{site}/begin", {"once": once, **fields})
    assert answer.status_code == 201, answer.content
    said = answer.json()
    return f"/chat/s/{said['id']}/{said['secret']}", UUID(said["id"])


def say(where: str, text: str, client: str, **more: Any) -> Any:
    """Say something as the visitor."""
    return Client().post(f"{where}/say", {"text": text, "client": client, **more})


def heard(where: str) -> list[tuple[str, str]]:
    """Return who said what."""
    return [(x["side"], x["text"]) for x in Client().get(f"{where}/lines").json()["lines"]]


def test_only_allowed_sites_may_hold_the_window(site: int) -> None:
    answer = Client().get(f"/chat/{site}/")
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://www.example.com https://*.shop.example" in policy
    assert "javascript" not in policy
    assert "X-Frame-Options" not in answer
    assert Client().get("/chat/999/").status_code == 404
    script = Client().get("/chat/widget.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert script["Access-Control-Allow-Origin"] == "*"


def test_a_secret_opens_its_own_session_alone(site: int) -> None:
    where, id = begin(site)
    _other, second = begin(site, once="f" * 32)
    assert Client().get(f"{where}/lines").status_code == 200
    for wrong in (f"/chat/s/{second.hex}/{token(id=id)}", f"/chat/s/{id.hex}/{'A' * 24}"):
        assert Client().get(f"{wrong}/lines").status_code == 404
        assert say(wrong, "hello", "1").status_code == 404
    assert Client().get("/chat/s/nonsense/x/lines").status_code == 404
    assert begin(site)[1] == id, "begun twice it is the same session"


def test_small_talk_opens_nothing_and_goes_along_later(site: int) -> None:
    where, id = begin(site, name="王先生", contact="13812345678")
    assert say(where, "你好", "1").status_code == 201
    session = models.ChatSession.objects.get(id=id)
    assert session.complaint_id is None
    assert models.InboxItem.objects.get().state == "set_aside"
    assert models.Complaint.objects.count() == 0
    assert say(where, LOST, "2").status_code == 201
    assert say(where, LOST, "2").status_code == 201, "sent again after a lost answer"
    case = models.Complaint.objects.get()
    said = models.Message.objects.filter(complaint=case, direction="in").order_by("at")
    assert [m.text for m in said] == ["你好", LOST]
    assert case.channel == "chat"
    assert (case.reply_channel, case.reply_to) == ("chat", id.hex)
    assert "ChatJoined" in kinds(case)
    acknowledged = [text for side, text in heard(where) if side == "system"]
    assert len(acknowledged) == 1
    assert case.number in acknowledged[0]
    assert say(where, "里面是药", "3").status_code == 201
    assert models.Complaint.objects.count() == 1
    assert [side for side, _text in heard(where)].count("system") == 1


def test_who_names_a_parcel_is_shown_its_complaint_s_link_only_where_he_made_it(
    site: int, world: World
) -> None:
    where, _id = begin(site)
    say(where, LOST, "1")
    case = models.Complaint.objects.get()
    assert f"/t/{case.number}/" in Client().get(f"{where}/lines").json()["link"]
    there, _id = begin(site, once="d" * 32)
    say(there, f"{case.waybill} 怎么还没找到", "1")
    told = Client().get(f"{there}/lines").json()
    assert (told["number"], told["link"]) == (case.number, "")
    before = (case.reply_channel, case.reply_to)
    case.refresh_from_db()
    assert (case.reply_channel, case.reply_to) == before, "answers stay with who complained"
    assert case.contacts == 2


def test_an_answer_reaches_the_visitor_and_the_complaint(
    site: int, as_person: Any, world: World
) -> None:
    where, id = begin(site)
    say(where, LOST, "1")
    agent = as_person("agent")
    desk = f"/desk/chats/{id.hex}"
    row = agent.get("/desk/chats/state").json()["chats"][0]
    assert row["state"] == "waiting"
    assert row["unread"] == 1
    assert row["last"] == LOST[:60], "his own words, not what was sent by itself"
    assert agent.post(f"{desk}/say", {"text": "您好", "client": "a"}).status_code == 409
    assert agent.post(f"{desk}/take").status_code == 200
    assert as_person("admin").get(f"{desk}/lines").status_code == 200
    second = agent
    models.User.objects.create(
        username="other", name="小张", role="agent", created_at=world.now, password="x"
    )
    assert as_person("other").get(f"{desk}/lines").status_code == 403
    answer = second.post(f"{desk}/say", {"text": "正在为您查询这件包裹", "client": "b"})
    assert answer.status_code == 201, answer.content
    assert ("agent", "正在为您查询这件包裹") in heard(where)
    case = models.Complaint.objects.get()
    assert "ReplySent" in kinds(case)
    assert case.first_replied_at is not None
    assert as_person("ops").get("/desk/chats").status_code == 403


def test_files_are_looked_at_like_those_of_the_portal(site: int) -> None:
    where, id = begin(site)
    bad = SimpleUploadedFile("a.png", b"<html>nothing</html>", content_type="image/png")
    assert say(where, "", "1", files=bad).status_code == 422
    good = SimpleUploadedFile("箱子.png", photo(), content_type="image/png")
    assert say(where, LOST, "2", files=good).status_code == 201
    line = models.ChatLine.objects.get(session_id=id, side="visitor")
    shown = Client().get(f"{where}/f/{line.id.hex}/0")
    assert shown.content == photo()
    assert Client().get(f"{where}/f/{line.id.hex}/7").status_code == 404
    assert models.Attachment.objects.get().is_image


def test_limits_are_told_and_nothing_is_lost(site: int) -> None:
    where, _id = begin(site)
    for n in range(4):
        assert say(where, f"第{n}句", f"c{n}").status_code == 201
    assert say(where, "第五句", "c5").status_code == 429
    assert say(where, "", "c6").status_code == 422
    assert say(where, "字" * 4001, "c7").status_code == 422
    begin(site, once="a" * 32)
    begin(site, once="b" * 32)
    assert Client().post(f"/chat/{site}/begin", {"once": "c" * 32}).status_code == 429


def test_emoji_the_longest_words_and_a_wrong_charset(site: int, as_person: Any) -> None:
    where, id = begin(site)
    assert say(where, "📦😡" + LOST, "1").status_code == 201
    assert say(where, "字" * chat.LONGEST, "2").status_code == 201
    broken = Client().post(
        f"{where}/say",
        b"client=3&text=" + "包裹".encode("gbk"),
        content_type="application/x-www-form-urlencoded; charset=utf-8",
    )
    assert broken.status_code < 500
    agent = as_person("agent")
    agent.post(f"/desk/chats/{id.hex}/take")
    long = "已经找到您的包裹😊" * 400
    assert agent.post(f"/desk/chats/{id.hex}/say", {"text": long, "client": "a"}).status_code == 201
    texts = [text for _side, text in heard(where)]
    assert texts[0] == "📦😡" + LOST
    assert "字" * chat.LONGEST in texts
    assert long in texts


def test_with_nobody_there_a_message_is_a_complaint_of_the_portal(
    site: int, as_person: Any
) -> None:
    assert 'data-open="0"' in Client().get(f"/chat/{site}/").content.decode()
    body = {"text": LOST, "contact": "13812345678", "once": ONCE}
    assert Client().post(f"/chat/{site}/leave", {**body, "contact": "?"}).status_code == 422
    first = Client().post(f"/chat/{site}/leave", body).json()
    assert first["number"] == Client().post(f"/chat/{site}/leave", body).json()["number"]
    assert models.Complaint.objects.get().channel == "portal"
    as_person("agent").get("/desk/chats/state")
    assert 'data-open="1"' in Client().get(f"/chat/{site}/").content.decode()


def test_who_has_left_gets_the_answer_by_mail_once(site: int, as_person: Any) -> None:
    where, id = begin(site, contact="li@example.com")
    say(where, LOST, "1")
    Client().get(f"{where}/lines?read={heardlast(where)}")
    agent = as_person("agent")
    agent.post(f"/desk/chats/{id.hex}/take")
    agent.post(f"/desk/chats/{id.hex}/say", {"text": "包裹找到了", "client": "a"})
    now = timezone.now()
    assert follow(now) == 0, "he is still there"
    assert follow(now + timedelta(minutes=3)) == 1
    assert follow(now + timedelta(minutes=4)) == 0
    mail = models.Outbox.objects.get(channel="email")
    assert mail.recipient == "li@example.com"
    assert mail.payload["text"] == "包裹找到了"
    assert follow(now + timedelta(minutes=40)) == 1
    case = models.Complaint.objects.get()
    assert models.ChatSession.objects.get(id=id).state == "ended"
    assert (case.reply_channel, case.reply_to) == ("email", "li@example.com")


def heardlast(where: str) -> str:
    """Return the id of the last line."""
    lines = Client().get(f"{where}/lines").json()["lines"]
    return str(lines[-1]["id"])


def follow(now: Any) -> int:
    """Do the worker's part at a moment."""
    with journey.writing(now=now, actor="system") as pen:
        return chat.follow_gone(pen=pen, limit=10)


def test_an_end_with_what_was_said_by_mail(site: int) -> None:
    where, id = begin(site)
    say(where, "你好", "1")
    assert Client().post(f"{where}/end", {"mail": "nobody"}).status_code == 422
    assert Client().post(f"{where}/end", {"mail": "li@example.com"}).status_code == 200
    mail = models.Outbox.objects.get()
    assert "你好" in mail.payload["text"]
    assert say(where, "还有", "2").status_code == 422
    assert models.ChatSession.objects.get(id=id).state == "ended"


def test_a_person_makes_a_complaint_of_what_was_said(site: int, as_person: Any) -> None:
    where, id = begin(site, name="王先生")
    agent = as_person("agent")
    agent.post(f"/desk/chats/{id.hex}/take")
    assert agent.post(f"/desk/chats/{id.hex}/make", {"branch": "consultation"}).status_code == 422
    say(where, "你好", "1")
    ledger.say(now=timezone.now(), id=id, side="agent", text="请讲", client_id="x", author=None)
    say(where, "寄到新疆几天", "2")
    if models.Complaint.objects.exists():
        pytest.fail("the words alone were taken for a complaint")
    answer = agent.post(f"/desk/chats/{id.hex}/make", {"branch": "consultation"})
    assert answer.status_code == 201, answer.content
    case = models.Complaint.objects.get()
    assert case.branch == "consultation"
    texts = list(
        models.Message.objects.filter(complaint=case).order_by("at").values_list("text", flat=True)
    )
    assert {"你好", "请讲", "寄到新疆几天"} <= set(texts)
    assert json.loads(answer.content)["number"] == case.number

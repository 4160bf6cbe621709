"""The kiosk: a contact taken at the counter, a number drawn, a number called."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from company import World, found, photo
from huiyin.core.access import Actor
from huiyin.flows import counter as room
from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.ledger import counters as ledger
from huiyin.store.read import counters

ONCE = "0123456789abcdef0123456789abcdef"
LOST = "包裹 SF1234567890123 显示已签收，我没有收到"


def boss() -> Actor:
    user = models.User.objects.get(username="admin")
    return Actor(id=user.id, role=user.role)


def counter_of(name: str = "一号柜台", prefix: str = "A") -> counters.CounterView:
    id = room.save(
        actor=boss(), id=None, name=name, prefix=prefix, party="", enabled=True, idle_seconds=90,
        now=timezone.now(),
    )  # fmt: skip
    found = counters.one(id=id)
    assert found is not None
    return found


@pytest.fixture
def counter(world: World) -> counters.CounterView:
    return counter_of()


@pytest.fixture
def home(counter: counters.CounterView) -> str:
    return f"/kiosk/{counters.token_of(id=counter.id)}/"


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(out, "PNG")
    return out.getvalue()


def send(client: Client, home: str, **fields: Any) -> Any:
    return client.post(
        home, {"once": ONCE, "branch": "complaint", "text": LOST, "phone": "13800001234", **fields}
    )


def test_a_complaint_gives_a_number_a_receipt_and_a_case(home: str) -> None:
    client = Client()
    drawn = png()
    answer = send(
        client, home, name="李雷", waybill="SF1234567890123",
        photos=SimpleUploadedFile("a.jpg", photo(), "image/jpeg"),
        signature=SimpleUploadedFile("x.png", drawn, "image/png"),
    )  # fmt: skip
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    said = page.content.decode()
    case = models.Complaint.objects.get()
    assert "A001" in said
    assert case.number in said
    assert re.search(r'<svg[^>]*class="qr"', said)
    assert "style=" not in said
    assert hashlib.sha256(drawn).hexdigest() in said
    assert (case.channel, case.waybill) == ("desk", "SF1234567890123")
    kept = models.Attachment.objects.get(name="签名.png")
    assert kept.sha256 == hashlib.sha256(drawn).hexdigest()
    assert kept.content_type == "image/png"
    assert models.Attachment.objects.count() == 2


def test_nothing_of_a_customer_is_left(home: str) -> None:
    client = Client()
    where = send(client, home)["Location"]
    assert "13800001234" not in client.get(where).content.decode()
    page = client.get(home)
    assert "no-store" in page["Cache-Control"]
    assert "camera=(self)" in page["Permissions-Policy"]
    assert "13800001234" not in page.content.decode()
    assert 'autocomplete="off"' in page.content.decode()
    assert client.get(where)["Location"] == home
    other = Client()
    other.cookies["django_language"] = "en"
    send(other, home)
    gone = other.post(home + "over")
    assert gone["Location"] == home
    assert gone.cookies["django_language"].value == ""
    assert other.get(where)["Location"] == home


def test_the_same_form_twice_draws_one_number(home: str) -> None:
    client = Client()
    send(client, home)
    send(client, home)
    assert models.Ticket.objects.count() == 1
    assert models.Complaint.objects.count() == 1
    assert models.InboxItem.objects.count() == 1


def test_what_joins_an_older_complaint_gives_nobody_its_link(home: str) -> None:
    first, second = Client(), Client()
    assert 'class="qr"' in first.get(send(first, home)["Location"]).content.decode()
    said = second.get(send(second, home, once="f" * 32)["Location"]).content.decode()
    case = models.Complaint.objects.get()
    assert "A002" in said
    assert case.number in said
    assert "请柜台核对身份" in said
    assert 'class="qr"' not in said


def test_bad_input_is_told_and_nothing_is_drawn(home: str) -> None:
    client = Client()
    for fields, word in (
        ({"text": ""}, "请写下发生了什么"),
        ({"phone": "abc"}, "电话号码不对"),
        ({"waybill": "!"}, "运单号由"),
        ({"branch": "dance"}, "请选择"),
        ({"branch": "consultation", "name": ""}, "请填写姓名"),
        ({"signature": SimpleUploadedFile("s.png", b"<svg/>", "image/png")}, "签名没有画好"),
    ):
        answer = send(client, home, **fields)
        assert answer.status_code == 422
        assert word in answer.content.decode()
    told = client.post(home, {"branch": "complaint"}, headers={"Accept": "application/json"})
    assert (told.status_code, list(told.json()["errors"])) == (422, ["text"])
    assert not models.Ticket.objects.exists()
    assert not models.InboxItem.objects.exists()


def test_a_secret_is_wrong_renewed_or_withdrawn(
    home: str, counter: counters.CounterView, as_person: Callable[[str], Client]
) -> None:
    assert Client().get("/kiosk/guess/").status_code == 404
    assert Client().get(home).status_code == 200
    assert as_person("agent").post(f"/desk/counters/{counter.id}/renew").status_code == 403
    as_person("admin").post(f"/desk/counters/{counter.id}/renew")
    assert Client().get(home).status_code == 404
    fresh = f"/kiosk/{counters.token_of(id=counter.id)}/"
    assert Client().get(fresh + "screen").status_code == 200
    as_person("admin").post(
        f"/desk/counters/{counter.id}", {"name": "一号", "prefix": "b", "idle": "60", "party": ""}
    )
    assert Client().get(fresh).status_code == 404
    assert Client().get(fresh + "screen").status_code == 404
    row = models.Counter.objects.get()
    assert (row.prefix, row.idle_seconds, row.enabled) == ("B", 60, False)
    assert fresh.split("/")[2] not in row.token_sealed


def test_an_agent_calls_recalls_and_marks_absent(
    home: str, counter: counters.CounterView, as_person: Callable[[str], Client]
) -> None:
    for n in range(3):
        send(Client(), home, once=f"{n:032x}", text=f"第 {n} 件：{LOST}", phone=f"1380000123{n}")
    desk, base = as_person("agent"), f"/desk/counters/{counter.id}"
    assert 'class="waits num"><li>A001</li>' in Client().get(home + "screen").content.decode()
    desk.post(f"{base}/next")
    shown = Client().get(home + "screen", headers={"HX-Request": "true"}).content.decode()
    assert 'class="called num"><li>A001</li>' in shown
    first = models.Ticket.objects.get(number=1)
    page = desk.get(f"{base}/queue").content.decode()
    case = models.InboxItem.objects.get(id=first.inbox_id).complaint_id
    assert case is not None
    assert f"/desk/c/{case.hex}/" in page
    desk.post(f"{base}/{first.id.hex}/call")
    desk.post(f"{base}/{first.id.hex}/absent")
    first.refresh_from_db()
    assert (first.state, first.calls) == ("absent", 2)
    desk.post(f"{base}/next")
    desk.post(f"{base}/next")
    states = dict(models.Ticket.objects.values_list("number", "state"))
    assert states == {1: "absent", 2: "served", 3: "called"}
    assert "现在没有人在等" in desk.post(f"{base}/next", follow=True).content.decode()
    assert models.Ticket.objects.get(number=3).state == "called"
    assert "刚被处理过" in desk.post(
        f"{base}/{models.Ticket.objects.get(number=2).id.hex}/absent", follow=True
    ).content.decode()  # fmt: skip
    assert as_person("ops").get(f"{base}/queue").status_code == 403


def test_each_day_and_each_counter_begins_at_one(counter: counters.CounterView) -> None:
    other = counter_of("二号柜台", "B")
    today = room.day_of(now=timezone.now())

    def draw(id: int, once: str, days: int = 0) -> int:
        ticket = ledger.draw(
            counter_id=id, day=today + timedelta(days=days), once=once, branch="complaint",
            signature="", inbox_id=new_id(), now=timezone.now(),
        )  # fmt: skip
        return models.Ticket.objects.get(id=ticket).number

    assert [draw(counter.id, "a"), draw(counter.id, "b"), draw(counter.id, "a")] == [1, 2, 1]
    assert draw(other.id, "a") == 1
    assert draw(counter.id, "c", days=1) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_no_gap_and_no_double(transactional_db: None) -> None:
    found(now=timezone.now())
    id = counter_of().id
    today = room.day_of(now=timezone.now())
    wrong: list[BaseException] = []

    def draw(who: int) -> None:
        try:
            for n in range(5):
                ledger.draw(
                    counter_id=id, day=today, once=f"{who}-{n}", branch="complaint",
                    signature="", inbox_id=new_id(), now=timezone.now(),
                )  # fmt: skip
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=draw, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    numbers = sorted(models.Ticket.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 21))


def test_a_kiosk_gives_so_many_numbers_a_minute(home: str, settings: Any) -> None:
    settings.HUIYIN = replace(settings.HUIYIN, kiosk_per_minute=2)
    client = Client()
    for digit in "12":
        assert send(client, home, once=digit * 32).status_code == 302
    refused = send(client, home, once="3" * 32)
    page = refused.content.decode()
    assert refused.status_code == 429 and "请等一分钟" in page and LOST in page
    assert models.InboxItem.objects.count() == models.Ticket.objects.count() == 2
    assert send(client, home, once="1" * 32).status_code == 302, "the same form again"
    models.Ticket.objects.update(taken_at=timezone.now() - timedelta(minutes=2))
    assert send(client, home, once="3" * 32).status_code == 302


def test_the_address_of_a_counter_is_the_public_one_behind_a_proxy(
    counter: counters.CounterView, home: str, as_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"/desk/counters/{counter.id}"
    assert f"http://testserver{home}" in as_person("admin").get(page).content.decode()
    public = replace(settings.HUIYIN, public_url="https://care.example.com")
    monkeypatch.setattr(settings, "HUIYIN", public)
    assert f"https://care.example.com{home}" in as_person("admin").get(page).content.decode()

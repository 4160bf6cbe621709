"""What was taken for no complaint stays in sight; a person may say that it is one."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from openpyxl import load_workbook

from company import World, complaint, kinds, resolved
from huiyin.doors.desk import aside
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import audit, operations

Enter = Callable[[str], Client]
Post = Callable[..., Decided]
ASKS = "请问你们周末上班吗"


def test_thanks_and_questions_are_listed_masked_with_their_reason(
    world: World, post: Post, as_person: Enter
) -> None:
    done = post("sms", ASKS + "，我的电话13812345678", sender="13812345678", sender_name="马小姐")
    assert (done.outcome, done.complaint_id) == ("set_aside", None)
    page = as_person("agent").get("/desk/aside").content.decode()
    assert ASKS in page and "138****5678" in page and "13812345678" not in page
    assert "马**" in page and "马小姐" not in page
    assert done.because[0].zh in page
    book = load_workbook(io.BytesIO(as_person("boss").get("/desk/aside.xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert len(rows) == 2 and ASKS in rows[1][3] and "13812345678" not in str(rows)


def test_words_that_a_workbook_takes_amiss_are_exported_as_words(
    post: Post, as_person: Enter
) -> None:
    assert post("sms", "=请问" + ASKS + "\x0b\x08？").outcome == "set_aside"
    book = load_workbook(io.BytesIO(as_person("boss").get("/desk/aside.xlsx").content))
    cell = book.active["D2"]
    assert cell.data_type == "s" and cell.value == f"'=请问{ASKS}？"


def test_the_list_and_its_export_are_narrowed_to_a_channel_and_days(
    world: World, post: Post, as_person: Enter
) -> None:
    asked = []
    for number in range(4):
        channel = ("sms", "email")[number % 2]
        asked.append(f"请问{'甲乙丙丁'[number]}区周末上班吗")
        assert post(channel, asked[-1], sender=f"1381234567{number}").outcome == "set_aside"
        world.later(days=1)
    first = models.InboxItem.objects.order_by("received_at").values_list("received_at", flat=True)
    days = [at.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat() for at in first]
    client = as_person("boss")

    def found(**chosen: str) -> list[str]:
        page = client.get("/desk/aside", chosen).content.decode()
        book = load_workbook(io.BytesIO(client.get("/desk/aside.xlsx", chosen).content))
        rows = [str(row[3]) for row in book.active.iter_rows(min_row=2, values_only=True)]
        assert [t for t in reversed(asked) if t in page] == rows
        return rows

    assert found() == asked[::-1]
    assert found(channel="email") == [asked[3], asked[1]]
    assert found(since=days[1]) == [asked[3], asked[2], asked[1]]
    assert found(since=days[1], until=days[2], channel="sms") == [asked[2]]
    assert found(until="9998-12-31", since="1970-01-01") == asked[::-1]
    assert found(channel="wechat") == []
    assert "没有符合的来件" in client.get("/desk/aside?channel=wechat").content.decode()
    for day in ("gestern", "0001-01-01", "9999-12-31"):
        wrong = client.get("/desk/aside", {"since": day, "until": day}).content.decode()
        assert "没有按这个日期筛选" in wrong and asked[0] in wrong


def test_the_next_page_goes_on_where_this_ends(
    world: World, post: Post, as_person: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_PAGE", 2)
    asked = [f"请问{one}区周末上班吗" for one in "甲乙丙丁戊"]
    for text in asked:
        assert post("sms", text).outcome == "set_aside"
    client, seen, at = as_person("agent"), [], "/desk/aside?channel=sms"
    while at:
        page = client.get(at).content.decode()
        seen += [t for t in reversed(asked) if t in page]
        link = re.search(r'href="\?([^"]*before=[^"]*)"', page)
        at = f"/desk/aside?{html.unescape(link[1])}" if link else ""
    assert seen == asked[::-1]


def test_a_person_makes_it_a_complaint(world: World, post: Post, as_person: Enter) -> None:
    done = post("sms", ASKS, sender="13812345678")
    client = as_person("agent")
    went = client.post(f"/desk/aside/{done.inbox_id.hex}")
    case = models.Complaint.objects.get()
    assert went.status_code == 302 and case.id.hex in went["Location"]
    first = models.Event.objects.filter(complaint_id=case.id, kind="ComplaintOpened").get()
    assert "小李判断：这是投诉" in first.because
    assert models.Message.objects.filter(complaint_id=case.id, direction="in").get().text == ASKS
    balance = operations.balance()
    assert (balance.set_aside, balance.opened, balance.balanced) == (0, 1, True)
    assert operations.recounted() == balance
    again = client.post(f"/desk/aside/{done.inbox_id.hex}", follow=True)
    assert "这条来件已不在存档里" in again.content.decode()
    assert models.Complaint.objects.count() == 1
    assert list(audit.broken_links()) == []


def test_it_opens_again_what_it_is_about(world: World, post: Post, as_person: Enter) -> None:
    case = complaint(post("phone", "运单SF1234567890123的件丢了，请查", sender="13812345678"))
    resolved(world, case, text="已找到，今天送到")
    thanks = post("phone", "SF1234567890123的事谢谢你们", sender="13812345678")
    assert thanks.outcome == "set_aside"
    page = as_person("agent").get("/desk/aside").content.decode()
    assert case.number in page, "the complaint that it may be about"
    as_person("agent").post(f"/desk/aside/{thanks.inbox_id.hex}")
    assert models.Complaint.objects.count() == 1
    assert "ComplaintReopened" in kinds(case)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("bad", ["x", "00000000-0000-0000-0000-00000000000g"])
def test_an_address_that_names_nothing(as_person: Enter, bad: str) -> None:
    assert as_person("agent").post(f"/desk/aside/{bad}").status_code == 404
    assert as_person("agent").get(f"/desk/aside?before={bad}").status_code == 404


def test_what_was_discarded_from_quarantine_is_shown_as_it_came(
    world: World, as_person: Enter
) -> None:
    broken = Arrival(
        channel="api", kind="contact", external_id="", raw=b"\xff{not json", headers={}
    )
    (accepted,) = world.accept(broken)
    world.decide()
    item = models.InboxItem.objects.get(id=accepted.id)
    assert item.state == "quarantined"
    as_person("boss").post(f"/desk/quarantine/{item.id.hex}", {"do": "discard", "reason": "乱码"})
    page = as_person("boss").get("/desk/aside").content.decode()
    assert "{not json" in page and "乱码" in page


@pytest.mark.usefixtures("world")
def test_who_may_see_it(as_person: Enter) -> None:
    people = ("agent", "boss", "mgr", "admin", "ops")
    seen = {who: as_person(who).get("/desk/aside").status_code for who in people}
    assert seen == {"agent": 200, "boss": 200, "mgr": 200, "admin": 200, "ops": 403}
    assert as_person("ops").post("/desk/aside/" + "0" * 32).status_code == 403

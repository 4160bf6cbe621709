"""Maybe the same, and one customer over all channels: on the desk's pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from company import World, complaint
from huiyin.store import models
from huiyin.store.read import pairing, who


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    pairing.forget()
    yield
    pairing.forget()


@pytest.fixture
def post(world: World) -> Any:
    return world.post


def login(username: str) -> Client:
    client = Client()
    client.force_login(models.User.objects.get(username=username))
    return client


def test_maybe_the_same_is_shown_with_both_sides_and_answered(world: World, post: Any) -> None:
    first = complaint(
        post("phone", "于都的刘女士，中通78311000222001没通知就放红星驿站", sender="13607970001")
    )
    post("phone", "于都的刘先生，中通78311000222999没通知就放红星驿站", sender="13607970002")
    asked = complaint(
        post("phone", "于都红星驿站的件没通知，昨天打过电话的，姓刘", sender="18879700101")
    )
    client = login("agent")
    page = client.get(f"/desk/c/{asked.id.hex}/").content.decode()
    assert first.number in page and "像的地方" in page and "不是同一件" in page
    assert "可能同一件" in client.get("/desk/?view=all").content.decode()

    answer = client.post(
        f"/desk/c/{asked.id.hex}/do/different", {"other": first.id.hex}, follow=True
    ).content.decode()
    assert "不再询问" in answer and "撤销" in answer
    assert models.Pairing.objects.get(newer_id=asked.id, older_id=first.id).answer == "different"
    said = models.Event.objects.get(complaint_id=asked.id, kind="SaidDifferent")
    client.post(f"/desk/c/{asked.id.hex}/do/undo", {"event": said.id.hex})
    assert models.Pairing.objects.get(newer_id=asked.id, older_id=first.id).answer == ""

    joined = client.post(f"/desk/c/{asked.id.hex}/do/merge", {"into": first.number}, follow=True)
    assert "已合并" in joined.content.decode()
    asked.refresh_from_db()
    assert asked.merged_into == first.id


def test_one_customer_over_channels_with_evidence_links_and_undo(world: World, post: Any) -> None:
    call = complaint(post("phone", "运单SF1234567890123丢了，请查", sender="13812345678"))
    chat = complaint(post("wechat", "运单YT7788990011223压烂了，杯子全碎", sender="wx-open-77"))
    assert call.customer_id is not None
    client = login("agent")
    where = f"/desk/customers/{call.customer_id.hex}"
    page = client.get(where).content.decode()
    assert "138****5678" in page and "13812345678" not in page
    assert call.number in page and "丢了" in page

    done = client.post(f"{where}/link", {"said": chat.number}, follow=True).content.decode()
    assert "已归到一起" in done and chat.number in done
    chat.refresh_from_db()
    assert chat.customer_id == call.customer_id
    move = models.CustomerMove.objects.get()
    done = client.post(f"{where}/undo", {"move": move.id.hex}, follow=True).content.decode()
    assert "已撤销" in done
    chat.refresh_from_db()
    assert chat.customer_id != call.customer_id

    for said in ("", "HY20200101-000001", "13900000000"):
        refused = client.post(f"{where}/link", {"said": said}, follow=True).content.decode()
        assert "没有找到" in refused
    shown = client.post(f"{where}/reveal", follow=True).content.decode()
    assert "13812345678" in shown
    assert models.Event.objects.filter(complaint_id=call.id, kind="Revealed").exists()


def test_who_sees_none_of_the_complaints_sees_no_customer(world: World, post: Any) -> None:
    call = complaint(post("phone", "运单SF1234567890123丢了，请查", sender="13812345678"))
    assert call.customer_id is not None
    models.Complaint.objects.update(department_id="service", assignee_id=None)
    where = f"/desk/customers/{call.customer_id.hex}"
    assert login("ops").get(where).status_code == 404
    assert login("agent").get("/desk/customers/nobody").status_code == 404
    only = who.identities(customer_id=call.customer_id)[0]
    refused = login("agent").post(f"{where}/unlink", {"identity": only.id}, follow=True)
    assert "只剩这一个联系方式" in refused.content.decode()


def test_what_was_answered_is_told_on_the_page_of_learning(world: World, post: Any) -> None:
    client = login("mgr")
    assert "还没有人答复过" in client.get("/desk/learning").content.decode()
    models.Pairing.objects.create(
        id="00000000-0000-7000-8000-000000000001",
        newer_id="00000000-0000-7000-8000-000000000002",
        older_id="00000000-0000-7000-8000-000000000003",
        score=0.55, answer="same", asked_at=world.now, answered_at=world.now,
    )  # fmt: skip
    page = client.get("/desk/learning").content.decode()
    assert "答复 1 次，其中 1 次是同一件" in page and "50% – 60%" in page


def test_an_address_that_is_only_claimed_says_so_until_somebody_confirms_it(
    world: World, post: Any
) -> None:
    case = complaint(
        post("wechat", "运单SF1234567890123丢了，电话13812345678", sender="wx-open-77")
    )
    assert case.customer_id is not None
    where = f"/desk/customers/{case.customer_id.hex}"
    client = login("agent")
    assert client.get(where).content.decode().count("客户自称，未证实") == 1
    row = models.Identity.objects.get(kind="phone")
    done = client.post(f"{where}/confirm", {"identity": row.id}, follow=True).content.decode()
    assert "已记为核实" in done and "客户自称，未证实" not in done

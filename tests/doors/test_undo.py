"""What was merged by hand can be taken back where it was said that it is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from company import World, complaint, resolved
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.read import history

pytestmark = pytest.mark.django_db


def test_the_word_about_a_merge_offers_to_undo_it(
    world: World, post: Callable[..., Decided], as_person: Callable[[str], Client]
) -> None:
    one = complaint(post("portal", "运单SF1234567890123丢了", phone="13812345678"))
    two = complaint(post("portal", "运单YT9876543210987的箱子压坏了", phone="13912345678"))
    agent = as_person("admin")
    act = f"/desk/c/{one.id.hex}/do"
    agent.post(f"{act}/merge", {"into": two.number, "reason": "同一件事"})
    page = agent.get(f"/desk/c/{one.id.hex}/").content.decode()
    event = history.latest_event(complaint_id=one.id, kind="ComplaintMerged")
    assert f'name="event" value="{event}"' in page
    one.refresh_from_db()
    assert one.merged_into == two.id
    agent.post(f"{act}/undo", {"event": event})
    one.refresh_from_db()
    assert one.merged_into is None


def test_an_action_leads_to_no_other_site(
    world: World, post: Callable[..., Decided], as_person: Callable[[str], Client]
) -> None:
    case = complaint(post("portal", "运单SF1234567890123丢了", phone="13812345678"))
    answer = as_person("admin").post(
        f"/desk/c/{case.id.hex}/do/note", {"text": "已记", "next": "https://elsewhere.example/"}
    )
    assert answer.headers["Location"] == f"/desk/c/{case.id.hex}/"


def test_the_merge_page_lists_each_once_and_offers_no_ended_one(
    world: World, post: Callable[..., Decided], as_person: Callable[[str], Client]
) -> None:
    def lost(text: str) -> models.Complaint:
        return complaint(post("portal", text, sender="13812345678", phone="13812345678"))

    old = lost("我的包裹丢了，运单SF1234567890123")
    resolved(world, old)
    models.Complaint.objects.filter(id=old.id).update(status="closed", live=False)
    world.later(days=40)
    new = lost("另一件事：派件员态度很差，骂人，运单SF9876543210987")
    assert new.id != old.id
    models.Pairing.objects.filter(newer_id=new.id).delete()
    models.Pairing.objects.create(
        id=new_id(now=world.now), newer_id=new.id, older_id=old.id, score=0.9, because=[],
        asked_at=world.now, answer="",
    )  # fmt: skip
    page = as_person("mgr").get(f"/desk/c/{new.id.hex}/merge").content.decode()
    assert page.count(f'value="{old.number}"') == 1
    choice = page[page.index(f'value="{old.number}"') :].split(">")[0]
    assert "disabled" in choice and "checked" not in choice
    assert "已结束" in page


def test_a_complaint_is_handed_to_who_can_handle_it(
    world: World, as_person: Callable[[str], Client]
) -> None:
    case = complaint(world.post("portal", "我的包裹丢了，运单SF1234567890123"))
    page = as_person("mgr").get(f"/desk/c/{case.id.hex}/").content.decode()
    people = page[page.index('id="ho-person"') :].split("</select>")[0]
    assert 'data-narrowed-by="ho-department"' in people
    assert 'data-group="operations">老王' in people
    assert "管理员" not in people

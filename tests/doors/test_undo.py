"""What was merged by hand can be taken back where it was said that it is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from company import World, complaint
from huiyin.flows.receive import Decided
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

"""The search page and the button that writes its index anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from company import World, complaint
from huiyin.doors.worker import loop
from huiyin.store import models, reindex

Enter = Callable[[str], Client]


@pytest.fixture
def case(world: World) -> models.Complaint:
    return complaint(
        world.post("portal", "杯子<b>摔碎</b>了，运单SF1234567890123", phone="13812345678")
    )


def test_the_page_marks_what_was_found_and_keeps_the_filters(
    case: models.Complaint, as_person: Enter
) -> None:
    client = as_person("agent")
    page = client.get("/desk/search?q=摔碎&channel=portal").content.decode()
    assert "<mark>摔碎</mark>" in page and case.number in page
    assert "<b>摔碎" not in page
    assert '<option value="portal" selected>' in page
    nothing = client.get("/desk/search?q=摔碎&channel=email&page=7").content.decode()
    assert case.number not in nothing and "/desk/search?q=" in nothing
    phone = client.get("/desk/search?q=13812345678").content.decode()
    rows = phone[phone.index('class="finds"') : phone.index('id="words"')]
    assert case.number in rows and "13812345678" not in rows
    for odd in ("%22", "*", "%F0%9F%8E%89", "%27%20OR%201%3D1", "%00", "a" * 900):
        assert client.get(f"/desk/search?q={odd}&since=x&page=-1").status_code == 200


def test_an_administrator_writes_the_index_anew_by_a_button(
    case: models.Complaint, as_person: Enter
) -> None:
    assert as_person("mgr").post("/desk/index/rebuild").status_code == 403
    admin = as_person("admin")
    assert "/desk/index/rebuild" in admin.get("/desk/operations").content.decode()
    assert admin.post("/desk/index/rebuild").status_code == 302
    assert reindex.progress().running
    assert 'hx-trigger="every 2s"' in admin.get("/desk/operations").content.decode()
    while reindex.progress().running:
        loop.once()
    assert case.number in admin.get("/desk/search?q=摔碎").content.decode()


def test_a_program_searches_by_the_interface(world: World, case: models.Complaint) -> None:
    from huiyin.store.ledger import people

    user = models.User.objects.get(username="agent")
    token = people.issue_token(now=world.now, user_id=user.id, name="t")
    answer = (
        Client()
        .get("/api/v1/complaints?q=摔碎", headers={"Authorization": f"Bearer {token}"})
        .json()
    )
    assert [c["number"] for c in answer["complaints"]] == [case.number]
    assert answer["next_cursor"] == ""

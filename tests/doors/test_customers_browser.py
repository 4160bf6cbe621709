"""Maybe the same and one customer, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from company import PASSWORD, World, complaint, found
from huiyin.store import models
from huiyin.store.read import pairing

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_doubt_is_answered_taken_back_and_merged(page: Page, live_server: Any) -> None:
    pairing.forget()
    found(now=timezone.now())
    world = World(now=timezone.now())
    first = complaint(
        world.post(
            "phone", "于都的刘女士，中通78311000222001没通知就放红星驿站", sender="13607970001"
        )
    )
    world.post("phone", "于都的刘先生，中通78311000222999没通知就放红星驿站", sender="13607970002")
    asked = complaint(
        world.post("phone", "于都红星驿站的件没通知，昨天打过电话的，姓刘", sender="18879700101")
    )
    page.goto(f"{live_server.url}/desk/login")
    page.fill("[name=username]", "agent")
    page.fill("[name=password]", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.goto(f"{live_server.url}/desk/c/{asked.id.hex}/")
    mine = page.locator(".maybe", has_text=first.number)
    assert mine.is_visible()
    mine.get_by_text("不是同一件").click()
    mine.wait_for(state="detached")
    page.click(".toast button:has-text('撤销')")
    mine.wait_for()
    mine.get_by_text("是，合并到那件").click()
    page.wait_for_selector("text=已经合并到另一件")
    asked.refresh_from_db()
    assert asked.merged_into == first.id
    assert models.Pairing.objects.get(newer_id=asked.id, older_id=first.id).answer == "same"

    page.goto(f"{live_server.url}/desk/c/{first.id.hex}/")
    page.click("[data-part=customer] .who a")
    page.wait_for_selector("h2:has-text('联系方式')")
    assert "136****0001" in page.inner_text("main")

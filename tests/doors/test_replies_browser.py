"""An agent writes a reply in the browser: marked words, a promise moved, a reason, a card."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from company import PASSWORD, World, complaint, found
from huiyin.store import models

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def picture(page: Page, name: str) -> None:
    """Keep a screenshot in the folder that PICTURES names, if it names one."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def enter(page: Page, server: LiveServer, path: str) -> None:
    page.goto(f"{server.url}{path}")
    page.fill("#id_username", "boss")
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**{path}")


def test_a_reply_is_looked_over_while_it_is_written(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    now = timezone.now()
    found(now=now)
    world = World(now=now)
    text = "我的包裹SF1234567890123丢了，里面是给老人的药，什么时候能给答复？"
    case = complaint(world.post("portal", text, phone="13812345678", sender_name="王丽"))
    enter(page, live_server, f"/desk/c/{case.id.hex}/")
    before = page.locator("#composer button[type=submit]").last.bounding_box()
    page.fill("#composer-text", "派件员电话13900001111，我们会查____。明天中午前给您回电。")
    check = page.locator("#check-composer")
    check.get_by_text("先处理").wait_for()
    after = page.locator("#composer button[type=submit]").last.bounding_box()
    assert before is not None and after is not None
    assert abs(before["y"] - after["y"]) < 1, "the page jumps while a reply is written"
    check.get_by_text("个承诺").click()
    due = check.locator("input[type=datetime-local]")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT12:00", due.input_value())
    picture(page, "promise")
    moved = due.input_value().replace("T12:00", "T11:30")
    due.fill(moved)
    check.get_by_text("先处理").click()
    assert {"13900001111", "____"} <= set(check.locator("mark").all_inner_texts())
    picture(page, "stops")
    check.locator(".mark-line").first.click()
    assert page.evaluate("document.activeElement.id") == "composer-text"
    page.locator(".composer-foot button[type=submit]").click()
    page.locator("[name=despite]:focus").wait_for()
    assert not models.Message.objects.filter(author__isnull=False).exists()
    page.locator("[name=despite]").first.fill("派件员同意客户直接联系")
    check.get_by_role("button", name="仍要发送").click()
    card = page.locator("#care")
    card.get_by_text("明天中午前给您回电").first.wait_for()
    picture(page, "sent")
    clock = models.Clock.objects.get(complaint=case, rule="promise")
    assert clock.due_at is not None
    assert f"{clock.due_at.astimezone(timezone.get_default_timezone()):%H:%M}" in {"11:30", "03:30"}
    expect(page.locator("#composer-text")).to_have_value("")
    card.get_by_role("button", name="已兑现").click()
    card.locator(".promise.kept").wait_for()

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/desk/c/{case.id.hex}/")
    page.fill("#composer-text", "一定尽快处理，是您自己没看清。")
    page.locator("#check-composer").get_by_text("个提醒").click()
    picture(page, "phone-hints")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live_server.url}/desk/c/{case.id.hex}/letter")
    page.fill("#le-facts", "包裹在中转场遗失")
    picture(page, "phone-letter-dark")
    page.get_by_role("button", name="出具答复函").click()
    page.get_by_text("未发出").first.wait_for()
    assert models.Letter.objects.count() == 1
    models.CallBack.objects.create(
        id=case.id, complaint=case, rule="call_grave", occasion="resolved",
        name={"zh": "丢失、态度类答复后回访", "en": "After loss"}, due_at=now, created_at=now,
    )  # fmt: skip
    page.goto(f"{live_server.url}/desk/call-backs")
    page.get_by_text("登记回访结果").click()
    picture(page, "phone-calls-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    picture(page, "calls-dark")
    page.goto(f"{live_server.url}/desk/c/{case.id.hex}/")
    page.wait_for_selector("#care")
    picture(page, "case-dark")

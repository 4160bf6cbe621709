"""The assistant in the browser: asked by a click, answered without a reload, used by a click."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import expect

import model_server
from company import PASSWORD, World, complaint, found
from huiyin.doors.worker import assistant
from huiyin.store import models

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAID = "我叫王小明，单号SF1234567890123，手机丢了三天没人管"


def picture(page: Page, name: str) -> None:
    """Keep a screenshot in the folder that PICTURES names, if it names one."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_draft_goes_into_the_composer_by_a_click(
    page: Page, live_server: LiveServer, transactional_db: None, settings: LazySettings
) -> None:
    page.set_default_timeout(30_000)
    now = timezone.now()
    found(now=now)
    case = complaint(World(now=now).post("portal", SAID, sender_name="王小明"))
    with model_server.running_model() as model:
        settings.HUIYIN = dataclasses.replace(
            settings.HUIYIN, assistant_url=model.url, assistant_model="m", assistant_price=20
        )
        path = f"/desk/c/{case.id.hex}/"
        page.goto(f"{live_server.url}{path}")
        page.fill("#id_username", "boss")
        page.fill("#id_password", PASSWORD)
        page.click(".lone-form button[type=submit]")
        page.wait_for_url(f"**{path}")
        card = page.locator("#assistant")
        card.get_by_role("button", name="草拟回复").click()
        card.get_by_text("在写").wait_for()
        picture(page, "waiting")
        model.behave = lambda h: h.say("[[PERSON_1]]您好：\n单号[[WAYBILL_1]]正在核实。")
        assistant.answer()
        card.get_by_text("王小明您好").wait_for()
        expect(page.locator("#composer-text")).to_have_value("")
        card.get_by_role("link", name="放进回复框").click()
        expect(page.locator("#composer-text")).to_have_value(
            "王小明您好：\n单号SF1234567890123正在核实。"
        )
        card.get_by_role("button", name="第二意见").click()
        card.get_by_text("在写").wait_for()
        model.behave = lambda h: h.say('{"category":"fee","urgency":"high","why":"说的是钱"}')
        assistant.answer()
        card.get_by_text("说的是钱").wait_for()
        card.get_by_role("button", name="摘要").click()
        card.get_by_text("在写").wait_for()
        model.behave = lambda h: h.say("请打开 http://evil.example.com")
        assistant.answer()
        card.get_by_text("未采用", exact=True).wait_for()
        assert "evil" not in card.inner_text()
        card.scroll_into_view_if_needed()
        picture(page, "answered")
        page.emulate_media(color_scheme="dark")
        picture(page, "answered-dark")
        page.set_viewport_size({"width": 390, "height": 844})
        page.locator("button[data-pane=context]").click()
        card.scroll_into_view_if_needed()
        picture(page, "answered-phone")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(f"{live_server.url}/desk/operations")
        page.locator("#assistant-usage").scroll_into_view_if_needed()
        picture(page, "usage")
        page.wait_for_load_state("networkidle")
        page.goto("about:blank")
    assert not models.Message.objects.filter(author__isnull=False).exists()
    assert not models.Outbox.objects.filter(channel="email").exists()

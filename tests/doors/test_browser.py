"""A customer files with a photo, an agent answers, the customer reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from company import PASSWORD, found, photo
from huiyin.store import models, triage_model

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANSWER = "包裹已在分拨中心找到，明天上午送到"


def test_a_complaint_filed_answered_and_read(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    triage_model.ready()
    found(now=timezone.now())
    page.goto(live_server.url)
    page.fill("#id_text", "我的包裹丢了，运单SF1234567890123，三天没更新")
    page.fill("#id_contact", "13812345678")
    page.locator("details.extra > summary").click()
    page.set_input_files(
        "input[type=file][name=photos]",
        [{"name": "box.png", "mimeType": "image/png", "buffer": photo()}],
    )
    page.click("form[action$='/file'] button[type=submit]")
    page.wait_for_url("**/filed")
    number = page.locator(".ticket-number").inner_text().strip()
    secret = page.locator("#link").input_value()
    case = models.Complaint.objects.get()
    assert number == case.number
    assert models.Attachment.objects.get().is_image

    page.goto(f"{live_server.url}/desk/c/{case.id.hex}/")
    page.fill("#id_username", "agent")
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**/desk/c/{case.id.hex}/")
    assert number in page.locator("body").inner_text()
    page.fill("#composer-text", ANSWER)
    page.click("#composer button[type=submit]")
    page.get_by_text(ANSWER).first.wait_for()

    tracking = "/" + re.sub(r"^https?://[^/]+/", "", secret)
    page.goto("about:blank")
    page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{tracking}")
    page.get_by_text(ANSWER).first.wait_for()
    assert "13812345678" not in page.locator("body").inner_text()

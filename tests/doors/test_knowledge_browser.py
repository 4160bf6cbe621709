"""The knowledge base and similar cases in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from company import PASSWORD, World, complaint, found
from huiyin.flows import answer, assign, investigate

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAID = "显示已签收，可我根本没收到手机，派件员说放门口了，单号SF123456789000{n}"


def test_an_answer_is_reused_and_a_customer_is_answered_while_he_writes(
    page: Page, live_server: Any
) -> None:
    found(now=timezone.now())
    world = World(now=timezone.now())
    past = complaint(world.post("portal", SAID.format(n=1), sender_name="王小明"))
    world.do("agent", assign.take, complaint_id=past.id)
    world.do("agent", investigate.give_verdict, complaint_id=past.id, verdict="upheld",
             cause="misdelivery", department="operations", reason="监控")  # fmt: skip
    text = "王先生，您的件SF1234567890001已找到，赔您300元。"
    world.do("agent", answer.resolve, complaint_id=past.id, text=text, agent="小李")
    now = complaint(world.post("portal", SAID.format(n=2), sender_name="赵敏"))

    page.goto(f"{live_server.url}/desk/login")
    page.fill("[name=username]", "agent")
    page.fill("[name=password]", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.goto(f"{live_server.url}/desk/c/{now.id.hex}/")
    page.click(".beside a[href*='/like/']")
    expect(page.locator("#composer-text")).to_have_value(re.compile("赵敏"))
    written = page.input_value("#composer-text")
    assert "SF1234567890002" in written and "____元" in written and "王" not in written

    page.goto(f"{live_server.url}/")
    page.fill("#id_text", "显示签收了可是我没收到快递")
    page.wait_for_selector(".answers a[href='/help/signed-not-received/']", state="attached")
    assert page.is_visible("form.sheet button[type=submit]")

"""A supervisor works a fire: list, preview, batch, called back, sent, on desktop and phone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from company import PASSWORD, World, arrival, found
from huiyin.doors.worker import loop
from huiyin.store import models, triage_model

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COUNT = 6


def enter(page: Page, base: str, username: str, goal: str) -> None:
    page.goto(f"{base}{goal}")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**{goal}")


def test_a_fire_is_worked_from_the_list_to_the_answers(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    triage_model.ready()
    now = timezone.now()
    found(now=now)
    world = World(now=now)
    accepted = world.accept(
        *(
            arrival(
                "portal", f"我的包裹SF2611030000{n:03d}丢了，分拨中心着火，请赔偿",
                sender=f"138{n:08d}", phone=f"138{n:08d}", sender_name=f"客户{n}",
                waybill=f"SF2611030000{n:03d}",
            )
            for n in range(COUNT)
        )
    )  # fmt: skip
    world.decide(ids=[a.id for a in accepted])
    models.Complaint.objects.update(category="lost")
    enter(page, live_server.url, "boss", "/desk/incidents")

    page.click("a.strong")
    page.fill("#id_name", "新塘火灾")
    page.fill("#id_begins_at", "2026-01-02T03:04")
    page.click("form.form button.strong")
    page.locator(".notice.bad", has_text="规则是空的").wait_for()
    assert page.input_value("#id_name") == "新塘火灾"
    rows = [
        "运单号,运费,实际价值",
        *(f"SF2611030000{n:03d},12,{300 + n}" for n in range(COUNT + 1)),
    ]
    page.set_input_files(
        "#id_file",
        [{"name": "list.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}],
    )
    page.click("form.form button.strong")
    page.locator("h2", has_text=f"会连上 {COUNT} 件").wait_for()
    page.locator("summary", has_text="1 个运单还没有人投诉").wait_for()
    page.click("form[action$=start] button")
    page.locator(".incident-figures").wait_for()
    assert models.IncidentLink.objects.filter(live=True).count() == COUNT
    page.locator("details.take-off summary").last.click()
    page.locator("details.take-off input[name=reason]").last.fill("不是这次火灾的")
    page.locator("details.take-off button").last.click()
    page.locator("p", has_text="另有 1 件被人工移出").wait_for()

    page.click("a.strong")
    page.select_option("#id_verdict", "upheld")
    page.select_option("#id_cause", index=1)
    page.select_option("#id_kind", "amount")
    page.select_option("#id_harm", "loss")
    page.fill("#id_reason", "火灾，按条款赔付")
    page.check("input[value=final]")
    page.fill(
        "#id_text",
        "{customer}您好，{waybill} 在{incident}中损毁，深表歉意，赔付 {amount}，请打开 {link}",
    )
    page.click("button[value=preview]")
    page.locator("#outlook .samples li").nth(4).wait_for()
    page.dblclick("button[value=send]")
    page.wait_for_url("**/batches/*")
    assert models.BulkRun.objects.count() == 1
    page.locator("button[value=call_back]").click()
    page.locator(".notice.good", has_text="没有一位客户收到").wait_for()

    page.go_back()
    page.goto(f"{live_server.url}/desk/incidents/{models.Incident.objects.get().id.hex}/batch")
    page.check("input[value=reply]")
    page.fill("#id_text", "{customer}您好，{number} 正在核实，让您久等了，抱歉。")
    page.click("button[value=preview]")
    page.locator("#outlook").wait_for()
    page.click("button[value=send]")
    page.wait_for_url("**/batches/*")
    models.BulkRun.objects.filter(state="held").update(hold_until=now - timedelta(minutes=1))
    for _round in range(5):
        loop.once()
    page.locator("[role=status]", has_text="已完成").wait_for()
    page.locator("dd", has_text=f"{COUNT - 1} / {COUNT - 1}").wait_for()
    sent = models.Message.objects.filter(author_id__isnull=False)
    assert sent.count() == COUNT - 1
    assert len(set(sent.values_list("text", flat=True))) == COUNT - 1
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "a phone shows the batch without scrolling sideways"

"""A process owner drafts, somebody else approves on a phone, and a complaint follows its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from company import LOST, PASSWORD, World, complaint, found
from huiyin.store import models, triage_model
from huiyin.store.ledger import people
from huiyin.store.read import office

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def enter(page: Page, base: str, username: str, goal: str) -> None:
    page.set_default_timeout(30_000)
    page.goto(f"{base}{goal}")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**{goal}")


def write(field: Locator, text: str) -> None:
    """Put a long text into a field at once: typing a whole playbook takes the browser long."""
    field.evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", text
    )


def test_a_change_goes_from_the_form_into_force(
    page: Page, browser: Browser, live_server: LiveServer, transactional_db: None
) -> None:
    triage_model.ready()
    now = timezone.now()
    found(now=now)
    people.add_person(
        now=now, username="owner", name="流程小林", role="process_owner", password=PASSWORD
    )
    before = office.company().playbook.version_id
    enter(page, live_server.url, "owner", "/desk/playbook")
    assert page.locator("svg.flow").count() >= 5
    assert page.locator("svg.flow").first.bounding_box() is not None
    page.get_by_role("button", name="起草新版本").click()
    page.wait_for_url("**/drafts/**")
    url = page.url.split("?")[0]

    entry = page.locator("details.entry", has_text="首次回复")
    entry.locator("summary").first.click()
    field = entry.get_by_label("多久（普通）")
    field.fill("很快")
    field.press("Tab")
    page.locator("#problems .problems", has_text="时长格式不对").wait_for()
    assert models.PlaybookDraft.objects.get().revision == 1, "live checks keep nothing"
    field.fill("3 小时")
    field.press("Tab")
    page.locator("#problems h2.good").wait_for()
    page.locator(".save-bar button.strong").click()
    page.locator("#changed", has_text="改了 2 处").wait_for()

    page.goto(f"{url}?tab=yaml")
    text = page.locator("#id_text")
    whole = text.input_value()
    assert "normal: PT3H" in whole
    write(text, whole.replace("department: operations", "department: operation", 1))
    problem = page.locator("#problems li", has_text="是否想写“operations”？")
    problem.wait_for()
    line = int(problem.locator("a").get_attribute("data-line") or 0)
    problem.locator("a").click()
    assert "department: operation" in whole.splitlines()[line - 1] + " operation"
    start = text.evaluate("e => e.value.slice(0, e.selectionStart).split('\\n').length")
    assert start == line
    write(text, whole.replace("normal: PT3H, high: PT2H", "normal: PT3H, high: PT90M"))
    page.locator("#problems h2.good").wait_for()
    page.locator("form[data-guard] button.strong").click()
    page.locator(".toast", has_text="已保存").wait_for()
    assert "high: PT90M" in models.PlaybookDraft.objects.get().text
    page.get_by_role("button", name="提交审批").click()
    page.locator(".chip", has_text="待审批").first.wait_for()
    assert page.get_by_role("button", name="批准").count() == 0

    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 390, "height": 844}
    )
    phone = context.new_page()
    enter(phone, live_server.url, "mgr", "/desk/playbook")
    phone.locator("#drafts a", has_text="2026").first.click()
    phone.get_by_role("button", name="批准").click()
    phone.locator(".chip.ok", has_text="现行").first.wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
    office.forget()
    assert office.company().playbook.version_id != before


def test_a_complaint_follows_its_steps(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    triage_model.ready()
    now = timezone.now()
    found(now=now)
    case = complaint(World(now=now).post("portal", LOST, sender="13812345678"))
    goal = f"/desk/c/{case.id.hex}/"
    enter(page, live_server.url, "clerk", goal)
    page.locator("form[action$='/do/take'] button").first.click()
    steps = page.locator("#steps")
    steps.locator("h2", has_text="步同时进行").wait_for()
    facts = steps.locator(".step-facts")
    facts.get_by_label("轨迹未更新的小时数").fill("三十")
    facts.get_by_role("button", name="记下来").click()
    facts.locator("[data-problem]", has_text="请填写数字").wait_for()
    facts.get_by_label("轨迹未更新的小时数").fill("30")
    facts.get_by_label("签收方式").select_option("locker")
    facts.get_by_role("button", name="记下来").click()
    steps.locator("li.done", has_text="查轨迹").wait_for()
    steps.locator("summary", has_text="保价与价值").click()
    form = steps.locator(".step-form form")
    form.get_by_label("是否保价").select_option("no")
    form.get_by_label("有没有价值证明").select_option("yes")
    form.get_by_label("实际价值（元）").fill("780")
    form.get_by_role("button", name="填好").click()
    done = steps.locator("li.done", has_text="收集保价与价值证明")
    done.wait_for()
    assert "陈法务" in done.inner_text()
    case.refresh_from_db()
    assert case.triage["told"] == {
        "no_scan_hours": 30, "signed_by": "locker", "insured": False, "value_proven": True,
        "real_value": 78000,
    }  # fmt: skip

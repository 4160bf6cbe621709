"""An agent asks two departments; one returns and is asked again; both answer; the PDF is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pytest
from django.utils import timezone

from company import LOST, PASSWORD, World, complaint, found, photo
from huiyin.store import models, triage_model
from huiyin.store.ledger import people

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def enter(page: Page, base: str, username: str, goal: str) -> None:
    page.goto(f"{base}{goal}")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**{goal}")


def in_words(page: Page, part: str, words: str) -> None:
    page.locator(part, has_text=words).first.wait_for()


def test_two_departments_are_asked_and_the_time_is_told(
    page: Page,
    browser: Browser,
    live_server: LiveServer,
    transactional_db: None,
    tmp_path: Path,
) -> None:
    triage_model.ready()
    now = timezone.now()
    found(now=now)
    people.add_person(
        now=now, username="tech", name="技术小周", role="handler", password=PASSWORD,
        department="technology",
    )  # fmt: skip
    case = complaint(
        World(now=now).post("portal", LOST, sender="13812345678", sender_name="王小明")
    )
    goal = f"/desk/c/{case.id.hex}/"
    enter(page, live_server.url, "agent", goal)

    page.locator("#requests [data-opens=do-collaborate]").click()
    dialog = page.locator("#do-collaborate")
    dialog.locator("button[type=submit]").click()
    assert models.Collaboration.objects.count() == 0, "the question is required"
    dialog.locator("textarea").fill("请核实到件扫描和交接单")
    dialog.locator("button[type=submit]").click()
    in_words(page, "#do-collaborate [data-problem]", "请选择要协办的部门")
    assert dialog.locator("textarea").input_value() == "请核实到件扫描和交接单"
    dialog.locator("input[value=operations]").check()
    dialog.locator("input[value=technology]").check()
    dialog.locator("input[type=file]").set_input_files(
        [{"name": "box.png", "mimeType": "image/png", "buffer": photo()}]
    )
    dialog.locator("button[type=submit]").click()
    page.locator("#requests .ask").nth(1).wait_for()
    assert not dialog.is_visible()

    # Operations work on a phone, from the list by keyboard, and return what they cannot answer.
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 390, "height": 844}
    )
    phone = context.new_page()
    phone.set_default_timeout(10_000)
    enter(phone, live_server.url, "ops", "/desk/tasks")
    assert phone.locator(".rail-count").inner_text() == "1"
    phone.keyboard.press("j")
    phone.keyboard.press("Enter")
    phone.locator(".ask-words .picture img").wait_for()
    body = phone.locator("body").inner_text()
    assert "王小明" not in body and "13812345678" not in body
    phone.keyboard.press("x")
    phone.locator("#do-return textarea").fill("没有写明到件日期")
    phone.locator("#do-return button[type=submit]").click()
    phone.wait_for_url("**/desk/tasks")

    # The agent's page follows by itself.
    in_words(page, "#requests .ask-latest", "没有写明到件日期")
    page.locator("#requests [data-opens^=rq-ask_again]").click()
    again = page.locator("dialog[open]")
    again.locator("textarea").fill("到件日期是十一月一日")
    again.locator("button[type=submit]").click()
    in_words(page, "#requests .ask", "第 2 次")

    phone.goto(f"{live_server.url}/desk/tasks")
    phone.locator("#rows .row-title").first.click()
    phone.locator("form[action$='/accept'] button").click()
    in_words(phone, ".ask-chips", "处理中")
    phone.locator("#w-answer").fill("外包装完好，交接单已附")
    phone.locator("form[action$='/answer'] button[type=submit]").click()
    phone.wait_for_url("**/desk/tasks")
    context.close()
    context = browser.new_context(locale="zh-CN")
    other = context.new_page()
    other.set_default_timeout(10_000)
    enter(other, live_server.url, "tech", "/desk/tasks")
    other.locator("#rows .row-title").first.click()
    other.locator("#w-answer").fill("扫描记录正常")
    other.locator("form[action$='/answer'] button[type=submit]").click()
    other.wait_for_url("**/desk/tasks")
    context.close()

    in_words(page, "#requests .ask-latest", "外包装完好，交接单已附")
    in_words(page, "#requests .ask-latest", "扫描记录正常")
    assert {c.state for c in models.Collaboration.objects.all()} == {"answered"}
    key = page.locator("#holding .hold-key")
    for department in ("理赔法务部", "运营部", "技术部"):
        in_words(page, "#holding .hold-key", department)
    assert page.locator("#holding .hold-bar rect").count() >= 3
    assert key.locator("li").count() == 3
    page.locator("#holding summary", has_text="明细").click()
    in_words(page, "#holding table", "工作时间")

    page.locator("#holding a", has_text="责任清单").click()
    page.wait_for_url("**/responsibility")
    in_words(page, "body", "外包装完好，交接单已附")
    with page.expect_download() as download:
        page.get_by_text("下载 PDF").click()
    kept = tmp_path / "list.pdf"
    download.value.save_as(kept)
    assert download.value.suggested_filename == f"{case.number}-时间线与责任清单.pdf"
    document = pypdfium2.PdfDocument(kept)
    text = "".join("".join(p.get_textpage().get_text_range().split()) for p in document)
    assert "外包装完好，交接单已附" in text
    assert "王小明" not in text

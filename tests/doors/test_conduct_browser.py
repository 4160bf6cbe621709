"""A complaint of somebody's manner from the agent's form to the filed paper, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pytest
from django.utils import timezone

from company import PASSWORD, World, complaint, found
from huiyin.store import models, triage_model
from huiyin.store.ledger import people

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUDE = "你们那个快递员骂我是乡下人，态度太恶劣了，运单SF1234567890123，我要投诉他的服务态度"


def enter(page: Page, base: str, username: str, goal: str) -> None:
    page.goto(f"{base}{goal}")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**{goal}")


def do(page: Page, act: str, words: str, said: str) -> None:
    if words:
        page.fill(f"#{act}-words", words)
    page.locator(f"#act-{act} button[type=submit]").click()
    page.get_by_text(said).first.wait_for()


def test_five_people_and_one_file(
    browser: Browser, live_server: LiveServer, transactional_db: None
) -> None:
    triage_model.ready()
    now = timezone.now()
    found(now=now)
    for username, name, role in (
        ("courier", "马奔", "handler"), ("head", "高主管", "supervisor"),
    ):  # fmt: skip
        people.add_person(
            now=now, username=username, name=name, role=role, password=PASSWORD,
            department="outlets",
        )  # fmt: skip
    case = complaint(World(now=now).post("phone", RUDE, phone="13812345678", sender_name="王小明"))
    models.Complaint.objects.filter(id=case.id).update(category="attitude")

    def fresh(username: str, goal: str, *, phone: bool = False) -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size, accept_downloads=True
        )  # type: ignore[arg-type]
        one = context.new_page()
        one.set_default_timeout(20_000)
        enter(one, live_server.url, username, goal)
        return one

    agent = fresh("agent", f"/desk/c/{case.id.hex}/")
    agent.locator("[data-part=conduct] a", has_text="登记管理表").click()
    assert agent.input_value("#cn-complainant") == "王小明"
    agent.select_option("#cn-employee", label="马奔 · 网点管理部")
    agent.fill("#cn-charge", "王小明说你骂人")
    agent.locator("form.form button[type=submit]").click()
    agent.get_by_text("不能有投诉人的姓名").wait_for()
    assert agent.input_value("#cn-words") == RUDE, "nothing written is lost"
    agent.fill("#cn-charge", "派件时对收件人言语不当")
    agent.locator("form.form button[type=submit]").click()
    agent.wait_for_url("**/desk/conduct/*")
    url = agent.url.removeprefix(live_server.url)
    assert agent.locator("form[id^=act-]").count() == 0
    agent.close()

    courier = fresh("courier", url, phone=True)
    assert "王小明" not in courier.content() and "乡下人" not in courier.content()
    do(courier, "state", "当时太急，话说重了", "说明已提交")

    head = fresh("head", url)
    head.check("#act-answer input[value=upheld]", force=True)
    head.fill("#an-finding", "监控属实")
    head.check("#act-answer input[name=send]")
    do(head, "answer", "您好，已核实，当事同事言语不当，我向您道歉。", "答复已登记")
    head.select_option("#sanction-measure", "warning")
    do(head, "sanction", "违反服务规范", "可申辩一次")
    do(head, "report", "", "已报行政经理")

    courier.reload()
    do(courier, "object", "录音不完整", "申辩已提交")
    assert courier.locator("#act-object, #act-accept").count() == 0, "once only"
    courier.close()

    manager = fresh("mgr", url)
    assert manager.locator("#act-file").count() == 0
    manager.check("#act-decide input[value=kept]", force=True)
    do(manager, "decide", "事实清楚", "裁定已记录")
    do(manager, "file", "同意归档", "已归档")
    with manager.expect_download() as download:
        manager.locator("a[href$='form.pdf']").click()
    words = "".join(
        p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(download.value.path())
    )
    assert "服务态度投诉管理表" in words and "同意归档" in words
    manager.close()

    stranger = fresh("admin", "/desk/")
    assert stranger.goto(f"{live_server.url}{url}").status == 404  # type: ignore[union-attr]
    assert stranger.goto(f"{live_server.url}/desk/c/{case.id.hex}/").status == 404  # type: ignore[union-attr]
    reply = models.Message.objects.get(complaint=case, direction="out", author__username="head")
    assert reply.to_customer and reply.text.startswith("您好，已核实")

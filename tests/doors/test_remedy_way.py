"""A remedy from the dialog to finance, through the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from company import LOST, PASSWORD, World, complaint, found
from huiyin.flows import settle
from huiyin.flows.telling import tracking_url
from huiyin.store import models
from huiyin.store.read import books

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = "13812345678"


def enter(page: Page, server: LiveServer, who: str, path: str) -> None:
    page.goto("about:blank")
    page.context.clear_cookies()
    page.goto(f"{server.url}{path}")
    page.fill("#id_username", who)
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**{path}")


def test_a_remedy_is_computed_approved_accepted_and_handed_to_finance(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    now = timezone.now()
    found(now=now)
    case = complaint(
        World(now=now).post("portal", LOST, sender=PHONE, phone=PHONE, waybill="SF1234567890123")
    )
    models.Complaint.objects.filter(id=case.id).update(category="lost", department_id="claims")
    desk = f"/desk/c/{case.id.hex}/"

    enter(page, live_server, "agent", desk)
    page.evaluate("document.querySelector('[data-opens=do-propose]').click()")
    page.fill("#rf-fee", "20")
    page.fill("#rf-value", "6000")
    page.check("[name=value_proven]")
    page.select_option("#rf-carrier", "sf")
    page.locator("#remedy-sum", has_text="¥160.00").wait_for()
    assert "民法典 833" in page.locator("#remedy-sum").inner_text()
    page.uncheck("[name=terms_shown]")
    page.locator("#remedy-sum", has_text="需要经理审批").wait_for()
    page.fill("#rf-reason", "下单页没有提示赔偿条款")
    page.click("#do-propose .dialog-foot button[type=submit]")
    page.locator("#outcome", has_text="待审批").wait_for()

    enter(page, live_server, "mgr", "/desk/approvals")
    page.locator(".approvals", has_text="¥6,020.00").wait_for()
    page.click("button[value=approve]")
    page.get_by_text("没有等您审批的补偿").wait_for()

    page.goto("about:blank")
    page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    where = urlsplit(tracking_url(case_id=case.id, number=case.number)).path
    page.goto(f"{live_server.url}{where}")
    page.get_by_text("限额不算数").wait_for()
    page.click(".offer-answer summary >> nth=0")
    assert not page.locator("[name=account_number]").first.is_visible()
    page.check("[name=method][value=alipay]")
    page.fill("[name=payee]", "张三")
    page.fill("[name=account_number]", PHONE)
    page.click(".offer-form button[type=submit] >> nth=0")
    page.get_by_text("您已接受，正在付款").wait_for()

    page.set_viewport_size({"width": 1440, "height": 900})
    enter(page, live_server, "clerk", "/desk/payouts")
    assert PHONE not in page.locator("body").inner_text()
    page.get_by_text("生成付款批次").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert PHONE in download.value.path().read_text(encoding="utf-8-sig")
    assert books.balances() == {"cost:none": 602000, "requested": -602000}
    assert list(books.faults()) == []


def test_a_sum_named_by_telephone_is_written_down_and_agreed_to(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    now = timezone.now()
    found(now=now)
    world = World(now=now)
    case = complaint(
        world.post("portal", LOST, sender=PHONE, phone=PHONE, waybill="SF1234567890123")
    )
    models.Complaint.objects.filter(id=case.id).update(category="lost", department_id="claims")
    world.do("agent", settle.propose, complaint_id=case.id, kind="amount", amount=10000)

    enter(page, live_server, "agent", f"/desk/c/{case.id.hex}/")
    page.click("#outcome [data-keep^=answer-] summary")
    form = page.locator("#outcome [data-keep^=answer-] form")
    assert form.locator("[name=counter]").is_hidden()
    form.locator("[name=answer]").select_option("counter")
    assert form.locator("[name=method]").is_hidden()
    form.locator("[name=words]").fill("十点来电，希望一百五")
    form.locator("[name=counter]").fill("150")
    form.locator("button[type=submit]").click()
    page.locator("#outcome button", has_text="同意 ¥150.00").click()
    page.locator("#outcome .remedy", has_text="¥150.00").locator("text=已批准").wait_for()
    states = models.Remedy.objects.order_by("id").values_list("state", "amount")
    assert list(states) == [("withdrawn", 10000), ("approved", 15000)]

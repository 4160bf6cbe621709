"""A damaged and a lost parcel, and the intercity carrier's business complaint, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from company import LOST, PASSWORD, World, complaint, found
from desk_in_browser import PHONE, enter, judge, leave, open_dialog, rate, resolve, take
from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.doors.worker import loop
from huiyin.flows.telling import tracking_url
from huiyin.store import models, triage_model
from huiyin.store.ledger import people
from huiyin.store.read import office

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
CALLER = "13812345678"
BROKEN = "花瓶收到就碎了，外箱压扁，单号SF1234567890123，要求赔偿"


def work() -> None:
    while loop.once():
        pass


def link_of(case: models.Complaint, *, purpose: str = "track") -> str:
    url = tracking_url(case_id=case.id, number=case.number, purpose=purpose)
    return urlsplit(url).path


def accept_offer(page: Page, base: str, case: models.Complaint, amount: str) -> None:
    """Take the offer as the customer, on a phone."""
    leave(page)
    page.set_viewport_size(PHONE)
    page.goto(f"{base}{link_of(case)}")
    page.get_by_text(amount).first.wait_for()
    page.click(".offer-answer summary >> nth=0")
    page.check("[name=method][value=alipay]")
    page.fill("[name=payee]", "张三")
    page.fill("[name=account_number]", CALLER)
    page.click(".offer-form button[type=submit] >> nth=0")
    page.get_by_text("您已接受，正在付款").wait_for()
    page.set_viewport_size({"width": 1440, "height": 900})


def approve(page: Page, base: str, username: str, amount: str) -> None:
    leave(page)
    page.goto(f"{base}/desk/approvals")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.locator(".approvals", has_text=amount).wait_for()
    page.click("button[value=approve]")
    page.get_by_text("没有等您审批的补偿").wait_for()


def opened(words: str, category: str) -> models.Complaint:
    triage_model.ready()
    now = timezone.now()
    found(now=now)
    case = complaint(
        World(now=now).post("portal", words, sender=CALLER, phone=CALLER, waybill="SF1234567890123")
    )
    assert case.category == category
    return case


def test_a_damaged_parcel_is_paid_in_proportion(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    case, base = opened(BROKEN, "damaged"), live_server.url
    enter(page, base, "clerk", case)
    take(page)
    judge(page, "外箱压破，监控显示分拣时跌落", cause="handling")
    open_dialog(page, "propose")
    page.select_option("#rf-harm", "damage_partial")
    page.fill("#rf-value", "4000")
    page.fill("#rf-insured", "1000")
    page.fill("#rf-share", "50")
    page.check("[name=value_proven]")
    page.locator("#remedy-sum", has_text="¥500.00").wait_for()
    assert "按比例" in page.locator("#remedy-sum").inner_text()
    page.fill("#rf-reason", "保价一千元，损坏一半，按比例赔付")
    page.click("#do-propose .dialog-foot button[type=submit]")
    page.locator("#outcome", has_text="待审批").wait_for()
    approve(page, base, "mgr", "¥500.00")
    enter(page, base, "clerk", case)
    resolve(page, "花瓶在分拣时损坏，责任在我们，按保价比例赔付 500 元，非常抱歉")
    work()
    accept_offer(page, base, case, "500.00")
    assert models.Remedy.objects.get().amount == 50000


def test_a_lost_parcel_insured_below_its_value_gets_what_it_was_insured_for(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    case, base = opened(LOST, "lost"), live_server.url
    enter(page, base, "clerk", case)
    take(page)
    judge(page, "全网查找七天无果，确认丢失", cause="lost_transit")
    open_dialog(page, "propose")
    page.select_option("#rf-harm", "loss")
    page.fill("#rf-fee", "20")
    page.fill("#rf-value", "4000")
    page.fill("#rf-insured", "1000")
    page.check("[name=value_proven]")
    page.locator("#remedy-sum", has_text="¥1,020.00").wait_for()
    assert "不足额保价" in page.locator("#remedy-sum").inner_text()
    page.fill("#rf-reason", "保价一千元，全损按保价金额赔付并退运费")
    page.click("#do-propose .dialog-foot button[type=submit]")
    page.locator("#outcome", has_text="待审批").wait_for()
    approve(page, base, "mgr", "¥1,020.00")
    leave(page)
    page.set_viewport_size(PHONE)
    page.goto(f"{base}{link_of(case)}")
    page.get_by_text("按这个比例赔").first.wait_for(state="attached")
    accept_offer(page, base, case, "1,020.00")


def test_a_business_complaint_of_the_intercity_carrier_goes_its_whole_way(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    triage_model.ready()
    now, base = timezone.now(), live_server.url
    text = playbooks.text(name="city-carrier")
    office.forget()
    people.found_company(now=now, name="长运物流", playbook=load_playbook(text=text), text=text)
    for username, name, role, department in (
        ("front", "前台小李", "agent", "administration"),
        ("legal", "法务小陈", "handler", "claims_legal"),
        ("yard", "货场小吴", "handler", "operations"),
    ):
        people.add_person(
            now=now, username=username, name=name, role=role, password=PASSWORD,
            department=department,
        )  # fmt: skip
    case = complaint(
        World(now=now).post(
            "phone", "我的货丢了，托运单CY20261103001，三箱茶叶少了一箱，找不到了", sender=CALLER,
            category="lost",
        )
    )  # fmt: skip
    assert case.department_id == "claims_legal"
    enter(page, base, "legal", case)
    take(page)
    steps = page.locator("#steps")
    steps.locator("h2", has_text="步同时进行").wait_for()
    assert "查找" in page.locator(".timeline").inner_text()
    page.fill("#composer-text", "您好，我是法务小陈，正在请运营部查找，明天下班前告诉您结果")
    page.click("#composer button[type=submit]")
    steps.locator("li.done", has_text="首次联系客户").wait_for()

    leave(page)
    page.goto(f"{base}/desk/tasks")
    page.fill("#id_username", "yard")
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.locator("#rows .row-title").first.click()
    page.locator("form[action$='/accept'] button").click()
    page.locator("#w-answer").fill("货场和车厢都找过了，装车时少清点一箱")
    page.locator("form[action$='/answer'] button[type=submit]").click()
    page.wait_for_url("**/desk/tasks")

    enter(page, base, "legal", case)
    steps.locator("li.done", has_text="请运营部找货").wait_for()
    judge(page, "装车交接少一箱，责任在装车", cause="tally")
    steps.locator("li.done", has_text="确认责任与结论").wait_for()
    resolve(page, "查实装车时少清点一箱，责任在我们，已按单据赔付，向您道歉")
    steps.locator("li.done", has_text="答复客户并办结").wait_for()
    rate(page, base, link_of(case), 5, "满意")
    case.refresh_from_db()
    assert (case.status, case.stars) == ("closed", 5)

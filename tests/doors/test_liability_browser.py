"""Two outlets dispute over a broken vase, from the claim to the statement of account."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pypdfium2
import pytest
from django.utils import timezone

from company import PASSWORD, World, complaint, found, photo
from huiyin.flows import journey, liability, settle
from huiyin.store import models, triage_model
from huiyin.store.ledger import parties, people
from huiyin.store.read import books

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BROKEN = "收到的花瓶碎了，运单SF1234567890123，外箱也破了，要求赔偿，电话13812345678"
PHONE = {"width": 390, "height": 844}


def enter(page: Page, base: str, username: str, goal: str, lands: str = "") -> None:
    page.goto(f"{base}{goal}")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**{lands or goal}")


def another(browser: Browser, phone: bool = False) -> Page:
    context = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport=PHONE if phone else {"width": 1440, "height": 900},
        color_scheme="dark" if phone else "light",
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    return page


def in_words(page: Page, part: str, words: str) -> None:
    page.locator(part, has_text=words).first.wait_for()


def test_two_outlets_dispute_and_one_appeals(
    page: Page,
    browser: Browser,
    live_server: LiveServer,
    transactional_db: None,
    tmp_path: Path,
) -> None:
    triage_model.ready()
    now = timezone.now()
    found(now=now)
    world = World(now=now)
    for code, name in (("w-north", "城北网点"), ("w-south", "城南网点")):
        parties.keep_party(now=now, code=code, kind="outlet", name=name, fresh=True)
    for username, party in (("north", "w-north"), ("south", "w-south")):
        people.add_person(now=now, username=username, name=f"{username}经理", role="outlet",
                          password=PASSWORD, party=party)  # fmt: skip
    people.add_person(now=now, username="judge", name="王主管", role="supervisor",
                      password=PASSWORD, department="quality")  # fmt: skip
    case = complaint(world.post("portal", BROKEN, sender="13812345678", sender_name="王小明"))
    remedy = world.do("mgr", settle.propose, complaint_id=case.id, kind="goodwill", amount=9_001,
                      facts={}, reason="按规则核算")  # fmt: skip
    base = live_server.url

    # Claims see the card on the complaint and open the claim; a wrong form says what is missing.
    enter(page, base, "clerk", f"/desk/c/{case.id.hex}/")
    page.locator("#liability a", has_text="发起定责").click()
    page.wait_for_url("**/liability/new")
    page.select_option("#fact-outer_pack", "broken")
    page.select_option("#fact-inner_goods", "broken")
    page.select_option("#part-origin", "w-north")
    page.locator("button[value=open]").click()
    in_words(page, "[role=alert]", "派件网点")
    assert page.input_value("#part-origin") == "w-north"
    page.select_option("#part-delivering", "w-south")
    page.locator("button[value=preview]").click()
    in_words(page, "#proposal", "派件网点 100%")
    page.locator("button[value=open]").click()
    in_words(page, "h1", "定责")
    claim = models.LiabilityClaim.objects.get()
    address = f"/desk/liability/{claim.id.hex}"
    assert page.locator("form[action$='/rule']").count() == 0, "nobody rules before the hearing"

    # The delivering outlet works on a phone; it lands on its own desk and sees its side alone.
    south = another(browser, phone=True)
    enter(south, base, "south", "/desk/", lands="/desk/liability")
    assert south.locator(".rail-count").inner_text() == "1"
    south.locator("#rows .row-title").first.click()
    in_words(south, "tbody", "城南网点")
    body = south.locator("body").inner_text()
    for hidden in ("城北网点", "王小明", "13812345678"):
        assert hidden not in body
    south.locator("input[value=contest]").check()
    south.locator("form[action$='/state'] button[type=submit]").click()
    in_words(south, "[role=alert]", "有异议请写明")
    south.locator("input[value=contest]").check()
    south.locator("#w-state").fill("到件时外箱已破，当场登记")
    south.locator("#f-state").set_input_files(
        [{"name": "登记.png", "mimeType": "image/png", "buffer": photo()}]
    )
    south.locator("form[action$='/state'] button[type=submit]").click()
    south.locator(".ask-words .picture img").wait_for()
    assert south.locator("form[action$='/state']").count() == 0

    north = another(browser)
    enter(north, base, "north", address)
    assert "到件时外箱已破" not in north.locator("body").inner_text()
    north.locator("input[value=contest]").check()
    north.locator("#w-state").fill("揽收时外箱完好，有照片")
    north.locator("form[action$='/state'] button[type=submit]").click()
    in_words(north, ".ask-words", "揽收时外箱完好")

    # A supervisor without part in it rules; shares that are no whole are refused and kept.
    judge = another(browser)
    enter(judge, base, "judge", address)
    in_words(judge, ".ask-words", "到件时外箱已破")
    judge.fill("#share-w-north", "20")
    judge.fill("#share-w-south", "70")
    judge.locator("#w-rule").fill("派件网点有登记，但交接时没有提出")
    judge.locator("form[action$='/rule'] button[type=submit]").click()
    in_words(judge, "[role=alert]", "合计 90%")
    assert judge.input_value("#share-w-south") == "70"
    judge.fill("#share-w-south", "80")
    judge.locator("form[action$='/rule'] button[type=submit]").click()
    in_words(judge, ".ruling", "派件网点有登记")
    assert books.costs_of(remedy_id=remedy) == {"cost:none": 9_001}

    # The outlet appeals once; the same supervisor cannot rule again, the manager can.
    south.reload()
    in_words(south, ".ruling", "城南网点 80%")
    south.locator("#w-appeal").fill("交接单上写明破损，请复核")
    south.locator("form[action$='/appeal'] button[type=submit]").click()
    in_words(south, ".ask-chips", "申诉中")
    assert south.locator("form[action$='/appeal']").count() == 0
    judge.reload()
    assert judge.locator("form[action$='/rule_appeal']").count() == 0
    manager = another(browser)
    enter(manager, base, "mgr", address)
    manager.fill("#share-w-north", "66.67")
    manager.fill("#share-w-south", "33.33")
    manager.locator("#w-rule_appeal").fill("交接单属实，改判")
    manager.locator("form[action$='/rule_appeal'] button[type=submit]").click()
    in_words(manager, ".ruling", "裁定已生效")
    in_words(manager, "tbody", "原 80%")
    assert books.costs_of(remedy_id=remedy) == {"cost:w-north": 6_001, "cost:w-south": 3_000}
    assert list(books.faults()) == []

    # Each outlet has its own statement, as a page, a table and a PDF.
    south.goto(f"{base}/desk/statement")
    in_words(south, "tbody", case.number)
    in_words(south, ".figures", "¥30.00")
    assert "¥60.01" not in south.locator("body").inner_text()
    with south.expect_download() as download:
        south.get_by_text("下载 PDF").click()
    kept = tmp_path / "statement.pdf"
    download.value.save_as(kept)
    words = "".join(
        "".join(p.get_textpage().get_text_range().split()) for p in pypdfium2.PdfDocument(kept)
    )
    assert "城南网点" in words
    assert "¥30.00" in words
    assert "城北" not in words
    with south.expect_download() as download:
        south.get_by_text("导出表格").click()
    kept = tmp_path / "statement.xlsx"
    download.value.save_as(kept)
    sheet = openpyxl.load_workbook(io.BytesIO(kept.read_bytes())).active
    assert sheet is not None
    assert 30.0 in [c for row in sheet.iter_rows(values_only=True) for c in row]
    for one in (south, north, judge, manager):
        one.context.close()

    # On the complaint the ruling stands in short.
    page.goto(f"{base}/desk/c/{case.id.hex}/")
    in_words(page, "#liability", "城北网点 66.67%，城南网点 33.33%")

    # Had nobody spoken and nobody appealed, time alone would have ruled.
    with journey.writing(now=now + timedelta(days=30), actor="system") as pen:
        assert liability.expire_due(pen=pen, limit=10) == 0

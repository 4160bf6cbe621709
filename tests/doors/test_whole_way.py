"""The whole journey in a browser: from a customer's words to five stars, closed and counted."""

from __future__ import annotations

import dataclasses
import re
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from company import found, photo
from desk_in_browser import enter, judge, leave, open_dialog, rate, resolve, take
from huiyin.doors.worker import loop, mail
from huiyin.store import models, triage_model

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

CUSTOMER, SON = "wang@customer.example", "son@elsewhere.example"


class Letterbox:
    """Takes every mail that reaches the server."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep one mail."""
        read = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(read, EmailMessage)
        self.mails.append(read)
        return "250 OK"

    def texts_to(self, address: str) -> str:
        """Return the texts of all mails to one address."""
        return "\n".join(
            str(part.get_content())
            for m in self.mails
            if address in str(m["To"]) and (part := m.get_body(("plain",))) is not None
        )


@pytest.fixture
def letterbox(settings: Any) -> Iterator[Letterbox]:
    """A mail server on this machine that Huiyin sends through."""
    box = Letterbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.HUIYIN = dataclasses.replace(
        settings.HUIYIN,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_tls="none",
        smtp_from="回音 <service@huiyin.example>",
    )
    yield box
    server.stop()


def work() -> None:
    """Let the worker do what waits."""
    while loop.once():
        pass


def test_from_the_first_word_to_five_stars(
    page: Page, live_server: LiveServer, transactional_db: None, letterbox: Letterbox
) -> None:
    base = live_server.url
    triage_model.ready()
    found(now=timezone.now())

    # The customer files on the portal, with a photo.
    page.goto(base)
    page.fill("#id_text", "我的包裹丢了，运单SF1234567890123，价值三百元，请帮我找")
    page.fill("#id_contact", CUSTOMER)
    page.locator("details.extra > summary").click()
    page.set_input_files(
        "input[type=file][name=photos]",
        [{"name": "order.png", "mimeType": "image/png", "buffer": photo()}],
    )
    page.click("form[action$='/file'] button[type=submit]")
    page.wait_for_url("**/filed")
    link = "/" + re.sub(r"^https?://[^/]+/", "", page.locator("#link").input_value())
    case = models.Complaint.objects.get()
    assert (case.category, case.waybill, case.contacts) == ("lost", "SF1234567890123", 1)
    assert case.department_id == "claims"
    assert models.Attachment.objects.get().is_image
    work()
    assert case.number in letterbox.texts_to(CUSTOMER)

    # His son writes a mail about the same parcel: it joins.
    letter = EmailMessage()
    letter["From"], letter["To"] = SON, "service@huiyin.example"
    letter["Subject"], letter["Message-ID"] = "我爸的快递", "<1@elsewhere.example>"
    letter.set_content("SF1234567890123 这个件是我爸的，麻烦尽快找到。")
    mail.accept(raw=letter.as_bytes())
    work()
    case.refresh_from_db()
    assert (case.contacts, models.Complaint.objects.count()) == (2, 1)

    # The agent answers; the customer reads it on his page and in his mail.
    answer = "正在沿途各站查找您的包裹，今天下班前告诉您结果"
    enter(page, base, "agent", case)
    page.get_by_text("我爸的快递").first.wait_for()
    page.fill("#composer-text", answer)
    page.click("#composer button[type=submit]")
    page.get_by_text(answer).first.wait_for()
    work()
    assert answer in letterbox.texts_to(CUSTOMER)
    assert answer not in letterbox.texts_to(SON), "who only names the parcel is told nothing"

    # She makes sure who the son is, and takes it back: he is to ask his father.
    way = page.locator(".composer-way[data-for=reply]")
    page.get_by_role("button", name="已核实，答复发给他").click()
    way.filter(has_text="s***@").wait_for()
    page.locator("li.event", has_text="核实来信人").get_by_role("button", name="撤销").click()
    way.filter(has_not_text="s***@").wait_for()
    leave(page)
    page.goto(base + link)
    page.get_by_text(answer).first.wait_for()
    assert SON not in page.locator("body").inner_text()

    # The department confirms that it is lost and proposes 300 yuan; the supervisor approves.
    enter(page, base, "clerk", case)
    judge(page, "到站无扫描，三站盘点未找到", cause="lost_transit")
    open_dialog(page, "propose")
    page.select_option("#rf-harm", "")
    page.fill("#rf-amount", "300")
    page.fill("#rf-reason", "按购买凭证赔付")
    page.locator("#remedy-sum", has_text="¥300.00").wait_for()
    page.click("#do-propose .dialog-foot button[type=submit]")
    page.locator("#outcome", has_text="待审批").wait_for()
    assert models.Remedy.objects.get().state == "waiting"
    enter(page, base, "boss", case)
    page.locator("form.decide button.strong").first.click()
    page.get_by_text("已批准").first.wait_for()
    assert models.Remedy.objects.get().state == "approved"
    enter(page, base, "clerk", case)
    resolve(page, "包裹确认遗失，赔付三百元已经批准，向您致歉")
    work()
    assert "三百元已经批准" in letterbox.texts_to(CUSTOMER)

    # One star: somebody else, one rank higher, handles it again.
    rate(page, base, link, 1, "等了太久，也没人打电话")
    case.refresh_from_db()
    boss = models.User.objects.get(username="boss")
    assert (case.level, case.assignee_id, case.status) == (1, boss.id, "assigned")
    enter(page, base, "boss", case)
    take(page)
    judge(page, "复核属实，客服没有按约回电", cause="lost_transit")
    resolve(page, "我是主管，已与您电话沟通，再次向您道歉")

    # Five stars: closed, and the board counts it.
    rate(page, base, link, 5, "满意，谢谢")
    case.refresh_from_db()
    assert (case.status, case.stars, case.live) == ("closed", 5, False)
    enter(page, base, "mgr", case)
    page.goto(f"{base}/desk/board")
    figures = page.locator("main").inner_text()
    assert re.search(r"收到\s+1\b", figures)
    assert re.search(r"满意度\s+[35](\.0)?\s*星", figures)

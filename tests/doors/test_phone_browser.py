"""Who calls, on the screen of who is called: from the telephone system's word to the card."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from django.utils import timezone

from company import PASSWORD, World, found
from desk_in_browser import PATIENCE
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CALLER = "13800001234"
SECRET = "between the two of us"


@pytest.fixture
def desk(transactional_db: None) -> Iterator[World]:
    """The company, the agent's telephone 1001, and a telephone system."""
    now = timezone.now()
    found(now=now)
    models.User.objects.filter(username="agent").update(extension="1001")
    accounts.forget()
    yield World(now=now)
    accounts.forget()


def tell(base: str, **event: Any) -> None:
    account = models.ChannelAccount.objects.get()
    body = json.dumps({"call": "c-1", "at": timezone.now().isoformat(), **event}).encode()
    stamp = str(int(time.time()))
    mark = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    answer = httpx.post(
        f"{base}/hooks/cti/{account.id}/",
        content=body,
        headers={"X-Timestamp": stamp, "X-Signature": mark},
        trust_env=False,
        timeout=60,
    )
    assert answer.status_code == 200, answer.text


def test_the_card_comes_is_taken_and_becomes_the_contact(
    desk: World, live_server: Any, page: Page
) -> None:
    case = desk.post(
        "phone",
        "包裹 YT9876543210987 破了，要赔",
        phone=CALLER,
        sender=CALLER,
        waybill="YT9876543210987",
    )
    ledger.save(
        id=None, code="cti", spoken="phone", writes=False, name="总机", enabled=True,
        settings={"secret": SECRET}, secrets=frozenset({"secret"}), now=timezone.now(),
    )  # fmt: skip
    page.set_default_timeout(PATIENCE)
    page.goto(f"{live_server.url}/desk/login")
    page.fill("[name=username]", "agent")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#call-slot", state="attached")
    page.goto(f"{live_server.url}/desk/knowledge")
    tell(live_server.url, kind="ringing", caller=f"0{CALLER}", callee="1001")
    card = page.locator(".call-card")
    card.wait_for()
    words = card.inner_text()
    assert CALLER in words and "YT9876543210987" in words
    assert models.Complaint.objects.get(id=case.complaint_id).number in words
    tell(live_server.url, kind="answered", caller=CALLER, callee="1001")
    page.wait_for_selector(".call-card.talking")
    card.get_by_text("登记这通电话").click()
    assert page.input_value("#id_phone") == CALLER
    page.fill("#id_name", "王女士")
    page.fill("#id_text", "上次说的 YT9876543210987 破损，照片已经发了，什么时候赔")
    page.check("input[name=branch][value=complaint]")
    if page.locator("#id_waybill").count():
        page.fill("#id_waybill", "YT9876543210987")
    page.click("button:has-text('登记')")
    page.wait_for_url("**/desk/c/**")
    call = models.PhoneCall.objects.get()
    assert call.noted_at is not None and call.complaint_id == case.complaint_id
    card.wait_for(state="detached")


def test_a_call_begun_by_hand(desk: World, live_server: Any, page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"{live_server.url}/desk/login?next=/desk/new")
    page.fill("[name=username]", "mgr")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.click("button:has-text('开始通话')")
    page.wait_for_selector(".call-strip .call-timer")
    assert models.PhoneCall.objects.get().state == "talking"
    page.fill("#id_phone", CALLER)
    page.fill("#id_text", "运单 SF1234567890123 五天没动，我要投诉")
    page.check("input[name=branch][value=complaint]")
    page.fill("#id_name", "王女士")
    page.fill("#id_waybill", "SF1234567890123")
    page.click("#entry button[type=submit]")
    page.wait_for_url("**/desk/c/**")
    call = models.PhoneCall.objects.get()
    assert (call.state, call.complaint_id) == ("ended", models.Complaint.objects.get().id)

"""What customers use is checked against WCAG 2.2 A and AA by axe, in light and dark, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone

from company import World, actor, complaint, found
from desk_in_browser import PATIENCE
from huiyin.flows import answer, investigate
from huiyin.flows import counter as room
from huiyin.flows.telling import tracking_url
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts, counters

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, MAIL = "13800001234", "kunde@kehu.example"


@pytest.fixture
def places(transactional_db: None, live_server: Any) -> Iterator[dict[str, str]]:
    """The pages of a company with one answered complaint, a counter and a chat, by their names."""
    accounts.forget()
    now = timezone.now()
    found(now=now)
    world = World(now=now)
    for code, spoken, writes, given in (
        ("chat", "chat", False, {"origins": live_server.url}),
        ("sms_kannel", "sms", True, {}),
        ("email", "email", True, {"smtp_host": "127.0.0.1"}),
    ):
        ledger.save(
            id=None, code=code, spoken=spoken, writes=writes, name=code, enabled=True,
            settings=given, secrets=frozenset(), now=now,
        )  # fmt: skip
    accounts.forget()
    case = complaint(
        world.post("email", "包裹 SF1234567890123 丢了", sender=MAIL, email=MAIL, phone=PHONE)
    )
    world.do("mgr", investigate.give_verdict, complaint_id=case.id, verdict="not_upheld",
             cause="no_fault")  # fmt: skip
    world.do("mgr", answer.resolve, complaint_id=case.id, text="已找到，今晚送到")
    id = room.save(
        actor=actor("admin"), id=None, name="一号柜台", prefix="A", party="", enabled=True,
        idle_seconds=90, now=now,
    )  # fmt: skip
    kiosk = f"/kiosk/{counters.token_of(id=id)}/"
    for digit in "12":
        Client().post(kiosk, {"once": digit * 32, "branch": "complaint", "text": "包裹没有收到",
                              "phone": PHONE})  # fmt: skip
    room.call_next(actor=actor("agent"), counter_id=id, now=timezone.now())
    link = tracking_url(case_id=case.id, number=case.number).partition("/t/")[2]
    chat = models.ChannelAccount.objects.get(code="chat").id
    yield {
        "the form": "/",
        "the tracking page": f"/t/{link}",
        "the survey": f"/s/{link}",
        "help": "/help/",
        "without network": "/offline",
        "the kiosk": kiosk,
        "the calling screen": f"{kiosk}screen",
        "live chat": f"/chat/{chat}/",
    }
    accounts.forget()


def faults(page: Page) -> list[str]:
    """Return what axe finds: rule, and the first piece that breaks it."""
    told = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": RULES}).response
    assert len(told["passes"]) > 5, "the rules ran"
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in told["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_customer_shuts_anybody_out(
    places: dict[str, str], live_server: Any, page: Page, scheme: Any
) -> None:
    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme)
    found_here = {}
    for name, path in places.items():
        answered = page.goto(live_server.url + path)
        assert answered is not None and answered.status == 200, name
        if name == "the tracking page":
            page.locator("#reach select").wait_for()
        if wrong := faults(page):
            found_here[name] = wrong
    assert found_here == {}


def test_the_kiosk_s_steps_and_its_faults_are_told(
    places: dict[str, str], live_server: Any, page: Page
) -> None:
    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(live_server.url + places["the kiosk"])
    page.click("[data-next]")
    page.locator("#error_text").wait_for()
    assert faults(page) == []
    page.fill("#id_text", "包裹显示签收，我没有收到")
    for _step in range(3):
        page.click("[data-next]")
        assert faults(page) == []


def test_words_and_faults_on_the_tracking_page_are_told(
    places: dict[str, str], live_server: Any, page: Page
) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(live_server.url + places["the tracking page"])
    page.click("form.add button[type=submit]")
    page.locator("#error_text").wait_for()
    assert faults(page) == []

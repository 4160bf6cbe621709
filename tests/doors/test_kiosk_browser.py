"""The kiosk under a finger: steps, a signature, the receipt, and an empty form for the next one."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from company import World, actor, found
from desk_in_browser import PATIENCE
from huiyin.flows import counter as room
from huiyin.store import files, models
from huiyin.store.read import counters

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def home(transactional_db: None) -> Iterator[str]:
    """The address of a kiosk that forgets after half a minute."""
    now = timezone.now()
    found(now=now)
    World(now=now)
    id = room.save(
        actor=actor("admin"), id=None, name="一号柜台", prefix="A", party="", enabled=True,
        idle_seconds=30, now=now,
    )  # fmt: skip
    yield f"/kiosk/{counters.token_of(id=id)}/"


def test_a_customer_signs_draws_a_number_and_leaves_nothing(
    home: str, live_server: Any, page: Page
) -> None:
    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(live_server.url + home)
    page.click("[data-next]")
    assert page.locator("#error_text").is_visible()
    page.fill("#id_text", "包裹显示签收，我没有收到")
    page.click("[data-next]")
    page.fill("#id_waybill", "SF1234567890123")
    page.keyboard.press("Enter")
    page.fill("#id_name", "李雷")
    page.fill("#id_phone", "13800001234")
    page.click("[data-next]")
    box = page.locator("[data-sign]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 240, box["y"] + 140, steps=5)
    page.mouse.up()
    page.click("[data-submit]")
    page.wait_for_url("**/receipt")

    case = models.Complaint.objects.get()
    kept = models.Attachment.objects.get(name="签名.png")
    drawn = files.fetch(sha256=kept.sha256)
    assert hashlib.sha256(drawn).hexdigest() == kept.sha256
    assert "A001" in page.inner_text("h1")
    assert case.number in page.inner_text("article")
    assert kept.sha256 in page.inner_text("article")
    code = page.locator("svg.qr").bounding_box()
    assert code is not None
    assert code["width"] > 150
    with Image.open(io.BytesIO(drawn)) as picture:
        dark, light = picture.convert("L").getextrema()
        assert (dark < 60, light) == (True, 255)

    page.click("#over button")
    page.wait_for_url(f"**{home}")
    assert page.input_value("#id_text") == ""
    page.go_back()
    page.wait_for_load_state()
    assert "13800001234" not in page.content()
    assert case.number not in page.content()


def test_the_screen_sounds_at_a_call_and_can_be_silenced(
    home: str, live_server: Any, page: Page
) -> None:
    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": 1280, "height": 720})
    token = home.strip("/").partition("/")[2]
    counter = counters.by_token(token=token)
    assert counter is not None
    client = Client()
    for digit in "12":
        client.post(home, {"once": digit * 32, "branch": "complaint", "phone": "13800001234",
                           "text": "包裹显示签收，我没有收到"})  # fmt: skip
    page.goto(f"{live_server.url}{home}screen")
    page.click("[data-sound]")
    board = page.locator(".calling-now")
    page.get_by_text("声音：开").wait_for()
    tried = int(board.get_attribute("data-sounded") or 0)
    room.call_next(actor=actor("agent"), counter_id=counter.id, now=timezone.now())
    page.locator(f".calling-now[data-sounded='{tried + 1}'] .called").wait_for()
    page.click("[data-sound]")
    page.get_by_text("声音：关").wait_for()
    room.call_next(actor=actor("agent"), counter_id=counter.id, now=timezone.now())
    page.locator(".called li").get_by_text("A002").wait_for()
    assert board.get_attribute("data-sounded") == str(tried + 1)

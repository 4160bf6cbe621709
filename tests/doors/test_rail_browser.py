"""The navigation in a browser: nothing of it is cut off, its menu and its keys lead everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from company import PASSWORD, found
from desk_in_browser import PATIENCE, PHONE
from huiyin.core.access import STAFF
from huiyin.store import models

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CUT_OFF = """() => {
  const list = document.querySelector(".rail-main");
  const foot = document.querySelector(".rail-me").getBoundingClientRect().bottom;
  return list.scrollHeight > list.clientHeight || foot > innerHeight;
}"""


def _enter(page: Page, base: str) -> None:
    found(now=timezone.now())
    page.set_default_timeout(PATIENCE)
    page.goto(f"{base}/desk/account")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url("**/desk/account")


def test_no_role_needs_to_scroll_it_on_a_small_screen(page: Page, live_server: LiveServer) -> None:
    _enter(page, live_server.url)
    page.set_viewport_size({"width": 1280, "height": 720})
    for role in STAFF:
        # of the claims department, which also pays and looks at doubts
        models.User.objects.filter(username="admin").update(role=role, department="claims")
        for language in ("zh-CN", "en"):
            page.set_extra_http_headers({"Accept-Language": language})
            page.goto(f"{live_server.url}/desk/account")
            assert not page.evaluate(CUT_OFF), (role, language)


def test_its_menu_opens_by_keyboard_and_its_keys_work_while_it_is_closed(
    page: Page, live_server: LiveServer
) -> None:
    base = live_server.url
    _enter(page, base)
    word = page.locator(".rail-manage > summary")
    people = page.locator(".rail-manage a[href='/desk/people']")
    word.focus()
    page.keyboard.press("Enter")
    people.wait_for()
    page.keyboard.press("Escape")
    people.wait_for(state="hidden")
    assert word.evaluate("e => e === document.activeElement")
    word.click()
    page.locator(".rail-me > summary").click()
    people.wait_for(state="hidden")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/desk/people")
    assert word.get_attribute("aria-current") == "true"
    page.keyboard.press("Control+k")
    page.fill("#palette-input", "打开渠道")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/channels")
    word.click()
    page.locator(".rail-manage a[href='/desk/learning']").click()
    page.wait_for_url("**/desk/learning")

    page.set_viewport_size(PHONE)
    word.wait_for(state="hidden")
    page.locator(".rail-me > summary").click()
    page.locator(".rail-me a[href='/desk/playbook']").click()
    page.wait_for_url("**/desk/playbook")

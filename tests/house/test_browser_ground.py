"""The ground of the browser tests: a page, a server, and nothing outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.browser


def test_browser_reaches_the_server_of_the_test(page: Page, live_server: LiveServer) -> None:
    answer = page.goto(f"{live_server.url}/healthz")
    assert answer is not None
    assert answer.status == 200


def test_browser_draws_chinese(page: Page) -> None:
    page.set_content("<span id=a>件</span><span id=b>回</span>")
    width = "id => document.getElementById(id).getBoundingClientRect().width"
    assert page.evaluate(width, "a") == page.evaluate(width, "b") > 0


def test_browser_stays_on_this_machine(page: Page) -> None:
    import playwright.sync_api

    with pytest.raises(playwright.sync_api.Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.com/")

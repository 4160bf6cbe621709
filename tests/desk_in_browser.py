"""The desk and the customer's pages, used in a browser as people use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from company import PASSWORD
from huiyin.store import models

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000
"""Milliseconds: a long way on a busy machine."""


def leave(page: Page) -> None:
    """Become nobody; what the page left still asks for must not bring a cookie back."""
    page.goto("about:blank")
    page.context.clear_cookies()


def enter(page: Page, base: str, username: str, case: models.Complaint) -> None:
    """Log a person in and open the complaint."""
    page.set_default_timeout(PATIENCE)
    leave(page)
    page.goto(f"{base}/desk/c/{case.id.hex}/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**/desk/c/{case.id.hex}/")


def take(page: Page) -> None:
    """Take the complaint."""
    page.click(".case-actions form button.strong")
    page.get_by_text("已受理，由您负责").first.wait_for()


def open_dialog(page: Page, code: str) -> None:
    """Open the dialog of a move, from its button or from the menu."""
    button = page.locator(f"[data-opens=do-{code}]").first
    if not button.is_visible():
        page.click(".case-actions details.menu summary")
    button.click()
    page.locator(f"#do-{code}[open]").wait_for()


def send(page: Page, code: str, said: str) -> None:
    """Send the dialog and wait for what is said about it."""
    page.locator(f"#do-{code} button[type=submit]").last.click()
    page.get_by_text(said).first.wait_for()


def judge(page: Page, reason: str, *, cause: str) -> None:
    """Give the verdict: upheld."""
    open_dialog(page, "verdict")
    page.check("#do-verdict input[value=upheld]", force=True)
    page.select_option("#ve-cause", cause)
    page.fill("#ve-reason", reason)
    send(page, "verdict", "结论已记录")


def resolve(page: Page, text: str) -> None:
    """Send the final answer."""
    open_dialog(page, "resolve")
    page.fill("#rs-text", text)
    page.locator("#do-resolve button[type=submit]").last.click()
    page.locator(".toast", has_text="已答复，").first.wait_for()


def rate(page: Page, base: str, link: str, stars: int, words: str) -> None:
    """Answer the survey as the customer, on a phone."""
    leave(page)
    page.set_viewport_size(PHONE)
    page.goto(base + link)
    page.locator(".ask-stars a").nth(stars - 1).click()
    page.check(f"input[name=stars][value='{stars}']", force=True)
    page.fill("#id_words", words)
    page.click("form.sheet button[type=submit]")
    page.get_by_text("谢谢您的评价").first.wait_for()
    page.set_viewport_size({"width": 1440, "height": 900})

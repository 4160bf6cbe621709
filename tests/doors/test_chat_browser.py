"""A visitor on another site's page talks with an agent; both see each other's words."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from company import PASSWORD, photo
from ready_made import furnish

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOST = "我的包裹丢了，运单SF1234567890123，三天没更新"
POLICY = "default-src 'none'; script-src {0}; frame-src {0}; style-src 'none'"
"""What a strict site allows: our script and our frame, no style of its own even."""


@dataclass
class Shop:
    """Somebody's site: its address and what its page holds."""

    address: str = ""
    script: str = ""
    policy: str = ""


@contextlib.contextmanager
def shop_serving() -> Iterator[Shop]:
    """Serve another site's page. One that the browser makes up may not call this machine."""
    shop = Shop()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<!doctype html><html lang=zh><body>{shop.script}</body></html>".encode()
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", shop.policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        shop.address = f"http://127.0.0.1:{server.server_port}"
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


FOUND = """
import sys
from huiyin.config.start import prepare
prepare()
from django.utils import timezone
from company import found
from huiyin.store.ledger import accounts
now = timezone.now()
found(now=now)
accounts.save(
    id=None, code="chat", spoken="chat", writes=False, name="shop", enabled=True,
    settings={"origins": sys.argv[1]}, secrets=frozenset(), now=now,
)
"""


@contextlib.contextmanager
def our_serving(*, data: Path, shop: str) -> Iterator[str]:
    """Run the real server with a company of its own, since streams need its threads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    python = [sys.executable]
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("HUIYIN_", "DJANGO_"))},
        "HUIYIN_DATA": str(data),
        "HUIYIN_PORT": port,
        "HUIYIN_LOG_LEVEL": "error",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    furnish(data=data)
    subprocess.run([*python, "-c", FOUND, shop], env=environ, check=True)
    web = subprocess.Popen([*python, "-m", "huiyin", "web"], env=environ)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            with contextlib.suppress(OSError), urlopen(f"{address}/healthz") as answer:
                if answer.status == 200:
                    break
            time.sleep(0.2)
        yield address
    finally:
        web.terminate()
        web.wait(timeout=60)


def test_a_visitor_and_an_agent_talk(page: Page, browser: Browser, tmp_path: Path) -> None:
    with shop_serving() as shop_site, our_serving(data=tmp_path, shop=shop_site.address) as ours:
        shop_site.script = f"<script src={ours}/chat/widget.js data-account=1 defer></script>"
        shop_site.policy = POLICY.format(ours)
        page.set_default_timeout(60_000)
        page.goto(f"{ours}/desk/chats")
        page.fill("#id_username", "agent")
        page.fill("#id_password", PASSWORD)
        page.click(".lone-form button[type=submit]")
        page.wait_for_url("**/desk/chats")
        context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
        context.set_default_timeout(60_000)
        shop = context.new_page()
        shop.goto(shop_site.address)
        shop.get_by_role("button", name="在线客服").click()
        window = shop.frame_locator("iframe")
        window.locator("#b-name").fill("王先生")
        window.locator("#chat-begin button[type=submit]").click()
        window.locator("#chat-text").fill("你好")
        window.locator("#chat-text").press("Enter")
        window.get_by_text("你好", exact=True).wait_for()

        row = page.locator(".chat-row", has_text="王先生")
        row.wait_for()
        row.click()
        page.locator("[data-take]").click()
        page.locator(".chat-panel").get_by_text("你好", exact=True).wait_for()
        page.fill(".chat-panel textarea", "您好，请讲")
        page.keyboard.press("Enter")
        window.get_by_text("您好，请讲").wait_for()
        assert page.locator(".chat-case").is_hidden()

        # a lost line: what is said meanwhile goes out once, when the line is back
        context.set_offline(True)
        window.locator("#chat-text").fill(LOST)
        window.locator("#chat-text").press("Enter")
        window.get_by_text("网络断了").wait_for()
        context.set_offline(False)
        page.locator(".chat-panel").get_by_text(LOST).wait_for()
        page.locator(".chat-case a").get_by_text("HY").wait_for()
        window.locator("#chat-file").set_input_files(
            [{"name": "box.png", "mimeType": "image/png", "buffer": photo()}]
        )
        page.locator(".chat-panel img").wait_for()
        page.fill(".chat-panel textarea", "正在为您查询这件包裹")
        page.keyboard.press("Enter")
        window.get_by_text("正在为您查询这件包裹").wait_for()
        assert window.get_by_text(LOST).count() == 1
        assert page.locator(".chat-panel").get_by_text(LOST).count() == 1
        page.goto(f"{ours}{page.locator('.chat-case a').get_attribute('href')}")
        timeline = page.locator("body")
        for words in ("你好", "您好，请讲", LOST, "正在为您查询这件包裹"):
            assert timeline.get_by_text(words, exact=True).first.is_visible()

        # the window opens again where it was, with the session kept by our own origin
        shop.reload()
        shop.get_by_role("button", name="在线客服").click()
        window.get_by_text("正在为您查询这件包裹").wait_for()
        context.close()

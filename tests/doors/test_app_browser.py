"""A complaint written without a network is kept on the telephone and filed once when it is back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from company import World, complaint, found, photo
from huiyin.flows.telling import tracking_url
from huiyin.store import models, triage_model

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = "包裹在路上破损了，请赔偿"


class Line:
    """A line to the server that can be cut: the browser's own switch spares service workers."""

    def __init__(self, *, port: int) -> None:
        self._to = port
        self._open = True
        self._pairs: list[socket.socket] = []
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._ear.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                near, _from = self._ear.accept()
            except OSError:
                return
            if not self._open:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._to))
            self._pairs += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self) -> None:
        """Break every connection and take no new one."""
        self._open = False
        for end in self._pairs:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def mend(self) -> None:
        """Take connections again."""
        self._open = True

    def end(self) -> None:
        """Close the line."""
        self.cut()
        self._ear.close()


@pytest.fixture
def line(live_server: LiveServer) -> Iterator[Line]:
    """A line between browser and server."""
    made = Line(port=int(live_server.url.rsplit(":", 1)[1]))
    yield made
    made.end()


def _write(page: Page, text: str) -> None:
    page.fill("#id_text", text)
    page.fill("#id_contact", "13812345678")


def _under_the_worker(page: Page) -> None:
    page.evaluate(
        "navigator.serviceWorker.controller ? 0 : new Promise((done) => "
        "navigator.serviceWorker.addEventListener('controllerchange', () => done()))"
    )


@pytest.mark.parametrize("replaced", [True, False], ids=["page", "worker"])
def test_back_from_an_accepted_complaint_says_nothing_false(
    page: Page, live_server: LiveServer, transactional_db: None, replaced: bool
) -> None:
    """The page leaves its address behind; where it cannot, the worker sends nothing anew."""
    triage_model.ready()
    found(now=timezone.now())
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 390, "height": 844})
    if not replaced:
        page.add_init_script("history.replaceState = () => {}")
    page.goto(live_server.url)
    _under_the_worker(page)
    _write(page, TEXT)
    page.fill("#id_contact", "123")
    page.click("form[data-later] button[type=submit]")
    page.locator("#error_contact").wait_for()
    page.fill("#id_contact", "13812345678")
    page.click("form[data-later] button[type=submit]")
    page.wait_for_url("**/filed")
    page.go_back()
    page.wait_for_url(f"{live_server.url}/")
    page.evaluate("later.send()")
    assert page.evaluate("later.all()") == []
    assert not page.locator("[data-unsent]").is_visible()
    assert not page.get_by_text("没有网络").count()
    assert models.Complaint.objects.count() == 1


def test_what_was_kept_goes_once_the_complaint_was_taken(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    triage_model.ready()
    found(now=timezone.now())
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url)
    _under_the_worker(page)
    page.evaluate(
        "async () => { const form = new FormData(document.querySelector('form[data-later]'));"
        f" form.set('text', '{TEXT * 30}'); await later.keep(form, '/file');"
        " }"
    )
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("[data-unsent] li").get_by_text("没有收下").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    _write(page, TEXT)
    page.click("form[data-later] button[type=submit]")
    page.wait_for_url("**/filed")
    assert page.evaluate("later.all()") == []
    page.goto(live_server.url)
    page.locator("#id_text").wait_for()
    assert not page.locator("[data-unsent]").is_visible()


def test_wrong_files_are_refused_before_they_are_sent(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    found(now=timezone.now())
    page.set_default_timeout(30_000)
    page.goto(live_server.url)
    page.locator("details.extra > summary").click()
    page.set_input_files(
        "input[name=photos]",
        [
            {"name": "box.png", "mimeType": "image/png", "buffer": photo()},
            {"name": "evil.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + b"\0" * 200},
            {"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"},
            {"name": "long.mp4", "mimeType": "video/mp4", "buffer": b"\0" * (31 * 1024 * 1024)},
        ],
    )
    page.get_by_text("已选 1 张").wait_for()
    said = page.locator("[data-photos-wrong]").inner_text()
    assert "“evil.jpg”没有选上" in said
    assert "“note.txt”没有选上" in said
    assert "“long.mp4”没有选上：照片和文件合计不能超过" in said
    names = page.evaluate("[...document.querySelector('#id_photos').files].map((f) => f.name)")
    assert names == ["box.png"]


def test_a_complaint_without_network(page: Page, line: Line, transactional_db: None) -> None:
    triage_model.ready()
    found(now=timezone.now())
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(line.address)
    page.evaluate(
        "navigator.serviceWorker.controller ? 0 : new Promise((done) => "
        "navigator.serviceWorker.addEventListener('controllerchange', () => done()))"
    )

    # the network goes while the form is written: it is kept, photo and all
    _write(page, TEXT)
    page.locator("details.extra > summary").click()
    page.set_input_files(
        "input[name=photos]",
        [{"name": "box.png", "mimeType": "image/png", "buffer": photo()}],
    )
    page.get_by_text("已选 1 张").wait_for()
    line.cut()
    page.click("form[data-later] button[type=submit]")
    page.wait_for_url("**/offline")
    row = page.locator("[data-unsent] li")
    row.get_by_text("还没发出").wait_for()
    assert row.get_by_text("1 张照片").is_visible()

    # a second one is written on the page without network, under an id of its own
    _write(page, "另一件包裹SF1234567890123一直没有更新")
    page.click("form[data-later] button[type=submit]")
    page.locator("[data-unsent] li").nth(1).wait_for()
    ids = page.evaluate("later.all().then((all) => all.map((one) => one.once))")
    assert len(set(ids)) == 2
    assert not models.InboxItem.objects.exists()

    line.mend()
    page.locator("[data-unsent] li").first.get_by_role("button", name="现在发送").click()
    page.wait_for_url(f"{line.address}/")
    page.locator(".unsent-sent .num").nth(1).wait_for()
    numbers = set(page.locator(".unsent-sent .num").all_inner_texts())
    page.evaluate("later.send()")
    assert models.InboxItem.objects.count() == 2
    assert set(models.Complaint.objects.values_list("number", flat=True)) >= numbers
    assert models.Attachment.objects.count() == 1
    left = page.evaluate("later.all().then((all) => JSON.stringify(all))")
    assert TEXT not in left and "13812345678" not in left

    # personal pages are in no cache, and the link leads to the complaint
    page.locator(".unsent-sent a").first.click()
    page.wait_for_url("**/t/**")
    kept = page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((n) => caches.open(n)"
        ".then((c) => c.keys()).then((all) => all.map((r) => new URL(r.url).pathname)))))"
    )
    assert len(kept) == 1
    assert all(path == "/offline" or path.startswith("/static/") for path in kept[0])


def test_more_on_a_complaint_without_network(
    page: Page, line: Line, transactional_db: None
) -> None:
    triage_model.ready()
    found(now=timezone.now())
    world = World(now=timezone.now())
    case = complaint(world.post("web", TEXT, sender="13812345678", phone="13812345678"))
    link = tracking_url(case_id=case.id, number=case.number).partition("/t/")[2]
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{line.address}/t/{link}")
    page.evaluate(
        "navigator.serviceWorker.controller ? 0 : new Promise((done) => "
        "navigator.serviceWorker.addEventListener('controllerchange', () => done()))"
    )
    page.fill("#id_text", "外箱有一个洞，照片随后")
    line.cut()
    page.click("form.add button[type=submit]")
    page.wait_for_url("**/offline")
    row = page.locator("[data-unsent] li")
    row.get_by_text("还没发出").wait_for()
    assert row.get_by_text(f"补充到投诉 {case.number}").is_visible()
    assert models.Message.objects.filter(complaint_id=case.id, direction="in").count() == 1

    line.mend()
    page.goto(f"{line.address}/t/{link}")
    page.locator(".course-words").get_by_text("外箱有一个洞").wait_for()
    page.evaluate("later.send()")
    said = models.Message.objects.filter(complaint_id=case.id, direction="in")
    assert said.count() == 2, "added once"
    assert models.Complaint.objects.count() == 1
    left = page.evaluate("later.all().then((all) => JSON.stringify(all))")
    assert "外箱有一个洞" not in left

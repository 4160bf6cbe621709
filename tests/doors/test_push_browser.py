"""A telephone asks to be told, and shows the notice that was made for it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import timezone

from channels.conformance.kit import Said
from channels.conformance.provider_server import provider
from company import LOST, World, found
from doors.test_push import Telephone
from huiyin.doors.worker import push
from huiyin.flows import journey, telling
from huiyin.flows.reaching import way_of
from huiyin.store import models, triage_model

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SERVICE = """
given = %s;
plain = (text) => atob(text.replace(/-/g, "+").replace(/_/g, "/"));
raw = (text) => Uint8Array.from(plain(text), (c) => c.charCodeAt(0)).buffer;
one = null;
Notification.requestPermission = async () => "granted";
PushManager.prototype.getSubscription = async () => one;
PushManager.prototype.subscribe = async (wish) => {
  one = { endpoint: given.endpoint, getKey: (name) => raw(given[name]), wish };
  return one;
};
"""
"""A browser of the tests has no push service; this one hands out our own."""


def test_a_telephone_is_told(
    page: Page,
    live_server: LiveServer,
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from playwright.sync_api import Error

    triage_model.ready()
    now = timezone.now()
    found(now=now)
    World(now=now).post("portal", LOST, phone="13812345678")
    case = models.Complaint.objects.get()
    link = urlsplit(telling.tracking_url(case_id=case.id, number=case.number)).path
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 390, "height": 844})
    with provider(lambda path, body, state: Said(body=b"", status=201)) as service:
        own = dataclasses.replace(settings.HUIYIN, push_hosts=service.base, quiet_hours="")
        monkeypatch.setattr(settings, "HUIYIN", own)
        telephone = Telephone(endpoint=f"{service.base}/send/one")
        page.context.grant_permissions(["notifications"], origin=live_server.url)
        page.add_init_script(SERVICE % json.dumps(telephone.given()))
        page.goto(f"{live_server.url}{link}")
        page.get_by_role("button", name="在这部手机上通知我").click()
        page.get_by_text("已开启").wait_for()
        assert models.PushSubscription.objects.get().complaint_id == case.id

        with journey.writing(now=timezone.now(), actor="system") as pen:
            held = pen.case(id=case.id)
            telling.out(
                pen=pen, case=held, subject="", text="已找到您的包裹", author=None,
                automatic=False, choice=way_of(pen=pen, case=held, automatic=False),
            )  # fmt: skip
        assert push.deliver() == 1
        told = telephone.read(service.calls[0][3])

    browser = page.context.new_cdp_session(page)
    seen: list[str] = []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated",
        # the browser of the tests knows workers of other tests' servers too
        lambda event: seen.extend(
            r["registrationId"]
            for r in event["registrations"]
            if r["scopeURL"].startswith(live_server.url) and not r["isDeleted"]
        ),
    )
    browser.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    # which of them is this page's cannot be told where another test has visited the same server
    for registration in dict.fromkeys(seen):
        with contextlib.suppress(Error):
            browser.send(
                "ServiceWorker.deliverPushMessage",
                {
                    "origin": live_server.url,
                    "registrationId": registration,
                    "data": json.dumps(told, ensure_ascii=False),
                },
            )
    shown = page.evaluate(
        """async () => {
          const worker = await navigator.serviceWorker.ready;
          for (let tries = 0; tries < 400; tries += 1) {
            const all = await worker.getNotifications();
            if (all.length) return all.map((one) => [one.title, one.tag, one.data.url]);
            await new Promise((done) => setTimeout(done, 50));
          }
          return [];
        }"""
    )
    assert shown == [[f"投诉 {case.number} 有新进展", case.number, link]]
    page.get_by_role("button", name="不再提醒").click()
    page.get_by_role("button", name="在这部手机上通知我").wait_for()
    assert not models.PushSubscription.objects.exists()

"""Evidence gathered by hand in a browser, the pack downloaded and checked in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from company import LOST, PASSWORD, World, complaint, found, photo
from huiyin.store import models, triage_model

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_from_a_photo_to_a_pack_that_another_machine_checks(
    page: Page, live_server: LiveServer, transactional_db: None, tmp_path: Path
) -> None:
    triage_model.ready()
    now = timezone.now()
    found(now=now)
    case = complaint(World(now=now).post("portal", LOST, sender="13812345678"))
    goal = f"/desk/c/{case.id.hex}/"
    page.goto(f"{live_server.url}{goal}")
    page.fill("#id_username", "boss")
    page.fill("#id_password", PASSWORD)
    page.click(".lone-form button[type=submit]")
    page.wait_for_url(f"**{goal}")
    page.locator("#evidence a", has_text="打开清单").click()
    page.wait_for_url("**/evidence")

    page.select_option("#ad-item", "search")
    page.fill("#ad-note", "监控截图")
    page.locator("#ev-add button[type=submit]").click()
    page.get_by_text("请选择文件").first.wait_for()
    assert page.input_value("#ad-note") == "监控截图", "what was written stays"
    page.set_input_files(
        "#ad-files", [{"name": "现场.png", "mimeType": "image/png", "buffer": photo()}]
    )
    page.locator("#ev-add button[type=submit]").click()
    page.locator("#item-search", has_text="现场.png").wait_for()
    page.check("#ev-request input[value=track]")
    page.select_option("#rq-of", "operations")
    page.locator("#ev-request button[type=submit]").click()
    page.locator("#item-track .chip", has_text="已要").wait_for()
    page.locator("#item-insured summary").click()
    page.fill("#wv-insured", "客户确认未保价")
    page.locator("#item-insured button[type=submit]").click()
    page.locator("#item-insured", has_text="客户确认未保价").wait_for()

    page.fill("#pk-reason", "法院调取")
    with page.expect_download() as download:
        page.locator("#ev-pack button[type=submit]").click()
    path = tmp_path / "pack.zip"
    download.value.save_as(path)

    def verify() -> tuple[int, dict[str, object]]:
        done = subprocess.run(
            [sys.executable, "-m", "huiyin", "verify-pack", str(path)],
            capture_output=True, check=False, env={"HUIYIN_DATABASE_URL": "nonsense"},
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)

    code, said = verify()
    assert (code, said["ok"], said["number"]) == (0, True, case.number)
    content = bytearray(path.read_bytes())
    content[content.index(b"EvidenceAdded") + 3] ^= 1
    path.write_bytes(content)
    code, said = verify()
    assert code == 1 and said["faults"]
    made = models.Event.objects.get(complaint_id=case.id, kind="PackMade")
    assert json.loads(made.data)["reason"] == "法院调取"

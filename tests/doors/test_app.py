"""The portal as an app: manifest, service worker, and a form that was kept on a telephone."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from company import World, photo
from huiyin.doors.portal import app
from huiyin.store import models
from huiyin.store.read import cases

FORM = {
    "once": "a1" * 16,
    "text": "包裹破损，里面的杯子碎了",
    "contact": "13812345678",
    "waybill": "SF1234567890123",
}


def _whole(client: Client, path: str) -> bytes:
    """Return the body of a page or file that is there."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    assert isinstance(body, bytes)
    return body


def test_the_manifest_names_company_and_icons(world: World) -> None:
    client = Client()
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"].startswith("application/manifest+json")
    told = json.loads(answer.content)
    company = models.Company.objects.get().name
    assert told["name"] == f"{company} · 投诉与建议"
    assert (told["lang"], told["start_url"], told["scope"]) == ("zh-CN", "/", "/")
    for icon in told["icons"]:
        assert _whole(client, icon["src"])
    assert {"any", "maskable"} <= {i.get("purpose") for i in told["icons"]}


def test_the_worker_keeps_the_offline_page_alone(world: World) -> None:
    client = Client()
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer["Cache-Control"]
    told = json.loads(answer.content.decode().split("\n", 1)[0][len("const HUIYIN = ") : -1])
    for path in told["shell"]:
        assert re.fullmatch(r"/offline|/static/huiyin/(css|js|icons)/[\w.]+", path), path
        assert _whole(client, path), path


def test_another_text_or_language_is_another_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    first = client.get("/sw.js").content
    assert client.get("/sw.js").content == first
    monkeypatch.setattr(cases, "company_name", lambda: "另一家快递")
    second = client.get("/sw.js").content
    assert second != first
    monkeypatch.setattr(app, "_shell", lambda: b"a later version")
    third = client.get("/sw.js").content
    assert third not in {first, second}
    assert client.get("/sw.js", headers={"Accept-Language": "en"}).content != third


def test_a_kept_form_is_filed_once_and_answered_with_its_number(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    token = client.get("/app/pass").json()["pass"]
    assert client.post("/file", FORM).status_code == 403
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    pictures = [SimpleUploadedFile("box.png", photo(), "image/png")]
    first = client.post("/file", {**FORM, "photos": pictures}, headers=headers)
    again = client.post(
        "/file",
        {**FORM, "photos": [SimpleUploadedFile("box.png", photo(), "image/png")]},
        headers=headers,
    )
    case = models.Complaint.objects.get()
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["number"] == case.number
    assert first.json()["link"].endswith("/")
    assert models.Attachment.objects.count() == 1


def test_a_kept_form_that_lacks_something_is_told_what(world: World) -> None:
    answer = Client().post("/file", {**FORM, "contact": ""}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"contact"}
    assert not models.InboxItem.objects.exists()


def test_the_first_page_stays_small(world: World) -> None:
    client = Client()
    page = client.get("/").content
    files = re.findall(rb'(?:src|href)="(/static/[^"#]+)', page)
    weight = len(page) + sum(
        len(_whole(client, path.decode())) for path in set(files) if b"app-180" not in path
    )
    assert weight < 100_000, weight

"""Programs: tokens, receipts, and the signed hook."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from company import LOST, PASSWORD, World, complaint
from huiyin.store import models
from huiyin.store.files import keep
from huiyin.store.ledger import people
from huiyin.store.read import audit

SECRET = "shared with the shop"
Call = Callable[..., Any]


@pytest.fixture
def call(world: World) -> Call:
    """Call the API as a person's program: ``call(who, method, path, body)``."""

    def send(who: str, method: str, path: str, body: object = None) -> Any:
        user = models.User.objects.get(username=who)
        token = people.issue_token(now=world.now, user_id=user.id, name="test")
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return Client().generic(
            method,
            f"/api/v1{path}",
            raw if body is not None else b"",
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    return send


def contact(**fields: Any) -> dict[str, Any]:
    return {"channel": "app", "sender": "app-7", "text": LOST, **fields}


def test_a_call_needs_a_token(world: World) -> None:
    answer = Client().post("/api/v1/contacts", contact(), content_type="application/json")
    assert answer.status_code == 401
    wrong = Client().get("/api/v1/balance", headers={"Authorization": "Bearer hy_wrong"})
    assert wrong.status_code == 401
    assert not models.InboxItem.objects.exists()


def test_a_revoked_token_opens_nothing(world: World) -> None:
    user = models.User.objects.get(username="mgr")
    token = people.issue_token(now=world.now, user_id=user.id, name="test")
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/balance", headers=headers).status_code == 200
    models.ApiToken.objects.update(revoked_at=world.now)
    assert Client().get("/api/v1/balance", headers=headers).status_code == 401


def test_a_password_is_no_token(world: World) -> None:
    answer = Client().get("/api/v1/balance", headers={"Authorization": f"Bearer {PASSWORD}"})
    assert answer.status_code == 401


def test_a_contact_is_accepted_and_decided_later(world: World, call: Call) -> None:
    answer = call("agent", "POST", "/contacts", contact())
    assert answer.status_code == 202
    receipt = answer.json()
    assert (receipt["outcome"], receipt["repeated"]) == ("pending", False)
    waiting = call("agent", "GET", f"/contacts/{receipt['id']}").json()
    assert (waiting["outcome"], waiting["number"]) == ("pending", "")
    decided = world.decide()[0]
    told = call("agent", "GET", f"/contacts/{receipt['id']}").json()
    assert (told["outcome"], told["number"]) == ("opened", decided.number)
    assert told["because"]


def test_a_contact_is_decided_at_once_when_asked(call: Call) -> None:
    answer = call("agent", "POST", "/contacts?wait=true", contact())
    assert answer.status_code == 201
    receipt = answer.json()
    case = models.Complaint.objects.get()
    assert (receipt["outcome"], receipt["number"]) == ("opened", case.number)
    path = "/" + receipt["tracking_url"].split("/", 3)[3]
    assert path.startswith(f"/t/{case.number}/")


def test_a_repeated_id_gets_the_first_receipt(call: Call) -> None:
    first = call("agent", "POST", "/contacts?wait=true", contact(id="order-1")).json()
    again = call("agent", "POST", "/contacts?wait=true", contact(id="order-1"))
    assert again.status_code == 200
    assert again.json()["repeated"]
    assert again.json()["number"] == first["number"]
    assert models.Complaint.objects.count() == 1
    assert list(audit.balance_faults()) == []


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        {},
        {"text": ""},
        {"text": "x", "channel": "smoke"},
        {"text": "x", "at": "2026-11-03T10:00:00"},
        {"text": "x", "surprise": 1},
        {"text": "x" * 20001},
    ],
)
def test_a_body_that_cannot_be_read_is_refused(call: Call, body: object) -> None:
    answer = call("agent", "POST", "/contacts", body)
    assert answer.status_code in ({400, 422} if isinstance(body, bytes) else {422})
    assert answer.json()["detail"]
    assert not models.InboxItem.objects.exists()


def test_a_handler_s_token_may_not_post(call: Call) -> None:
    answer = call("ops", "POST", "/contacts", contact())
    assert answer.status_code == 403
    assert not models.InboxItem.objects.exists()
    assert call("ops", "GET", "/balance").status_code == 403
    theirs = call("agent", "POST", "/contacts", contact()).json()["id"]
    assert call("agent", "GET", f"/contacts/{theirs}").status_code == 200
    assert call("ops", "GET", f"/contacts/{theirs}").status_code == 403


def test_a_program_sees_what_its_owner_sees(world: World, call: Call) -> None:
    case = complaint(world.post("portal", LOST, sender="13812345678", phone="13812345678"))
    for who, number in (("clerk", case.number), ("agent", case.number)):
        listed = call(who, "GET", "/complaints").json()["complaints"]
        assert [c["number"] for c in listed] == [number]
        assert call(who, "GET", f"/complaints/{case.id.hex}").json()["number"] == number
    assert call("ops", "GET", "/complaints").json()["complaints"] == []
    assert call("ops", "GET", f"/complaints/{case.id.hex}").status_code == 404
    reply = f"/complaints/{case.id.hex}/replies"
    assert call("ops", "POST", reply, {"text": "在查"}).status_code == 404
    assert call("clerk", "POST", reply, {"text": "  "}).status_code == 422
    assert call("clerk", "POST", reply, {"text": "在查"}).status_code == 201
    case.refresh_from_db()
    assert case.first_replied_at is not None


def test_a_program_gets_personal_data_covered(world: World, call: Call) -> None:
    phone = "13812345678"
    case = complaint(world.post("portal", f"{LOST}，电话{phone}", sender=phone, phone=phone))
    assert phone not in call("agent", "GET", f"/complaints/{case.id.hex}").content.decode()


@pytest.mark.parametrize("path", ["/contacts/x", f"/contacts/{'0' * 32}", "/complaints/x"])
def test_what_is_unknown_is_not_found(call: Call, path: str) -> None:
    assert call("agent", "GET", path).status_code == 404


def test_the_balance_is_told(world: World, call: Call) -> None:
    world.post("portal", LOST, sender="13812345678")
    told = call("mgr", "GET", "/balance").json()
    assert told == {
        "balanced": True, "received": 1, "duplicates": 0, "opened": 1, "joined": 0,
        "reopened": 0, "set_aside": 0, "quarantined": 0, "pending": 0,
    }  # fmt: skip


def test_the_description_of_the_api_names_its_paths(world: World) -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/contacts", "/api/v1/complaints", "/api/v1/balance"} <= set(paths)


@pytest.fixture
def hook(world: World, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the signed hook: ``hook(body, secret=…, age=…, signature=…)``."""
    known = dataclasses.replace(settings.HUIYIN, webhook_secret=SECRET)
    monkeypatch.setattr(settings, "HUIYIN", known)
    begun = int(time.time())

    def send(
        body: object, *, secret: str = SECRET, age: int = 0, signature: str | None = None
    ) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = str(begun - age)
        digest = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256)
        return Client().post(
            "/hooks/webhook/",
            raw,
            content_type="application/json",
            headers={
                "X-Huiyin-Timestamp": stamp,
                "X-Huiyin-Signature": digest.hexdigest() if signature is None else signature,
            },
        )

    return send


def test_a_signed_call_is_accepted_and_decided_later(world: World, hook: Call) -> None:
    answer = hook([contact(id="h-1"), contact(id="h-2", text="谢谢", sender="app-8")])
    assert answer.status_code == 202
    assert [a["repeated"] for a in answer.json()["accepted"]] == [False, False]
    assert sorted(d.outcome for d in world.decide()) == ["opened", "set_aside"]


@pytest.mark.parametrize("how", [{"secret": "guessed"}, {"signature": ""}, {"signature": "\xe7"}])
def test_a_wrong_signature_is_refused(hook: Call, how: dict[str, str]) -> None:
    assert hook(contact(id="h-1"), **how).status_code == 401
    assert not models.InboxItem.objects.exists()


@pytest.mark.parametrize("age", [400, -400])
def test_an_old_or_early_call_is_refused(hook: Call, age: int) -> None:
    assert hook(contact(id="h-1"), age=age).status_code == 401
    assert not models.InboxItem.objects.exists()


def test_a_replayed_call_changes_nothing(world: World, hook: Call) -> None:
    hook(contact(id="h-1"))
    again = hook(contact(id="h-1"))
    assert again.status_code == 202
    assert again.json()["accepted"][0]["repeated"]
    assert models.InboxItem.objects.count() == 1
    assert len(world.decide()) == 1


def test_a_replayed_call_without_ids_changes_nothing(world: World, hook: Call) -> None:
    first, again = hook(contact()), hook(contact())
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["accepted"][0]["repeated"]
    assert models.InboxItem.objects.count() == 1


def test_a_signed_call_that_cannot_be_read_is_kept_whole(world: World, hook: Call) -> None:
    assert hook(b"{broken").status_code == 202
    assert [d.outcome for d in world.decide()] == ["quarantined"]
    assert bytes(models.InboxItem.objects.get().raw) == b"{broken"


def test_a_hook_without_a_secret_is_closed(world: World) -> None:
    assert Client().post("/hooks/webhook/", b"{}", content_type="x").status_code == 404
    assert Client().post("/hooks/other/", b"{}", content_type="x").status_code == 404


def test_a_signed_call_with_half_a_character_is_kept_like_any_other(
    world: World, hook: Call
) -> None:
    answer = hook(b'{"id": "\\ud800", "channel": "app\\udfff", "text": "' + b'\\ud83d lost"}')
    assert answer.status_code == 202
    assert models.InboxItem.objects.get().external_id == "?"
    assert world.decide()


def test_a_program_names_no_file_that_it_did_not_send(world: World, call: Call, hook: Call) -> None:
    photo = {"name": "a.png", "content_type": "image/png", "size": 1}
    photo["sha256"] = keep(content=b"another customer's")
    assert call("boss", "POST", "/contacts", contact(files=[photo])).status_code == 422
    answer = hook([contact(id="h-1"), contact(id="h-2", files=[photo])])
    assert answer.status_code == 422 and "contact 2" in answer.json()["error"]
    assert not models.InboxItem.objects.exists()
    assert call("boss", "POST", "/contacts", contact(files=[])).status_code == 202

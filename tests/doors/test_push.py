"""Notices on a telephone, over a real socket, decrypted as a browser does it."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.test import Client
from django.utils import timezone
from py_vapid import Vapid02

from channels.conformance.kit import Said
from channels.conformance.provider_server import Provider, provider
from company import LOST, World
from huiyin.doors.portal.push import public_key
from huiyin.doors.worker import push
from huiyin.flows import journey, telling
from huiyin.flows.reaching import way_of
from huiyin.store import models

WORDS = "已找到您的包裹，明天送到13812345678"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Telephone:
    """A browser's side of a subscription."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = b"sixteen bytes ok"

    def given(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "p256dh": _text(point), "auth": _text(self.auth)}

    def read(self, body: bytes) -> dict[str, str]:
        plain = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"
        )
        told: dict[str, str] = json.loads(plain)
        return told


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A push service on a free port; its state is the status it answers."""
    with provider(lambda path, body, state: Said(body=b"", status=int(state))) as running:
        running.state = "201"
        own = dataclasses.replace(settings.HUIYIN, push_hosts=running.base, quiet_hours="")
        monkeypatch.setattr(settings, "HUIYIN", own)
        yield running


@pytest.fixture
def case(world: World) -> models.Complaint:
    """A complaint that was opened."""
    world.post("portal", LOST, phone="13812345678")
    return models.Complaint.objects.get()


def _link(case: models.Complaint) -> str:
    return urlsplit(telling.tracking_url(case_id=case.id, number=case.number)).path


def _subscribe(case: models.Complaint, telephone: Telephone, **more: str) -> int:
    answer = Client().post(f"{_link(case)}push", {**telephone.given(), **more})
    return answer.status_code


def _say(case: models.Complaint, *, automatic: bool = False) -> None:
    author = None if automatic else models.User.objects.get(username="agent").id
    with journey.writing(now=timezone.now(), actor="system") as pen:
        held = pen.case(id=case.id)
        telling.out(
            pen=pen, case=held, subject="", text=WORDS, author=author, automatic=automatic,
            choice=way_of(pen=pen, case=held, automatic=automatic),
        )  # fmt: skip


def test_a_telephone_is_told_without_anything_personal(
    service: Provider, case: models.Complaint
) -> None:
    telephone = Telephone(endpoint=f"{service.base}/send/one")
    assert _subscribe(case, telephone) == 204
    assert _subscribe(case, telephone) == 204
    row = models.PushSubscription.objects.get()
    assert "send/one" not in row.sealed
    _say(case)
    assert push.deliver() == 1
    (method, path, headers, body), *more = service.calls
    assert (method, path, more) == ("POST", "/send/one", [])
    told = telephone.read(body)
    assert told["title"] == f"投诉 {case.number} 有新进展"
    assert told["url"] == _link(case)
    assert WORDS not in json.dumps(told, ensure_ascii=False)
    assert headers["content-encoding"] == "aes128gcm"
    assert int(headers["ttl"]) > 0 and headers["topic"] == case.id.hex
    _scheme, _space, signed = headers["authorization"].partition(" ")
    parts = dict(one.strip().split("=", 1) for one in signed.split(","))
    assert parts["k"] == public_key()
    assert Vapid02.verify(auth=headers["authorization"])
    claims = json.loads(base64.urlsafe_b64decode(parts["t"].split(".")[1] + "=="))
    assert claims["aud"] == service.base
    outbox = models.Outbox.objects.get(channel="push")
    assert outbox.state == "sent" and outbox.payload == {"automatic": False}
    assert push.deliver() == 0


def test_a_telephone_that_is_gone_is_forgotten_on_every_complaint(
    service: Provider, case: models.Complaint, world: World
) -> None:
    telephone = Telephone(endpoint=f"{service.base}/send/gone")
    assert _subscribe(case, telephone) == 204
    service.state = "410"
    _say(case)
    assert push.deliver() == 0
    assert not models.PushSubscription.objects.exists()
    assert models.Outbox.objects.get(channel="push").state == "moved"
    _say(case)
    assert push.deliver() == 0
    assert len(service.calls) == 1


def test_a_service_that_is_down_is_tried_again(service: Provider, case: models.Complaint) -> None:
    telephone = Telephone(endpoint=f"{service.base}/send/later")
    assert _subscribe(case, telephone) == 204
    service.state = "503"
    _say(case)
    assert push.deliver() == 0
    row = models.Outbox.objects.get(channel="push")
    assert row.state == "pending" and row.next_try_at > timezone.now()
    models.Outbox.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    service.state = "201"
    assert push.deliver() == 1
    assert telephone.read(service.calls[-1][3])["tag"] == case.number


def test_a_refusal_is_a_dead_letter(service: Provider, case: models.Complaint) -> None:
    assert _subscribe(case, Telephone(endpoint=f"{service.base}/send/no")) == 204
    service.state = "403"
    _say(case)
    assert push.deliver() == 0
    assert models.Outbox.objects.get(channel="push").state == "dead"


def test_what_nobody_wrote_waits_for_the_morning(
    service: Provider, case: models.Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _subscribe(case, Telephone(endpoint=f"{service.base}/send/night")) == 204
    morning = timezone.now() + timedelta(hours=3)
    monkeypatch.setattr(push, "quiet_until", lambda *, quiet, now: morning)
    _say(case, automatic=True)
    assert push.deliver() == 0
    row = models.Outbox.objects.get(channel="push")
    assert (row.state, row.attempts, row.next_try_at) == ("pending", 0, morning)
    _say(case)
    assert push.deliver() == 1


def test_the_receipt_of_his_own_words_is_no_news(
    service: Provider, case: models.Complaint, world: World
) -> None:
    assert _subscribe(case, Telephone(endpoint=f"{service.base}/send/own")) == 204
    world.post("portal", "补充一下，外箱也破了", number=case.number)
    assert not models.Outbox.objects.filter(channel="push").exists()
    assert models.Message.objects.filter(complaint=case, direction="in").count() == 2


def test_a_telephone_can_ask_for_no_more(service: Provider, case: models.Complaint) -> None:
    telephone = Telephone(endpoint=f"{service.base}/send/off")
    assert _subscribe(case, telephone) == 204
    _say(case)
    assert _subscribe(case, telephone, off="1") == 204
    assert push.deliver() == 0
    assert not service.calls


def test_bad_subscriptions_are_refused(service: Provider, case: models.Complaint) -> None:
    good = Telephone(endpoint=f"{service.base}/send/x")
    assert _subscribe(case, Telephone(endpoint="https://intranet.example/x")) == 422
    assert _subscribe(case, good, p256dh="AAAA") == 422
    assert _subscribe(case, good, auth="中文") == 422
    assert _subscribe(case, good, p256dh="") == 422
    wrong = Client().post(f"/t/{case.number}/wrong/push", good.given())
    assert wrong.status_code == 404
    for number in range(10):
        assert _subscribe(case, Telephone(endpoint=f"{service.base}/send/{number}")) == 204
    assert _subscribe(case, good) == 422
    assert models.PushSubscription.objects.count() == 10


def test_the_page_offers_it_only_where_a_service_is_allowed(
    service: Provider, case: models.Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f'data-key="{public_key()}"' in Client().get(_link(case)).content.decode()
    monkeypatch.setattr(settings, "HUIYIN", dataclasses.replace(settings.HUIYIN, push_hosts=""))
    assert "data-push" not in Client().get(_link(case)).content.decode()

"""Other systems are told what happens: signed, in order, again on request, never lost."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from channels.conformance.kit import Said
from channels.conformance.provider_server import Provider, provider
from company import World, complaint, kinds
from huiyin.doors.worker import outgoing
from huiyin.flows import journey
from huiyin.partners.webhook_out import CHANNEL
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts

SECRET = "a-long-secret"
WORDS = "运单 SF1234567890123 的快递五天没动，电话13800138000，我要投诉"


def _answers(path: str, body: bytes, state: str) -> Said:
    return Said(b"", status={"ok": 204, "broken": 500, "gone": 410}[state])


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider(_answers) as running:
        yield running


@pytest.fixture
def account(world: World, there: Provider) -> Iterator[int]:
    accounts.forget()
    yield ledger.save(
        id=None, code="webhook_out", spoken="webhook", writes=True, name="数据平台", enabled=True,
        settings={"base": f"{there.base}/in", "secret": SECRET, "kinds": "*"},
        secrets=CHANNEL.secrets, now=timezone.now(),
    )  # fmt: skip
    accounts.forget()


def due() -> int:
    """Let the time pass until everything is tried, and try."""
    models.Outbox.objects.filter(channel="webhook").update(next_try_at=timezone.now())
    models.ChannelAccount.objects.update(rest_until=None)
    return outgoing.deliver()


def heard(there: Provider) -> list[dict[str, object]]:
    return [json.loads(body) for _, _, _, body in there.calls]


@pytest.mark.usefixtures("account")
def test_each_event_is_told_signed_in_order_and_without_personal_data(
    world: World, there: Provider
) -> None:
    case = complaint(world.post("sms", WORDS, sender="13800138000", phone="13800138000"))
    while due():
        pass
    told = heard(there)
    assert [e["kind"] for e in told] == kinds(case)
    assert [e["seq"] for e in told] == list(range(1, len(told) + 1))
    assert {e["number"] for e in told} == {case.number}
    _, path, headers, body = there.calls[0]
    stamp = headers["x-huiyin-timestamp"]
    wanted = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert path == "/in" and headers["x-huiyin-signature"] == wanted
    everything = b"".join(call[3] for call in there.calls).decode()
    assert "13800138000" not in everything and "SF1234567890123" not in everything


@pytest.mark.usefixtures("account")
def test_a_receiver_that_fails_keeps_the_order_and_nothing_is_lost(
    world: World, there: Provider
) -> None:
    case = complaint(world.post("desk", "网点服务态度差，请处理"))
    there.state = "broken"
    assert due() == 0
    assert len(there.calls) == 1
    first = models.Outbox.objects.filter(channel="webhook").order_by("id")[0]
    assert (first.state, first.attempts, first.error) == ("pending", 1, "HTTP 500")
    assert first.next_try_at and first.next_try_at > timezone.now()
    there.state = "ok"
    there.calls.clear()
    while due():
        pass
    assert [e["kind"] for e in heard(there)] == kinds(case)


@pytest.mark.usefixtures("account")
def test_what_is_not_written_is_not_told(world: World) -> None:
    case = complaint(world.post("desk", "网点服务态度差，请处理"))
    before = models.Outbox.objects.filter(channel="webhook").count()
    with (
        pytest.raises(RuntimeError),
        journey.writing(now=timezone.now(), actor="system") as pen,
    ):
        pen.record(case=pen.case(id=case.id), kind="SurveyReminded")
        raise RuntimeError
    assert models.Outbox.objects.filter(channel="webhook").count() == before


def test_only_the_kinds_asked_for(world: World, account: int) -> None:
    row = models.ChannelAccount.objects.get(id=account)
    models.ChannelAccount.objects.update(settings={**row.settings, "kinds": "ComplaintOpened X"})
    accounts.forget()
    world.post("desk", "网点服务态度差，请处理")
    (told,) = models.Outbox.objects.filter(channel="webhook")
    assert told.payload["details"]["event"]["kind"] == "ComplaintOpened"


def test_a_refusal_for_good_is_a_dead_letter_and_passes_to_nobody(
    world: World, there: Provider, account: int
) -> None:
    world.post("sms", WORDS, sender="13800138000", phone="13800138000", email="a@example.com")
    there.state = "gone"
    due()
    dead = models.Outbox.objects.filter(channel="webhook", state="dead")
    assert dead.exists() and not models.Outbox.objects.filter(state="moved").exists()


def test_told_again_on_request_under_the_same_ids(
    world: World, there: Provider, account: int, as_person: Callable[[str], Client]
) -> None:
    case = complaint(world.post("desk", "网点服务态度差，请处理"))
    other = complaint(world.post("desk", "包裹 YT9876543210987 破了，要赔"))
    while due():
        pass
    once = [e["id"] for e in heard(there) if e["number"] == case.number]
    there.calls.clear()
    client = as_person("admin")
    address = f"/desk/webhooks/{account}/again"
    assert client.post(address, {"number": case.number}).status_code == 302
    while due():
        pass
    assert [e["id"] for e in heard(there)] == once
    there.calls.clear()
    since = timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    client.post(address, {"since": since})
    while due():
        pass
    assert {e["number"] for e in heard(there)} == {case.number, other.number}
    for wrong in ({"number": "HY0"}, {"since": "x"}, {}):
        assert client.post(address, wrong).status_code == 302
    assert not due()
    page = client.get("/desk/webhooks").content.decode()
    assert "数据平台" in page and "已收下" in page and case.number in page
    assert as_person("mgr").post(address, {"number": case.number}).status_code == 403
    assert as_person("agent").get("/desk/webhooks").status_code == 403

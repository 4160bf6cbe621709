"""The worker's calls to a real server that behaves well, badly or with malice."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.db import connection

import model_server
from company import World, arrival, complaint
from huiyin.doors.worker import assistant, loop
from huiyin.flows import assist
from huiyin.partners.language_model import MOST_BYTES
from huiyin.store import models
from huiyin.store.ledger import assistant as requests
from huiyin.store.ledger.inbox import Arrival
from model_server import KEY, MODEL, Handler, ModelServer

SAID = "我叫王小明，电话13812345678，单号SF1234567890123，手机丢了三天没人管，赔我300元"


@pytest.fixture
def model(settings: LazySettings) -> Iterator[ModelServer]:
    with model_server.running_model() as server:
        use(settings, server)
        yield server


def use(settings: LazySettings, server: ModelServer, **more: object) -> None:
    given: dict[str, object] = {
        "assistant_url": server.url,
        "assistant_key": KEY,
        "assistant_model": MODEL,
        "assistant_timeout": 1,
    }
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, **(given | more))


@pytest.fixture
def case(world: World, model: ModelServer) -> models.Complaint:
    return complaint(world.post("portal", SAID, sender_name="王小明", phone="13812345678"))


def ask(world: World, case: models.Complaint, kind: str = "draft") -> None:
    world.do("agent", assist.ask, complaint_id=case.id, kind=kind, language="zh")


def row() -> models.AssistantRequest:
    return models.AssistantRequest.objects.latest("id")


def due() -> None:
    """Let the rest of a failed try pass."""
    models.AssistantRequest.objects.filter(state="pending").update(next_try_at=row().asked_at)


def nothing_else_happened(case: models.Complaint) -> bool:
    now = models.Complaint.objects.get(id=case.id)
    return (
        (now.status, now.category, now.urgency, now.contacts)
        == (case.status, case.category, case.urgency, case.contacts)
        and not models.Message.objects.filter(
            complaint_id=case.id, author_id__isnull=False
        ).exists()
        and not models.Remedy.objects.exists()
    )


def test_a_good_answer_comes_back_whole(
    world: World, case: models.Complaint, model: ModelServer
) -> None:
    model.behave = lambda h: h.say("[[PERSON_1]]您好，电话[[PHONE_1]]，正在核实。")
    ask(world, case)
    assert assistant.answer() == 1
    assert row().state == "done", row().because
    assert row().result["text"] == "王小明您好，电话13812345678，正在核实。"
    assert (row().tokens_in, row().tokens_out, row().model) == (100, 20, MODEL)
    assert model.keys == [f"Bearer {KEY}"]
    assert model.asked[0]["model"] == MODEL and model.asked[0]["max_tokens"] > 0
    for secret in ("王小明", "13812345678", "SF1234567890123"):
        assert secret not in model.raw[0] and secret not in json.dumps(model.asked[0])
    assert nothing_else_happened(case)
    assert assistant.answer() == 0 and len(model.asked) == 1


FINAL: dict[str, Callable[[Handler], None]] = {
    "broken json": lambda h: h.send(b'{"choices": [{"mess'),
    "no json at all": lambda h: h.send(b"\xff\xfe\x00"),
    "a list": lambda h: h.send(b"[1]"),
    "deep": lambda h: h.send(b"[" * 200_000),
    "no choices": lambda h: h.send(b'{"choices": []}'),
    "no text": lambda h: h.say(None),
    "an object as text": lambda h: h.say({"a": 1}),
    "html": lambda h: h.send(b"<html><script>alert(1)</script>", kind="text/html"),
    "wrong type": lambda h: h.send(b'{"choices": []}', kind="text/plain"),
    "packed": lambda h: h.send(b"\x1f\x8b", Content_Encoding="gzip"),
    "cut off": lambda h: h.say("好的，我们", finish="length"),
    "key refused": lambda h: h.send(b"{}", status=401),
    "not found": lambda h: h.send(b"{}", status=404),
    "huge": lambda h: h.send(b'"' + b"x" * (MOST_BYTES * 3) + b'"'),
}


@pytest.mark.parametrize("name", FINAL)
def test_an_answer_that_cannot_be_read_is_final(
    name: str, world: World, case: models.Complaint, model: ModelServer
) -> None:
    model.behave = FINAL[name]
    ask(world, case)
    assert assistant.answer() == 1
    assert row().state == "failed" and row().result == {} and row().because["zh"]
    assert KEY not in json.dumps(row().because)
    assert len(model.asked) == 1
    assert nothing_else_happened(case)


def _endless(h: Handler) -> None:
    h.send_response(200)
    h.send_header("Content-Type", "application/json")
    h.end_headers()
    while True:
        h.wfile.write(b" " * 65536)


def _silent(h: Handler) -> None:
    time.sleep(2)


def _no_http(h: Handler) -> None:
    h.wfile.write(b"hello\r\n\r\n")
    h.close_connection = True


AGAIN: dict[str, Callable[[Handler], None]] = {
    "500": lambda h: h.send(b"<h1>error</h1>", status=500, kind="text/html"),
    "429": lambda h: h.send(b"{}", status=429),
    "hangs up": lambda h: h.connection.close(),
    "no http": _no_http,
    "silent": _silent,
    "header bytes for ever": lambda h: h.drip(b"HTTP/1.1 200 OK\r\nX-A: "),
    "body bytes for ever": lambda h: h.drip(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", AGAIN)
def test_a_failing_service_is_asked_a_few_times_and_no_more(
    name: str, world: World, case: models.Complaint, model: ModelServer
) -> None:
    model.behave = AGAIN[name]
    ask(world, case)
    for tried in range(1, requests.TRIES + 1):
        assert assistant.answer() == 1
        assert len(model.asked) == tried
        if tried < requests.TRIES:
            assert row().state == "pending" and row().lease_until is None and row().because
            assert assistant.answer() == 0, "it rests before the next try"
        due()
    assert row().state == "failed" and row().because["zh"]
    assert assistant.answer() == 0
    assert nothing_else_happened(case)


def test_an_endless_answer_is_left(
    world: World, case: models.Complaint, model: ModelServer
) -> None:
    model.behave = _endless
    ask(world, case)
    assert assistant.answer() == 1
    assert row().state == "failed"


def test_a_service_that_recovers_answers_at_the_next_try(
    world: World, case: models.Complaint, model: ModelServer
) -> None:
    model.behave = AGAIN["500"]
    ask(world, case)
    assistant.answer()
    model.behave = lambda h: h.say("正在核实。")
    due()
    assistant.answer()
    assert row().state == "done" and row().because == {}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(
    status: int, world: World, case: models.Complaint, model: ModelServer
) -> None:
    with model_server.running_model() as other:
        model.behave = lambda h: h.send(
            b"", status=status, Location=f"{other.url}/chat/completions"
        )
        ask(world, case)
        assistant.answer()
        assert row().state == "failed" and str(status) in row().because["zh"]
        assert other.asked == [] and other.keys == []


def test_an_answer_with_anothers_data_is_refused(
    world: World, case: models.Complaint, model: ModelServer
) -> None:
    for hostile in (
        "[[PHONE_9]]",
        "打13900001111",
        "http://evil.example",
        "李大勇是派件员李大勇。",
    ):
        model.behave = lambda h, said=hostile: h.say(said)  # type: ignore[misc]
        ask(world, case)
        assistant.answer()
        assert row().state == "refused" and row().result == {}, hostile
    assert nothing_else_happened(case)


@pytest.mark.parametrize(
    "usage",
    [None, [], {}, {"prompt_tokens": "many"}, {"prompt_tokens": -5, "completion_tokens": 1e99}],
)
def test_strange_counts_do_no_harm(
    usage: object, world: World, case: models.Complaint, model: ModelServer
) -> None:
    model.behave = lambda h: h.say("正在核实。", usage=usage or {"prompt_tokens": 10**30})
    ask(world, case)
    assistant.answer()
    assert row().state == "done"
    assert 0 < row().tokens_in <= 1_000_000 and 0 < row().tokens_out <= 1_000_000


def test_strange_characters_are_kept_out(
    world: World, case: models.Complaint, model: ModelServer
) -> None:
    model.behave = lambda h: h.send(
        b'{"choices": [{"message": {"content": "\\ud800a\\u0000b\\u202ec"}}]}'
    )
    ask(world, case)
    assistant.answer()
    assert row().state == "done" and row().result["text"] == "?abc"


def test_nothing_is_asked_when_the_days_tokens_are_used_up(
    world: World, case: models.Complaint, model: ModelServer, settings: LazySettings
) -> None:
    ask(world, case, "summary")
    ask(world, case, "draft")
    use(settings, model, assistant_daily_tokens=100)
    assistant.answer()
    assistant.answer()
    states = list(models.AssistantRequest.objects.order_by("id").values_list("state", flat=True))
    assert states == ["done", "failed"] and len(model.asked) == 1
    assert row().because["rule"] == "assistant.used_up"


def test_nobody_listening_and_a_name_that_is_none(
    world: World, case: models.Complaint, model: ModelServer, settings: LazySettings
) -> None:
    for url in ("http://127.0.0.1:9/v1", "http://[::1]:9/v1", "https://127.0.0.1:9"):
        use(settings, model, assistant_url=url)
        ask(world, case)
        for _try in range(requests.TRIES):
            assistant.answer()
            due()
        assert row().state == "failed" and row().because["rule"] == "assistant.line"


def test_without_a_service_nothing_is_claimed(
    world: World, case: models.Complaint, model: ModelServer, settings: LazySettings
) -> None:
    ask(world, case)
    use(settings, model, assistant_url="")
    assert assistant.answer() == 0
    assert row().attempts == 0


def test_the_rest_of_a_round_goes_on_while_the_service_fails(
    world: World, case: models.Complaint, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also an error that nobody thought of stays in its part."""
    ask(world, case)

    def explode(**_how: object) -> None:
        raise RuntimeError("unthought of")

    monkeypatch.setattr(assist, "call", explode)
    world.accept(_contact())
    loop.once()
    assert not models.InboxItem.objects.filter(state="pending").exists()
    assert row().state == "pending" and row().attempts == 1


def _contact() -> Arrival:
    return arrival("portal", "我的快递三天没更新了，单号YT1234567890123")


@pytest.mark.django_db(transaction=True)
def test_a_slow_service_stops_nobody(
    world: World, case: models.Complaint, model: ModelServer, settings: LazySettings
) -> None:
    """While one call hangs, nothing is locked and the rest of the worker goes on."""
    release, reached = threading.Event(), threading.Event()

    def hang(h: Handler) -> None:
        reached.set()
        release.wait(60)
        h.say("正在核实。")

    def call() -> None:
        assistant.answer()
        connection.close()

    assert assistant.answer in loop.OUTSIDE, "it has a thread of its own"
    model.behave = hang
    use(settings, model, assistant_timeout=60)
    ask(world, case)
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    try:
        assert reached.wait(60)
        world.accept(_contact())
        for part in loop.INSIDE:
            part()
        assert not models.InboxItem.objects.filter(state="pending").exists()
        assert row().state == "pending"
    finally:
        release.set()
        thread.join(60)
    assert row().state == "done"

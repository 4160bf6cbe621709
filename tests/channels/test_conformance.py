"""What every channel must stand, over real sockets: callbacks in, answers out, a bad provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels.conformance.kit import Kit, Said
from channels.conformance.provider_server import Provider, provider
from channels.conformance.scenarios import SCENARIOS, has, kits, why_not
from company import World, found
from huiyin.channels import registry
from huiyin.channels.protocol import Call, Channel, Request, Response
from huiyin.doors.worker import outgoing, remote, signals
from huiyin.doors.worker.provider import call
from huiyin.flows import intake
from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts

KITS = kits()
LONG = "运单 SF1234567890123 五天没动😡👨‍👩‍👧𠮷！\n" + "包裹丢了，客服不理🙃很生气。" * 730
LONG = LONG[:9999] + "完"
SHORT = "运单 SF1234567890123 的快递五天没有更新，我要投诉你们"


@dataclass
class Place:
    """A channel's account, its provider's server, and what the suite does with them."""

    kit: Kit
    channel: Channel
    account: int
    there: Provider
    world: World

    def come(self, request: Request) -> int:
        """Let the provider call us; returns how he was answered."""
        headers = {k: v for k, v in request.headers.items() if k.lower() != "content-type"}
        answer = Client().generic(
            request.method,
            f"/hooks/{self.kit.code}/{self.account}/",
            request.body,
            content_type=request.headers.get("content-type", "application/octet-stream"),
            query_params=dict(request.query),
            headers=headers,
        )
        return int(answer.status_code)

    def text(self, id: str, text: str = SHORT, sender: str = "somebody-1") -> Request:
        """Return a genuine callback with words."""
        assert self.kit.text is not None
        return self.kit.text(id, sender, text, timezone.now())

    def work(self) -> None:
        """Let the worker do what came in."""
        signals.reach_out()
        signals.work()
        intake.decide(now=timezone.now())
        remote.fetch()

    def kept(self) -> int:
        """Count what is stored: contacts, or signals other than "something can be fetched"."""
        return models.InboxItem.objects.count() + models.Signal.objects.exclude(kind="pull").count()

    def letter(self, text: str, account: int | None = None) -> models.Outbox:
        """Put a message into the outbox, in an open window."""
        case = models.Complaint.objects.first()
        assert case is not None
        recipient = self.kit.recipient
        models.Reach.objects.update_or_create(
            channel=self.channel.spoken,
            address=recipient,
            defaults={"account_id": self.account, "last_in_at": timezone.now(), "sent_since": 0},
        )
        return models.Outbox.objects.create(
            id=new_id(),
            complaint_id=case.id,
            channel=self.channel.spoken,
            recipient=recipient,
            payload={"text": text, "subject": "", "number": case.number},
            next_try_at=timezone.now(),
            created_at=timezone.now(),
            account_id=account or self.account,
        )

    def again(self, letter: models.Outbox) -> int:
        """Let the time pass until the message is tried again."""
        models.Outbox.objects.filter(id=letter.id).update(next_try_at=timezone.now())
        models.ChannelAccount.objects.update(rest_until=None)
        return outgoing.deliver()

    def sent(self, there: Provider | None = None) -> list[str]:
        """Return the texts that the provider's server was asked to send."""
        assert self.kit.sent is not None
        told = [self.kit.sent(path, body) for _, path, _, body in (there or self.there).calls]
        return [text for text in told if text is not None]


def _open(kit: Kit, base: str, name: str) -> int:
    channel = registry.channels()[kit.code]
    return ledger.save(
        id=None,
        code=channel.code,
        spoken=channel.spoken,
        writes=channel.write is not None,
        name=name,
        enabled=True,
        settings=kit.settings(base),
        secrets=channel.secrets,
        now=timezone.now(),
    )


def _nobody(path: str, body: bytes, state: str) -> Said:
    return Said(b"{}", status=404)


@pytest.fixture(params=sorted(KITS))
def place(request: pytest.FixtureRequest, db: None) -> Iterator[Place]:
    kit = KITS[request.param]
    code = request.node.originalname.removeprefix("test_")
    scenario = next(s for s in SCENARIOS if s.code == code)
    if not has(kit=kit, scenario=scenario):
        pytest.skip(why_not(kit=kit, scenario=scenario))
    now = timezone.now()
    found(now=now)
    accounts.forget()
    with provider(kit.answers or _nobody) as there:
        account = _open(kit, there.base, "主号")
        world = World(now=now)
        world.post("desk", "网点服务态度差，请处理")
        models.InboxItem.objects.all().delete()
        yield Place(kit, registry.channels()[kit.code], account, there, world)
    accounts.forget()


@pytest.mark.parametrize("code", sorted(registry.channels()))
def test_every_channel_has_a_kit_that_says_what_is_missing(code: str) -> None:
    assert code in KITS, f"no kit for {code} in tests/channels/conformance"
    silent = [
        s.code for s in SCENARIOS if not has(kit=KITS[code], scenario=s)
        and not why_not(kit=KITS[code], scenario=s)
    ]  # fmt: skip
    assert not silent, f"the kit of {code} does not say why it lacks {silent}"


def test_signature(place: Place) -> None:
    assert place.kit.forged is not None
    genuine = place.text("1") if place.kit.text else _any(place.kit)
    assert 400 <= place.come(place.kit.forged(genuine)) < 500
    place.work()
    assert place.kept() == 0 and not models.Signal.objects.exists()
    assert place.come(genuine) < 300


def _any(kit: Kit) -> Request:
    for made in (kit.unknown, kit.empty, kit.image):
        if made is not None:
            return made(timezone.now())
    raise AssertionError("the kit builds no callback")


def test_replay(place: Place) -> None:
    assert place.kit.stale is not None
    old = place.kit.stale(timezone.now() - timedelta(hours=1))
    answers = {place.come(old), place.come(old)}
    place.work()
    refused = all(400 <= answer < 500 for answer in answers)
    assert refused or max(answers) < 300
    assert place.kept() == (0 if refused else 1)


def test_repeat(place: Place) -> None:
    assert all(place.come(place.text("7")) < 300 for _ in range(3))
    place.work()
    assert place.come(place.text("7")) < 300
    place.work()
    assert place.kept() == 1
    assert place.come(place.text("8", text="还有一件事：客服电话打不通")) < 300
    place.work()
    assert place.kept() == 2


def test_unknown(place: Place) -> None:
    assert place.kit.unknown is not None
    assert place.come(place.kit.unknown(timezone.now())) < 300
    place.work()
    assert place.kept() == 1
    if place.kit.text is not None:
        assert place.come(place.text("2")) < 300
        place.work()
        _nothing_waits()
        assert place.kept() == 2


def _nothing_waits() -> None:
    assert not models.InboxItem.objects.filter(state="pending").exists()


def test_empty(place: Place) -> None:
    assert place.kit.empty is not None
    assert place.come(place.kit.empty(timezone.now())) < 300
    place.work()
    assert place.kept() == 1
    _nothing_waits()


def test_long_in(place: Place) -> None:
    assert len(LONG) == 10_000
    assert place.come(place.text("9", text=LONG)) < 300
    place.work()
    (item,) = models.InboxItem.objects.all()
    message = models.Message.objects.get(inbox_id=item.id)
    assert message.text == LONG


def test_long_out(place: Place) -> None:
    letter = place.letter(LONG)
    assert outgoing.deliver() == 1
    letter.refresh_from_db()
    parts = place.sent()
    whole = "".join(parts)
    if place.kit.cut:
        link = f"/t/{letter.payload['number']}/"
        assert link in parts[-1] and _close(whole)[:300] == _close(LONG)[:300]
    else:
        assert _close(whole) == _close(LONG)
    most = place.channel.limits.longest
    assert not most or max(len(part) for part in parts) <= most
    assert letter.state == "sent"


def _close(text: str) -> str:
    return "".join(text.split())


def test_image(place: Place) -> None:
    assert place.kit.image is not None
    _files(place, place.kit.image(timezone.now()), place.kit.files)


def test_voice(place: Place) -> None:
    assert place.kit.voice is not None
    _files(place, place.kit.voice(timezone.now()), 1)


def _files(place: Place, request: Request, count: int) -> None:
    """The contact is there at once, its files when they were fetched."""
    assert place.come(request) < 300
    place.work()
    (item,) = models.InboxItem.objects.all()
    assert item.state in {"opened", "joined"}
    files = models.Attachment.objects.filter(message__inbox_id=item.id)
    assert files.count() == count
    assert all(f.size and f.sha256 for f in files)


def test_window(place: Place) -> None:
    window = place.channel.limits.window
    assert window is not None
    for changes in (
        {"last_in_at": timezone.now() - timedelta(hours=window.hours, minutes=1)},
        {"sent_since": window.messages},
    ):
        letter = place.letter(SHORT)
        models.Reach.objects.update(**changes)
        assert outgoing.deliver() == 0
        letter.refresh_from_db()
        assert letter.state == "dead" and letter.error
    assert place.sent() == []
    letter = place.letter(SHORT)
    place.there.state = "closed"
    assert outgoing.deliver() == 0
    letter.refresh_from_db()
    assert letter.state == "dead" and letter.error and letter.payload["text"] == SHORT


def test_down(place: Place) -> None:
    letter = place.letter(SHORT)
    base = models.ChannelAccount.objects.get().settings["base"]
    assert base == place.there.base, "the channel has no field base"
    _settings(base="http://127.0.0.1:9")
    assert outgoing.deliver() == 0
    letter.refresh_from_db()
    row = models.ChannelAccount.objects.get()
    assert (letter.state, letter.attempts) == ("pending", 0)
    assert row.rest_until and row.error
    _settings(base=base)
    assert place.again(letter) == 1
    assert place.sent() == [SHORT]


def _settings(**changes: Any) -> None:
    row = models.ChannelAccount.objects.get()
    models.ChannelAccount.objects.update(settings={**row.settings, **changes})


def test_slow(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(*, call: Call) -> Response:
        return once(call=replace(call, timeout=0.25))

    once = call
    token = place.letter(SHORT)
    assert outgoing.deliver() == 1  # what opens the connection or gets a token is not measured
    token.delete()
    place.there.calls.clear()
    monkeypatch.setattr(outgoing, "call", impatient)
    place.there.slow = 0.8
    letter = place.letter(SHORT)
    assert place.kit.answers is not None
    with provider(place.kit.answers) as other:
        second = _open(place.kit, other.base, "另一个号")
        models.Reach.objects.update(account_id=None)
        place.letter("另一位客户的答复", account=second)
        models.Reach.objects.update(account_id=None)
        assert outgoing.deliver() == 1
        assert place.sent(other) == ["另一位客户的答复"]
    models.ChannelAccount.objects.filter(id=second).delete()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("pending", 1)
    place.there.slow = 0.0
    assert place.again(letter) == 1
    assert set(place.sent()) == {SHORT} and len(place.sent()) == 2
    if place.kit.same is not None:
        ids = {place.kit.same(path, body) for _, path, _, body in place.there.calls} - {None}
        assert len(ids) == 1


def test_limit(place: Place) -> None:
    place.there.state = "limited"
    letter = place.letter(SHORT)
    assert outgoing.deliver() == 0
    letter.refresh_from_db()
    assert letter.state == "pending" and letter.next_try_at
    assert letter.next_try_at > timezone.now()
    place.there.state = "ok"
    assert place.again(letter) == 1
    assert place.sent()[-1] == SHORT


def test_charset(place: Place) -> None:
    assert place.kit.wrong_charset is not None
    assert place.come(place.kit.wrong_charset(timezone.now())) < 300
    place.work()
    _nothing_waits()
    assert place.kept() == 1
    item = models.InboxItem.objects.first()
    if item is not None:
        assert item.state in {"quarantined", "opened", "joined"}


def test_the_report_knows_every_scenario() -> None:
    written = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {s.code for s in SCENARIOS} <= written
    assert len({s.code for s in SCENARIOS}) == len(SCENARIOS)

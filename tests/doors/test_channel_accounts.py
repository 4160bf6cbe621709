"""Channel accounts as a whole: a callback in, an answer out over a real socket, the form."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone

from channels.conformance.kit import Said
from channels.conformance.provider_server import Provider, provider
from huiyin.channels import protocol, registry
from huiyin.channels.inbound import CannotRead, Inbound
from huiyin.channels.protocol import (
    Call,
    CannotTake,
    Channel,
    Fate,
    Field,
    Grant,
    Limits,
    Piece,
    Taken,
    Window,
)
from huiyin.doors.worker import outgoing, probing, signals
from huiyin.doors.worker import provider as calling
from huiyin.flows import intake
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts

SETTINGS = {"base": "", "secret": "a-secret", "per_minute": 0}


def _take(request: protocol.Request, settings: protocol.Settings) -> Taken:
    if request.headers.get("x-proof") != settings["secret"]:
        raise CannotTake(status=403, told="wrong proof")
    data = json.loads(request.body)
    raw = json.dumps(data, ensure_ascii=False).encode()
    return Taken(
        answer=protocol.Answer(body=b"success"),
        pieces=(Piece(external_id=data["id"], raw=raw, kind=data.get("kind", "contact")),),
    )


def _read(raw: bytes) -> Inbound:
    data = json.loads(raw)
    if "text" not in data:
        raise CannotRead(zh="没有正文", en="no text")
    return Inbound(channel="wechat", external_id=data["id"], sender=data["from"], text=data["text"])


def _fate(response: protocol.Response) -> Fate:
    if response.status >= 500:
        return Fate(state="later", zh="对方出错")
    said = json.loads(response.body)
    return Fate(
        state={0: "sent", 1: "token", 2: "closed", 3: "left"}[said["code"]],
        reference=said.get("ref", ""),
        zh=said.get("told", ""),
    )


TALK = Channel(
    code="talk",
    said_as="wechat",
    name=("测试渠道", "Test channel"),
    fields=(
        Field(name="base", kind="url", label=("地址", "Address"), required=True),
        Field(name="secret", kind="secret", label=("密钥", "Secret"), required=True),
        Field(name="per_minute", kind="integer", label=("每分钟", "Per minute"), default=0),
    ),
    limits=Limits(window=Window(hours=48, messages=5)),
    take=_take,
    read=_read,
    write=lambda out, given, token: (
        Call(
            method="POST",
            url=f"{given['base']}/send?token={token}",
            body=json.dumps({"to": out.recipient, "text": out.text}).encode(),
            timeout=2,
        ),
    ),
    fate=_fate,
    token=protocol.TokenWay(
        ask=lambda given: Call(method="GET", url=f"{given['base']}/token"),
        read=lambda response: Grant(token=json.loads(response.body)["token"], seconds=7200),
    ),
)


def _answers(path: str, body: bytes, state: str) -> Said:
    if path.startswith("/token"):
        return Said(b'{"token": "t-1"}')
    if state == "broken":
        return Said(b"oops", status=500)
    code = {"ok": 0, "token": 1, "closed": 2, "left": 3}[state]
    return Said(json.dumps({"code": code, "ref": "m-1", "told": state}).encode())


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider(_answers) as running:
        yield running


@pytest.fixture
def account(db: None, there: Provider, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(registry, "channels", lambda: {"talk": TALK})
    return ledger.save(
        id=None,
        code="talk",
        spoken="wechat",
        writes=True,
        name="主号",
        enabled=True,
        settings={**SETTINGS, "base": there.base},
        secrets=TALK.secrets,
        now=timezone.now(),
    )


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    accounts.forget()
    yield
    accounts.forget()


def call(client: Client, account: int, data: object, proof: str = "a-secret") -> int:
    return client.post(
        f"/hooks/talk/{account}/",
        data=json.dumps(data),
        content_type="application/json",
        headers={"X-Proof": proof},
    ).status_code


WORDS = {"id": "1", "from": "openid-1", "text": "运单 SF1234567890123 的快递五天没动，我要投诉"}


def test_secrets_lie_sealed(account: int) -> None:
    row = models.ChannelAccount.objects.get(id=account)
    assert "secret" not in row.settings and "a-secret" not in row.secrets
    found = accounts.one(id=account)
    assert found is not None and found.settings["secret"] == "a-secret"
    assert "a-secret" not in repr(found)


@pytest.mark.usefixtures("world")
def test_answer_goes_back_where_the_words_came_from(account: int, there: Provider) -> None:
    client = Client()
    assert call(client, account, WORDS) == 200
    assert call(client, account, WORDS) == 200
    assert models.InboxItem.objects.get().repeats == 1
    (done,) = intake.decide(now=timezone.now())
    assert done.outcome == "opened"
    assert outgoing.deliver() == 1
    sent = [c for c in there.calls if c[1].startswith("/send")]
    assert json.loads(sent[0][3])["to"] == "openid-1" and sent[0][1].endswith("token=t-1")
    letter = models.Outbox.objects.get()
    assert (letter.state, letter.reference, letter.account_id) == ("sent", "m-1", account)
    assert models.Reach.objects.get().sent_since == 1
    report = {"id": "9", "kind": "delivery", "reference": "m-1", "state": "delivered"}
    assert call(client, account, report) == 200
    assert signals.work() == 1
    letter.refresh_from_db()
    assert letter.delivery == "delivered"


@pytest.mark.usefixtures("world")
def test_what_is_not_genuine_is_not_stored(account: int) -> None:
    assert call(Client(), account, WORDS, proof="guess") == 403
    assert call(Client(), account + 1, WORDS) == 404
    assert not models.InboxItem.objects.exists()


@pytest.mark.usefixtures("world")
def test_what_cannot_be_read_is_quarantined_whole(account: int) -> None:
    assert call(Client(), account, {"id": "2", "from": "x"}) == 200
    (done,) = intake.decide(now=timezone.now())
    assert done.outcome == "quarantined" and done.because[0].zh == "没有正文"


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("state", "after", "tries"),
    [("broken", "pending", 1), ("closed", "dead", 1), ("left", "dead", 1), ("token", "pending", 1)],
)
def test_a_provider_that_does_not_take_it(
    account: int, there: Provider, state: str, after: str, tries: int
) -> None:
    call(Client(), account, WORDS)
    intake.decide(now=timezone.now())
    there.state = state
    assert outgoing.deliver() == 0
    letter = models.Outbox.objects.get()
    assert (letter.state, letter.attempts) == (after, tries)
    assert (models.Reach.objects.get().left_at is not None) == (state == "left")
    assert bool(models.ChannelAccount.objects.get().token) == (state != "token")


@pytest.mark.usefixtures("world")
def test_a_provider_that_is_down_rests_and_no_try_is_counted(account: int) -> None:
    call(Client(), account, WORDS)
    intake.decide(now=timezone.now())
    models.ChannelAccount.objects.update(settings={**SETTINGS, "base": "http://127.0.0.1:9"})
    assert outgoing.deliver() == 0
    assert outgoing.deliver() == 0
    letter, row = models.Outbox.objects.get(), models.ChannelAccount.objects.get()
    assert (letter.state, letter.attempts, row.failures) == ("pending", 0, 1)
    assert row.rest_until and letter.next_try_at == row.rest_until


@pytest.mark.usefixtures("world")
def test_the_minute_s_budget(account: int, there: Provider) -> None:
    models.ChannelAccount.objects.update(settings={**SETTINGS, "base": there.base, "per_minute": 1})
    client = Client()
    call(client, account, WORDS)
    other = {"id": "5", "from": "openid-2", "text": "包裹 YT9876543210987 破了，要赔"}
    call(client, account, other)
    intake.decide(now=timezone.now())
    assert outgoing.deliver() == 1
    assert models.Outbox.objects.filter(state="pending", attempts=0).count() == 1


@pytest.mark.usefixtures("account")
def test_form_keeps_secrets_and_tests_the_connection(as_person: Callable[[str], Client]) -> None:
    client = as_person("admin")
    row = models.ChannelAccount.objects.get()
    page = client.get(f"/desk/channels/{row.id}").content.decode()
    assert f"/hooks/talk/{row.id}/" in page and "a-secret" not in page
    wrong = client.post(f"/desk/channels/{row.id}", {"name": "主号", "base": "ftp://x"})
    assert wrong.status_code == 400
    given = {"name": "客服号", "base": row.settings["base"], "secret": "", "enabled": "on"}
    assert client.post(f"/desk/channels/{row.id}", given).status_code == 302
    found = accounts.one(id=row.id)
    assert found and found.name == "客服号" and found.settings["secret"] == "a-secret"
    client.post(f"/desk/channels/{row.id}/test")
    assert probing.probe() == 1
    assert models.ChannelAccount.objects.get().probe["ok"] is True
    assert "测试通过" in client.get(f"/desk/channels/{row.id}").content.decode()


FORMS: dict[str, dict[str, str]] = {
    "social": {"secret": "typed-now", "mapping": "sender = $.u\ntext = $.t", "base": ""},
    "chat": {
        "origins": "https://www.example.com",
        "sessions_per_hour": "20",
        "lines_per_minute": "20",
    },
    "wechat": {
        "app_id": "wx1", "secret": "typed-now", "token": "t", "mode": "safe",
        "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "menu": '{"button": []}',
        "base": "https://api.weixin.qq.com",
    },
    "wecom_kf": {
        "corp_id": "c", "secret": "typed-now", "token": "t", "open_kfid": "k",
        "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "base": "https://qyapi.weixin.qq.com",
    },
    "own_http": {
        "base": "https://example.com/{waybill}", "header": "X-Key", "secret": "typed-now",
        "pause": "600", "mapping": "rows = $.rows[*]\nat = $.at",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "field", "text", "told"),
    [
        ("social", "mapping", "sender $.u", "第 1 行不对"),
        ("social", "mapping", "sender = $.u\ntext = $[??", "JSONPath 写错了"),
        ("social", "mapping", "sender = $.u", "缺少 text"),
        ("chat", "origins", "https://a.example www.example.com", "不是网站地址：www.example.com"),
        ("wechat", "aes_key", "short", "应为 43 个字符"),
        ("wechat", "aes_key", "", "应为 43 个字符"),
        ("wechat", "menu", "{button", "菜单不是 JSON"),
        ("wecom_kf", "aes_key", "short", "应为 43 个字符"),
        ("own_http", "mapping", "at = $.at", "字段映射缺少 rows"),
    ],
)
def test_what_cannot_work_is_told_and_nothing_typed_is_lost(
    as_person: Callable[[str], Client], code: str, field: str, text: str, told: str
) -> None:
    client, given = as_person("admin"), {"name": "新号", **FORMS[code]}
    wrong = client.post(f"/desk/channels/new/{code}", {**given, field: text})
    page = wrong.content.decode()
    assert wrong.status_code == 400 and told in page
    assert not models.ChannelAccount.objects.exists()
    assert "secret" not in given or 'value="typed-now"' in page
    assert client.post(f"/desk/channels/new/{code}", given).status_code == 302
    row = models.ChannelAccount.objects.get()
    assert "typed-now" not in client.get(f"/desk/channels/{row.id}").content.decode()


@pytest.mark.usefixtures("account")
def test_only_administrators_change_channels(as_person: Callable[[str], Client]) -> None:
    assert as_person("agent").get("/desk/channels").status_code == 403
    row = models.ChannelAccount.objects.get()
    assert as_person("mgr").get(f"/desk/channels/{row.id}").status_code == 200
    assert as_person("mgr").post(f"/desk/channels/{row.id}", {}).status_code == 403
    assert as_person("mgr").post(f"/desk/channels/{row.id}/test").status_code == 403


def test_no_secret_of_an_address_or_a_header_comes_into_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with provider(lambda _path, _body, _state: Said(b"{}")) as there:
        asked = Call(
            method="GET",
            url=f"{there.base}/gettoken?corpsecret=hidden-secret",
            headers={"Authorization": "Bearer hidden-secret"},
        )
        assert calling.call(call=asked).status == 200
    assert len(there.calls) == 1 and "hidden-secret" not in caplog.text

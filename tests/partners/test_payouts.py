"""Partners that pay: what they are told and what they tell, signed as their documentation says."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from channels.conformance.kit import Said
from huiyin.channels import rsa
from huiyin.channels.protocol import (
    Call,
    CannotTake,
    CannotWrite,
    Channel,
    PayoutWay,
    Request,
    Response,
)
from huiyin.core.remedy.transfer import Told, Transfer
from huiyin.partners import payout_alipay, payout_http, payout_wechat
from partners.pay_servers import (
    APP,
    Alipay,
    Finance,
    WeChat,
    certificate,
    certificate_pem,
    hexed,
    private_pem,
    public_pem,
    sign,
)

NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)
ORDER = Transfer(
    number="HY20261103-000001-P7", amount=16050, method="bank", payee="张三",
    account="13812345678", address="o-openid", reason="现金补偿 HY20261103-000001",
    complaint="HY20261103-000001", waybill="SF1234567890123", at=NOW, nonce="abc",
    hook="https://cs.example/hooks/payout/1/",
)  # fmt: skip
PLAIN = "HY20261103000001P7"
PARTNERS: dict[str, tuple[Channel, type[Any]]] = {
    "http": (payout_http.CHANNEL, Finance),
    "wechat": (payout_wechat.CHANNEL, WeChat),
    "alipay": (payout_alipay.CHANNEL, Alipay),
}
each = pytest.mark.parametrize("name", sorted(PARTNERS))


class Line:
    """A partner and its system, without a network between them."""

    def __init__(self, name: str, mode: str = "paid") -> None:
        channel, bank = PARTNERS[name]
        self.channel, self.bank = channel, bank(mode=mode)
        self.settings = self.bank.settings("https://bank.example")
        assert channel.payout is not None
        self.way: PayoutWay = channel.payout

    def carry(self, call: Call) -> Response:
        there = urlsplit(call.url)
        target = there.path + (f"?{there.query}" if there.query else "")
        headers = {k.lower(): v for k, v in call.headers.items()}
        self.bank.there = SimpleNamespace(calls=[(call.method, target, headers, call.body)])
        said: Said = self.bank.answers(there.path, call.body, "ok")
        return Response(
            status=said.status,
            headers={k.lower(): v for k, v in said.headers.items()},
            body=said.body,
        )

    def send(self, order: Transfer = ORDER) -> Told:
        call = self.way.send(order, self.settings)
        return self.way.read(order, self.settings, call, self.carry(call))

    def ask(self, order: Transfer = ORDER) -> Told:
        call = self.way.ask(order, self.settings)
        return self.way.read(order, self.settings, call, self.carry(call))

    def take(
        self, body: bytes, headers: dict[str, str], at: datetime = NOW
    ) -> list[dict[str, Any]]:
        assert self.channel.take is not None
        request = Request(
            method="POST", query={}, body=body, at=at,
            headers={k.lower(): v for k, v in headers.items()},
        )  # fmt: skip
        taken = self.channel.take(request, self.settings)
        assert all(p.kind == "payout" for p in taken.pieces)
        return [json.loads(p.raw) for p in taken.pieces]


@each
def test_paid_at_once_and_found_again(name: str) -> None:
    line = Line(name)
    assert line.ask().state == "absent"
    told = line.send()
    assert (told.state, line.bank.forged) == ("paid", 0)
    assert told.reference.endswith(ORDER.number if name == "http" else PLAIN)
    assert told.amount in {16050, None}
    assert line.send().state == line.ask().state == "paid"
    assert len(line.bank.paid()) == 1 and [r["amount"] for r in line.bank.book.values()] == [16050]


@each
@pytest.mark.parametrize("state", ["processing", "failed"])
def test_what_is_under_way_and_what_failed(name: str, state: str) -> None:
    line = Line(name, state)
    assert line.send().state == state
    row = next(iter(line.bank.book.values()))
    row["reason"] = "账户异常"
    told = line.ask()
    assert told.state == state
    assert "账户异常" in told.zh and "账户异常" in told.en


@each
def test_a_refusal_names_its_reason(name: str) -> None:
    told = Line(name, "refused").send()
    wanted = "openid 无效" if name == "wechat" else "收款账号不存在"
    assert told.state == "refused" and wanted in told.zh


@each
def test_a_system_that_is_down_says_nothing_of_the_payment(name: str) -> None:
    line = Line(name, "down")
    assert {line.send().state, line.ask().state} == {"unclear"}


@each
def test_patience_is_asked_for(name: str) -> None:
    told = Line(name, "limited").send()
    assert told.state == "unclear"
    assert told.wait == {"http": 90, "wechat": 60, "alipay": 1800}[name]


@each
def test_an_answer_that_is_not_proved_is_not_believed(name: str) -> None:
    line = Line(name)
    call = line.way.send(ORDER, line.settings)
    good = line.carry(call)
    assert line.way.read(ORDER, line.settings, call, good).state == "paid"
    for body, headers in (
        (good.body.replace(b"P7", b"P8"), good.headers),
        (b"not json", good.headers),
        (b"[1]", good.headers),
        (b"", {}),
    ):
        forged = replace(good, body=body, headers=headers)
        assert line.way.read(ORDER, line.settings, call, forged).state == "unclear", body
    if name != "alipay":
        bare = replace(good, headers={})
        assert line.way.read(ORDER, line.settings, call, bare).state == "unclear"


@each
def test_an_answer_fits_its_own_payment_alone(name: str) -> None:
    line = Line(name)
    call = line.way.send(ORDER, line.settings)
    answer = line.carry(call)
    other = replace(ORDER, number="HY20261103-000002-P3", nonce="def")
    asked = line.way.ask(other, line.settings)
    assert line.way.read(other, line.settings, asked, answer).state == "unclear"


def test_our_own_contract_in_full() -> None:
    line = Line("http")
    call = line.way.send(ORDER, line.settings)
    assert (call.method, call.url) == ("POST", "https://bank.example/pay/transfers")
    assert json.loads(call.body) == {
        "number": "HY20261103-000001-P7", "amount": 16050, "currency": "CNY", "method": "bank",
        "payee": {"name": "张三", "account": "13812345678"},
        "reason": "现金补偿 HY20261103-000001", "complaint": "HY20261103-000001",
        "waybill": "SF1234567890123", "callback": "https://cs.example/hooks/payout/1/",
    }  # fmt: skip
    stamp = str(int(NOW.timestamp()))
    assert call.headers["Idempotency-Key"] == "HY20261103-000001-P7"
    assert call.headers["X-Huiyin-Signature"] == hexed(
        "a-long-secret", [stamp, "abc", "POST", "/pay/transfers"], call.body
    )
    asked = line.way.ask(ORDER, line.settings)
    assert asked.url == "https://bank.example/pay/transfers/HY20261103-000001-P7"
    assert asked.body == b""


def test_not_found_without_a_signature_is_not_believed() -> None:
    line = Line("http")
    call = line.way.ask(ORDER, line.settings)
    lost = Response(status=404, headers={}, body=b"<html>no such page</html>")
    assert line.way.read(ORDER, line.settings, call, lost).state == "unclear"
    wechat = Line("wechat")
    call = wechat.way.ask(ORDER, wechat.settings)
    assert wechat.way.read(ORDER, wechat.settings, call, lost).state == "unclear"


def test_wechat_is_told_in_full_and_the_name_is_sealed() -> None:
    line = Line("wechat")
    call = line.way.send(ORDER, line.settings)
    said = json.loads(call.body)
    sealed = said.pop("user_name")
    assert said == {
        "appid": APP, "out_bill_no": PLAIN, "transfer_scene_id": "1011", "openid": "o-openid",
        "transfer_amount": 16050, "transfer_remark": "现金补偿 HY20261103-000001",
        "notify_url": "https://cs.example/hooks/payout/1/",
        "transfer_scene_report_infos": [
            {"info_type": "赔付原因", "info_content": "快递丢失赔付"},
            {"info_type": "赔付类型", "info_content": "企业赔付"},
        ],
    }  # fmt: skip
    assert len(base64.b64decode(sealed)) == 256 and "张三" not in call.body.decode()
    assert call.headers["Wechatpay-Serial"].startswith("PUB_KEY_ID_")
    assert call.url.endswith("/v3/fund-app/mch-transfer/transfer-bills")
    line.carry(call)
    assert line.bank.book[PLAIN]["payee"] == "张三"
    small = line.way.send(replace(ORDER, amount=9999), line.settings)
    assert "user_name" not in json.loads(small.body)
    asked = line.way.ask(ORDER, line.settings)
    assert asked.url.endswith(f"/transfer-bills/out-bill-no/{PLAIN}")


def test_wechat_pays_nobody_without_an_openid() -> None:
    line = Line("wechat")
    with pytest.raises(CannotWrite, match="openid"):
        line.way.send(replace(ORDER, address=""), line.settings)


def test_wechat_says_what_a_payment_waits_for() -> None:
    assert "确认收款" in Line("wechat", "processing").send().zh


@pytest.mark.parametrize("code", ["NOT_ENOUGH", "NO_AUTH"])
def test_what_is_the_merchants_own_affair_fails_no_payment(code: str) -> None:
    line = Line("wechat")
    call = line.way.send(ORDER, line.settings)
    body = json.dumps({"code": code, "message": "余额不足"}).encode()
    told = line.way.read(ORDER, line.settings, call, Response(status=403, headers={}, body=body))
    assert (told.state, told.wait) == ("unclear", 1800)


def test_alipay_is_told_in_full() -> None:
    line = Line("alipay")
    call = line.way.send(ORDER, line.settings)
    fields = dict(parse_qsl(call.body.decode()))
    assert json.loads(fields["biz_content"]) == {
        "out_biz_no": PLAIN, "trans_amount": "160.50", "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER", "order_title": "快递赔付",
        "payee_info": {
            "identity": "13812345678", "identity_type": "ALIPAY_LOGON_ID", "name": "张三",
        },
        "remark": "现金补偿 HY20261103-000001",
    }  # fmt: skip
    assert fields["timestamp"] == "2026-11-03 10:00:00"
    assert (fields["method"], fields["sign_type"]) == ("alipay.fund.trans.uni.transfer", "RSA2")
    who = "CN=Test app,OU=Certification Authority,O=Ant Financial,C=CN123456789012345"
    number = hashlib.md5(who.encode(), usedforsecurity=False).hexdigest()
    assert fields["app_cert_sn"] == number
    root = hashlib.md5(who.replace("app", "root").encode(), usedforsecurity=False).hexdigest()
    assert fields["alipay_root_cert_sn"] == root
    both = certificate_pem("root") + "\n" + certificate_pem("app")
    assert payout_alipay.certificate_number(text=both, root=True) == f"{root}_{number}"
    assert certificate("app").serial_number == 123456789012345


@each
def test_a_callback_tells_the_end(name: str) -> None:
    line = Line(name, "processing")
    line.send()
    number = next(iter(line.bank.book))
    line.bank.book[number]["state"] = "paid"
    body, headers = line.bank.callback(number, at=NOW.timestamp())
    (told,) = line.take(body, headers)
    assert (told["number"], told["state"], told["amount"]) == (number, "paid", 16050)
    assert told["reference"]


@each
def test_a_callback_that_is_not_genuine_is_refused(name: str) -> None:
    line = Line(name)
    line.send()
    number = next(iter(line.bank.book))
    body, headers = line.bank.callback(number, at=NOW.timestamp())
    for forged in (body.replace(b"1", b"2", 1), b"", b"{}", b"\xff\xfe", body[:-3]):
        with pytest.raises(CannotTake) as refused:
            line.take(forged, headers)
        assert refused.value.status in {400, 401, 403}


@pytest.mark.parametrize("name", ["http", "wechat"])
@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_callback_of_another_time_is_refused(name: str, minutes: int) -> None:
    line = Line(name)
    line.send()
    body, headers = line.bank.callback(next(iter(line.bank.book)), at=NOW.timestamp())
    with pytest.raises(CannotTake, match="5 minutes"):
        line.take(body, headers, NOW + timedelta(minutes=minutes))


def test_wechats_key_is_the_one_that_is_set() -> None:
    line = Line("wechat")
    line.send()
    body, headers = line.bank.callback(PLAIN, at=NOW.timestamp())
    with pytest.raises(CannotTake, match="another key"):
        line.take(body, {**headers, "Wechatpay-Serial": "PUB_KEY_ID_OTHER"})
    line.settings["api_key"] = "f" * 32
    with pytest.raises(CannotTake, match="opened"):
        line.take(body, headers)


def test_alipay_writes_in_gbk_too_and_other_messages_are_nobodys_business() -> None:
    line = Line("alipay")
    line.send()
    body, headers = line.bank.callback(PLAIN, at=0, charset="GBK", fail_reason="退票")
    assert line.take(body, headers)[0]["zh"] == "支付宝：退票"
    fields = {"app_id": line.bank.app, "msg_method": "alipay.other", "charset": "utf-8"}
    message = "&".join(f"{k}={v}" for k, v in sorted(fields.items()))
    other = f"{message}&sign={sign('alipay', message.encode()).replace('+', '%2B')}".encode()
    assert line.take(other, headers) == []


@pytest.mark.parametrize("name", ["merchant"])
def test_keys_are_read_however_they_were_pasted(name: str) -> None:
    pem = private_pem(name)
    bare = "".join(pem.splitlines()[1:-1])
    wanted = rsa.private_key(text=pem).private_numbers()
    for text in (pem.replace("\n", ""), pem.replace("\n", " "), bare, f"\n{pem}\n"):
        assert rsa.private_key(text=text).private_numbers() == wanted
    public = rsa.public_key(text=public_pem(name)).public_numbers()
    assert rsa.public_key(text=public_pem(name).replace("\n", "")).public_numbers() == public
    for text in ("", "nonsense", "-----BEGIN KEY-----AA-----END KEY-----", bare[:200]):
        with pytest.raises(rsa.CannotUseKey):
            rsa.private_key(text=text)
        with pytest.raises(rsa.CannotUseKey):
            rsa.public_key(text=text)


@pytest.mark.parametrize("name", ["alipay", "wechat"])
def test_a_key_that_is_none_is_said(name: str) -> None:
    line = Line(name)
    line.settings["private_key"] = "nonsense"
    with pytest.raises(CannotWrite) as wrong:
        line.way.send(ORDER, line.settings)
    assert "私钥" in wrong.value.zh or "密钥" in wrong.value.zh


@each
def test_no_secret_shows(name: str) -> None:
    line = Line(name)
    call = line.way.send(ORDER, line.settings)
    secrets = [str(line.settings[s]) for s in line.channel.secrets]
    assert secrets
    text = repr(call) + call.url + str(call.headers) + call.body.decode()
    assert not any(s in text for s in secrets)
    assert "13812345678" not in repr(ORDER) and "张三" not in repr(ORDER)


def test_the_example_of_the_page_signs_as_we_do() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "payouts.md"
    block = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    shown: dict[str, Any] = {}
    exec(compile(block, "payouts.md", "exec"), shown)
    assert shown["signature"]("k", ["1", "n", "POST", "/p?q=1"], "正文".encode()) == (
        payout_http.signature(secret="k", parts=("1", "n", "POST", "/p?q=1"), body="正文".encode())
    )

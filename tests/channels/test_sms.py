"""SMS: the providers' own examples of signatures, reports, words that unsubscribe, length."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.conformance import sms_aliyun as ali_kit
from channels.conformance import sms_tencent as ten_kit
from huiyin.channels import sms, sms_aliyun, sms_kannel, sms_tencent
from huiyin.channels.inbound import CannotRead
from huiyin.channels.protocol import CannotWrite, Channel, Outgoing, Request, Response, Taken

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


def out(text: str = "您好", **changes: Any) -> Outgoing:
    given = {"id": "ab" * 16, "recipient": "13800138000", "text": text, "at": AT}
    return Outgoing(**{**given, **changes})


def came(channel: Channel, body: object, settings: dict[str, Any]) -> Taken:
    assert channel.take is not None
    raw = json.dumps(body, ensure_ascii=False).encode()
    request = Request(
        method="POST", query={"secret": settings["secret"]}, headers={}, body=raw, at=AT
    )
    return channel.take(request, settings)


def test_the_example_that_alibaba_publishes_for_its_signature() -> None:
    given = sms_aliyun.authorization(
        method="POST",
        host="ecs.cn-shanghai.aliyuncs.com",
        query=sms_aliyun.query_of(
            values={
                "RegionId": "cn-shanghai",
                "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            }
        ),
        headers={
            "x-acs-action": "RunInstances",
            "x-acs-content-sha256": (
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ),
            "x-acs-date": "2023-10-26T10:22:32Z",
            "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
            "x-acs-version": "2014-05-26",
        },
        key_id="YourAccessKeyId",
        secret="YourAccessKeySecret",
    )
    assert given == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_the_example_that_tencent_publishes_for_its_signature() -> None:
    body = (
        b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    )
    given = sms_tencent.authorization(
        action="DescribeInstances",
        host="cvm.tencentcloudapi.com",
        service="cvm",
        body=body,
        at=datetime.fromtimestamp(1551113065, UTC),
        key_id="AKID" + "*" * 32,
        secret="*" * 32,
    )
    assert given.endswith(
        "/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host;x-tc-action, "
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("TD", "left"), ("td。", "left"), ("ＴＤ", "left"), (" 退订 ", "left"), ("R", "left"),
        ("恢复", "back"), ("退订后还给我发，我要投诉", ""), ("TD 快递丢了", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_word_alone_unsubscribes(text: str, wanted: str) -> None:
    assert sms.wish(text=text, settings={}) == wanted


def test_words_are_a_setting() -> None:
    own = {"leave_words": "停 STOP"}
    assert sms.wish(text="停", settings=own) == "left"
    assert sms.wish(text="TD", settings=own) == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("+8613800138000", "13800138000"), ("8613800138000", "13800138000"),
        ("0086-138-0013-8000", "13800138000"), ("+85251234567", "+85251234567"),
        ("10690001", "10690001"),
    ],
)  # fmt: skip
def test_numbers_are_kept_without_the_mainland_s_code(given: str, kept: str) -> None:
    assert sms.number(text=given) == kept


def test_alibaba_s_reports_and_messages_in_one_call() -> None:
    rows = [
        {"phone_number": "13800138000", "success": True, "err_code": "DELIVERED",
         "err_msg": "用户接收成功", "biz_id": "9006^0", "out_id": "x"},
        {"phone_number": "13800138000", "success": False, "err_code": "MK:0001",
         "err_msg": "空号", "biz_id": "9007^0"},
        {"phone_number": "13800138000", "content": "退订", "sequence_id": "5",
         "send_time": "2026-11-26 20:00:00"},
    ]  # fmt: skip
    taken = came(sms_aliyun.CHANNEL, rows, ali_kit._settings("http://x"))
    assert json.loads(taken.answer.body)["code"] == 0
    assert [p.kind for p in taken.pieces] == ["delivery", "delivery", "left"]
    states = [json.loads(p.raw).get("state") for p in taken.pieces[:2]]
    assert states == ["delivered", "failed"]
    assert json.loads(taken.pieces[1].raw)["told"] == "空号"
    assert json.loads(taken.pieces[2].raw)["back"] is False


def test_tencent_s_reports() -> None:
    row = {
        "user_receive_time": "2026-11-26 20:03:04", "nationcode": "86", "mobile": "13800138000",
        "report_status": "FAIL", "errmsg": "UNDELIV", "description": "用户关机", "sid": "5000:1",
    }  # fmt: skip
    taken = came(sms_tencent.CHANNEL, [row], ten_kit._settings("http://x"))
    assert json.loads(taken.answer.body) == {"result": 0, "errmsg": "OK"}
    (piece,) = taken.pieces
    assert json.loads(piece.raw) == {"reference": "5000:1", "state": "failed", "told": "用户关机"}


def test_templates_are_filled_in_the_order_of_the_setting() -> None:
    given = {
        "template_reply": "SMS_1 text=正文",
        "template_notice": "SMS_2 no=编号 url=链接",
    }
    one = out(purpose="notice", number="HY1", link="https://x/t/1")
    assert sms.template(out=one, settings=given) == ("SMS_2", {"no": "HY1", "url": "https://x/t/1"})
    assert sms.template(out=out(purpose="survey"), settings=given)[0] == "SMS_1"
    with pytest.raises(CannotWrite):
        sms.template(out=out(), settings={"template_reply": "SMS_1 a=内容"})
    with pytest.raises(CannotWrite):
        sms.template(out=out(), settings={})


def test_what_is_too_long_is_cut_and_leads_to_the_whole() -> None:
    text = sms.fitting(
        out=out("丢😀" * 400, link="https://x.cn/t/1"), settings={"longest": 100}, before="【甲】"
    )
    assert sms.units(text=text) <= 100
    assert text.startswith("【甲】丢😀") and text.endswith("…全文见 https://x.cn/t/1")
    assert sms.fitting(out=out("短"), settings={}) == "短"


@pytest.mark.parametrize("recipient", ["", "openid-1", "138", "１３８×", "1380013800\r\nX: y"])
def test_only_numbers_are_written_to(recipient: str) -> None:
    for channel, settings in (
        (sms_kannel.CHANNEL, {"base": "http://x", "username": "u", "password": "p"}),
        (sms_aliyun.CHANNEL, ali_kit._settings("http://x")),
        (sms_tencent.CHANNEL, ten_kit._settings("http://x")),
    ):
        assert channel.write is not None
        with pytest.raises(CannotWrite):
            channel.write(out(recipient=recipient), settings, "")


@pytest.mark.parametrize("raw", [b"", b"[]", b'"x"', b"{}", b'{"text": 1, "from": 2, "at": "x"}'])
def test_what_is_no_message_cannot_be_read(raw: bytes) -> None:
    with pytest.raises(CannotRead):
        sms.read(raw)


def test_an_account_that_is_wrong_lets_messages_wait() -> None:
    for channel, body, status in (
        (sms_kannel.CHANNEL, b"Authorization failed for sendsms", 403),
        (sms_aliyun.CHANNEL, b'{"Code": "SignatureDoesNotMatch", "Message": "x"}', 400),
        (sms_tencent.CHANNEL, b'{"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}',
         200),
    ):  # fmt: skip
        assert channel.fate is not None
        assert channel.fate(Response(status=status, headers={}, body=body)).state == "later"
        assert channel.fate(Response(status=502, headers={}, body=b"<html>")).state == "later"

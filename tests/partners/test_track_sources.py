"""Sources of tracks: their answers and pushes, signed as their documentation says."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

import pytest

from huiyin.channels.protocol import CannotRead, CannotTake, Request, Response
from huiyin.core.parcel.track import Track
from huiyin.partners import kdniao, kuaidi100, own_http, zto
from huiyin.partners.own_rows import read_csv
from huiyin.partners.rows import signer_of, state_of, tracks_of

NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
K100 = {"base": "https://poll.kuaidi100.com", "customer": "C1", "key": "k1", "salt": "s1"}
NIAO = {"base": "https://api.kdniao.com", "business_id": "1237100", "key": "k2",
        "request_type": "8001"}  # fmt: skip


def answer(data: object, status: int = 200) -> Response:
    return Response(status=status, headers={}, body=json.dumps(data, ensure_ascii=False).encode())


def pushed(body: bytes, **headers: str) -> Request:
    return Request(
        method="POST", query={}, body=body, at=NOW,
        headers={k.replace("_", "-"): v for k, v in headers.items()},
    )  # fmt: skip


def result(state: str = "304", text: str = "已投入丰巢快递柜，请凭码取件") -> dict[str, Any]:
    return {
        "message": "ok", "nu": "SF1234567890123", "ischeck": "1", "com": "shunfeng",
        "status": "200", "state": state,
        "data": [
            {"time": "2026-11-25 18:02:11", "ftime": "2026-11-25 18:02:11", "context": text,
             "areaName": "湖北,武汉市", "statusCode": state},
            {"time": "2026-11-23 09:00:00", "ftime": "2026-11-23 09:00:00",
             "context": "顺丰速运 已收取快件", "areaName": "广东,深圳市", "statusCode": "1"},
        ],
    }  # fmt: skip


def test_kuaidi100_is_asked_with_its_signature() -> None:
    assert kuaidi100.CHANNEL.track and kuaidi100.CHANNEL.track.ask
    call = kuaidi100.CHANNEL.track.ask(K100, "SF1234567890123", "sf", "13800001234")
    form = {k: v[0] for k, v in parse_qs(call.body.decode()).items()}
    assert json.loads(form["param"])["com"] == "shunfeng"
    assert json.loads(form["param"])["phone"] == "1234"
    wanted = hashlib.md5((form["param"] + "k1" + "C1").encode(), usedforsecurity=False)
    assert form["sign"] == wanted.hexdigest().upper()
    assert "k1" not in call.url and "k1" not in form["param"]


@pytest.mark.parametrize(
    ("state", "text", "ours", "who"),
    [
        ("304", "已投入丰巢快递柜", "signed", "locker"),
        ("304", "已放至菜鸟驿站", "signed", "station"),
        ("303", "家人代收", "signed", "proxy"),
        ("301", "本人签收", "signed", "person"),
        ("3", "已签收", "signed", "unknown"),
        ("5", "派送中", "delivering", ""),
        ("2", "地址不详", "problem", ""),
        ("14", "拒签", "refused", ""),
        ("1001", "到达", "picked_up", ""),
    ],
)
def test_kuaidi100_states_become_ours(state: str, text: str, ours: str, who: str) -> None:
    track = kuaidi100._read(K100, answer(result(state, text)), "SF1234567890123")
    assert (track.state, track.signed_by, track.carrier) == (ours, who, "sf")
    assert [s.place for s in track.scans] == ["广东,深圳市", "湖北,武汉市"]
    assert track.scans[0].at == datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)


def test_kuaidi100_no_result_is_no_failure_and_a_refusal_says_why() -> None:
    nothing = {"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"}
    assert kuaidi100._read(K100, answer(nothing), "X1").scans == ()
    with pytest.raises(CannotRead) as refused:
        kuaidi100._read(
            K100, answer({"result": False, "returnCode": "503", "message": "验证签名失败"}), "X1"
        )
    assert "验证签名失败" in refused.value.zh
    for broken in (b"<html>", b"[]", b'{"status":"200","data":[{}]}'):
        with pytest.raises(CannotRead):
            kuaidi100._read(K100, Response(status=200, headers={}, body=broken), "X1")


def test_kuaidi100_push_is_proved_and_read_once() -> None:
    param = json.dumps({"status": "polling", "lastResult": result()}, ensure_ascii=False)
    sign = hashlib.md5((param + "s1").encode(), usedforsecurity=False).hexdigest().upper()
    request = pushed(urlencode({"param": param, "sign": sign}).encode())
    taken = kuaidi100._take(request, K100)
    assert json.loads(taken.answer.body)["returnCode"] == "200"
    assert Track.from_json(data=json.loads(taken.pieces[0].raw)).signed_by == "locker"
    assert kuaidi100._take(request, K100).pieces[0].external_id == taken.pieces[0].external_id
    for settings, body in (
        (K100, urlencode({"param": param, "sign": "0" * 32}).encode()),
        ({**K100, "salt": ""}, request.body),
        (K100, b"\xff\xfe"),
    ):
        with pytest.raises(CannotTake):
            kuaidi100._take(pushed(body), settings)


def test_kuaidi100_push_that_nobody_understands_is_kept() -> None:
    param = '{"status":"abort","message":"3天查询无记录"}'
    sign = hashlib.md5((param + "s1").encode(), usedforsecurity=False).hexdigest()
    taken = kuaidi100._take(pushed(urlencode({"param": param, "sign": sign}).encode()), K100)
    assert taken.pieces[0].raw == param.encode()


def niao(state: str, action: str, station: str) -> dict[str, Any]:
    return {
        "EBusinessID": "1237100", "ShipperCode": "YTO", "LogisticCode": "YT9876543210987",
        "Success": True, "State": state[:1], "StateEx": state,
        "Traces": [
            {"AcceptTime": "2026/11/24 08:10:00", "AcceptStation": "已揽收", "Action": "1",
             "Location": "杭州市"},
            {"AcceptTime": "2026-11-25 08:10:00", "AcceptStation": station, "Action": action,
             "Location": "武汉市"},
        ],
    }  # fmt: skip


def test_kdniao_is_asked_with_its_signature() -> None:
    assert kdniao.CHANNEL.track and kdniao.CHANNEL.track.ask
    call = kdniao.CHANNEL.track.ask(NIAO, "YT9876543210987", "yto", "")
    form = {k: v[0] for k, v in parse_qs(call.body.decode()).items()}
    digest = hashlib.md5((form["RequestData"] + "k2").encode(), usedforsecurity=False).hexdigest()
    assert base64.b64decode(form["DataSign"]).decode() == digest
    assert json.loads(form["RequestData"])["ShipperCode"] == "YTO"


@pytest.mark.parametrize(
    ("state", "station", "ours", "who"),
    [
        ("311", "快递柜签收", "signed", "locker"), ("304", "代收", "signed", "proxy"),
        ("301", "签收", "signed", "person"), ("404", "拒收", "refused", ""),
        ("412", "超时未取", "problem", ""), ("202", "派件中", "delivering", ""),
    ],
)  # fmt: skip
def test_kdniao_states_become_ours(state: str, station: str, ours: str, who: str) -> None:
    track = kdniao._read(NIAO, answer(niao(state, state, station)), "YT9876543210987")
    assert (track.state, track.signed_by, track.carrier) == (ours, who, "yto")


def test_kdniao_push_brings_many_and_keeps_what_it_cannot_read() -> None:
    text = json.dumps({"Data": [niao("202", "202", "派件中"), {"LogisticCode": "X"}, 7]})
    form = {"RequestData": text, "DataSign": kdniao.sign_of(text=text, key="k2")}
    taken = kdniao._take(pushed(urlencode(form).encode()), NIAO)
    assert len(taken.pieces) == 3 and json.loads(taken.answer.body)["Success"] is True
    assert Track.from_json(data=json.loads(taken.pieces[0].raw)).state == "delivering"
    with pytest.raises(CannotTake):
        kdniao._take(pushed(urlencode({**form, "DataSign": "x"}).encode()), NIAO)


def test_zto_push() -> None:
    body = json.dumps(
        {"billCode": "73123456789012", "action": "SIGNED", "actionTime": "2026-11-25 10:00:00",
         "desc": "已放至丰巢柜", "facilityName": "武汉洪山"}, ensure_ascii=False
    )  # fmt: skip
    digest = hashlib.md5((body + "z1").encode(), usedforsecurity=False).digest()
    sign = base64.b64encode(digest).decode()
    taken = zto._take(pushed(body.encode(), x_datadigest=sign), {"secret": "z1"})
    track = Track.from_json(data=json.loads(taken.pieces[0].raw))
    assert (track.waybill, track.state, track.signed_by) == ("73123456789012", "signed", "locker")
    form = urlencode({"data": body, "data_digest": sign}).encode()
    assert zto._take(pushed(form), {"secret": "z1"}).pieces == taken.pieces
    with pytest.raises(CannotTake):
        zto._take(pushed(body.encode(), x_datadigest="guess"), {"secret": "z1"})


def test_own_system_by_mapping() -> None:
    mapping = (
        "rows = $.data.traces[*]\nat = $.time\ntext = $.desc\nstate = $.status\n"
        "place = $.city\npromised_at = $$.data.promised\nfee = $$.data.fee\n"
    )
    settings = {"base": "https://tms/{waybill}?p={phone}", "mapping": mapping}
    call = own_http._ask(settings, "A/1", "", "13800001234")
    assert call.url == "https://tms/A%2F1?p=13800001234"
    said = {"data": {"promised": "2026-11-20 18:00", "fee": "12.5", "traces": [
        {"time": "2026-11-19 08:00", "desc": "离开武汉", "status": "运输中", "city": "武汉"},
        {"time": "2026-11-20 09:00", "desc": "到达宜昌", "status": "到达", "city": "宜昌"},
    ]}}  # fmt: skip
    track = own_http._read(settings, answer(said), "A/1")
    assert (track.state, track.facts, len(track.scans)) == ("moving", {"fee": 1250}, 2)
    assert track.promised_at == datetime(2026, 11, 20, 18, tzinfo=SHANGHAI)
    assert own_http._read(settings, answer({}, status=404), "A/1").scans == ()


@pytest.mark.parametrize("wrong", ["rows = $.a\nat $.b", "rows = $.a", "rows = $.[\nat = $.b"])
def test_a_wrong_mapping_names_its_line(wrong: str) -> None:
    with pytest.raises(CannotRead):
        own_http.mapping_of(text=wrong)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_of_a_company(charset: str) -> None:
    text = (
        "运单号,时间,描述,状态,网点,收件电话,保价金额\n"
        "SF1,2026-11-20 08:00,已揽收,揽收,深圳,13800001234,3000\n"
        "SF1,2026/11/21 09:30,由家人代收,签收,武汉,,\n"
        "SF2,2026-11-21 10:00,派件中,派送中,武汉,,\n"
    )
    first, second = read_csv(content=text.encode(charset))
    assert (first.state, first.signed_by, first.phone) == ("signed", "proxy", "13800001234")
    assert first.facts == {"insured_amount": 300000}
    assert second.state == "delivering"


@pytest.mark.parametrize(
    "wrong", [b"a,b\n1,2\n", "运单号,时间\nSF1,昨天\n".encode(), b"\x81\xff\x00"]
)
def test_csv_that_cannot_be_read_says_why(wrong: bytes) -> None:
    with pytest.raises(CannotRead):
        read_csv(content=wrong)


def test_words_of_companies() -> None:
    words = {"退回签收": "returned", "拒收": "refused", "已签收": "signed", "Delivered?": ""}
    assert {w: state_of(word=w) for w in words} == words
    assert signer_of(word="门卫代签") == "proxy" and signer_of(word="?") == "unknown"
    assert tracks_of(rows=[], zone=SHANGHAI) == []

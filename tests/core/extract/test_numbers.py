"""One number told from another: waybills, phones, orders, identity cards, last digits."""

from __future__ import annotations

import pytest

from huiyin.core.extract import DEFAULT, CannotReadCarriers, CarrierPatterns, extract
from huiyin.core.extract.identifiers import id_card_valid


def one(text: str, kind: str) -> tuple[str, str | int] | None:
    entities = [e for e in extract(text=text) if e.type == kind]
    assert len(entities) <= 1, entities
    return (entities[0].text, entities[0].value) if entities else None


@pytest.mark.parametrize(
    ("text", "said", "value"),
    [
        ("单号SF1400012345678没到", "SF1400012345678", "SF1400012345678"),
        ("顺丰 sf1400012345678 没到", "sf1400012345678", "SF1400012345678"),
        ("单号ＹＴ２２０００３３３４４４５５", "ＹＴ２２０００３３３４４４５５", "YT2200033344455"),
        ("顺丰SF 1400 0123 45678在哪", "SF 1400 0123 45678", "SF1400012345678"),
        ("YT-2200-0333-44455一直不动", "YT-2200-0333-44455", "YT2200033344455"),
        ("中通7350 0011 1222 33不动", "7350 0011 1222 33", "73500011122233"),
        ("SFl40OO12345678破了", "SFl40OO12345678", "SF1400012345678"),
        ("YT22OOO33344455", "YT22OOO33344455", "YT2200033344455"),
        ("中通735OOO11122233", "735OOO11122233", "73500011122233"),
        (
            "运单号七三五零零零幺幺幺二二二三三",
            "七三五零零零幺幺幺二二二三三",
            "73500011122233",
        ),
        ("EMSEA111222333CN查一下", "EA111222333CN", "EA111222333CN"),
        ("zto73500011122233", "73500011122233", "73500011122233"),
        ("长运CY2600011112压坏了", "CY2600011112", "CY2600011112"),
        ("京东JDVA01234500099没送", "JDVA01234500099", "JDVA01234500099"),
        ("快递单号HY20260011", "HY20260011", "HY20260011"),
        ("单号AB-100200-3的货", "AB-100200-3", "AB-100200-3"),
        ("运单编号：12345678", "12345678", "12345678"),
        ("我的包裹 1234567890123456 没动静", "1234567890123456", "1234567890123456"),
        ("收到包裹HYE8582801632少了一件", "HYE8582801632", "HYE8582801632"),
        ("kd123456789的件到哪了", "kd123456789", "KD123456789"),
    ],
)
def test_waybill(text: str, said: str, value: str) -> None:
    assert one(text, "waybill") == (said, value)


@pytest.mark.parametrize(
    "text",
    [
        "订单号88001122334455还没发货",
        "银行卡号6222000011112222333",
        "取件码 12-3-4567",
        "工号10086123",
        "货重1234567890",
        "加我微信wx1380000111说快递的事",
        "型号HYE8582801632的手表不走了",
        "今天2026-11-05 10:30到的",
        "3台电视机",
        "身份证43010219900307701X",
        "1234567890123456",
    ],
)
def test_no_waybill(text: str) -> None:
    assert one(text, "waybill") is None


@pytest.mark.parametrize(
    ("text", "said", "value"),
    [
        ("电话13800001111", "13800001111", "13800001111"),
        ("打138 0000 1111找我", "138 0000 1111", "13800001111"),
        ("打138-0000-1111找我", "138-0000-1111", "13800001111"),
        ("+86 13800001111", "+86 13800001111", "13800001111"),
        ("８６１３８００００１１１１", "８６１３８００００１１１１", "13800001111"),
        ("１３８００００１１１１是我", "１３８００００１１１１", "13800001111"),
        ("虚拟号13800001111-1234", "13800001111-1234", "13800001111-1234"),
        ("13800001111转1234", "13800001111转1234", "13800001111-1234"),
        ("座机 0731-80001111 转 8", "0731-80001111 转 8", "073180001111-8"),
        ("(0731)80001111", "(0731)80001111", "073180001111"),
        ("010-60001111", "010-60001111", "01060001111"),
        ("打400-800-1234没人接", "400-800-1234", "4008001234"),
        ("固话8000111", "8000111", "8000111"),
        ("收件人138****1111", "138****1111", "138****1111"),
        ("我电话幺三八零零零零幺幺幺幺", "幺三八零零零零幺幺幺幺", "13800001111"),
        ("tel13800001111", "13800001111", "13800001111"),
    ],
)
def test_phone(text: str, said: str, value: str) -> None:
    assert one(text, "phone") == (said, value)


@pytest.mark.parametrize(
    ("text", "said", "value"),
    [
        ("尾号4471到哪了", "4471", "4471"),
        ("单号后四位：0059", "0059", "0059"),
        ("末四位 7788 的那件", "7788", "7788"),
        ("底单尾数是0060", "0060", "0060"),
        ("尾号四四七幺", "四四七幺", "4471"),
        ("单号92560001（只记得后八位）", "92560001", "92560001"),
        ("单号我只记得中间几位EA11122", "EA11122", "EA11122"),
    ],
)
def test_part_of_a_waybill(text: str, said: str, value: str) -> None:
    assert one(text, "waybill_tail") == (said, value)


def test_last_digits_of_a_phone_are_no_waybill() -> None:
    assert one("手机尾号4471", "waybill_tail") is None
    assert one("手机尾号4471", "phone_tail") == ("4471", "4471")


@pytest.mark.parametrize("text", ["最后30天", "后面3个件都没到", "末尾10元"])
def test_a_count_is_no_last_digits(text: str) -> None:
    assert one(text, "waybill_tail") is None


def test_an_order_number_is_called_one() -> None:
    assert one("订单编号：48500011122", "order_no") == ("48500011122", "48500011122")


def test_identity_card_by_check_digit_and_by_name() -> None:
    good = "11010519491231002X"
    assert one(f"证件{good}", "id_card") == (good, good)
    assert id_card_valid(number=good)
    assert not id_card_valid(number="110105194912310021")
    assert not id_card_valid(number="11010519491331002X")
    assert one("身份证号码110105194912310021", "id_card") is not None


def carriers_of(text: str) -> list[str]:
    (waybill,) = [e for e in extract(text=text) if e.type == "waybill"]
    scores = [c.score for c in waybill.candidates]
    assert scores == sorted(scores, reverse=True)
    return [c.carrier for c in waybill.candidates]


def test_a_number_alone_has_several_candidates() -> None:
    assert carriers_of("快递73500011122233")[:1] == ["zto"]
    assert {"yto", "best"} <= set(carriers_of("快递73500011122233"))


@pytest.mark.parametrize("name", ["圆通", "圆桶", "园通"])
def test_the_carrier_named_beside_it_comes_first(name: str) -> None:
    assert carriers_of(f"{name}73500011122233")[0] == "yto"


def test_a_carrier_whose_forms_do_not_fit_stays_possible() -> None:
    assert carriers_of("中通快递单号 99887766554433221")[0] == "zto"


def test_among_several_names_the_nearest_counts() -> None:
    text = "圆通那件已经收到，现在说的是申通773300044455566和韵达430000111122223"
    tops = [e.candidates[0].carrier for e in extract(text=text) if e.type == "waybill"]
    assert tops == ["sto", "yunda"]


def test_a_small_carrier_brings_its_own_form() -> None:
    own = CarrierPatterns.from_data(
        data=[{"code": "xh", "name": "新禾", "numbers": [{"form": r"XH\d{8}", "weight": 0.9}]}]
    )
    (waybill,) = extract(text="XH20260001坏了", carriers=own)
    assert [c.carrier for c in waybill.candidates] == ["xh"]
    assert extract(text="XH20260001坏了") == ()


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "无码"},
        {"code": "x", "name": "坏", "numbers": [{"form": "(", "weight": 0.5}]},
        {"code": "x", "name": "坏", "numbers": [{"form": "1", "weight": 2}]},
        {"code": "x", "name": "坏", "numbers": ["\\d+"]},
        "x",
    ],
)
def test_unreadable_carriers_are_named(entry: object) -> None:
    with pytest.raises(CannotReadCarriers, match="carrier entry"):
        CarrierPatterns.from_data(data=[entry])  # type: ignore[list-item]


def test_shipped_carriers_cover_the_large_ones() -> None:
    codes = {c.code for c in DEFAULT.carriers}
    assert {"sf", "zto", "yto", "sto", "yunda", "ems", "jt", "jd", "deppon", "best"} <= codes

"""Addresses, places, people and goods."""

from __future__ import annotations

import pytest

from huiyin.core.extract import extract
from huiyin.core.extract.words import CannotReadWords, Words


def named(text: str, kind: str) -> list[tuple[str, str | int]]:
    return [(e.text, e.value) for e in extract(text=text) if e.type == kind]


@pytest.mark.parametrize(
    ("text", "said", "value"),
    [
        (
            "收件地址：湖南省衡阳市蒸湘区红湘街道解放大道10号金钟小区3栋502室，电话",
            "湖南省衡阳市蒸湘区红湘街道解放大道10号金钟小区3栋502室",
            "湖南省/衡阳市/蒸湘区/红湘街道/解放大道10号金钟小区3栋502室",
        ),
        ("家在衡阳蒸湘", "衡阳蒸湘", "湖南省/衡阳市/蒸湘区"),
        ("醴陵市来龙门街道的件", "醴陵市来龙门街道", "湖南省/株洲市/醴陵市/来龙门街道"),
        ("武陵区姚女士", "武陵区", "湖南省/常德市/武陵区"),
        ("湖南 常德 武陵区", "湖南 常德 武陵区", "湖南省/常德市/武陵区"),
        ("寄东莞虎门", "东莞虎门", "广东省/东莞市/虎门镇"),
        ("北京市朝阳区建国路88号", "北京市朝阳区建国路88号", "北京市/朝阳区/建国路88号"),
        ("苏州姑苏区平江路", "苏州姑苏区平江路", "江苏省/苏州市/姑苏区/平江路"),
        ("凤凰县阿拉营镇", "凤凰县阿拉营镇", "湖南省/湘西土家族苗族自治州/凤凰县/阿拉营镇"),
        ("新晃侗族自治县", "新晃侗族自治县", "湖南省/怀化市/新晃侗族自治县"),
        ("收货地常德", "常德", "湖南省/常德市"),
        ("地址：学府路12号阳光花园3栋", "学府路12号阳光花园3栋", "学府路12号阳光花园3栋"),
        ("我住春晓苑7栋", "春晓苑7栋", "春晓苑7栋"),
        ("郑州经开区", "郑州经开区", "河南省/郑州市/经开区"),
    ],
)
def test_address(text: str, said: str, value: str) -> None:
    assert named(text, "address") == [(said, value)]


@pytest.mark.parametrize(
    ("text", "said", "value"),
    [
        ("从武汉发出", "武汉", "湖北省/武汉市"),
        ("停在长沙中转站", "长沙", "湖南省/长沙市"),
        ("常德武陵网点没人接", "常德武陵", "湖南省/常德市/武陵区"),
        ("寄往新疆", "新疆", "新疆维吾尔自治区"),
    ],
)
def test_a_place_named_in_passing_is_no_address(text: str, said: str, value: str) -> None:
    assert named(text, "place") == [(said, value)]
    assert named(text, "address") == []


@pytest.mark.parametrize(
    "text",
    [
        "大同小异",
        "平安到达",
        "资源浪费",
        "这个商城太差",
        "乡镇快递",
        "第3号楼",
        "日照时间长",
        "重新安排",
        "味道真是",
    ],
)
def test_everyday_words_are_no_places(text: str) -> None:
    assert named(text, "place") == []
    assert named(text, "address") == []


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("姚女士来电", "姚女士"),
        ("转告欧阳老师", "欧阳老师"),
        ("联系人：宋先生", "宋先生"),
        ("申诉人罗小英：没有回复", "罗小英"),
        ("我叫何大勇，电话在后面", "何大勇"),
        ("派件员小张骂人", "小张"),
        ("寄件人姓薛", "薛"),
        ("请尽快答复。\n\n傅明远\n13800001111", "傅明远"),
    ],
)
def test_person(text: str, who: str) -> None:
    assert [name for name, _ in named(text, "person")] == [who]


@pytest.mark.parametrize(
    "text", ["店老板不理我", "对方老板说", "快递小哥", "时间：三点", "小区门口"]
)
def test_no_person(text: str) -> None:
    assert named(text, "person") == []


def test_goods() -> None:
    assert [word for word, _ in named("里面是手机壳和一箱蜂蜜", "goods")] == ["手机壳", "蜂蜜"]
    assert named("手机号在后面", "goods") == []


@pytest.mark.parametrize("data", [{}, {"numbers": []}, {"numbers": {"waybill": "单号"}}])
def test_unreadable_words_are_named(data: dict[str, object]) -> None:
    with pytest.raises(CannotReadWords):
        Words.from_data(data=data)

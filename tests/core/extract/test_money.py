"""Sums of money, in 分."""

from __future__ import annotations

import pytest

from huiyin.core.extract import extract
from huiyin.core.extract.numerals import number


def sums(text: str) -> list[tuple[str, str | int]]:
    return [(e.text, e.value) for e in extract(text=text) if e.type == "money"]


@pytest.mark.parametrize(
    ("text", "said", "fen"),
    [
        ("要求赔1,380 元", "1,380 元", 138_000),
        ("￥1,380 元", "￥1,380 元", 138_000),
        ("只退￥99.5", "￥99.5", 9_950),
        ("RMB 300", "RMB 300", 30_000),
        ("收了我15块", "15块", 1_500),
        ("一共15块钱", "15块钱", 1_500),
        ("运费３０元", "３０元", 3_000),
        ("赔三百五", "三百五", 35_000),
        ("赔我一千三百八", "一千三百八", 138_000),
        ("损失两千零五十元", "两千零五十元", 205_000),
        ("货值四十六万", "四十六万", 46_000_000),
        ("涉及46万", "46万", 46_000_000),
        ("价值2.5万元", "2.5万元", 2_500_000),
        ("两万五的设备", "两万五", 2_500_000),
        ("买成1k2", "1k2", 120_000),
        ("2w5的货", "2w5", 2_500_000),
        ("3块5一斤", "3块5", 350),
        ("三块五毛钱", "三块五毛钱", 350),
        ("八毛钱", "八毛钱", 80),
        ("百把块钱的东西", "百把块钱", 10_000),
        ("好几百块", "好几百块", 10_000),
        ("赔偿500-800元", "500-800元", 50_000),
        ("按300赔", "300", 30_000),
        ("说退15", "15", 1_500),
        ("平台价格1899，没保价", "1899", 189_900),
        ("花了一块钱", "一块钱", 100),
        ("多收6块一箱", "6块", 600),
    ],
)
def test_sum(text: str, said: str, fen: int) -> None:
    assert sums(text) == [(said, fen)]


@pytest.mark.parametrize(
    "text",
    [
        "一块玻璃碎了",
        "500块瓷砖",
        "三块屏幕",
        "我们一块去的",
        "元旦前寄的",
        "打了30次",
        "共3件",
        "赔偿3天内到",
        "外箱一角破了",
        "按3点算",
        "收了2个箱子",
        "第3块",
        "退5件",
        "共120公里",
    ],
)
def test_no_sum(text: str) -> None:
    assert sums(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1,380.5", 1380.5),
        ("十二", 12),
        ("二十", 20),
        ("一百零五", 105),
        ("三百五", 350),
        ("三百五十", 350),
        ("一千三百八", 1380),
        ("一万二", 12_000),
        ("四十六万", 460_000),
        ("两千零五", 2005),
        ("半", 0.5),
        ("3千5", 3500),
        ("1k2", 1200),
        ("2万", 20_000),
    ],
)
def test_number(text: str, value: float) -> None:
    assert number(text=text) == value


@pytest.mark.parametrize("text", ["", "四五", "abc", "１２x", "1.2.3", "百把", "k"])
def test_no_number(text: str) -> None:
    assert number(text=text) is None

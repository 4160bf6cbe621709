"""Which answers are refused, and that ordinary ones are not."""

from __future__ import annotations

import pytest

from huiyin.core.assistant import (
    CannotTrust,
    CaseFacts,
    Known,
    Question,
    Said,
    compose,
    examine,
    read_opinion,
    restore,
)

SAID = "我叫王小明，电话13812345678，单号SF1234567890123，等了3天，要赔300元。"


@pytest.fixture
def question() -> Question:
    facts = CaseFacts(
        said=(Said("customer", SAID),),
        known=Known(names=("王小明",)),
        decided={},
        categories={},
        urgencies={},
    )
    return compose(kind="draft", facts=facts, language="zh")


@pytest.mark.parametrize(
    "answer",
    [
        "[[PERSON_1]]您好，您的快件[[WAYBILL_1]]我们正在核实，请保持电话[[PHONE_1]]畅通。",
        "客户等了3天，要求赔300元。\n- 单号[[WAYBILL_1]]\n- 还缺：派送记录",
        "Dear [[PERSON_1]], we are looking into parcel [[WAYBILL_1]], e.g. the last scan.Thanks.",
        "2026年11月20日下单，11月26日仍未送达。",
    ],
)
def test_ordinary_answers_are_taken(answer: str, question: Question) -> None:
    assert examine(answer=answer, question=question) == answer


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("", "empty"),
        (" \u200b\x00 ", "empty"),
        ("长" * 6001, "too_long"),
        ("请打[[PHONE_2]]", "placeholder"),
        ("请打[[ADDRESS_1]]", "placeholder"),
        ("请打［［PHONE_1］］", "placeholder"),
        ("请看【【电话】】", "placeholder"),
        ("请打[[PHO\u200bNE_2]]", "placeholder"),
        ("请打开 https://pay.example.com/x", "link"),
        ("请打开 evil-site.top 领取赔款", "link"),
        ("请打开 ｅｖｉｌ．ｃｏｍ", "link"),
        ("请打开 evil.c\u200bom", "link"),
        ("weixin://dl/chat", "link"),
        ("请访问 10.0.0.1", "link"),
        ("请写信到 boss@evil.com", "link"),
        ("点[这里](x)", "markup"),
        ("<img src=x onerror=alert(1)>", "markup"),
        ("＜script＞", "markup"),
        ("请打13900001111", "personal"),
        ("请打139 0000 1111", "personal"),
        ("请打１３９００００１１１１", "personal"),
        ("卡号6222020200112233445", "personal"),
        ("身份证11010519491231002X", "personal"),
        ("您的单号是SF9999999999999", "personal"),
        ("派件员李大勇已经承认。", "personal"),
        ("请到上海市浦东新区张江镇科苑路88号3栋502室领取", "personal"),
    ],
)
def test_others_are_refused(answer: str, rule: str, question: Question) -> None:
    with pytest.raises(CannotTrust) as caught:
        examine(answer=answer, question=question)
    assert caught.value.because.rule == f"assistant.{rule}"


def test_what_was_hidden_comes_back_after_the_look(question: Question) -> None:
    taken = examine(answer="[[PERSON_1]]，[[PHONE_1]]，[[WAYBILL_1]]", question=question)
    assert restore(text=taken, held=question.held) == "王小明，13812345678，SF1234567890123"


def test_an_opinion_is_of_one_form_only() -> None:
    known = {"categories": ("lost", "delay"), "urgencies": ("low", "high")}
    good = '```json\n{"category": "lost", "urgency": "high", "why": "手机没收到"}\n```'
    found = read_opinion(text=good, **known)
    assert (found.category, found.urgency, found.why) == ("lost", "high", "手机没收到")
    for bad in (
        "lost",
        "[]",
        "[" * 100_000,
        '{"category": "lost"}',
        '{"category": ["lost"], "urgency": "high", "why": ""}',
        '{"category": "close_it", "urgency": "high", "why": ""}',
        '{"category": "lost", "urgency": "high", "why": {}}',
    ):
        with pytest.raises(CannotTrust):
            read_opinion(text=bad, **known)

"""Ended complaints are likened by words, facts and ending; an answer is made to fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.similar import (
    BLANK,
    Commonness,
    Parties,
    PastCase,
    Present,
    adapt,
    lists,
    past_terms,
    places_of,
    rank,
    terms_of,
)

SAID = "显示已签收，可我根本没收到，派件员说放在门口了"
PRESENT = Present(
    terms=terms_of(text=SAID),
    category="delivery",
    places=("杭州市", "广州市"),
    goods="手机",
    band=2,
)
OTHERS = (
    "快递三天没有更新，催一下", "茶杯摔碎了，要求赔偿", "运费收多了，和说好的不一样",
    "客服电话一直打不通", "派件员态度很差，说话难听", "包裹丢了，里面是合同",
)  # fmt: skip


def past(id: str, text: str, **facts: object) -> PastCase:
    return PastCase(id=id, terms=terms_of(text=text), category="delivery", **facts)  # type: ignore[arg-type]


def common(*cases: PastCase) -> Commonness:
    return Commonness.of(cases=[*(c.terms for c in cases), *(terms_of(text=t) for t in OTHERS)])


def order(*cases: PastCase) -> list[str]:
    found = rank(present=PRESENT, past=cases, common=common(*cases), most=10)
    return [s.case.id for s in found]


def test_like_words_come_first_and_strangers_not_at_all() -> None:
    copy = past("copy", "明明显示签收，我根本没有收到，派件员说放门口了")
    near = past("near", "显示签收但没收到货，请查")
    far = replace(past("far", "茶杯摔碎了，要求赔偿"), category="damaged")
    assert order(far, near, copy) == ["copy", "near"]


def test_the_facts_of_the_parcel_count() -> None:
    text = "显示签收但没有收到包裹，请查一下"
    plain = past("plain", text)
    line = past("line", text + "谢谢", places=("广州市", "杭州市"), goods="手机", band=2)
    assert order(plain, line) == ["line", "plain"]
    [first, _] = rank(present=PRESENT, past=[plain, line], common=common(plain, line), most=2)
    assert first.because[0].zh.startswith("同类、同线路、同类物品、金额相近、文字相近：")
    assert first.because[0].en.startswith("same kind, same line")


def test_satisfied_comes_first_and_handled_again_last() -> None:
    text = "显示签收，根本没收到，派件员放门口"
    good, quiet = past("good", text, stars=5), past("quiet", text, amount=1)
    bad, again = past("bad", text, stars=1, amount=2), past("again", text, level=1, amount=3)
    assert order(bad, again, quiet, good)[0] == "good"
    assert order(again, quiet, good)[-1] == "again"
    assert order(bad, quiet, good)[-1] == "bad"
    [found] = rank(present=PRESENT, past=[again], common=common(again), most=1)
    assert "重新处理" in found.because[1].zh


def test_the_same_words_with_the_same_ending_are_shown_once() -> None:
    text = "显示签收，根本没收到"
    assert len(order(past("a", text), past("b", text), past("c", text, amount=500))) == 2


def test_the_rarest_words_and_the_facts_are_looked_up() -> None:
    cases = [past(str(n), "显示签收，没收到").terms for n in range(900)]
    cases += [terms_of(text=t) for t in OTHERS]
    few = lists(present=PRESENT, common=Commonness.of(cases=cases))
    assert ("门口",) in few.keys and ("zpdelivery杭州市",) in few.keys
    assert ("签收",) not in few.keys
    assert len(few.keys) == len(few.weights) <= 20
    cases += [terms_of(text=SAID)] * 40
    many = lists(present=PRESENT, common=Commonness.of(cases=cases, total=3_000_000))
    assert ("门口",) in few.keys and ("门口",) not in many.keys
    assert any(len(k) > 1 and "门口" in k for k in many.keys)
    assert len(many.keys) <= 30


@given(st.text(max_size=500), st.text(max_size=30), st.sampled_from(("lost", "late_night", "b-2")))
def test_keys_are_plain_whatever_is_said(text: str, place: str, category: str) -> None:
    entities = [{"type": "place", "value": place}, {"type": "goods", "value": place}]
    terms = past_terms(
        terms=terms_of(text=text),
        category=category,
        places=places_of(entities=entities),
        goods="杯",
    )
    assert all(t.isalnum() for t in terms)
    places = places_of(entities=entities)
    present = Present(terms=terms_of(text=text), category=category, places=places, goods="杯")
    chosen = lists(present=present, common=Commonness(0, {}))
    assert len(chosen.keys) <= 30
    assert all(key.isalnum() for keys in chosen.keys for key in keys)
    assert set(terms[-2:]) <= {key for keys in chosen.keys for key in keys}


THEIRS = Parties(
    number="HY20261001-000007", waybill="SF1234567890123", customer="王小明", goods="手机",
    granted=30000, places=("杭州市",), agent="小李", secret=("13812345678",),
    known=("测试快递", "95338"),
)  # fmt: skip
MINE = Parties(
    number="HY20261103-000001", waybill="JT0009999999999", customer="赵敏", goods="茶杯",
    granted=12050, places=("广州市",), agent="小陈", known=("测试快递", "95338"),
)  # fmt: skip
ANSWER = (
    "王先生您好，我是测试快递的小李。您的投诉HY20261001-000007（运单SF1234567890123，尾号0123）已查清："
    "手机在杭州中转场摔坏，派件员李建国已道歉。按保价条款赔付300元，另退运费12元，11月8日前打到您尾号4471"
    "的账户，有问题打13812345678或95338，也可发到a@b.cn，地址杭州市西湖区文三路100号。"
)


def test_an_answer_is_made_to_fit() -> None:
    fitted = adapt(answer=ANSWER, theirs=THEIRS, mine=MINE)
    assert fitted.text == (
        "赵敏您好，我是测试快递的小陈。您的投诉HY20261103-000001（运单JT0009999999999，尾号9999）已查清："
        "茶杯在____中转场摔坏，派件员____已道歉。按保价条款赔付120.50元，另退运费____元，____前打到您尾号____"
        "的账户，有问题打____或95338，也可发到____，地址____。"
    )
    assert fitted.blanks == 8
    assert any("已换成本件的" in r.zh and "留空" in r.zh for r in fitted.because)


@pytest.mark.parametrize("mine", [MINE, Parties()])
@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        "王小明女士，您的件（SF1234567890123）已送到文三路100号，收件人王小明，电话138 1234 5678。",
        "王女士：赔您三百块，微信 wx_13812345678，见https://x.example/t/HY20261001-000007/a/ 。",
        "小李已联系收件人陈桂花（身份证330106198001011234），请加我 QQ12345678。",
    ],
)
def test_nothing_of_the_other_person_stays(answer: str, mine: Parties) -> None:
    text = adapt(answer=answer, theirs=THEIRS, mine=mine).text
    for secret in (
        "王小明", "王女士", "王先生", "陈桂花", "李建国", "小李", "SF1234567890123", "0123）",
        "HY20261001-000007", "1381234", "5678", "文三路", "a@b.cn", "330106", "300元", "三百",
        "/t/",
    ):  # fmt: skip
        assert secret not in text, text
    assert BLANK in text


@given(st.text(max_size=300))
def test_any_answer_can_be_made_to_fit(answer: str) -> None:
    fitted = adapt(answer=answer, theirs=THEIRS, mine=Parties())
    assert "SF1234567890123" not in fitted.text
    assert fitted.blanks == fitted.text.count(BLANK)

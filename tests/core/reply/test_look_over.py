"""What is marked in a reply before it goes out, and what is left alone."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.reply import Look, Own, ReplyFacts, look_over
from huiyin.core.reply.words import CannotReadWords, ReplyWords

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
OWN = Own(
    names=("王丽",),
    phones=("13800001111",),
    mails=("wang@kehu.example",),
    addresses=("杭州市西湖区文一路8号2单元301",),
    known=("李小明", "0571-12345678"),
)


def look(text: str, **facts: Any) -> Look:
    return look_over(text=text, facts=ReplyFacts(now=NOW, day_ends=time(18), **facts))


def codes(text: str, **facts: Any) -> list[str]:
    return [r.code for r in look(text, **facts).remarks]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("经过是____，我们会处理", "blank", "____"),
        ("{customer}，您好", "blank", "{customer}"),
        ("派件员李建国今天休息", "foreign_person", "李建国"),
        ("请拨打13912345678", "foreign_phone", "13912345678"),
        ("收件人住在上海市浦东新区张江路12号3单元501", "foreign_address", "张江路12号3单元501"),
        ("写信到 chen@other.example", "foreign_mail", "chen@other.example"),
        ("他的身份证是11010519491231002X", "foreign_id_card", "11010519491231002X"),
    ],
)
def test_what_wants_a_reason_first(text: str, code: str, words: str) -> None:
    found = look(text, own=OWN)
    (stop,) = found.stops
    assert stop.code == code
    assert any(words in w for w in stop.words)
    assert all(text[a:b].strip() in stop.words for a, b in stop.spans)


@pytest.mark.parametrize(
    "text",
    [
        "王丽您好，您的电话13800001111我们记下了",
        "请发到 wang@kehu.example",
        "已改送到文一路8号2单元301",
        "我是李小明，电话0571-12345678",
        "请到张江路12号菜鸟驿站取件，热线95338",
        "也可以向邮政管理部门申诉（12305）",
        "张师傅会上门，刘主管也会跟进",
        "号码139****5678已经核对",
        "进度：https://huiyin.example/t/HY20261103-000001/Ab__c-d/",
    ],
)
def test_the_customers_own_data_and_public_places_are_no_secret(text: str) -> None:
    assert look(text, own=OWN).stops == ()


def test_what_the_customer_said_himself_he_may_read() -> None:
    said = Own(said=("派件员李建国骂人，他电话13912345678",))
    assert look("派件员李建国（13912345678）已停岗", own=said).stops == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("是您自己没看清", "blame"),
        ("谁让您不在家", "blame"),
        ("这是您的问题", "blame"),
        ("这不归我们管", "cold"),
        ("请自行解决", "cold"),
        ("我们也没办法", "cold"),
        ("说过多少遍了", "angry"),
        ("不是说了吗！！", "angry"),
    ],
)
def test_tone(text: str, code: str) -> None:
    (found,) = [r for r in look(text).remarks if r.code == code]
    assert found.level == "look"
    assert found.spans


@pytest.mark.parametrize(
    "text",
    [
        "您好，已查明是中转场漏扫，责任在我们，再次向您致歉。",
        "您的包裹今天已经送到，这次晚到是干线车辆晚点造成的。",
        "请保留好原包装，谢谢您的配合。",
        "您填写的地址我们核对过，是对的。",
    ],
)
def test_a_good_answer_is_left_alone(text: str) -> None:
    assert look(text, verdict="partly_upheld").remarks == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("您好，破损是搬运造成的，责任在我们。", "liable"),
        ("这次确实是我们的失误", "liable"),
        ("由我们承担全部责任", "liable"),
        ("您反映的情况经核实属实", "liable"),
        ("您的投诉已成立", "liable"),
        ("补偿已经批准，请保留好原包装", "granted"),
        ("赔偿方案已由经理批准", "granted"),
        ("公司同意给您赔3000元", "granted"),
        ("现在确认赔付300元", "granted"),
        ("审批已通过", "granted"),
        ("我们会全额赔偿", "granted"),
    ],
)
def test_nobody_claims_what_was_not_decided(text: str, code: str) -> None:
    (found,) = [r for r in look(text).remarks if r.code in {"liable", "granted"}]
    assert (found.code, found.level) == (code, "look")
    assert found.spans
    decided = {"liable": {"verdict": "partly_upheld"}, "granted": {"granted": True}}[code]
    assert code not in codes(text, **decided)
    assert ("liable" in codes(text, verdict="not_upheld")) == (code == "liable")


@pytest.mark.parametrize(
    "text",
    [
        "责任不在我们一方时，会把依据给您看",
        "如果查明是我们的责任，我们会照价赔偿",
        "是不是我们的失误，还在核实",
        "补偿还没有批准，批准后第一时间告诉您",
        "赔偿申请已提交，尚未批准",
        "请您确认赔偿方案",
        "为了确认赔付金额，请补充发票",
        "您同意退款的话请告诉我收款方式",
        "没有守住原来的时间，是我们的问题，请您见谅",
    ],
)
def test_what_is_supposed_or_open_claims_nothing(text: str) -> None:
    assert not {"liable", "granted"} & set(codes(text))


def test_an_upheld_complaint_wants_an_apology_once() -> None:
    assert "no_apology" in codes("已退运费", verdict="upheld")
    assert "no_apology" not in codes("已退运费，很抱歉", verdict="upheld")
    assert "no_apology" not in codes("已退运费", verdict="upheld", apologised=True)
    assert "no_apology" not in codes("没有查到问题", verdict="not_upheld")
    assert "no_apology" not in codes("We are sorry for this", verdict="upheld")


def test_questions_without_an_answer() -> None:
    asked = "我的包裹在哪？什么时候到？为什么没人联系我？还管不管？"
    silent = [r for r in look("已收到您的来信", asked=asked).remarks if r.code == "no_answer"]
    assert [r.words[0] for r in silent] == ["我的包裹在哪？", "什么时候到？", "为什么没人联系我？"]
    full = "包裹在浦东网点，因为漏扫描延误，明天上午送到。"
    assert "no_answer" not in codes(full, asked=asked)
    assert "no_answer" not in codes("再见", asked=asked, replied=full)
    assert "no_answer" in codes("已登记", asked="能不能改地址")
    assert "no_answer" not in codes("地址可以改", asked="能不能改地址")


def test_promises_without_a_time() -> None:
    assert codes("我们会尽快联系您") == ["empty_promise"]
    assert codes("一定给您解决") == ["empty_promise"]
    assert codes("今天下班前一定给您解决") == []
    assert codes("今天 9:00 前给您回电") == ["past"]


def test_nothing_written_has_nothing_to_say() -> None:
    assert look("  \n", verdict="upheld", asked="什么时候到？") == Look((), ())


@given(st.text(max_size=200), st.text(max_size=80))
def test_any_text_is_looked_over_and_marks_lie_in_it(text: str, asked: str) -> None:
    for found in look(text, verdict="upheld", asked=asked, own=OWN).remarks:
        assert found.because.zh and found.because.en
        assert all(0 <= a < b <= len(text) for a, b in found.spans)


def test_a_broken_list_is_named() -> None:
    with pytest.raises(CannotReadWords, match="time"):
        ReplyWords.from_data(data={})

"""Whatever is put into a sentence comes out of it, in every way people write it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.extract import extract
from huiyin.core.extract.numerals import number
from huiyin.core.extract.shipped import shipped_divisions

AT = datetime(2026, 11, 12, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FEW = settings(max_examples=30, deadline=None)

WIDE = {
    **{ord("0") + i: 0xFF10 + i for i in range(10)},
    **{ord("A") + i: 0xFF21 + i for i in range(26)},
}
DIGITS = "零一二三四五六七八九"


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(alphabet="0123456789", min_size=count, max_size=count)


def spaced(text: str) -> str:
    head = 2 if text[:2].isalpha() else 0
    body = text[head:]
    parts = [body[i : i + 4] for i in range(0, len(body), 4)]
    if len(parts[-1]) == 1:
        parts[-2:] = [parts[-2] + parts[-1]]
    return " ".join([text[:head], *parts] if head else parts)


def han(value: int) -> str:
    """Write 1 to 9,999 in Chinese numerals."""
    out, zero = "", False
    for scale, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, scale)
        if digit:
            out += ("零" if zero and out else "") + DIGITS[digit] + word
            zero = False
        else:
            zero = True
    return out


WAYBILLS = st.one_of(
    digits(13).map("SF{}".format),
    digits(13).map("YT{}".format),
    digits(13).map("JT{}".format),
    digits(11).map("JDVA{}".format),
    digits(12).map("73{}".format),
    digits(12).map("773{}".format),
    digits(14).map("4{}".format),
    digits(10).map("CY{}".format),
    digits(9).map("EA{}CN".format),
)
WAYBILL_FRAMES = st.sampled_from(
    [
        "单号{}，三天没动",
        "运单号：{} 请查一下",
        "我的快递{}显示签收了但我没收到",
        "【催件】{}，谢谢",
        "圆通的，{}，还没到",
        "{}碎了一只碗",
    ]
)


@FEW
@given(
    number=WAYBILLS,
    frame=WAYBILL_FRAMES,
    form=st.sampled_from(["as is", "lower", "wide", "spaced"]),
)
def test_a_waybill_comes_back(number: str, frame: str, form: str) -> None:
    said = {
        "as is": number,
        "lower": number.lower(),
        "wide": number.translate(WIDE),
        "spaced": spaced(number),
    }[form]
    entities = extract(text=frame.format(said), at=AT)
    assert [(e.text, e.value) for e in entities if e.type == "waybill"] == [(said, number)]
    assert not [e for e in entities if e.type in ("phone", "money", "order_no")]


@FEW
@given(
    number=st.builds("1{}{}".format, st.sampled_from("3456789"), digits(9)),
    form=st.sampled_from(["{0}", "{1} {2} {3}", "{1}-{2}-{3}", "+86 {0}", "+86{0}", "{0}-1234"]),
    frame=st.sampled_from(
        ["电话{}，急", "我是{}的机主", "联系{} 姚女士", "{}打给我", "手机：{}。"]
    ),
)
def test_a_phone_comes_back(number: str, form: str, frame: str) -> None:
    said = form.format(number, number[:3], number[3:7], number[7:])
    value = number + ("-1234" if form.endswith("1234") else "")
    found = [e for e in extract(text=frame.format(said), at=AT) if e.type in ("phone", "waybill")]
    assert [(e.type, e.text, e.value) for e in found] == [("phone", said, value)]


@FEW
@given(
    yuan=st.integers(min_value=1, max_value=9_999),
    form=st.sampled_from(
        ["{0}元", "{0}块", "{0}块钱", "{0} 元", "￥{0}", "{1}元", "{2}元", "{2}块钱"]
    ),
    frame=st.sampled_from(["要求赔偿{}，", "花了{}。", "{}的运费也太贵", "多收我{}什么时候退"]),
)
def test_a_sum_comes_back(yuan: int, form: str, frame: str) -> None:
    said = form.format(yuan, f"{yuan:,}", han(yuan))
    found = [e for e in extract(text=frame.format(said), at=AT) if e.type == "money"]
    assert [(e.text, e.value) for e in found] == [(said, yuan * 100)]


@FEW
@given(value=st.integers(min_value=1, max_value=9_999))
def test_a_number_in_chinese_is_read(value: int) -> None:
    assert number(text=han(value)) == value


@FEW
@given(
    day=st.dates(min_value=date(2026, 2, 20), max_value=date(2027, 2, 10)),
    form=st.sampled_from(
        ["{m}月{d}日", "{m}月{d}号", "{y}年{m}月{d}日", "{y}-{m:02}-{d:02}", "{hm}月{hd}号"]
    ),
    frame=st.sampled_from(["{}寄的件", "说好{}送到", "从{}等到现在", "（{}）签收"]),
)
def test_a_date_comes_back(day: date, form: str, frame: str) -> None:
    said = form.format(y=day.year, m=day.month, d=day.day, hm=small(day.month), hd=small(day.day))
    found = [e for e in extract(text=frame.format(said), at=AT) if e.type == "date"]
    assert [(e.text, e.value) for e in found] == [(said, day.isoformat())]


def small(value: int) -> str:
    """Write 1 to 31 as said: 十一, not 一十一."""
    tens, ones = divmod(value, 10)
    head = "" if not tens else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones else "")


@FEW
@given(
    word=st.sampled_from([("前天", -2), ("昨天", -1), ("今天", 0), ("明天", 1), ("后天", 2)]),
    frame=st.sampled_from(["{}就该到了", "我{}打过电话", "说{}送，"]),
    at=st.datetimes(
        min_value=datetime(2020, 1, 1),
        max_value=datetime(2040, 1, 1),
        timezones=st.just(ZoneInfo("Asia/Shanghai")),
    ),
)
def test_a_day_said_is_counted_from_the_time_of_writing(
    word: tuple[str, int], frame: str, at: datetime
) -> None:
    (found,) = [e for e in extract(text=frame.format(word[0]), at=at) if e.type == "date"]
    assert found.text == word[0]
    assert found.value == (at.date() + timedelta(days=word[1])).isoformat()


COUNTIES = [
    (path, town.split())
    for path, town in shipped_divisions()
    if len(path) == 3 and path[2][-1] in "县区市"
]


@FEW
@given(
    county=st.sampled_from(COUNTIES),
    depth=st.sampled_from([1, 2]),
    frame=st.sampled_from(["收件地址：{}，", "地址{}。", "我在{}，请派送", "寄到{}的件"]),
    pick=st.integers(min_value=0),
)
def test_an_address_comes_back(
    county: tuple[list[str], list[str]], depth: int, frame: str, pick: int
) -> None:
    path, towns = county
    said = "".join(path[depth - 1 :])
    value = "/".join(path)
    named = [t for t in towns if t.endswith(("街道", "镇", "乡")) and len(t) > 2]
    if named:
        said += named[pick % len(named)]
        value += "/" + named[pick % len(named)]
    found = [e for e in extract(text=frame.format(said), at=AT) if e.type in ("address", "place")]
    assert [(e.type, e.text, e.value) for e in found] == [("address", said, value)]


SOUP = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "0123456789０９SFYTJDsfOl零一二三幺洞十百千万元块毛月日号天前后周年点半上下"
            "尾末单号电话手机地址长沙市区县镇路街栋张李女士先生姓￥¥.,:-— \n　第赔退"
        ),
        st.characters(),
    ),
    max_size=120,
)


@settings(max_examples=150, deadline=None)
@given(text=SOUP)
def test_any_text_is_taken_and_every_entity_is_a_slice_of_it(text: str) -> None:
    end = 0
    for entity in extract(text=text, at=AT):
        assert entity.start >= end
        assert text[entity.start : entity.end] == entity.text
        assert entity.text.strip() == entity.text != ""
        assert entity.because
        end = entity.end

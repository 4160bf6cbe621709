"""A time and something we do make a promise; what others do, or what is done, makes none."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.reply import find_promises

ZONE = ZoneInfo("Asia/Shanghai")
# A Tuesday.
NOW = datetime(2026, 11, 3, 10, 0, tzinfo=ZONE)
ENDS = time(18)


def found(text: str, now: datetime = NOW) -> list[tuple[str, str]]:
    promises = find_promises(text=text, now=now, day_ends=ENDS)
    return [(p.kind, f"{p.due:%m-%d %H:%M}") for p in promises]


@pytest.mark.parametrize(
    ("text", "kind", "due"),
    [
        ("我们明天中午前给您回电。", "contact", "11-04 12:00"),
        ("明天中午给您回电", "contact", "11-04 14:00"),
        ("两小时内联系您", "contact", "11-03 12:00"),
        ("半小时内回电", "contact", "11-03 10:30"),
        ("十五分钟后给您回电", "contact", "11-03 10:15"),
        ("今天下班前答复您", "contact", "11-03 18:00"),
        ("下班前给您回电", "contact", "11-03 18:00"),
        ("今日内答复", "contact", "11-03 18:00"),
        ("今晚8点前通知您", "contact", "11-03 20:00"),
        ("明早联系您", "contact", "11-04 09:00"),
        ("中午12点前给您回电", "contact", "11-03 12:00"),
        ("下午三点前联系您", "contact", "11-03 15:00"),
        ("本周五之前把钱退给您", "deed", "11-06 18:00"),
        ("周五前答复", "contact", "11-06 18:00"),
        ("三天内到账", "deed", "11-06 18:00"),
        ("三天内，我们会把钱退给您", "deed", "11-06 18:00"),
        ("一周内解决", "deed", "11-10 18:00"),
        ("24小时内给您结果", "contact", "11-04 10:00"),
        ("后天之前送到", "deed", "11-05 18:00"),
        ("下周一上午上门取件", "deed", "11-09 12:00"),
        ("11月5日18:00前给您结果", "contact", "11-05 18:00"),
        ("月底前处理完", "deed", "11-30 18:00"),
        ("次日12点前派送", "deed", "11-04 12:00"),
        ("包裹已在分拨中心找到，明天上午送到", "deed", "11-04 12:00"),
    ],
)
def test_a_promise_and_until_when(text: str, kind: str, due: str) -> None:
    assert found(text) == [(kind, due)]


def test_working_days_pass_over_the_weekend() -> None:
    friday = NOW + timedelta(days=3)
    assert found("两个工作日内打款", friday) == [("deed", "11-10 10:00")]
    assert found("退款3-5个工作日到账") == [("deed", "11-10 10:00")]


@pytest.mark.parametrize(
    "text",
    [
        "稍后联系您",
        "尽快处理",
        "包裹已经滞留5天了",
        "您在三天内可以申诉",
        "请您在三天内回复我们",
        "法律规定30天内答复",
        "您11月1日寄出的包裹已于今天送达",
        "10月30日已退款",
        "五天前寄出的",
        "原定今天给您结果，但还没查到",
        "收到后我当天接着办",
        "周六周日不休息，正常派件",
        "周末照常上班，欢迎致电，电话里都可以答复",
        "网点明天上午9点开门，可以联系",
        "今天营业到晚上8点，可以电话联系",
        "周末也派送",
        "我们每天上午9点到下午6点派送",
        "工作时间周一至周五9:00-18:00，打电话都能找到我们",
        "明天放假，网点不派件",
        "价格三百元，重量五公斤",
        "",
    ],
)
def test_no_promise(text: str) -> None:
    assert found(text) == []


def test_several_promises_of_one_text_and_their_places() -> None:
    text = "明天联系您，最晚后天把钱打到您账上"
    first, second = find_promises(text=text, now=NOW, day_ends=ENDS)
    assert text[first.start : first.end] == first.words == "明天联系您"
    assert (second.kind, second.due.day) == ("deed", 5)
    assert first.key != second.key


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("我们周末照常上班，今天下午5点前给您回电话。", "11-03 17:00"),
        ("仓库周四盘点，周五上午给您答复", "11-06 12:00"),
        ("明天放假，后天上班后给您回电", "11-05 18:00"),
        ("周六我们也上班，下班前给您回电", "11-03 18:00"),
        ("我们明天，最晚下班前给您回电", "11-04 18:00"),
    ],
)
def test_when_we_work_is_said_beside_the_promise(text: str, due: str) -> None:
    assert ("contact", due) in found(text)
    if not text.startswith("我们明天"):
        assert found(text) == [("contact", due)]


def test_the_same_promise_said_twice_is_one() -> None:
    assert len(found("明天中午前回电。我再说一遍，明天中午前回电。")) == 1


def test_a_time_of_today_that_is_past_is_late_and_an_older_one_is_history() -> None:
    (late,) = find_promises(text="今天 9:00 前给您回电", now=NOW, day_ends=ENDS)
    assert late.late(now=NOW)
    assert found("11月1日上午给您回电") == []


def test_after_working_hours_today_means_today() -> None:
    evening = NOW.replace(hour=20)
    assert found("今天给您回电", evening) == [("contact", "11-03 23:59")]


def test_seconds_are_rounded_up() -> None:
    odd = NOW.replace(second=20)
    (promise,) = find_promises(text="两小时内联系您", now=odd, day_ends=ENDS)
    assert f"{promise.due:%H:%M:%S}" == "12:01:00"


LETTERS = "明天今日后本周五月底前两三小时内个工作日中午上下班:0123456789回电到账退您已，。 点"


@given(
    st.text(alphabet=LETTERS, max_size=40),
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)),
)
def test_any_text_is_read_and_every_place_lies_in_it(text: str, at: datetime) -> None:
    now = at.replace(tzinfo=ZONE)
    for promise in find_promises(text=text, now=now, day_ends=ENDS):
        assert 0 <= promise.start < promise.end <= len(text)
        assert promise.due.tzinfo is not None
        assert promise.words in text


def test_the_close_of_tomorrow_is_not_also_the_close_of_today() -> None:
    assert found("正在请运营部查找，明天下班前告诉您结果") == [("contact", "11-04 18:00")]

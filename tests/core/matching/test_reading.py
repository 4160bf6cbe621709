"""What is read from a contact's words: who, where, when told, and what is wanted."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.extract import extract
from huiyin.core.matching import CannotReadContact, ContactFacts, read_contact
from huiyin.core.matching.grievance import no_complaint
from huiyin.core.matching.learning import learn_tone
from huiyin.core.matching.shipped import TONE
from huiyin.core.matching.tone import CannotReadTone, Tone

LANGUAGE = files("huiyin") / "playbooks" / "language"
AT = datetime(2026, 6, 10, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def read(text: str, *, channel: str = "phone", sender: str = "13900001111") -> ContactFacts:
    return read_contact(
        id="c", at=AT, channel=channel, sender=sender, text=text, entities=extract(text=text, at=AT)
    )


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(CannotReadContact):
        read_contact(id="c", at=AT.replace(tzinfo=None), channel="sms", sender="", text="催")


@pytest.mark.parametrize(
    ("said", "channel", "since", "until"),
    [
        ("上午打过电话的", "phone", "06-10 05", "06-10 14"),
        ("昨晚在公众号反映过", "wechat", "06-09 16", "06-10 04"),
        ("前天邮件里说的那件", "email", "06-07 23", "06-09 01"),
        ("6月3日电话投诉过", "phone", "06-02 23", "06-04 01"),
        ("刚打过电话", "phone", "06-10 12", "06-10 15"),
    ],
)
def test_when_and_where_it_was_told(said: str, channel: str, since: str, until: str) -> None:
    told = {t.channel: t for t in read(f"{said}，腊鱼还没到").told}
    assert told[channel].since.strftime("%m-%d %H") == since
    assert told[channel].until.strftime("%m-%d %H") == until


def test_a_channel_without_a_time_is_only_named() -> None:
    facts = read("我打过电话的，腊鱼还没到")
    assert facts.told == ()
    assert "phone" in facts.told_on


def test_the_evening_said_in_the_morning_is_the_last_one() -> None:
    text = "晚上打过电话"
    morning = AT.replace(hour=8)
    facts = read_contact(id="c", at=morning, channel="sms", sender="1", text=text)
    assert facts.told[0].until < morning


def test_the_thirty_first_that_is_to_come_is_one_that_was() -> None:
    facts = read("31号电话里说过")
    assert facts.told[0].since.month == 5


@pytest.mark.parametrize(
    ("text", "names", "surnames"),
    [
        ("丁家坪丁国平的堂客，砂罐碎了", {"丁国平"}, {"丁"}),
        ("灌溪营业部：佘婆婆（佘菊香）拿着底单", {"佘菊香"}, {"佘"}),
        ("给岳阳班立新发的那箱", {"班立新"}, {"班"}),
        ("姓庹，中通的", set(), {"庹"}),
        ("石门晏家 给个准话", set(), {"晏"}),
        ("派件员小贺骂人", set(), set()),
        ("到绵阳总站柜台，送到9楼会计所", set(), set()),
        ("收到了 谢", set(), set()),
    ],
)
def test_people(text: str, names: set[str], surnames: set[str]) -> None:
    facts = read(text)
    assert facts.names == names
    assert facts.surnames == surnames


def test_a_city_counts_where_it_is_said_itself() -> None:
    facts = read("澧县的，件发南京")
    assert facts.cities == {"南京"}
    assert facts.places == {"澧县"}
    assert read("常德市澧县的").cities == {"常德"}


def test_a_desk_does_not_tell_its_own_name_as_the_story() -> None:
    facts = read("金鹗大厦前台，九楼的公章没到", sender="0730-8990011")
    assert facts.shared
    assert "金鹗" not in facts.pairs


def test_one_thing_settled_and_another_not() -> None:
    facts = read("猫砂找到了，猫粮还没有")
    assert facts.goods == {"猫粮"}
    assert read("公章找到了，送来的是别家的").goods == {"公章"}


@pytest.mark.parametrize(
    "text", ["退款到账，两清", "问初几开始收件", "东西拿到手了，替我谢谢师傅", "教她看了物流，正常"]
)
def test_a_calm_tone(text: str) -> None:
    assert TONE.of(text=text) < 0


@pytest.mark.parametrize(
    "text", ["说好赔八十只转了四十", "凭什么给我关了", "到手碎成三截", "送来的是空盒子"]
)
def test_an_aggrieved_tone(text: str) -> None:
    assert TONE.of(text=text) > 0


@pytest.mark.parametrize(
    ("text", "is_none"),
    [
        ("包裹JT1234567890123晚到一天", False),
        ("YT9876543210987晚到一天", False),
        ("SF1234567890123的事谢谢你们", True),
        ("请问SF1234567890123几点能到", True),
    ],
)
def test_who_gives_a_number_and_neither_asks_nor_thanks_speaks_of_something(
    text: str, is_none: bool
) -> None:
    assert (no_complaint(contact=read(text)) is not None) is is_none


def test_tone_learns_from_what_it_is_given() -> None:
    tone = learn_tone(calm={"好的": 1, "好吧": 1}, grievance={"坏的": 1, "坏了": 1})
    assert tone.of(text="好") < 0 < tone.of(text="坏")
    assert tone.of(text="天") == pytest.approx(0, abs=1e-6)


def test_a_tone_survives_storage() -> None:
    tone = learn_tone(calm={"好的": 1, "好吧": 1}, grievance={"坏的": 1, "坏了": 1})
    stored = Tone.from_data(data=json.loads(json.dumps(tone.as_data())))
    for text in ("好的", "坏了", "天", ""):
        assert stored.of(text=text) == pytest.approx(tone.of(text=text), abs=0.01)


def test_the_shipped_tone_is_what_the_phrases_teach() -> None:
    data = yaml.safe_load((LANGUAGE / "matching_phrases.yaml").read_text(encoding="utf-8"))
    for side, sounds in (("calm", -1), ("grievance", 1)):
        said = [phrase for group in data[side].values() for phrase in group]
        right = sum(TONE.of(text=phrase) * sounds > 0 for phrase in said)
        assert right >= 0.95 * len(said)


@pytest.mark.parametrize(
    "data",
    [None, {}, {"base": 0}, {"base": "x", "weights": {}}, {"base": 0, "weights": {"a": "b"}}],
)
def test_weights_of_another_form_are_refused(data: object) -> None:
    with pytest.raises(CannotReadTone):
        Tone.from_data(data=data)


@given(st.text(max_size=400), st.sampled_from(["sms", "email", "web", "weibo", "desk", "history"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str, channel: str) -> None:
    facts = read(text, channel=channel, sender="someone")
    assert facts.at == AT
    assert all(t.since <= t.until <= AT + timedelta(days=1, hours=5) for t in facts.told)

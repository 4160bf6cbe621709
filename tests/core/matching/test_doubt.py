"""Where a person is asked rather than a contact put to the wrong complaint."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from huiyin.core.extract import extract
from huiyin.core.matching import (
    UNKNOWN,
    ComplaintBook,
    ContactFacts,
    MatchDecision,
    decide,
    ended,
    open_complaint,
    read_contact,
)
from huiyin.core.matching.asking import sides
from huiyin.core.matching.doubt import DOUBT, CannotReadDoubt, Doubt

AT = datetime(2026, 6, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def contact(text: str, *, sender: str, channel: str = "phone", hours: int = 9) -> ContactFacts:
    """Return what is known of a contact some hours after the start."""
    at = AT + timedelta(hours=hours)
    return read_contact(
        id=f"c{hours}", at=at, channel=channel, sender=sender, text=text,
        entities=extract(text=text, at=at),
    )  # fmt: skip


class Desk:
    """A book that takes contacts an hour apart."""

    def __init__(self) -> None:
        self.book = ComplaintBook()
        self.hours = 0

    def says(self, text: str, *, sender: str, channel: str = "phone") -> MatchDecision:
        self.hours += 1
        return self.book.take(
            contact=contact(text, sender=sender, channel=channel, hours=self.hours)
        )


def test_a_mistaken_number_once_mended_is_free_for_its_owner() -> None:
    desk = Desk()
    first = desk.says("申通773300112200331 到付多收了我8块", sender="13607970088", channel="sms")
    assert first.decision == "new"
    mended = desk.says("单号打错了 是773300112200313", sender="13607970088", channel="sms")
    assert (mended.decision, mended.complaint_id) == ("join", "c1")
    other = desk.says("申通773300112200331 酒坛子漏了", sender="13607970099", channel="sms")
    assert other.decision == "new"


def test_an_end_of_number_that_does_not_fit_is_another_parcel() -> None:
    desk = Desk()
    desk.says("圆通YT3300998877055 放驿站没通知，于都的曾女士", sender="13607970005")
    said = desk.says("曾女士，于都驿站那个，单号后四位9007，没通知", sender="15179700001")
    assert said.decision in {"new", "repeat"}


def test_what_is_left_of_a_torn_number_is_its_parcel() -> None:
    desk = Desk()
    desk.says("柏女士，773618204957316 里面是班级纪念册，怕是丢了", sender="13607970011")
    said = desk.says("单号：04957316（前面撕掉了）｜纪念册还没找到", sender="柏", channel="web")
    assert (said.decision, said.complaint_id) == ("join", "c1")
    other = desk.says("单号：04957317（前面撕掉了）｜纪念册还没找到", sender="柏", channel="web")
    assert other.complaint_id != "c1"


def test_an_end_that_may_be_a_telephones_goes_to_who_bears_the_name() -> None:
    desk = Desk()
    desk.says("姓汤，YT7492148528895，一副老象棋寄不见了", sender="13607976614", channel="chat")
    desk.says("姓唐，JT3167233822797，太慢，电话15107976614", sender="u7", channel="chat")
    said = desk.says("姓汤 尾号6614 象棋找到没", sender="n208", channel="chat")
    assert (said.decision, said.complaint_id) == ("join", "c1")


def test_the_end_of_a_number_is_said_without_the_letters_behind_it() -> None:
    desk = Desk()
    desk.says("永顺毛坝田大爷，EMSEB152966828CN只送到乡里", sender="13607970021")
    said = desk.says("毛坝田家的 面单数字最后四位6828", sender="o1", channel="wechat")
    assert (said.decision, said.complaint_id) == ("join", "c1")


def test_who_asks_for_one_thing_alone_does_not_mean_the_other_that_is_over() -> None:
    sender = "13607970031"
    begun = contact("女士姓汤，酱油漏了，JT5147913434937", sender=sender)
    sauce = ended(
        complaint=open_complaint(id="a", number="a", contact=begun), state="closed", at=begun.at
    )
    box = open_complaint(
        id="b", number="b", customer=sauce,
        contact=contact("JT3916884728365 玻璃饭盒碎一个", sender=sender, hours=10),
    )  # fmt: skip
    said = contact("女，姓汤，酱油已补，只问饭盒。", sender=sender, hours=20)
    assert decide(contact=said, candidates=(sauce, box), now=said.at).complaint_id != "a"
    both = contact("女，姓汤，酱油还没补，饭盒也是。", sender=sender, hours=20)
    assert "酱油" in "".join(both.pairs) and "酱油" not in "".join(said.pairs)


def test_a_stranger_with_little_in_common_is_shown_to_a_person() -> None:
    desk = Desk()
    desk.says("默戎石女士，中通776672386668724鞋丢了", sender="13607970041")
    desk.says("芙蓉镇覃先生，中通776672386669915鞋没影了", sender="13607970042")
    said = desk.says("中通弄丢了我娃的鞋 驿站推网点", sender="@默戎小石头妈", channel="weibo")
    assert said.decision == "new" and said.unsure
    assert "match.doubt_alone" in {r.rule for r in sides(because=said.because)[1]}


def test_a_promise_not_kept_is_no_plain_question() -> None:
    sender = "13607970051"
    begun = contact("辛女士，SF1492193129672 秀禾服还在广州，婚期要误了", sender=sender)
    over = ended(
        complaint=open_complaint(id="a", number="a", contact=begun), state="closed", at=begun.at
    )
    said = contact("辛女士：衣服到是到了，讲好退的加急费120没退，问是不是哄她的。", sender=sender)
    assert decide(contact=said, candidates=(over,), now=said.at).decision != "not_complaint"
    calm = contact("辛女士问一下你们几点下班，衣服到了", sender=sender)
    assert decide(contact=calm, candidates=(over,), now=calm.at).decision == "not_complaint"


def test_thanks_by_a_form_open_no_complaint() -> None:
    sender = "13607970061"
    begun = contact("申通773300112200331的茶壶还没到", sender=sender)
    known = open_complaint(id="a", number="a", contact=begun)
    thanks = replace(contact("谢谢，已经收到了", sender=sender, hours=30), filed=True)
    made = decide(contact=thanks, candidates=(known,), now=thanks.at)
    assert (made.decision, made.complaint_id) == ("join", "a")
    angry = replace(contact("又坏了一个，怎么办", sender=sender, hours=30), filed=True)
    assert decide(contact=angry, candidates=(known,), now=angry.at).decision != "not_complaint"


def test_two_that_a_person_is_asked_about_are_no_rivals() -> None:
    """Who writes again about a matter that was opened twice is put to the elder of the two."""
    elder = open_complaint(
        id="a", number="a", contact=contact("杯子碎了，中通78311000222001", sender="13607970001")
    )
    again = contact("中通的杯子碎了，催赔", sender="13607970001", hours=10)
    younger = open_complaint(id="b", number="b", contact=again, customer=elder)
    said = contact("杯子的事怎么还没人回，要赔", sender="13607970001", hours=12)
    strangers = decide(contact=said, candidates=(elder, younger), now=said.at)
    asked = replace(younger, asked="a")
    one = decide(contact=said, candidates=(elder, asked), now=said.at)
    assert (one.decision, one.complaint_id) == ("join", "a")
    assert one.score > strangers.score
    unknown = replace(younger, asked=UNKNOWN)
    assert decide(contact=said, candidates=(elder, unknown), now=said.at).score < one.score


def test_who_is_told_apart_by_nothing_is_shown_to_a_person() -> None:
    desk = Desk()
    desk.says("于都的刘女士，中通78311000222001没通知就放红星驿站", sender="13607970001")
    desk.says("于都的刘先生，中通78311000222999没通知就放红星驿站", sender="13607970002")
    said = desk.says("于都红星驿站的件没通知，昨天打过电话的，姓刘", sender="18879700101")
    assert said.decision == "new" and said.unsure
    assert {m.complaint_id for m in said.maybe} == {"c1", "c2"}


def test_a_stranger_with_a_number_of_their_own_joins_no_story() -> None:
    desk = Desk()
    desk.says("于都红星驿站门口堆了好几天的件，没人管，没单号", sender="18879700555")
    said = desk.says("于都红星驿站没给我打电话，申通773300119990001", sender="13607970006")
    assert said.decision == "new"


def test_a_known_customer_with_nothing_that_fits_is_shown_to_a_person() -> None:
    desk = Desk()
    desk.says("顺丰SF1400500600700寄南昌的腊肉，三天没动", sender="13607970007")
    said = desk.says("寄去青岛的花瓶摔碎了，太不像话", sender="13607970007")
    assert said.decision == "new"
    assert [m.complaint_id for m in said.maybe] == ["c1"]


def test_which_of_two_is_meant_is_left_to_a_person() -> None:
    desk = Desk()
    desk.says("顺丰SF1400500600701寄南昌的腊肉，三天没动", sender="13607970011")
    desk.says("顺丰SF1400500600812寄广州的茶叶，摔破了两罐", sender="13607970011")
    said = desk.says("那件处理得怎么样了", sender="13607970011")
    assert said.decision == "new" and said.unsure
    assert {m.complaint_id for m in said.maybe} == {"c1", "c2"}
    assert "match.doubt_close" in {r.rule for r in said.because}
    assert all(m.score < DOUBT.ask_below for m in said.maybe)
    speaking, against = sides(because=said.maybe[0].because)
    assert speaking
    assert {"match.doubt_close", "match.doubt_bare"} <= {r.rule for r in against}


def test_a_number_leaves_no_doubt() -> None:
    desk = Desk()
    desk.says("顺丰SF1400500600701寄南昌的腊肉，三天没动", sender="13607970011")
    desk.says("顺丰SF1400500600812寄广州的茶叶，摔破了两罐", sender="13607970011")
    said = desk.says("SF1400500600701 到了没", sender="13607970011")
    assert (said.decision, said.complaint_id) == ("join", "c1")


def test_a_likely_join_says_how_sure_it_is() -> None:
    desk = Desk()
    desk.says("顺丰SF1400500600701寄南昌的腊肉，三天没动", sender="13607970011")
    said = desk.says("寄南昌的腊肉还是没动，你们管不管", sender="13607970011")
    assert (said.decision, said.complaint_id) == ("join", "c1")
    assert DOUBT.ask_below <= said.score < 1.0


def test_a_complaint_opened_unsurely_draws_no_others() -> None:
    desk = Desk()
    desk.says("寄南昌的那批腊肉少了两条，三天没动", sender="oWx7", channel="wechat")
    later = contact("你们到底有没有处理，没人回我", sender="oWx7", channel="wechat")
    (known,) = desk.book.candidates(contact=later)
    for complaint, joined in ((known, True), (replace(known, asked=True), False)):
        made = decide(contact=later, candidates=[complaint], now=later.at)
        assert (made.decision == "join") is joined
        assert joined or (made.unsure and made.maybe[0].complaint_id == known.id)


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"ask_below": 0.5, "base": 1, "weights": {}},
        {"ask_below": 0.5, "base": 1, "weights": {**DOUBT.weights, "mood": 1}},
        {"ask_below": 0.5, "base": 1, "weights": {**DOUBT.weights, "tone": "much"}},
    ],
)
def test_weights_of_another_form_are_refused(data: object) -> None:
    with pytest.raises(CannotReadDoubt):
        Doubt.from_data(data=data)


def test_who_opened_one_unsurely_goes_on_in_it_within_the_hour() -> None:
    said = contact("你们到底有没有处理，没人回我", sender="oWx7", channel="wechat")
    begun = contact("寄南昌的那批腊肉少了两条，三天没动", sender="oWx7", channel="wechat")
    first = replace(open_complaint(id="b", number="b", contact=begun), asked="a")
    soon = replace(first, last_contact_at=said.at - timedelta(minutes=20))
    late = replace(first, last_contact_at=said.at - timedelta(hours=3))
    assert decide(contact=said, candidates=(soon,), now=said.at).decision == "join"
    assert decide(contact=said, candidates=(late,), now=said.at).decision == "new"


def test_thanks_for_one_parcel_do_not_hide_another() -> None:
    desk = Desk()
    desk.says("圆通YT8811000222333，耗材还在南昌，三天没动", sender="13607970061")
    said = desk.says(
        "上次的耗材收到了，谢谢。今天这票不一样：YT8811000777888，应到12包，实到9包",
        sender="13607970061",
    )
    assert said.decision in ("new", "repeat")


def test_a_parcel_that_it_is_not_is_beside_the_point() -> None:
    desk = Desk()
    desk.says("老纪腊味，CY2640001118三箱腊鱼发吉首，四天没动", sender="13607970071")
    desk.says("CY2640001225吉首的单箱也没动，跟三箱那票是两码事", sender="13607970071")
    said = desk.says("问吉首的单箱，不是三箱腊鱼那票", sender="13607970071")
    assert (said.complaint_id or said.maybe[0].complaint_id) == "c2"

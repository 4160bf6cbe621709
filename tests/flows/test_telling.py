"""What customers are told, and in which language."""

from __future__ import annotations

from collections.abc import Callable

from company import World, complaint
from huiyin.flows import answer
from huiyin.flows.receive import Decided
from huiyin.store import models

Post = Callable[..., Decided]
ENGLISH = "My parcel SF1234567890123 is lost, it has not moved for three days. Please help me."


def told(case: models.Complaint) -> list[models.Message]:
    return list(models.Message.objects.filter(complaint=case, direction="out").order_by("at", "id"))


def test_an_english_customer_is_told_in_english(world: World, post: Post) -> None:
    mail = {"sender": "jo@kehu.example", "email": "jo@kehu.example"}
    case = complaint(post("email", ENGLISH, **mail))
    (first,) = told(case)
    assert first.subject.startswith("We have your complaint")
    assert "Dear customer" in first.text
    assert case.number in first.text
    assert not any("一" <= c <= "鿿" for c in first.text.replace("测试快递", ""))
    world.do("agent", answer.reply, complaint_id=case.id, text="We found it.", agent="Li")
    assert told(case)[-1].subject.startswith("About your complaint")
    assert "Complaint " + case.number in told(case)[-1].text


def test_a_chinese_customer_stays_chinese_after_ok_thanks(world: World, post: Post) -> None:
    mail = {"sender": "wang@kehu.example", "email": "wang@kehu.example"}
    case = complaint(post("email", "我的包裹SF1234567890123丢了，三天没更新", **mail))
    assert told(case)[0].subject.startswith("已收到您的投诉")
    world.later(minutes=5)
    more = post("email", "SF1234567890123 please send it, OK thanks", **mail)
    assert more.complaint_id == case.id
    assert told(case)[-1].subject.startswith("已收到您的补充")


def test_notes_of_a_call_say_nothing_of_the_customers_language(world: World, post: Post) -> None:
    case = complaint(
        post(
            "phone", "客户来电反映包裹SF1234567890123丢失", sender="13812345678", branch="complaint"
        )
    )
    assert case.triage["language"] == ""
    world.later(minutes=5)
    post("web", f"{ENGLISH} SF1234567890123", sender="jo@kehu.example", email="jo@kehu.example",
         phone="13812345678")  # fmt: skip
    case.refresh_from_db()
    assert case.triage["language"] == "en"
    assert told(case)[-1].subject.startswith("We have your further words")

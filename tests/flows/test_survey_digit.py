"""A survey answered by one figure in an SMS: as by the link, once, and only where it is clear."""

from __future__ import annotations

from collections.abc import Callable

from company import World, arrival, complaint, kinds, resolved
from huiyin.flows import intake
from huiyin.flows.receive import Decided
from huiyin.store import models

Post = Callable[..., Decided]
PHONE = "13812345678"


def told(world: World, post: Post, waybill: str) -> models.Complaint:
    case = complaint(
        post("sms", f"我的包裹{waybill}比承诺的晚到了一天，请说明一下", sender=PHONE, phone=PHONE)
    )
    resolved(world, case)
    return case


def test_a_figure_answers_the_open_survey_and_is_no_contact(world: World, post: Post) -> None:
    case = told(world, post, "SF1234567890123")
    done = post("sms", "5", sender=PHONE, phone=PHONE)
    assert (done.outcome, done.complaint_id, done.stars) == ("set_aside", case.id, 5)
    assert "5 星" in done.because[0].zh and case.number in done.because[0].zh
    case.refresh_from_db()
    assert kinds(case)[-3:] == ["SurveyAnswered", "SatisfactionShown", "ComplaintClosed"]
    assert (case.stars, case.contacts) == (5, 1)
    assert models.Complaint.objects.count() == 1
    assert models.InboxItem.objects.filter(state="set_aside").count() == 1


def test_a_low_figure_starts_handling_again(world: World, post: Post) -> None:
    case = told(world, post, "SF1234567890123")
    post("sms", "１", sender=PHONE, phone=PHONE)
    assert "RehandlingStarted" in kinds(case)


def test_two_figures_at_once_are_one_answer(world: World, post: Post) -> None:
    case = told(world, post, "SF1234567890123")
    world.accept(*(arrival("sms", t, sender=PHONE, phone=PHONE) for t in ("5", "4")))
    done = intake.decide(now=world.now)
    assert sorted(d.stars or 0 for d in done) == [0, 5]
    assert kinds(case).count("SurveyAnswered") == 1


def test_where_it_is_not_clear_it_is_an_ordinary_contact(world: World, post: Post) -> None:
    told(world, post, "SF1234567890123")
    told(world, post, "YT9876543210987")
    assert post("sms", "5", sender=PHONE, phone=PHONE).stars is None
    assert post("sms", "5", sender="13900000000", phone="13900000000").stars is None
    assert not models.Survey.objects.filter(state="answered").exists()
    assert models.Survey.objects.filter(state="open").count() >= 1


def asked(case: models.Complaint) -> str:
    """Return the words that asked for stars."""
    rows = models.Message.objects.filter(complaint_id=case.id, direction="out", author=None)
    return rows.order_by("-at", "-id")[0].text


def test_an_sms_says_that_a_figure_is_enough_where_it_is_clear_of_what(
    world: World, post: Post
) -> None:
    first = told(world, post, "SF1234567890123")
    assert asked(first).endswith("也可以直接回复数字 1-5，5 最满意") and "/s/" in asked(first)
    second = told(world, post, "YT9876543210987")
    assert "回复数字" not in asked(second), "two complaints wait: a figure would be unclear"
    by_mail = complaint(
        post(
            "email", "包裹JT1234567890123晚到一天", sender="a@kehu.example", email="a@kehu.example"
        )
    )
    resolved(world, by_mail)
    assert "回复数字" not in asked(by_mail)

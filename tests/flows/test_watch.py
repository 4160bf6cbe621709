"""Clocks: each warning once, pauses only where the law allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from company import LOST, START, World, clock, complaint, kinds
from huiyin.flows import answer, close, investigate, journey, survey, watch
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.read import audit

Post = Callable[..., Decided]


def opened(post: Post) -> models.Complaint:
    return complaint(post("portal", LOST, sender="13812345678", phone="13812345678"))


def sweep(world: World) -> int:
    with journey.writing(now=world.now, actor="system") as pen:
        return watch.sweep_due(pen=pen, limit=100)


def rung(case: models.Complaint, rule: str) -> list[str]:
    rows = models.Event.objects.filter(
        complaint_id=case.id,
        kind__in=["ClockWarned", "ClockBreached", "Escalated"],
        data__contains=f'"clock":"{rule}"',
    )
    return list(rows.order_by("seq").values_list("kind", flat=True))


def level(case: models.Complaint) -> str:
    case.refresh_from_db()
    return case.watch_level


def test_nothing_is_told_before_its_time(world: World, post: Post) -> None:
    case = opened(post)
    assert sweep(world) == 0
    assert level(case) == "ok"
    assert case.due_at == clock(case, "first_reply").due_at


def test_warning_breach_and_escalation_come_once(world: World, post: Post) -> None:
    case = opened(post)
    first = clock(case, "first_reply")
    assert first.warn_at is not None
    assert first.due_at is not None

    world.now = first.warn_at
    assert sweep(world) == 1
    assert sweep(world) == 0
    assert rung(case, "first_reply") == ["ClockWarned"]
    assert level(case) == "soon"

    world.now = first.due_at
    assert sweep(world) >= 1
    assert sweep(world) == 0
    assert rung(case, "first_reply") == ["ClockWarned", "ClockBreached", "Escalated"]
    assert level(case) == "breached"

    world.now = first.due_at + timedelta(hours=4)
    sweep(world)
    assert rung(case, "first_reply") == ["ClockWarned", "ClockBreached", "Escalated", "Escalated"]
    world.later(days=30)
    while sweep(world):
        pass
    assert len(rung(case, "first_reply")) == 4
    assert not models.Clock.objects.filter(complaint=case, fire_at__lte=world.now).exists()
    assert list(audit.broken_links()) == []


def test_a_late_answer_stops_the_clock_and_keeps_the_breach(world: World, post: Post) -> None:
    case = opened(post)
    due = clock(case, "first_reply").due_at
    assert due is not None
    world.now = due + timedelta(minutes=5)
    sweep(world)
    world.do("agent", answer.reply, complaint_id=case.id, text="抱歉，让您久等")
    late = clock(case, "first_reply")
    assert (late.state, late.breached_at, late.fire_at) == ("met", due, None)
    assert rung(case, "first_reply").count("ClockBreached") == 1


def test_an_answer_in_time_leaves_no_breach(world: World, post: Post) -> None:
    case = opened(post)
    world.later(minutes=30)
    world.do("agent", answer.reply, complaint_id=case.id, text="正在查")
    met = clock(case, "first_reply")
    assert (met.state, met.breached_at, met.stopped_at) == ("met", None, world.now)


def test_waiting_for_the_customer_pauses_ours_and_never_the_law_s(world: World, post: Post) -> None:
    case = opened(post)
    internal, legal = clock(case, "resolve"), clock(case, "law_7d")
    assert internal.due_at is not None
    world.later(hours=1)
    world.do("agent", answer.ask_customer, complaint_id=case.id, text="请发一张面单照片")
    case.refresh_from_db()
    assert case.status == "waiting_customer"
    paused = clock(case, "resolve")
    assert (paused.state, paused.due_at, paused.fire_at) == ("paused", None, None)
    assert (clock(case, "law_7d").state, clock(case, "law_7d").due_at) == (
        "running",
        legal.due_at,
    )

    # Two hours of waiting inside the same working day.
    world.later(hours=2)
    more = post("portal", "面单照片在这里，请继续查", sender="13812345678", number=case.number)
    assert more.complaint_id == case.id
    case.refresh_from_db()
    assert case.status == "working"
    resumed = clock(case, "resolve")
    assert resumed.state == "running"
    assert resumed.due_at is not None
    assert resumed.due_at > internal.due_at
    assert resumed.pauses == [
        [(START + timedelta(hours=1)).isoformat(), (START + timedelta(hours=3)).isoformat()]
    ]
    assert clock(case, "law_7d").due_at == legal.due_at


def test_a_paused_clock_tells_nothing(world: World, post: Post) -> None:
    case = opened(post)
    world.do("agent", answer.ask_customer, complaint_id=case.id, text="请发一张面单照片")
    world.later(days=6)
    sweep(world)
    assert rung(case, "resolve") == []
    world.later(days=2)
    sweep(world)
    assert "ClockBreached" in rung(case, "law_7d")
    assert rung(case, "resolve") == []


def test_a_silent_customer_is_reminded_once_and_the_case_closed(world: World, post: Post) -> None:
    slow = "我的包裹SF1234567890123走得有点慢，请说明一下原因"
    case = complaint(post("portal", slow, phone="13812345678", waybill="SF1234567890123"))
    assert case.urgency in {"low", "normal"}
    world.do(
        "boss",
        investigate.give_verdict,
        complaint_id=case.id,
        verdict="not_upheld",
        cause="no_fault",
    )
    world.do("boss", answer.resolve, complaint_id=case.id, text="核查未发现问题，依据如下")

    def at(room: Callable[..., int]) -> int:
        with journey.writing(now=world.now, actor="system") as pen:
            return room(pen=pen, limit=10)

    world.later(hours=47)
    assert at(survey.remind) == 0
    world.later(hours=2)
    assert at(survey.remind) == 1
    assert at(survey.remind) == 0
    world.later(days=4)
    assert at(close.expire) == 0
    world.later(days=2)
    assert at(close.expire) == 1
    case.refresh_from_db()
    assert (case.status, case.stars) == ("closed", None)
    assert kinds(case).count("SurveyReminded") == 1

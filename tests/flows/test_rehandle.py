"""Handled again: dissatisfied, appealed, sued, in the media; called back; and closed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from company import World, actor, clock, complaint, kinds, resolved
from huiyin.core.rehandling import CannotRehandle
from huiyin.core.remedy.proposal import CannotPropose
from huiyin.flows import (
    answer,
    assign,
    call_back,
    close,
    investigate,
    journey,
    rehandle,
    settle,
    survey,
)
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger import people
from huiyin.store.read import audit

Post = Callable[..., Decided]
SLOW = "我的包裹SF1234567890123比承诺的晚到了一天，请说明一下"
LOST = "我的包裹丢了，运单SF1234567890123，里面是给老人的药，三天没更新了"


def opened(post: Post, text: str = SLOW) -> models.Complaint:
    return complaint(post("portal", text, phone="13812345678", branch="complaint"))


def rated(world: World, case: models.Complaint, stars: int) -> None:
    world.customer(survey.answer, complaint_id=case.id, stars=stars, words="")
    case.refresh_from_db()


def owed(case: models.Complaint) -> list[models.CallBack]:
    return list(models.CallBack.objects.filter(complaint=case, state="due"))


def called(world: World, who: str, case: models.Complaint, outcome: str, **how: Any) -> None:
    (call,) = owed(case)
    world.do(who, call_back.record, call_back_id=call.id, outcome=outcome, **how)
    case.refresh_from_db()


def expire(world: World) -> None:
    with journey.writing(now=world.now, actor="system") as pen:
        close.expire(pen=pen, limit=10)


def at_the_last_level(world: World, post: Post) -> models.Complaint:
    case = opened(post)
    resolved(world, case, "agent")
    rated(world, case, 1)
    resolved(world, case, "boss")
    rated(world, case, 2)
    assert (case.level, case.assignee and case.assignee.username) == (2, "mgr")
    resolved(world, case, "mgr")
    rated(world, case, 1)
    return case


def test_after_the_highest_rank_a_supervisor_calls_and_closes(world: World, post: Post) -> None:
    case = at_the_last_level(world, post)
    assert "LastLevelReached" in kinds(case)
    assert case.status == "resolved" and case.live
    assert {"last_level", "dissatisfied"} <= set(case.flags)
    with pytest.raises(CannotRehandle, match="call back"):
        world.do("boss", close.close_by_hand, complaint_id=case.id, reason="已多次解释")
    with pytest.raises(PermissionError):
        called(world, "agent", case, "satisfied")
    with pytest.raises(call_back.CannotCallBack):
        called(world, "boss", case, "dissatisfied", words=" ")
    called(world, "boss", case, "dissatisfied", words="坚持要求双倍赔偿")
    assert (case.status, owed(case)) == ("resolved", [])
    with pytest.raises(PermissionError):
        world.do("agent", close.close_by_hand, complaint_id=case.id, reason="了结")
    with pytest.raises(CannotRehandle, match="reason"):
        world.do("boss", close.close_by_hand, complaint_id=case.id, reason=" ")
    world.do("boss", close.close_by_hand, complaint_id=case.id, reason="已说明依据和申诉途径")
    case.refresh_from_db()
    assert case.status == "closed"
    assert list(audit.broken_links()) == []


def test_who_disappointed_does_not_take_it_back(world: World, post: Post) -> None:
    case = opened(post)
    resolved(world, case, "agent")
    rated(world, case, 1)
    assert (case.level, case.assignee and case.assignee.username) == (1, "boss")
    for move in (assign.take, answer.resolve):
        words = {"text": "再答复一次"} if move is answer.resolve else {}
        with pytest.raises(PermissionError, match="上一级"):
            world.do("agent", move, complaint_id=case.id, **words)
    me = actor("agent").id
    with pytest.raises(PermissionError, match="上一级"):
        world.do("agent", assign.hand_over, complaint_id=case.id, person=me)
    world.do("boss", assign.hand_over, complaint_id=case.id, person=me, reason="请补一通电话")
    world.do("agent", assign.take, complaint_id=case.id)
    case.refresh_from_db()
    assert (case.level, case.assignee_id, case.status) == (1, me, "working")


@pytest.mark.parametrize(
    ("ground", "rule"),
    [("appealed", "appeal_15d"), ("court", "outside_reply"), ("media", "outside_reply")],
)
def test_a_ground_from_outside_brings_another_handler_and_fresh_clocks(
    world: World, post: Post, ground: str, rule: str
) -> None:
    case = opened(post)
    world.do("agent", assign.take, complaint_id=case.id)
    world.later(hours=5)
    before = clock(case, "resolve")
    until = world.now + timedelta(days=4)
    world.do(
        "agent", rehandle.mark, complaint_id=case.id, ground=ground, reference="申字 7 号",
        until=until, reason="收到通知书",
    )  # fmt: skip
    case.refresh_from_db()
    assert case.assignee is not None and case.assignee.username == "mgr"
    assert (case.status, case.level) == ("assigned", 2)
    assert ground in case.flags
    before.refresh_from_db()
    assert before.state == "cancelled"
    assert clock(case, "law_7d").state == "running"
    assert clock(case, "rehandle").started_at == world.now
    assert clock(case, rule).due_at == until
    marked = models.Event.objects.get(complaint_id=case.id, kind="GroundMarked")
    assert json.loads(marked.data)["reference"] == "申字 7 号"
    assert case.title
    resolved(world, case, "mgr")
    rated(world, case, 5)
    assert case.status == "resolved", "somebody outside watches: only a supervisor closes"
    world.do("boss", close.close_by_hand, complaint_id=case.id, reason="已回复主管部门")


def test_a_ground_can_be_marked_at_any_time_but_not_with_a_time_that_is_past(
    world: World, post: Post
) -> None:
    case = at_the_last_level(world, post)
    with pytest.raises(CannotRehandle, match="past"):
        world.do("agent", rehandle.mark, complaint_id=case.id, ground="court", until=world.now)
    with pytest.raises(CannotRehandle, match="choose"):
        world.do("agent", rehandle.mark, complaint_id=case.id, ground="rumour")
    people.add_person(now=world.now, username="mgr2", name="钱经理", role="manager",
                      password="a-long-enough-word-7", department="service")  # fmt: skip
    world.do("agent", rehandle.mark, complaint_id=case.id, ground="court")
    case.refresh_from_db()
    assert (case.status, case.level) == ("assigned", 2)
    assert case.assignee is not None and case.assignee.username == "mgr2"
    assert "last_level" not in case.flags
    assert owed(case) == []


def test_an_urgent_complaint_is_not_closed_by_silence_but_called(world: World, post: Post) -> None:
    case = opened(post, LOST)
    assert case.urgency in {"high", "critical"}
    resolved(world, case, "boss")
    (first,) = owed(case)
    assert first.occasion == "resolved"
    world.later(days=8)
    expire(world)
    case.refresh_from_db()
    assert case.status == "resolved"
    (call,) = owed(case)
    assert call.occasion == "silent"
    for _attempt in range(2):
        called(world, "agent", case, "not_reached")
        assert owed(case)[0].due_at == world.now + timedelta(hours=24)
    again = world.now + timedelta(days=1)
    called(world, "agent", case, "not_reached", again_at=again)
    assert (owed(case), case.status) == ([], "closed")
    done = models.CallBack.objects.get(complaint=case, state="done")
    assert (done.outcome, done.attempts) == ("given_up", 3)


def test_what_the_customer_says_when_called(world: World, post: Post) -> None:
    case = opened(post, LOST)
    resolved(world, case, "boss")
    called(world, "agent", case, "dissatisfied", words="还是没有找到包裹")
    assert (case.status, case.level, case.verdict) == ("assigned", 1, "")
    assert models.Message.objects.filter(complaint=case, direction="note", channel="phone").exists()
    resolved(world, case, "mgr")
    (call,) = owed(case)
    assert (call.rule, call.occasion) == ("call_rehandled", "resolved")
    called(world, "agent", case, "satisfied")
    assert case.status == "closed"
    with pytest.raises(call_back.CannotCallBack):
        world.do("agent", call_back.record, call_back_id=call.id, outcome="refused")


def test_a_call_is_not_owed_any_more_when_the_customer_writes_again(
    world: World, post: Post
) -> None:
    case = opened(post, LOST)
    resolved(world, case, "boss")
    assert len(owed(case)) == 1
    world.do("agent", close.reopen, complaint_id=case.id, reason="客户来电")
    assert owed(case) == []


def test_a_handler_calls_only_customers_of_his_department(world: World, post: Post) -> None:
    case = opened(post, LOST)
    resolved(world, case, "boss")
    assert case.department_id == "claims"
    with pytest.raises(PermissionError):
        called(world, "ops", case, "satisfied")
    called(world, "clerk", case, "refused")
    assert case.status == "resolved"
    assert actor("clerk").role == "handler"


def test_a_second_remedy_is_capped_unless_it_is_owed(world: World, post: Post) -> None:
    case = opened(post, LOST)
    upheld = {"verdict": "upheld", "cause": "lost_transit"}
    world.do("boss", investigate.give_verdict, complaint_id=case.id, **upheld)
    world.do("boss", settle.propose, complaint_id=case.id, kind="amount", amount=20000)
    world.do("boss", answer.resolve, complaint_id=case.id, text="非常抱歉，赔付您200元")
    world.later(hours=1)
    rated(world, case, 1)
    world.do("mgr", investigate.give_verdict, complaint_id=case.id, **upheld)
    world.do("mgr", settle.propose, complaint_id=case.id, kind="goodwill", amount=9000)
    with pytest.raises(CannotPropose, match=r"beyond what is owed.*10\.00 is left"):
        world.do("mgr", settle.propose, complaint_id=case.id, kind="points", amount=1100)

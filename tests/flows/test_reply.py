"""A reply is looked over when it is sent, and its promises are watched until kept or broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from company import World, complaint, kinds
from huiyin.core.reply.pledges import CannotPromise, Edit
from huiyin.flows import answer, assign, close, investigate, journey, promise, unite, watch
from huiyin.flows.receive import Decided
from huiyin.flows.replying import CannotSend, Sending
from huiyin.store import models
from huiyin.store.read import audit, board
from huiyin.store.read.viewer import viewer_of

Post = Callable[..., Decided]
TEXT = "我的包裹SF1234567890123比承诺的晚到了一天，什么时候能到？"


def opened(post: Post, **fields: Any) -> models.Complaint:
    return complaint(post("portal", TEXT, phone="13812345678", sender_name="王丽", **fields))


def promises(case: models.Complaint) -> list[models.Clock]:
    rules = ("promise", "promise_deed")
    return list(models.Clock.objects.filter(complaint=case, rule__in=rules).order_by("id"))


def sweep(world: World) -> None:
    with journey.writing(now=world.now, actor="system") as pen:
        watch.sweep_due(pen=pen, limit=100)


def event(case: models.Complaint, kind: str) -> dict[str, Any]:
    row = models.Event.objects.filter(complaint_id=case.id, kind=kind).order_by("-seq")[0]
    return {**json.loads(row.data), "because": json.loads(row.because)}


def test_a_promise_becomes_a_clock_and_the_next_reply_keeps_it(world: World, post: Post) -> None:
    case = opened(post)
    world.do("agent", answer.reply, complaint_id=case.id, text="很抱歉，明天中午前给您回电。")
    (clock,) = promises(case)
    assert clock.due_at is not None
    assert f"{clock.due_at.astimezone(world.now.tzinfo):%d %H:%M}" == "04 12:00"
    assert clock.name["zh"] == "承诺：明天中午前给您回电"
    assert event(case, "PromiseMade")["message"] == event(case, "ReplySent")["message"]
    case.refresh_from_db()
    assert case.due_at is not None and case.due_at <= clock.due_at
    world.later(hours=20)
    world.do("agent", answer.reply, complaint_id=case.id, text="包裹找到了，因为漏扫晚了一天。")
    (clock,) = promises(case)
    assert (clock.state, clock.breached_at, clock.fire_at) == ("met", None, None)
    assert event(case, "PromiseKept")["late"] is False
    assert list(audit.broken_links()) == []


def test_a_promise_not_kept_is_warned_broken_and_escalated(world: World, post: Post) -> None:
    case = opened(post)
    world.do("agent", answer.reply, complaint_id=case.id, text="抱歉，两小时内给您回电。")
    world.later(hours=1, minutes=45)
    sweep(world)
    assert "ClockWarned" in kinds(case)
    world.later(minutes=20)
    sweep(world)
    assert kinds(case).count("PromiseBroken") == 1
    assert "ClockBreached" not in kinds(case)
    ranks = models.Event.objects.filter(complaint_id=case.id, kind="Escalated")
    assert [json.loads(e.data)["to"] for e in ranks] == ["supervisor"]
    world.do("agent", answer.call, complaint_id=case.id, reached=False, text="")
    assert promises(case)[0].state == "breached"
    world.do("agent", answer.call, complaint_id=case.id, reached=True, text="已说明原因并道歉")
    (clock,) = promises(case)
    assert clock.state == "met" and clock.breached_at is not None
    assert event(case, "PromiseKept")["late"] is True


def test_the_board_counts_promises_kept_and_broken(world: World, post: Post) -> None:
    case = opened(post)
    for text in ("抱歉，两小时内给您回电。", "抱歉，两小时内给您回电。", "三小时内给您结果。"):
        world.do("agent", answer.reply, complaint_id=case.id, text=text)
        world.later(hours=1)
    world.later(hours=6)
    sweep(world)
    viewer = viewer_of(user=models.User.objects.get(username="boss"))
    figures = {f[0]: f[2] for f in board.board(viewer=viewer, period="7", now=world.now).figures}
    assert (figures["promises"], figures["promises_kept"]) == ("3", "66.7%")


def test_a_deed_is_kept_only_by_a_person_and_outlives_the_closing(world: World, post: Post) -> None:
    case = opened(post)
    world.do("agent", answer.reply, complaint_id=case.id, text="抱歉，三天内把运费退给您。")
    world.later(minutes=5)
    world.do("agent", answer.reply, complaint_id=case.id, text="退款已经申请。")
    (clock,) = promises(case)
    assert (clock.rule, clock.state) == ("promise_deed", "running")
    world.do(
        "boss",
        investigate.give_verdict,
        complaint_id=case.id,
        verdict="not_upheld",
        cause="no_fault",
    )
    world.do("boss", answer.resolve, complaint_id=case.id, text="核查结果见附件，明天送到。")
    world.do("boss", close.close_by_hand, complaint_id=case.id, reason="客户同意")
    first, second = promises(case)
    assert (first.state, second.state) == ("running", "running")
    world.do("agent", promise.keep_by_hand, complaint_id=case.id, clock_id=first.id)
    assert promises(case)[0].state == "met"
    with pytest.raises(promise.CannotChangePromise):
        world.do("agent", promise.keep_by_hand, complaint_id=case.id, clock_id=first.id)
    world.later(days=2)
    sweep(world)
    (call,) = models.CallBack.objects.filter(complaint=case, state="due")
    assert call.occasion == "promise_broken"


def test_a_person_changes_drops_and_withdraws_promises(world: World, post: Post) -> None:
    case = opened(post)
    text = "抱歉，明天中午前给您回电，三天内把运费退给您。"
    call = "明天中午前给您回电"
    later = world.now + timedelta(hours=5)
    with pytest.raises(CannotPromise):
        past = Sending(edits=(Edit(call, due=world.now - timedelta(hours=1)),))
        world.do("agent", answer.reply, complaint_id=case.id, text=text, how=past)
    assert promises(case) == []
    how = Sending(edits=(Edit(call, due=later), Edit("三天内把运费退给", dropped=True)))
    world.do("agent", answer.reply, complaint_id=case.id, text=text, how=how)
    (clock,) = promises(case)
    assert clock.due_at == later
    with pytest.raises(promise.CannotChangePromise):
        world.do("agent", promise.withdraw, complaint_id=case.id, clock_id=clock.id, reason=" ")
    world.do(
        "agent", promise.withdraw, complaint_id=case.id, clock_id=clock.id, reason="客户改约周五"
    )
    assert promises(case)[0].state == "cancelled"
    assert event(case, "PromiseWithdrawn")["because"][0]["zh"] == "客户改约周五"


@pytest.mark.parametrize(
    ("text", "code"),
    [("经过是____", "blank"), ("请拨打派件员电话13912345678", "foreign_phone")],
)
def test_what_should_not_go_out_wants_a_reason(
    world: World, post: Post, text: str, code: str
) -> None:
    case = opened(post)
    with pytest.raises(CannotSend) as refused:
        world.do("agent", answer.reply, complaint_id=case.id, text=text)
    assert [r.code for r in refused.value.look.stops] == [code]
    assert not models.Message.objects.filter(complaint=case, author__isnull=False).exists()
    how = Sending(despite="派件员同意客户直接联系")
    world.do("agent", answer.reply, complaint_id=case.id, text=text, how=how)
    told = event(case, "SentDespite")
    assert told["remarks"] == [code]
    assert told["because"][0]["zh"] == "派件员同意客户直接联系"
    assert "13912345678" not in json.dumps(told)


def test_the_customers_own_number_goes_out_without_a_word(world: World, post: Post) -> None:
    case = opened(post)
    text = "王丽您好，抱歉，我们会按您留的13812345678在两小时内联系您。"
    world.do("agent", answer.reply, complaint_id=case.id, text=text)
    assert "SentDespite" not in kinds(case)


def test_promises_go_with_a_merge_and_come_back_with_its_undoing(world: World, post: Post) -> None:
    case = opened(post)
    text = "网点电话一直打不通，运单YT1234567890123没人上门取件"
    other = complaint(post("portal", text, phone="13900001111", sender_name="赵强"))
    assert other.id != case.id
    world.do("agent", assign.take, complaint_id=case.id)
    world.do("agent", answer.reply, complaint_id=case.id, text="抱歉，明天中午前给您回电。")
    world.do("agent", unite.merge, complaint_id=case.id, into_number=other.number, reason="同一人")
    assert [c.state for c in promises(case)] == ["cancelled"]
    (moved,) = promises(other)
    assert (moved.state, moved.due_at) == ("running", promises(case)[0].due_at)
    merged = models.Event.objects.get(complaint_id=case.id, kind="ComplaintMerged")
    world.do("agent", unite.undo, complaint_id=case.id, event_id=merged.id)
    assert [c.state for c in promises(other)] == ["cancelled"]
    assert [c.state for c in promises(case)] == ["running"]

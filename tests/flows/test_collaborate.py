"""Departments are asked, answer, ask back and return; the complaint's clocks go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from company import LOST, START, World, actor, clock, complaint, found, kinds
from huiyin.core.chain import canonical
from huiyin.core.collaboration import CannotCollaborate
from huiyin.core.lifecycle import CannotMove
from huiyin.flows import answer, assign, close, collaborate, investigate, journey, unite, watch
from huiyin.store import models
from huiyin.store.ledger import people
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import rail, responsibility, tasks
from huiyin.store.read.viewer import viewer_of

pytestmark = pytest.mark.django_db

PHOTO = {"name": "到件.png", "content_type": "image/png", "size": 9, "sha256": "a" * 64}


@pytest.fixture
def world(db: None) -> Iterator[World]:
    found(now=START)
    people.add_person(
        now=START, username="tech", name="技术小周", role="handler", password="a-long-word-77",
        department="technology",
    )  # fmt: skip
    yield World()


@pytest.fixture
def case(world: World) -> models.Complaint:
    """A lost parcel; claims handle it."""
    return complaint(world.post("portal", LOST, sender="13812345678", sender_name="王小明"))


def ask(world: World, case: models.Complaint, *departments: str, **how: Any) -> list[UUID]:
    how = {"question": "请核实到件扫描和交接单", **how}
    asked: list[UUID] = world.do(
        "clerk", collaborate.ask, complaint_id=case.id, departments=departments, **how
    )
    return asked


def do(world: World, who: str, id: UUID, act: str, words: str = "", **how: Any) -> None:
    world.do(who, collaborate.do, collaboration_id=id, act=act, words=words, **how)


def request(id: UUID) -> models.Collaboration:
    return models.Collaboration.objects.get(id=id)


def clock_of(id: UUID) -> models.Clock:
    return models.Clock.objects.filter(collaboration_id=id).order_by("-started_at", "-id")[0]


def sweep(world: World) -> None:
    with journey.writing(now=world.now, actor="system") as pen:
        watch.sweep_due(pen=pen, limit=100)


def viewer(username: str) -> Any:
    return viewer_of(user=models.User.objects.get(username=username))


def test_each_department_has_the_clock_of_its_playbook(
    world: World, case: models.Complaint
) -> None:
    legal = models.Clock.objects.filter(complaint=case, legal=True).values_list("id", "due_at")
    before = list(legal)
    operations, technology = ask(world, case, "operations", "technology", files=[PHOTO])
    # Tuesday 10:00: four office hours, two hours by the clock.
    assert request(operations).due_at == START + timedelta(hours=4)
    assert request(technology).due_at == START + timedelta(hours=2)
    assert [clock_of(i).duration for i in (operations, technology)] == ["PT4H", "PT2H"]
    case.refresh_from_db()
    assert kinds(case)[-2:] == ["CollaborationAsked"] * 2
    assert list(legal) == before, "the law's clock goes on"
    assert case.due_rule != "collaboration", "the complaint's next deadline is its own"
    said = models.CollaborationMessage.objects.filter(collaboration_id=operations).get()
    assert (said.act, said.text, said.files) == ("ask", "请核实到件扫描和交接单", [PHOTO])


def test_an_answer_in_time_meets_the_clock(world: World, case: models.Complaint) -> None:
    (id,) = ask(world, case, "operations")
    world.later(minutes=10)
    do(world, "ops", id, "accept")
    assert request(id).assignee_id == actor("ops").id
    world.later(hours=1)
    do(world, "ops", id, "answer", "到件时外包装完好，见交接单", files=[PHOTO])
    row = request(id)
    assert (row.state, row.open, row.due_at, row.ended_at) == ("answered", False, None, world.now)
    assert (clock_of(id).state, clock_of(id).breached_at) == ("met", None)
    case.refresh_from_db()
    assert case.unread
    event = models.Event.objects.filter(complaint_id=case.id).order_by("-seq")[0]
    assert event.kind == "CollaborationAnswered"
    assert PHOTO["sha256"] in event.data and "外包装完好" in event.data


def test_asking_back_pauses_only_the_departments_clock(
    world: World, case: models.Complaint
) -> None:
    (id,) = ask(world, case, "operations")
    legal = clock(case, models.Clock.objects.filter(complaint=case, legal=True)[0].rule)
    world.later(hours=1)
    do(world, "ops", id, "ask_back", "哪一天到件？")
    assert (request(id).state, request(id).due_at) == ("asked_back", None)
    assert clock_of(id).state == "paused"
    assert models.Clock.objects.get(id=legal.id).due_at == legal.due_at
    world.later(hours=2)
    do(world, "clerk", id, "supply", "十一月一日")
    assert request(id).state == "accepted"
    # 10:00 + 4 h and the two hours of waiting, in office hours until 18:00.
    assert request(id).due_at == START + timedelta(hours=6)


def test_a_return_is_asked_again_with_a_fresh_clock(world: World, case: models.Complaint) -> None:
    (id,) = ask(world, case, "operations")
    with pytest.raises(CannotCollaborate, match="reason"):
        do(world, "ops", id, "return", "  ")
    world.later(minutes=30)
    do(world, "ops", id, "return", "没有附到件时间")
    assert (request(id).state, request(id).open, request(id).due_at) == ("returned", True, None)
    assert clock_of(id).state == "cancelled"
    world.later(minutes=30)
    do(world, "clerk", id, "ask_again", "到件时间是十一月一日，请核实")
    row = request(id)
    assert (row.state, row.rounds, row.due_at) == ("asked", 2, world.now + timedelta(hours=4))
    assert clock_of(id).state == "running"


def test_a_transfer_goes_to_the_other_departments_clock(
    world: World, case: models.Complaint
) -> None:
    (id,) = ask(world, case, "operations")
    world.later(minutes=30)
    do(world, "ops", id, "transfer", "系统记录归技术部", department="technology")
    row = request(id)
    assert (row.department_id, row.state, row.assignee_id) == ("technology", "asked", None)
    assert row.due_at == world.now + timedelta(hours=2)
    with pytest.raises(PermissionError):
        do(world, "ops", id, "answer", "已不归我")
    do(world, "tech", id, "answer", "扫描枪当天离线")


def test_a_late_answer_is_reminded_and_reaches_the_head(
    world: World, case: models.Complaint
) -> None:
    (id,) = ask(world, case, "operations")
    world.later(hours=3, minutes=1)
    sweep(world)
    assert clock_of(id).warned_at is not None
    world.later(hours=1)
    sweep(world)
    late = models.Event.objects.filter(complaint_id=case.id, kind="Escalated")
    told = [e.data for e in late if id.hex in e.data]
    assert len(told) == 1
    assert canonical(value="supervisor") in told[0]
    row = tasks.tasks(viewer=viewer("ops"), view="overdue").rows[0]
    assert (row.id, row.level, row.escalation) == (id.hex, "breached", 1)
    sweep(world)
    assert len([e.data for e in late.all() if id.hex in e.data]) == 1, "told once"
    do(world, "ops", id, "answer", "来晚了")
    panel = complaint_read.page(
        viewer=viewer("clerk"), complaint_id=case.id, now=world.now
    ).collaboration
    assert panel.requests[0].level == "late"


def test_who_may_do_what(world: World, case: models.Complaint) -> None:
    with pytest.raises(PermissionError):
        world.do(
            "ops", collaborate.ask, complaint_id=case.id, departments=["technology"],
            question="不是我的投诉",
        )  # fmt: skip
    (id,) = ask(world, case, "operations")
    for who, act in (("clerk", "answer"), ("tech", "accept"), ("ops", "withdraw"),
                     ("agent", "return"), ("tech", "no_such_act")):  # fmt: skip
        with pytest.raises(PermissionError):
            do(world, who, id, act, "说明")
    with pytest.raises(CannotCollaborate, match="no such request"):
        do(world, "ops", UUID(int=7), "accept")
    assert request(id).state == "asked"


def test_one_department_is_asked_once_at_a_time_and_never_the_owner(
    world: World, case: models.Complaint
) -> None:
    ask(world, case, "operations")
    for wrong in (["operations"], ["claims"], ["nowhere"], []):
        with pytest.raises(CannotCollaborate):
            ask(world, case, *wrong)
    assert models.Collaboration.objects.count() == 1


def test_the_end_of_the_complaint_withdraws_what_is_open(
    world: World, case: models.Complaint
) -> None:
    operations, technology = ask(world, case, "operations", "technology")
    do(world, "tech", technology, "return", "不归技术部")
    world.do("clerk", assign.take, complaint_id=case.id)
    world.do(
        "clerk", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
        cause="lost_transit", department="operations", reason="轨迹中断",
    )  # fmt: skip
    world.do("clerk", answer.resolve, complaint_id=case.id, text="已查明丢失，按规定赔付")
    assert {request(i).state for i in (operations, technology)} == {"withdrawn"}
    assert clock_of(operations).state == "cancelled"
    with pytest.raises(CannotMove):
        ask(world, case, "quality")
    with pytest.raises(CannotCollaborate):
        do(world, "ops", operations, "answer", "太晚了")


def test_a_merged_complaint_asks_nobody_any_more(world: World, case: models.Complaint) -> None:
    other = complaint(world.post("portal", "取件一直没人来，快两天了", sender="13900001111"))
    (id,) = ask(world, case, "operations")
    world.do("admin", unite.merge, complaint_id=case.id, into_number=other.number)
    assert request(id).state == "withdrawn"


def test_an_answered_request_may_be_asked_again_only_while_the_complaint_lives(
    world: World, case: models.Complaint
) -> None:
    (id,) = ask(world, case, "operations")
    do(world, "ops", id, "answer", "查过了")
    world.do("clerk", assign.take, complaint_id=case.id)
    world.do(
        "clerk", investigate.give_verdict, complaint_id=case.id, verdict="not_upheld",
        cause="lost_transit", department="", reason="已签收",
    )  # fmt: skip
    world.do("clerk", answer.resolve, complaint_id=case.id, text="已核实签收")
    world.do("boss", close.close_by_hand, complaint_id=case.id, reason="客户确认")
    with pytest.raises(CannotCollaborate, match="reopen"):
        do(world, "clerk", id, "ask_again", "再查一次")


def test_a_department_sees_its_tasks_and_no_more_of_the_complaint(
    world: World, case: models.Complaint
) -> None:
    (id,) = ask(world, case, "operations", question="请联系客户13812345678核实", files=[PHOTO])
    mine = tasks.tasks(viewer=viewer("ops"), view="open")
    assert [r.id for r in mine.rows] == [id.hex]
    assert rail.waiting(viewer=viewer("ops"), now=world.now).tasks == 1
    assert rail.waiting(viewer=viewer("tech"), now=world.now).tasks == 0
    page = tasks.task(viewer=viewer("ops"), collaboration_id=id)
    assert page.complaint_url_id == ""
    assert (page.waybill, page.customer) == ("SF1234567890123", "王**")
    assert "138****5678" in page.request.question
    told = repr(page)
    assert "13812345678" not in told and "12315" not in told
    with pytest.raises(tasks.CannotSeeTask):
        tasks.task(viewer=viewer("tech"), collaboration_id=id)
    with pytest.raises(complaint_read.CannotSee):
        complaint_read.page(viewer=viewer("ops"), complaint_id=case.id, now=world.now)
    message = models.CollaborationMessage.objects.get()
    assert tasks.file(viewer=viewer("ops"), message_id=message.id, number=0) == PHOTO
    for who, number in (("tech", 0), ("ops", 1)):
        with pytest.raises(tasks.CannotSeeTask):
            tasks.file(viewer=viewer(who), message_id=message.id, number=number)


def test_the_time_goes_to_who_held_it(world: World, case: models.Complaint) -> None:
    world.later(hours=1)
    operations, technology = ask(world, case, "operations", "technology")
    world.later(hours=2)
    do(world, "tech", technology, "answer", "系统正常")
    world.later(hours=3)
    do(world, "ops", operations, "answer", "已核实")
    world.later(hours=4)
    page = responsibility.page(viewer=viewer("clerk"), complaint_id=case.id, now=world.now)
    held = {s.code: s.minutes for s in page.holding.shares}
    assert held == {"claims": 5 * 60, "operations": 4 * 60, "technology": 60}
    assert page.holding.said == "10 小时"
    assert sum(b.width * b.height for b in page.holding.blocks) == pytest.approx(1000 * 24)
    rows = {p.label: p for p in page.parties}
    assert rows["理赔法务部"].parts == "主办"
    assert rows["运营部"].parts == "协办"
    assert (rows["运营部"].requests, rows["运营部"].late) == (1, 1)
    assert [e.title for e in page.events][-1] == "协办答复"

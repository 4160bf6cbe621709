"""A complaint goes on in its procedure: side by side, by itself, ticked, timed, told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from company import LOST, START, World, actor, clock, complaint, found, kinds
from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.core.playbook.facts import CannotTell
from huiyin.core.playbook.fill_in import CannotFillIn
from huiyin.flows import answer, assign, collaborate, investigate, journey, proceed, watch
from huiyin.store import models
from huiyin.store.ledger import people
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import office
from huiyin.store.read.procedure import ProcedureView
from huiyin.store.read.viewer import viewer_of

CITY = (
    ("driver_boss", "车队老周", "supervisor", "fleet"),
    ("yard", "货场小吴", "handler", "operations"),
    ("legal", "法务小陈", "handler", "claims_legal"),
    ("front", "前台小李", "agent", "administration"),
)
GONE = "我的货丢了，托运单CY20261103001，三箱茶叶少了一箱，找不到了"


@pytest.fixture
def city(db: None) -> World:
    """The intercity carrier with a handler in each department."""
    text = playbooks.text(name="city-carrier")
    office.forget()
    people.found_company(now=START, name="长运物流", playbook=load_playbook(text=text), text=text)
    for username, name, role, department in CITY:
        people.add_person(
            now=START, username=username, name=name, role=role, password="not-for-login-9",
            department=department,
        )  # fmt: skip
    return World()


def procedure(case: models.Complaint, who: str, now: Any) -> ProcedureView:
    viewer = viewer_of(user=models.User.objects.get(username=who))
    return complaint_read.page(viewer=viewer, complaint_id=case.id, now=now).procedure


def states(case: models.Complaint, who: str, world: World) -> dict[str, str]:
    return {s.id: s.state for s in procedure(case, who, world.now).steps}


def lost(world: World) -> models.Complaint:
    case = complaint(world.post("phone", GONE, sender="13812345678", category="lost"))
    if case.category != "lost":
        models.Complaint.objects.filter(id=case.id).update(category="lost")
        case.refresh_from_db()
    return case


def test_what_a_step_does_by_itself_is_done_when_it_opens(city: World) -> None:
    case = lost(city)
    assert not models.Collaboration.objects.exists()
    city.do("legal", assign.take, complaint_id=case.id)
    request = models.Collaboration.objects.get()
    assert request.department_id == "operations"
    assert request.asked_by.username == "legal"
    said = models.Message.objects.filter(complaint=case, direction="out").order_by("id").last()
    assert said is not None
    assert "安排运营部查找" in said.text
    assert kinds(case).count("StepRun") == 2
    now = states(case, "legal", city)
    assert now["search_told"] == "done"
    assert now["search"] == "open"
    assert now["investigate"] == "open"
    assert now["verdict"] == "waiting"


def test_branches_run_side_by_side_and_join(city: World) -> None:
    case = lost(city)
    city.do("legal", assign.take, complaint_id=case.id)
    view = procedure(case, "legal", city.now)
    assert view.beside == 3
    city.later(hours=1)
    city.do(
        "yard", collaborate.do, collaboration_id=models.Collaboration.objects.get().id,
        act="answer", words="货场和车厢都找过了，没有",
    )  # fmt: skip
    assert states(case, "legal", city)["search"] == "done"
    assert states(case, "legal", city)["verdict"] == "waiting"
    with pytest.raises(CannotFillIn) as caught:
        city.do("legal", proceed.tick, complaint_id=case.id, step="investigate", answers={})
    assert set(caught.value.problems) == {"place", "found"}
    city.do(
        "legal", proceed.tick, complaint_id=case.id, step="investigate",
        answers={"place": "yard", "found": "装车时少清点一箱", "pieces_short": "1"},
    )  # fmt: skip
    assert states(case, "legal", city)["verdict"] == "open"
    done = models.Event.objects.get(complaint_id=case.id, kind="StepDone")
    assert done.actor == f"user:{actor('legal').id}"
    assert '"pieces_short":1' in done.data
    step = next(s for s in procedure(case, "front", city.now).steps if s.id == "investigate")
    assert step.done_by == "法务小陈"


def test_a_step_has_its_own_clock_that_warns_and_climbs(city: World) -> None:
    case = lost(city)
    city.do("legal", assign.take, complaint_id=case.id)
    own = clock(case, "step:investigate")
    assert own.state == "running"
    assert own.due_at is not None
    city.now = own.due_at + timedelta(minutes=1)
    with journey.writing(now=city.now, actor="system") as pen:
        watch.sweep_due(pen=pen, limit=100)
    told = models.Event.objects.filter(complaint_id=case.id, kind="Escalated")
    assert any("step:investigate" in e.data and "supervisor" in e.data for e in told)
    city.do(
        "legal", proceed.tick, complaint_id=case.id, step="investigate",
        answers={"place": "none", "found": "没有问题"},
    )  # fmt: skip
    assert clock(case, "step:investigate").state == "met"


def test_a_tick_taken_back_opens_the_step_and_its_clock_again(city: World) -> None:
    case = lost(city)
    city.do("legal", assign.take, complaint_id=case.id)
    filled = {"place": "none", "found": "没有问题"}
    city.do("legal", proceed.tick, complaint_id=case.id, step="investigate", answers=filled)
    city.do("legal", proceed.untick, complaint_id=case.id, step="investigate")
    assert states(case, "legal", city)["investigate"] == "open"
    assert clock(case, "step:investigate").state == "running"
    with pytest.raises(proceed.CannotProceed):
        city.do("legal", proceed.untick, complaint_id=case.id, step="accept")


def test_facts_are_asked_for_and_kept(city: World) -> None:
    case = complaint(city.post("phone", "货晚了三天还没到，托运单CY20261103002", category="delay"))
    models.Complaint.objects.filter(id=case.id).update(category="delay", department="operations")
    city.do("yard", assign.take, complaint_id=case.id)
    assert [f.id for f in procedure(case, "yard", city.now).asked] == ["no_scan_hours"]
    assert states(case, "yard", city)["truck"] == "asking"
    with pytest.raises(CannotTell):
        city.do("yard", proceed.learn_facts, complaint_id=case.id, given={"no_scan_hours": "x"})
    city.do("yard", proceed.learn_facts, complaint_id=case.id, given={"no_scan_hours": "30"})
    assert states(case, "yard", city)["truck"] == "done"
    assert procedure(case, "yard", city.now).asked == ()
    case.refresh_from_db()
    assert case.triage["told"] == {"no_scan_hours": 30}
    with pytest.raises(proceed.CannotProceed):
        city.do("yard", proceed.learn_facts, complaint_id=case.id, given={"verdict": "upheld"})


def test_what_is_given_to_a_rank_is_not_ticked_below_it(city: World) -> None:
    case = complaint(city.post("phone", "你们司机骂人，态度恶劣", category="attitude"))
    models.Complaint.objects.filter(id=case.id).update(category="attitude", department="fleet")
    city.do("driver_boss", assign.take, complaint_id=case.id)
    city.do("driver_boss", answer.note, complaint_id=case.id, text="已登记管理表")
    report = {s.id: s for s in procedure(case, "driver_boss", city.now).steps}["attitude_report"]
    assert report.state == "waiting"
    with pytest.raises(proceed.CannotProceed):
        city.do("driver_boss", proceed.tick, complaint_id=case.id, step="attitude_report")
    with pytest.raises(PermissionError):
        city.do("front", proceed.tick, complaint_id=case.id, step="attitude_report")


def test_an_upheld_verdict_opens_the_remedy_before_the_answer(city: World) -> None:
    case = lost(city)
    city.do("legal", assign.take, complaint_id=case.id)
    city.do(
        "legal", investigate.give_verdict, complaint_id=case.id, verdict="upheld", cause="tally",
        department="operations", reason="清点有误",
    )  # fmt: skip
    now = states(case, "legal", city)
    assert now["verdict"] == "done"
    assert now["investigate"] == "done"
    assert now["remedy"] == "open"
    assert clock(case, "step:investigate").state == "met"


def test_new_complaints_cost_nothing(db: None) -> None:
    found(now=START)
    world = World()
    world.post("portal", LOST, sender="13812345678")
    accepted = world.accept(*_many(20))
    with CaptureQueriesContext(connection) as queries:
        world.decide(ids=[a.id for a in accepted])
    read = [q["sql"] for q in queries if 'FROM "event"' in q["sql"]]
    assert read == []


def _many(number: int) -> list[Any]:
    from company import arrival

    return [
        arrival("portal", f"快递延误了三天，单号SF{1000000000000 + n}", sender=f"139{n:08d}")
        for n in range(number)
    ]


def test_a_note_does_not_end_the_investigation(world: World) -> None:
    case = complaint(world.post("phone", LOST, sender="13812345678"))
    world.do("clerk", assign.take, complaint_id=case.id)
    world.do("agent", answer.note, complaint_id=case.id, text="客户是VIP，注意语气")
    world.do("clerk", answer.note, complaint_id=case.id, text="下午给网点打电话")
    assert states(case, "clerk", world)["investigate"] == "open"
    assert clock(case, "step:investigate").state == "running"
    with pytest.raises(CannotFillIn):
        world.do("clerk", proceed.tick, complaint_id=case.id, step="investigate", answers={})
    world.do(
        "clerk", proceed.tick, complaint_id=case.id, step="investigate",
        answers={"found": "最后扫描在始发分拨，监控未见装车"},
    )  # fmt: skip
    assert states(case, "clerk", world)["investigate"] == "done"
    assert clock(case, "step:investigate").state == "met"

"""Callers whom nobody took and who have no complaint: their team is told, and they are counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from company import World, complaint
from huiyin.core.phone import Talk
from huiyin.flows import journey, phone
from huiyin.store import models
from huiyin.store.read import missed_calls, rail
from huiyin.store.read.viewer import viewer_named

Enter = Callable[[str], Client]
CALLER = "13800001234"


def nobody_takes(call: str, caller: str = CALLER, queue: str = "投诉线") -> None:
    """Let somebody call, wait in a queue and give up."""
    at = timezone.now() - timedelta(minutes=2)
    told = (
        Talk(kind="ringing", at=at, caller=caller, callee="95000", direction="in", queue=queue),
        Talk(kind="ended", at=at + timedelta(minutes=1), caller=caller, callee="95000"),
    )
    for one in told:
        with journey.writing(now=timezone.now(), actor="system") as pen:
            phone.hear(pen=pen, account_id=7, call=call, told=one)


def waits_for(username: str) -> int:
    viewer = viewer_named(username=username)
    assert viewer is not None
    return rail.waiting(viewer=viewer, now=timezone.now()).calls


def test_the_team_that_is_to_call_back_is_told_and_nobody_else(
    world: World, as_person: Enter
) -> None:
    nobody_takes("a-1")
    row = models.MissedCall.objects.get()
    assert (row.complaint_id, row.department) == (None, "service")
    assert (waits_for("agent"), waits_for("ops"), waits_for("clerk")) == (1, 0, 0)
    card = as_person("agent").get("/desk/phone/card").content.decode()
    assert "未接来电 · 投诉线" in card and "138****1234" in card and CALLER not in card
    assert as_person("ops").get("/desk/phone/card").content.decode().strip() == ""
    page = as_person("agent").get("/desk/missed-calls").content.decode()
    assert "由客服部回电" in page
    here = card.split('data-stamp="')[1].split('"')[0]
    assert as_person("agent").get(f"/desk/phone/card?stamp={here}").status_code == 204
    nobody_takes("a-2")
    assert "打了 2 次" in as_person("agent").get(f"/desk/phone/card?stamp={here}").content.decode()


def test_who_stands_on_the_ladder_is_told_when_it_is_late(world: World) -> None:
    nobody_takes("a-1")
    assert waits_for("boss") == 0, "another department's supervisor"
    late = timezone.now() + timedelta(hours=3)
    with journey.writing(now=late, actor="system") as pen:
        assert phone.remind(pen=pen, limit=10) == 1
    assert waits_for("boss") == 1 and waits_for("ops") == 0


def test_a_caller_with_a_complaint_is_the_business_of_who_handles_it(world: World) -> None:
    case = complaint(
        world.post("sms", "运单 SF1234567890123 五天没动，我要投诉", sender=CALLER, phone=CALLER)
    )
    nobody_takes("a-1")
    row = models.MissedCall.objects.get()
    assert row.complaint_id == case.id and row.department == (
        models.Complaint.objects.get(id=case.id).department_id
    )


def test_missed_calls_are_drawn_by_day_and_beside_those_who_complain_of_it(
    world: World, as_person: Enter
) -> None:
    nobody_takes("a-1")
    nobody_takes("a-2", caller="")
    page = as_person("boss").get("/desk/missed-calls").content.decode()
    assert "每天没人接的来电" in page
    board = as_person("mgr").get("/desk/board").content.decode()
    assert "每天没人接的来电" in board and "投诉：电话无人接听、受理过长" in board
    days = missed_calls.by_day(days=30, now=timezone.now(), zone=ZoneInfo("Asia/Shanghai"))
    assert sum(days.values()) == 2, "a hidden number counts, though nobody can call it back"


def test_the_navigation_counts_on_the_page_of_missed_calls_too(
    world: World, as_person: Enter
) -> None:
    nobody_takes("a-1")
    page = as_person("agent").get("/desk/missed-calls").content.decode()
    assert "今天要打的回访" in page


def test_call_backs_and_missed_calls_lead_to_each_other(world: World, as_person: Enter) -> None:
    nobody_takes("a-1")
    agent = as_person("agent")
    for path in ("/desk/call-backs", "/desk/call-backs?view=done", "/desk/missed-calls"):
        answer = agent.get(path)
        assert answer.status_code == 200
        assert 'href="/desk/missed-calls"' in answer.content.decode()
    done = agent.get("/desk/missed-calls?view=done").content.decode()
    assert done.count('aria-current="page"') == 2, "the navigation's and the tab's"

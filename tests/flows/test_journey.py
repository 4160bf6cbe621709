"""One complaint from the first word to the fifth star."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from company import LOST, World, actor, clock, complaint, kinds
from huiyin.core.lifecycle import CannotMove
from huiyin.flows import answer, assign, investigate, settle, survey
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.read import audit, operations

Post = Callable[..., Decided]


def lost(post: Post) -> Decided:
    return post(
        "portal", LOST, sender="13812345678", phone="13812345678", waybill="SF1234567890123"
    )


def verdict(world: World, who: str, case: models.Complaint) -> None:
    world.do(
        who,
        investigate.give_verdict,
        complaint_id=case.id,
        verdict="upheld",
        cause="lost_transit",
        department="operations",
        reason="中转场遗失",
    )


def test_a_complaint_from_the_first_word_to_the_fifth_star(world: World, post: Post) -> None:
    first = lost(post)
    assert first.outcome == "opened"
    case = complaint(first)
    assert case.category == "lost"
    assert case.status == "assigned"
    assert case.department_id == "claims"
    assert case.assignee is not None
    assert clock(case, "acknowledge").state == "met"
    assert {c.rule for c in models.Clock.objects.filter(complaint=case, state="running")} >= {
        "first_reply",
        "resolve",
        "law_7d",
    }

    world.later(minutes=20)
    more = post(
        "email", "SF1234567890123 这个件怎么还没找到？", sender="a@b.example", email="a@b.example"
    )
    assert (more.outcome, more.complaint_id) == ("joined", first.complaint_id)

    world.do("agent", assign.take, complaint_id=case.id)
    world.do("agent", answer.reply, complaint_id=case.id, text="正在查中转场的监控", agent="小李")
    case.refresh_from_db()
    assert case.status == "working"
    assert case.first_replied_at == world.now
    assert clock(case, "first_reply").state == "met"
    assert clock(case, "law_7d").state == "running"

    with pytest.raises(CannotMove):
        world.do("agent", answer.resolve, complaint_id=case.id, text="就这样")
    verdict(world, "agent", case)

    world.do("agent", settle.propose, complaint_id=case.id, kind="amount", amount=30000)
    remedy = models.Remedy.objects.get(complaint=case)
    case.refresh_from_db()
    assert (remedy.state, case.status) == ("waiting", "waiting_approval")
    with pytest.raises(CannotMove):
        world.do("agent", answer.resolve, complaint_id=case.id, text="赔您三百")
    for nobody in ("agent", "clerk"):
        with pytest.raises(PermissionError):
            world.do(nobody, settle.decide, remedy_id=remedy.id, approve=True)
    world.do("boss", settle.decide, remedy_id=remedy.id, approve=True)
    remedy.refresh_from_db()
    assert (remedy.state, remedy.decided_by_id) == ("approved", actor("boss").id)

    world.later(hours=1)
    world.do("agent", answer.resolve, complaint_id=case.id, text="赔付三百元，三日内到账")
    case.refresh_from_db()
    assert (case.status, case.resolved_at) == ("resolved", world.now)
    # the answer promises money in three days, and that is all that is still watched
    (promised,) = models.Clock.objects.filter(complaint=case, state="running")
    assert (case.due_at, case.watch_level) == (promised.due_at, "ok")
    assert promised.rule == "promise_deed"

    world.later(hours=2)
    world.customer(survey.answer, complaint_id=case.id, stars=1, words="太少")
    case.refresh_from_db()
    assert (case.status, case.level, case.verdict, case.stars) == ("assigned", 1, "", 1)
    assert case.assignee is not None
    assert case.assignee.username == "boss"
    assert clock(case, "first_reply").state == "running"

    world.do("boss", answer.reply, complaint_id=case.id, text="我重新看了全部经过")
    verdict(world, "boss", case)
    world.do("boss", answer.resolve, complaint_id=case.id, text="另补一百元并致歉")
    world.customer(survey.answer, complaint_id=case.id, stars=5, words="")
    case.refresh_from_db()
    assert (case.status, case.live, case.stars) == ("closed", False, 5)
    (watched,) = models.Clock.objects.filter(complaint=case, fire_at__isnull=False)
    assert watched.id == promised.id
    with pytest.raises(survey.CannotAnswerSurvey):
        world.customer(survey.answer, complaint_id=case.id, stars=5, words="")

    told = kinds(case)
    assert told[0] == "ComplaintOpened"
    assert told[-1] == "ComplaintClosed"
    assert told.count("ComplaintResolved") == 2
    assert operations.balance().balanced
    assert list(audit.broken_links()) == []
    assert list(audit.balance_faults()) == []


def test_nobody_approves_his_own_proposal(world: World, post: Post) -> None:
    case = complaint(lost(post))
    world.do("boss", settle.propose, complaint_id=case.id, kind="amount", amount=300000)
    remedy = models.Remedy.objects.get(complaint=case)
    assert remedy.state == "waiting"
    with pytest.raises(PermissionError):
        world.do("boss", settle.decide, remedy_id=remedy.id, approve=True)
    world.do("mgr", settle.decide, remedy_id=remedy.id, approve=True)
    remedy.refresh_from_db()
    assert remedy.state == "approved"


def test_nobody_approves_above_his_authority(world: World, post: Post) -> None:
    case = complaint(lost(post))
    world.do("clerk", settle.propose, complaint_id=case.id, kind="amount", amount=200001)
    remedy = models.Remedy.objects.get(complaint=case)
    with pytest.raises(settle.CannotSettle):
        world.do("boss", settle.decide, remedy_id=remedy.id, approve=True)
    with pytest.raises(settle.CannotSettle, match="reason"):
        world.do("boss", settle.decide, remedy_id=remedy.id, approve=False)
    world.do("boss", settle.decide, remedy_id=remedy.id, approve=False, reason="缺价值证明")
    case.refresh_from_db()
    assert case.status == "working"


def test_the_authority_counts_everything_granted_on_the_case(world: World, post: Post) -> None:
    case = complaint(lost(post))
    for kind, amount in (("amount", 15000), ("goodwill", 5000), ("goodwill", 1)):
        world.do("agent", settle.propose, complaint_id=case.id, kind=kind, amount=amount)
    states = models.Remedy.objects.filter(complaint=case).order_by("-amount")
    assert list(states.values_list("state", flat=True)) == ["approved", "approved", "waiting"]


def test_a_failing_room_leaves_everything_as_it_was(world: World, post: Post) -> None:
    case = complaint(lost(post))
    before = kinds(case)

    def fall(*, pen: object, actor: object, complaint_id: object) -> None:
        assign.take(pen=pen, actor=actor, complaint_id=complaint_id)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        world.do("agent", fall, complaint_id=case.id)
    assert kinds(case) == before
    assert list(audit.broken_links()) == []


def test_a_changed_event_is_found(world: World, post: Post) -> None:
    case = complaint(lost(post))
    assert list(audit.broken_links()) == []
    event = models.Event.objects.filter(complaint_id=case.id, kind="ComplaintAssigned")
    event.update(data='{"assignee":1}')
    found = list(audit.broken_links())
    assert len(found) == 1
    assert "ComplaintAssigned" in found[0]


def test_a_removed_event_is_found(world: World, post: Post) -> None:
    case = complaint(lost(post))
    models.Event.objects.filter(complaint_id=case.id).order_by("-seq")[0].delete()
    found = list(audit.broken_links())
    assert len(found) == 1
    assert "chain ends" in found[0]


def test_a_counter_that_is_off_is_found(world: World, post: Post) -> None:
    lost(post)
    models.Tally.objects.filter(name="inbox:opened").update(value=7)
    assert list(audit.balance_faults()) == ["inbox opened: counter 7, rows 1"]

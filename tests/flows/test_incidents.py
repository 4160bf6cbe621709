"""Incidents: linked by rule and by hand, answered and settled at once, called back, resumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from company import START, World, actor, arrival, complaint, kinds
from huiyin.core.incident import CannotMoveRun, CannotRelease, CannotRule, Listed, Plan, Rule
from huiyin.flows import carry_out, journey, link, outlook, settle
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger import bulk_runs
from huiyin.store.read import audit, books

Post = Callable[..., Decided]
WORDS = (
    "{customer}，您的包裹 {waybill}（投诉 {number}）因{incident}受损，我们深表歉意，赔付 {amount}，"
    "请打开 {link}"
)


def waybill(n: int) -> str:
    return f"SF2611030000{n:03d}"


def complaints(world: World, count: int, *, first: int = 0) -> list[models.Complaint]:
    """Open complaints of parcels lost in the fire, each of another person."""
    accepted = world.accept(
        *(
            arrival(
                "portal",
                f"我的包裹{waybill(n)}丢了，说是分拨中心着火，请赔偿",
                sender=f"138{n:08d}", sender_name=f"客户{n}", phone=f"138{n:08d}",
                waybill=waybill(n),
            )
            for n in range(first, first + count)
        )
    )  # fmt: skip
    decided = world.decide(ids=[a.id for a in accepted])
    assert [d.outcome for d in decided] == ["opened"] * count
    cases = [complaint(d) for d in decided]
    models.Complaint.objects.filter(id__in=[c.id for c in cases]).update(category="lost")
    return cases


def parcels(numbers: Sequence[int], **facts: int) -> list[Listed]:
    return [Listed(waybill(n), facts) for n in numbers]


def make(world: World, who: str = "boss", *, listed: Sequence[Listed] = (), **rule: Any) -> UUID:
    rule.setdefault("takes_from", START - timedelta(hours=1))
    return link.draft(
        now=world.now,
        actor=actor(who),
        rule=Rule(waybills=frozenset(p.waybill for p in listed), **rule),
        parcels=listed,
        name="新塘分拨中心火灾",
        about="",
        begins_at=START,
        ends_at=None,
    )


def opened(world: World, who: str = "boss", **how: Any) -> UUID:
    incident_id = make(world, who, **how)
    link.start(incident_id=incident_id, actor=actor(who), now=world.now, wide_is_meant=True)
    sweep(world, incident_id)
    return incident_id


def sweep(world: World, incident_id: UUID, page: int = 500) -> int:
    """Link as the worker does, until nothing is found."""
    done = 0
    while found := link.look(incident_id=incident_id, now=world.now, page=page):
        with journey.writing(now=world.now, actor="system") as pen:
            done += link.link(pen=pen, incident_id=incident_id, found=found)
    return done


def linked(incident_id: UUID) -> set[UUID]:
    rows = models.IncidentLink.objects.filter(incident_id=incident_id, live=True)
    return set(rows.values_list("complaint_id", flat=True))


def begin(world: World, incident_id: UUID, plan: Plan, who: str = "boss", **how: Any) -> UUID:
    how.setdefault("text", WORDS)
    how.setdefault("token", f"t{world.now.timestamp()}")
    return carry_out.start(
        incident_id=incident_id, actor=actor(who), plan=plan, now=world.now, **how
    )


def work(world: World, **how: Any) -> int:
    """Let the worker do all that is due."""
    done = 0
    while step := carry_out.go_on(clock=lambda: world.now, **how):
        done += step
    return done


def states(run_id: UUID) -> dict[str, int]:
    out: dict[str, int] = {}
    for state in models.BulkItem.objects.filter(run_id=run_id).values_list("state", flat=True):
        out[state] = out.get(state, 0) + 1
    return out


def run_state(run_id: UUID) -> str:
    return models.BulkRun.objects.get(id=run_id).state


def replies(case: models.Complaint) -> list[str]:
    return [k for k in kinds(case) if k == "ReplySent"]


@pytest.fixture
def cause(world: World) -> str:
    from huiyin.store.read import office

    return office.current_playbook().causes[0].code


def loss(cause: str, **how: Any) -> Plan:
    return Plan(
        **{
            "kind": "amount", "harm": "loss", "reason": "火灾，统一按条款赔付", "answers": True,
            "final": True, "verdict": "upheld", "cause": cause, **how,
        }
    )  # fmt: skip


# Linking.


def test_complaints_of_the_list_are_linked_with_the_reason(world: World) -> None:
    hit = complaints(world, 3)
    complaints(world, 2, first=50)
    incident_id = opened(world, listed=parcels([0, 1, 2, 9]))
    assert linked(incident_id) == {c.id for c in hit}
    assert kinds(hit[0])[-1] == "IncidentLinked"
    tie = models.IncidentLink.objects.get(complaint_id=hit[0].id)
    assert tie.because[0]["words"] == [waybill(0)]
    assert list(audit.broken_links()) == []


def test_preview_tells_who_fits_and_which_waybills_nobody_complains_of(world: World) -> None:
    complaints(world, 3)
    incident_id = make(world, listed=parcels([0, 1, 77]))
    seen, wide = link.seen_before(incident_id=incident_id)
    assert sorted(f.waybill for f in seen.found) == [waybill(0), waybill(1)]
    assert seen.without == (waybill(77),)
    assert (seen.looked_at, wide) == (3, None)
    assert not models.IncidentLink.objects.exists(), "a preview writes nothing"


def test_who_arrives_later_is_linked_once(world: World) -> None:
    incident_id = opened(world, words=("着火",))
    assert linked(incident_id) == set()
    world.later(minutes=3)
    late = complaints(world, 4)
    assert sweep(world, incident_id, page=3) == 4
    assert sweep(world, incident_id) == 0
    assert linked(incident_id) == {c.id for c in late}
    assert all(kinds(c).count("IncidentLinked") == 1 for c in late)


def test_a_condition_links_by_facts(world: World) -> None:
    cases = complaints(world, 2)
    incident_id = opened(world, condition="category == 'lost' && has_waybill")
    assert linked(incident_id) == {c.id for c in cases}
    none = opened(world, condition="stars == 5")
    assert linked(none) == set(), "what is unknown is not linked"


def test_who_was_taken_off_stays_off(world: World) -> None:
    case = complaints(world, 1)[0]
    incident_id = opened(world, listed=parcels([0]))
    with pytest.raises(link.CannotLink, match="why"):
        world.do("boss", link.unlink, incident_id=incident_id, complaint_id=case.id, reason=" ")
    world.do(
        "boss", link.unlink, incident_id=incident_id, complaint_id=case.id, reason="不是同一批"
    )
    link.look_again(incident_id=incident_id, actor=actor("boss"))
    assert sweep(world, incident_id) == 0
    assert linked(incident_id) == set()
    world.do(
        "boss", link.link_by_hand, incident_id=incident_id, complaint_id=case.id, reason="查实"
    )
    assert linked(incident_id) == {case.id}
    assert kinds(case)[-2:] == ["IncidentUnlinked", "IncidentLinked"]


def test_a_rule_that_takes_nearly_everything_must_be_meant(world: World) -> None:
    complaints(world, 12)
    incident_id = make(world, condition="true")
    with pytest.raises(link.CannotLink, match="Tick"):
        link.start(incident_id=incident_id, actor=actor("boss"), now=world.now)
    link.start(incident_id=incident_id, actor=actor("boss"), now=world.now, wide_is_meant=True)
    assert models.Incident.objects.get(id=incident_id).state == "open"


def test_an_empty_rule_and_a_stranger_are_refused(world: World) -> None:
    with pytest.raises(CannotRule, match="empty"):
        make(world)
    with pytest.raises(CannotRule):
        make(world, condition="categry == 'lost'")
    with pytest.raises(PermissionError):
        make(world, who="agent", words=("着火",))
    assert not models.Incident.objects.exists()


def test_without_an_open_incident_intake_asks_nothing(
    world: World, django_assert_max_num_queries: Any
) -> None:
    complaints(world, 1)
    make(world, words=("着火",))

    def statements(first: int) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            complaints(world, 5, first=first)
        assert not any("incident" in q["sql"] for q in seen.captured_queries)
        return len(seen.captured_queries)

    statements(10)  # what a process remembers is asked for once
    closed = statements(20)
    opened(world, words=("着火",))
    assert statements(30) == closed, "an open incident costs intake nothing either"


# Batches.


def test_all_are_settled_and_answered_each_with_his_own_facts(world: World, cause: str) -> None:
    cases = complaints(world, 4)
    listed = [Listed(waybill(n), {"fee": 1000 + 100 * n, "real_value": 500000}) for n in range(4)]
    incident_id = opened(world, "mgr", listed=listed)
    run_id = begin(world, incident_id, loss(cause), "mgr")
    assert run_state(run_id) == "held"
    assert work(world) == 0, "nothing goes out while it is held"
    world.later(minutes=10)
    work(world)
    assert (run_state(run_id), states(run_id)) == ("done", {"done": 4})
    amounts = []
    for n, case in enumerate(cases):
        case.refresh_from_db()
        remedy = models.Remedy.objects.get(complaint=case)
        amounts.append(remedy.amount)
        said = models.Message.objects.filter(complaint=case, author_id__isnull=False)
        text = said.get().text
        assert case.status == "resolved" and case.verdict == "upheld"
        assert waybill(n) in text and case.number in text and f"客户{n}" in text
        assert f"¥{remedy.amount / 100:.2f}" in text
        assert models.Survey.objects.filter(complaint=case).count() == 1
    assert len(set(amounts)) == 4, "each has an amount of its own"
    assert [*books.faults(), *audit.broken_links()] == []


def test_a_form_sent_twice_makes_one_batch(world: World) -> None:
    complaints(world, 2)
    incident_id = opened(world, listed=parcels([0, 1]))
    plan = Plan(answers=True)
    text = "{customer}您好，{number} 正在核实。"
    one = begin(world, incident_id, plan, token="same", text=text)
    assert begin(world, incident_id, plan, token="same", text=text) == one
    with pytest.raises(bulk_runs.CannotStartRun):
        begin(world, incident_id, plan, token="other", text=text)
    assert models.BulkRun.objects.count() == 1


def test_a_held_batch_is_called_back_whole(world: World) -> None:
    cases = complaints(world, 3)
    incident_id = opened(world, listed=parcels([0, 1, 2]))
    run_id = begin(world, incident_id, Plan(answers=True), text="{number} 正在核实。")
    assert carry_out.call_back(run_id=run_id, actor=actor("boss"), now=world.now) == "called_back"
    world.later(hours=1)
    assert work(world) == 0
    assert states(run_id) == {"left": 3}
    assert all(replies(c) == [] for c in cases)
    with pytest.raises(CannotMoveRun):
        carry_out.call_back(run_id=run_id, actor=actor("boss"), now=world.now)


def test_only_he_or_a_manager_calls_a_batch_back(world: World) -> None:
    complaints(world, 1)
    incident_id = opened(world, "mgr", listed=parcels([0]))
    run_id = begin(world, incident_id, Plan(answers=True), "mgr", text="{number} 正在核实。")
    for who in ("boss", "agent", "ops"):
        with pytest.raises(PermissionError):
            carry_out.call_back(run_id=run_id, actor=actor(who), now=world.now)
    carry_out.call_back(run_id=run_id, actor=actor("admin"), now=world.now)


def test_the_sum_needs_authority_and_somebody_else_releases_it(world: World) -> None:
    cases = complaints(world, 12)
    incident_id = opened(world, listed=parcels(range(12)))
    # Each within the supervisor's limit, all together above what he may grant in a day.
    plan = Plan(kind="amount", amount=190000, reason="协商统一赔付")
    run_id = begin(world, incident_id, plan, text="")
    assert run_state(run_id) == "waiting"
    world.later(hours=1)
    assert work(world) == 0
    with pytest.raises(PermissionError, match="自己"):
        carry_out.let_go(run_id=run_id, actor=actor("boss"), now=world.now)
    carry_out.let_go(run_id=run_id, actor=actor("mgr"), now=world.now)
    assert work(world) == 0, "the hold begins with the release"
    world.later(minutes=10)
    work(world)
    assert states(run_id) == {"done": 12}
    granted = models.Remedy.objects.filter(complaint__in=cases)
    assert {r.state for r in granted} == {"approved"}
    by = {r.authority_role for r in granted}
    assert by == {"supervisor", "manager"}
    limit = sum(r.amount for r in granted if r.authority_role == "supervisor")
    assert limit <= 2000000, "his own authority went no further than his day's limit"


def test_above_every_authority_there_is_no_release(world: World) -> None:
    complaints(world, 8)
    incident_id = opened(world, listed=parcels(range(8)))
    run_id = begin(
        world, incident_id, Plan(kind="amount", amount=900000, reason="统一赔付"), text=""
    )
    models.User.objects.filter(username="mgr").update(role="supervisor")
    with pytest.raises(CannotRelease, match="额度"):
        carry_out.let_go(run_id=run_id, actor=actor("mgr"), now=world.now)
    assert run_state(run_id) == "waiting"


def test_without_approval_no_customer_is_told_a_sum(world: World, cause: str) -> None:
    case = complaints(world, 1)[0]
    incident_id = opened(world, "mgr", listed=parcels([0], fee=1000, real_value=500000))
    run_id = begin(world, incident_id, loss(cause), "mgr")
    world.later(minutes=10)
    # Between making and sending he lost his authority.
    models.User.objects.filter(username="mgr").update(
        role="handler", department_id=case.department_id
    )
    work(world)
    remedy = models.Remedy.objects.get(complaint=case)
    assert (states(run_id), remedy.state, replies(case)) == ({"waiting": 1}, "waiting", [])
    world.do("admin", settle.decide, remedy_id=remedy.id, approve=True)
    models.User.objects.filter(username="mgr").update(role="manager")
    carry_out.retry(run_id=run_id, actor=actor("admin"), now=world.now)
    world.later(minutes=10)
    work(world)
    assert (states(run_id), len(replies(case))) == ({"done": 1}, 1)
    assert models.Remedy.objects.filter(complaint=case).count() == 1


def test_who_is_settled_and_answered_gets_one_message(world: World, cause: str) -> None:
    (case,) = complaints(world, 1)
    incident_id = opened(world, "mgr", listed=parcels([0], fee=1000, real_value=90000))
    before = set(models.Message.objects.filter(complaint=case).values_list("id", flat=True))
    begin(world, incident_id, loss(cause, final=False), "mgr")
    world.later(minutes=10)
    work(world)
    sent = models.Message.objects.filter(complaint=case, direction="out").exclude(id__in=before)
    assert sent.count() == 1
    assert "/t/" in sent.get().text
    assert models.Remedy.objects.get(complaint=case).state == "approved"


def test_the_one_message_must_say_where_to_accept(world: World, cause: str) -> None:
    complaints(world, 1)
    incident_id = opened(world, "mgr", listed=parcels([0], fee=1000, real_value=90000))
    with pytest.raises(outlook.CannotCarryOut, match="link"):
        begin(world, incident_id, loss(cause), "mgr", text="{number}：赔付 {amount}。")


def test_a_parcel_of_which_two_complain_is_paid_once(world: World, cause: str) -> None:
    one, other = complaints(world, 2)
    models.Complaint.objects.filter(id=other.id).update(waybill=one.waybill)
    link_by = opened(world, "mgr", listed=parcels([0], fee=1000, real_value=90000))
    run_id = begin(world, link_by, loss(cause), "mgr")
    world.later(minutes=10)
    work(world)
    assert (run_state(run_id), states(run_id)) == ("done", {"done": 1, "claimed": 1})
    left = models.BulkItem.objects.get(run_id=run_id, state="claimed")
    served = models.BulkItem.objects.get(run_id=run_id, state="done")
    assert served.complaint.number in left.error["zh"]
    assert served.complaint.number in left.error["en"]
    assert replies(left.complaint) == []
    assert models.Remedy.objects.count() == 1
    run = models.BulkRun.objects.get(id=run_id)
    assert run.amount == models.Remedy.objects.get().amount


def test_failures_are_listed_and_tried_again(world: World) -> None:
    cases = complaints(world, 3)
    incident_id = opened(world, listed=parcels(range(3)))
    plan = Plan(kind="amount", amount=5000, reason="统一赔付", answers=True)
    world.do(
        "mgr", settle.propose, complaint_id=cases[1].id, kind="amount", amount=7000, reason="先赔"
    )
    run_id = begin(world, incident_id, plan)
    bad = models.BulkItem.objects.get(run_id=run_id, complaint=cases[1])
    assert bad.state == "claimed" and "重复赔付" in bad.error["zh"]
    models.Complaint.objects.filter(id=cases[2].id).update(status="closed", live=False)
    world.later(minutes=10)
    work(world)
    assert states(run_id) == {"done": 1, "failed": 1, "claimed": 1}
    assert run_state(run_id) == "done"
    told = models.BulkItem.objects.get(run_id=run_id, complaint=cases[2]).error
    assert told["zh"] and told["en"]
    models.Complaint.objects.filter(id=cases[2].id).update(status="working", live=True)
    carry_out.retry(run_id=run_id, actor=actor("boss"), now=world.now)
    world.later(minutes=10)
    work(world)
    assert states(run_id) == {"done": 2, "claimed": 1}
    assert [len(replies(c)) for c in cases] == [1, 0, 1]
    first = models.Remedy.objects.get(complaint=cases[1])
    world.do("mgr", settle.withdraw, remedy_id=first.id, reason="改在批次里赔")
    carry_out.retry(run_id=run_id, actor=actor("boss"), now=world.now)
    world.later(minutes=10)
    work(world)
    assert states(run_id) == {"done": 3}
    paid = models.Remedy.objects.filter(complaint=cases[0])
    assert paid.count() == 1, "nobody is settled twice by a retry"


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@pytest.mark.parametrize("at", range(1, 13))
def test_killed_anywhere_nobody_is_left_out_and_nobody_served_twice(
    world: World, cause: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = complaints(world, 3)
    incident_id = opened(world, "mgr", listed=parcels(range(3), fee=1000, real_value=90000))
    run_id = begin(world, incident_id, loss(cause), "mgr")
    world.later(minutes=10)
    taken = 0
    take = bulk_runs.take

    def take_and_die(**how: Any) -> bool:
        nonlocal taken
        taken += 1
        done = take(**how)
        if taken == at:
            raise Killed
        return done

    monkeypatch.setattr(bulk_runs, "take", take_and_die)
    with pytest.raises(Killed):
        work(world)
    assert work(world) == 0, "another worker waits for the lease"
    world.later(seconds=31)
    work(world)
    assert (run_state(run_id), states(run_id)) == ("done", {"done": 3})
    for case in cases:
        assert len(replies(case)) == 1
        assert models.Remedy.objects.filter(complaint=case).count() == 1
        assert kinds(case).count("VerdictGiven") == 1
        assert kinds(case).count("ComplaintResolved") == 1
    assert [*books.faults(), *audit.broken_links()] == []


def test_a_running_batch_can_be_stopped(world: World) -> None:
    cases = complaints(world, 3)
    incident_id = opened(world, listed=parcels(range(3)))
    run_id = begin(world, incident_id, Plan(answers=True), text="{number} 正在核实。")
    world.later(minutes=10)
    moments = iter([world.now] * 4)

    def clock() -> datetime:
        return next(moments, world.now + timedelta(seconds=2))

    assert carry_out.go_on(clock=clock) == 1
    assert carry_out.call_back(run_id=run_id, actor=actor("boss"), now=world.now) == "stopped"
    assert work(world) == 0
    assert states(run_id) == {"done": 1, "left": 2}
    assert sum(len(replies(c)) for c in cases) == 1


@pytest.mark.parametrize(
    ("plan", "text", "said"),
    [
        (Plan(), "", "choose what to do"),
        (Plan(answers=True), " ", "write something"),
        (Plan(answers=True), "{nummer}", "placeholder"),
        (Plan(answers=True), "赔付 {amount}", "no remedy"),
        (Plan(kind="amount", amount=100), "", "reason"),
        (Plan(kind="amount", reason="x"), "", "kind of loss"),
        (Plan(kind="gold", reason="x"), "", "kind of remedy"),
        (Plan(verdict="upheld"), "", "cause"),
    ],
)
def test_what_cannot_be_meant_is_refused(world: World, plan: Plan, text: str, said: str) -> None:
    complaints(world, 1)
    incident_id = opened(world, listed=parcels([0]))
    with pytest.raises(outlook.CannotCarryOut, match=said):
        begin(world, incident_id, plan, text=text)
    assert not models.BulkRun.objects.exists()


def test_an_outlook_writes_nothing_and_covers_names(world: World, cause: str) -> None:
    complaints(world, 6)
    incident_id = opened(
        world, listed=[Listed(waybill(n), {"fee": 1000 * (n + 1), "real_value": 9000000})
                       for n in range(6)],
    )  # fmt: skip
    before = models.Event.objects.count()
    seen = outlook.outlook(
        incident_id=incident_id, actor=actor("boss"), agent="刘主管", plan=loss(cause),
        text=WORDS, now=world.now,
    )  # fmt: skip
    assert (seen.total, len(seen.samples), seen.unfit) == (6, 5, ())
    assert seen.least < seen.largest and seen.amount > seen.largest
    assert all("客*" in s.text and s.number in s.text for s in seen.samples)
    assert models.Event.objects.count() == before
    assert not models.BulkRun.objects.exists() and not models.Remedy.objects.exists()

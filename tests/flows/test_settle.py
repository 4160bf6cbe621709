"""Remedies from the sum to the payment: authority, answers, one payment a parcel, the journal."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from company import LOST, START, World, actor, clock, complaint, found, kinds
from huiyin.core.remedy.offer import CannotMoveOffer
from huiyin.core.remedy.parcel import CannotClaimTwice
from huiyin.core.remedy.payee import Payee
from huiyin.core.remedy.proposal import CannotPropose
from huiyin.core.remedy.reconcile import Result
from huiyin.flows import agree, answer, investigate, journey, pay, settle, survey, unite, watch
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ids import new_id, tracking_token
from huiyin.store.ledger.limits import CannotKeep
from huiyin.store.read import audit, books, payout_page, tracking
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read.viewer import viewer_of

Post = Callable[..., Decided]
WAYBILL = "SF1234567890123"
FACTS = {"kind": "loss", "fee": 2000, "real_value": 600000, "carrier": "sf"}
BANK = Payee(method="bank", name="张三", account="6222020200112233445")


def lost(post: Post, *, phone: str = "13812345678", waybill: str = WAYBILL) -> models.Complaint:
    """Open a complaint of a lost parcel whatever the sorting makes of its words."""
    text = LOST.replace(WAYBILL, waybill)
    case = complaint(post("portal", text, sender=phone, phone=phone, waybill=waybill))
    models.Complaint.objects.filter(id=case.id).update(category="lost", department_id="claims")
    case.refresh_from_db()
    return case


def offered(world: World, who: str, case: models.Complaint, **how: Any) -> models.Remedy:
    how.setdefault("kind", "amount")
    remedy_id = world.do(who, settle.propose, complaint_id=case.id, **how)
    return models.Remedy.objects.get(id=remedy_id)


def sound() -> list[str]:
    return [*books.faults(), *audit.broken_links()]


def result(payout: models.Payout, outcome: str, **how: Any) -> Result:
    return Result(row=2, number=payout.number, outcome=outcome, amount=payout.amount, **how)


def batched(world: World, who: str = "mgr") -> UUID:
    return world.do(who, pay.batch)


def test_what_was_refused_leaves_the_step_and_the_clock_open(world: World, post: Post) -> None:
    words = "包裹丢了一个月，要求理赔，运单SF1234567890123"
    case = complaint(post("portal", words, sender="13812345678", phone="13812345678",
                          category="claim"))  # fmt: skip
    assert case.category == "claim"
    world.do("agent", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="lost_transit")  # fmt: skip

    def standing() -> str:
        viewer = viewer_of(user=models.User.objects.get(username="agent"))
        page = complaint_read.page(viewer=viewer, complaint_id=case.id, now=world.now)
        return next(s.state for s in page.procedure.steps if s.id == "remedy")

    offer = clock(case, "claim_offer")
    world.later(hours=2)
    first = offered(world, "agent", case, amount=90000)
    assert first.state == "waiting"
    assert (clock(case, "claim_offer").state, standing()) == ("met", "done")
    world.later(hours=3)
    world.do("boss", settle.decide, remedy_id=first.id, approve=False, reason="缺少价值证明")
    again = clock(case, "claim_offer")
    assert (again.id, again.state, again.due_at) == (offer.id, "running", offer.due_at)
    assert (again.stopped_at, again.fire_at, standing()) == (None, offer.fire_at, "open")
    world.now = offer.due_at + timedelta(days=1) if offer.due_at else world.now
    second = offered(world, "agent", case, amount=90000)
    assert clock(case, "claim_offer").breached_at == world.now
    world.do("boss", settle.decide, remedy_id=second.id, approve=False, reason="还缺")
    with journey.writing(now=world.now, actor="system") as pen:
        watch.sweep_due(pen=pen, limit=100)
    assert (clock(case, "claim_offer").state, kinds(case).count("ClockBreached") > 0) == (
        "breached", True,
    )  # fmt: skip
    assert sound() == []


# The sum.


def test_a_proposal_with_facts_carries_its_sum_step_by_step(world: World, post: Post) -> None:
    remedy = offered(world, "agent", lost(post), facts=FACTS)
    assert (remedy.amount, remedy.computed, remedy.state) == (16000, 16000, "approved")
    assert [s["rule"] for s in remedy.steps] == ["loss", "cap.multiple", "fee.refund"]
    assert all(s["basis"] and s["customer"]["zh"] for s in remedy.steps)
    assert remedy.facts["policy"]["uninsured_cap"]["retail"] == 7
    claims = models.ParcelClaim.objects.filter(remedy=remedy)
    assert {(c.parcel, c.head, c.amount) for c in claims} == {
        (WAYBILL, "compensation", 14000),
        (WAYBILL, "fee", 2000),
    }
    assert sound() == []


def test_nobody_pays_more_than_the_rules_yield(world: World, post: Post) -> None:
    case = lost(post)
    with pytest.raises(CannotPropose, match="goodwill"):
        offered(world, "agent", case, facts=FACTS, amount=16001)
    less = offered(world, "agent", case, facts=FACTS, amount=10000)
    claims = models.ParcelClaim.objects.filter(remedy=less)
    assert {(c.head, c.amount) for c in claims} == {("compensation", 8000), ("fee", 2000)}


def test_goodwill_has_its_limit_on_the_parcel(world: World, post: Post) -> None:
    case = lost(post)
    offered(world, "agent", case, kind="goodwill", amount=9000)
    with pytest.raises(CannotPropose, match="limited"):
        offered(world, "agent", case, kind="goodwill", amount=1001)
    other = lost(post, phone="13912345678")
    if other.id != case.id:
        with pytest.raises(CannotPropose, match="limited"):
            offered(world, "agent", other, kind="goodwill", amount=1001)


def test_a_remedy_that_the_playbook_excludes_is_refused(world: World, post: Post) -> None:
    case = lost(post)
    world.do(
        "agent", investigate.give_verdict, complaint_id=case.id, verdict="not_upheld",
        cause="no_fault", reason="查实",
    )  # fmt: skip
    with pytest.raises(CannotPropose, match="does not provide"):
        offered(world, "agent", case, facts=FACTS)


@pytest.mark.parametrize("kind", ["apology", "redelivery", "rerouting", "resigning"])
def test_a_gesture_needs_no_money_and_no_approval(world: World, post: Post, kind: str) -> None:
    remedy = offered(world, "agent", lost(post), kind=kind, amount=500)
    assert (remedy.amount, remedy.state) == (0, "approved")
    assert not models.Entry.objects.exists()


# Authority.


def test_a_day_s_limit_holds_across_complaints(world: World, post: Post) -> None:
    cases = [
        lost(post, phone=f"138123456{n:02}", waybill=f"SF12345678901{n:02}") for n in range(12)
    ]
    states = [offered(world, "agent", c, amount=20000).state for c in cases]
    assert states == ["approved"] * 10 + ["waiting"] * 2
    world.later(days=1)
    fresh = lost(post, phone="13712345678", waybill="SF1234567890199")
    assert offered(world, "agent", fresh, amount=20000).state == "approved"


def test_a_customer_s_limit_holds_across_complaints_and_runs_out(world: World, post: Post) -> None:
    who = models.Customer.objects
    states = []
    for n in range(3):
        case = lost(post, phone=f"139123456{n:02}", waybill=f"SF22345678901{n:02}")
        first = who.order_by("created_at")[0]
        models.Complaint.objects.filter(id=case.id).update(customer=first)
        states.append(offered(world, "agent", case, amount=20000).state)
    assert states == ["approved", "approved", "waiting"]
    world.later(days=91)
    case = lost(post, phone="13912345699", waybill="SF2234567890199")
    models.Complaint.objects.filter(id=case.id).update(customer=who.order_by("created_at")[0])
    assert offered(world, "agent", case, amount=20000).state == "approved"


def away(person: str, deputy: str, world: World, *, days: int = 0) -> None:
    day = world.now.date()
    models.Absence.objects.create(
        id=new_id(),
        person_id=actor(person).id,
        deputy_id=actor(deputy).id,
        first=day,
        last=day + timedelta(days=days),
        created_at=world.now,
        created_by_id=actor(person).id,
    )


def test_a_deputy_approves_with_the_absent_person_s_authority(world: World, post: Post) -> None:
    remedy = offered(world, "clerk", lost(post), amount=150000)
    with pytest.raises(PermissionError):
        world.do("agent", settle.decide, remedy_id=remedy.id, approve=True)
    away("boss", "agent", world)
    world.do("agent", settle.decide, remedy_id=remedy.id, approve=True)
    remedy.refresh_from_db()
    assert (remedy.decided_by_id, remedy.authority_of_id, remedy.authority_role) == (
        actor("agent").id,
        actor("boss").id,
        "supervisor",
    )


def test_nobody_approves_his_own_as_deputy(world: World, post: Post) -> None:
    remedy = offered(world, "agent", lost(post), amount=150000)
    away("boss", "agent", world)
    with pytest.raises(PermissionError):
        world.do("agent", settle.decide, remedy_id=remedy.id, approve=True)
    other = offered(
        world, "boss", lost(post, phone="13712345678", waybill="SF9234567890123"), amount=250000
    )
    away("boss", "clerk", world)
    with pytest.raises(PermissionError):
        world.do("clerk", settle.decide, remedy_id=other.id, approve=True)


def test_deputising_ends_with_the_day(world: World, post: Post) -> None:
    remedy = offered(world, "clerk", lost(post), amount=150000)
    away("boss", "agent", world)
    world.later(days=1)
    with pytest.raises(PermissionError):
        world.do("agent", settle.decide, remedy_id=remedy.id, approve=True)


PEOPLE = ("agent", "ops", "clerk", "boss", "mgr", "admin")
LIMITS = {"agent": 20000, "boss": 200000, "mgr": 2000000, "admin": None}


@pytest.mark.parametrize("amount", [20000, 20001, 200001, 2000001])
def test_whoever_decides_has_the_authority(world: World, post: Post, amount: int) -> None:
    """Every pair of proposer and decider, at the limits: granted only by whose limit reaches."""
    case = lost(post)
    for proposer in ("agent", "clerk", "boss", "mgr", "admin"):
        for decider in PEOPLE:
            remedy = offered(world, proposer, case, amount=amount)
            own = LIMITS.get(proposer, 0)
            within = own is None or amount <= own
            assert (remedy.state == "approved") is within
            if not within:
                limit = LIMITS.get(decider, 0) if decider not in {"agent", proposer} else 0
                with suppress(PermissionError, settle.CannotSettle):
                    world.do(decider, settle.decide, remedy_id=remedy.id, approve=True)
                remedy.refresh_from_db()
                assert (remedy.state == "approved") is (limit is None or amount <= limit)
            world.do("admin", settle.withdraw, remedy_id=remedy.id, reason="下一轮")
    assert sound() == []
    assert books.balances() == {}


# The customer's answer.


def test_the_customer_accepts_and_finance_is_asked_to_pay(world: World, post: Post) -> None:
    case = lost(post)
    remedy = offered(world, "agent", case, facts=FACTS)
    told = models.Message.objects.filter(complaint=case, direction="out", to_customer=True)
    assert any("160.00" in m.text for m in told)
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    remedy.refresh_from_db()
    payout = models.Payout.objects.get()
    assert (remedy.state, remedy.answered_by) == ("accepted", "customer")
    assert (payout.state, payout.amount, payout.account) == ("requested", 16000, BANK.account)
    assert kinds(case)[-3:] == ["RemedyAccepted", "PayoutRequested", "ClocksStarted"]
    due = clock(case, "claim_pay")
    assert due.due_at == world.now + timedelta(days=7)
    assert BANK.account not in "".join(
        models.Event.objects.filter(complaint_id=case.id).values_list("data", flat=True)
    )
    assert books.balances() == {"cost:none": 16000, "requested": -16000}
    with pytest.raises(CannotMoveOffer):
        world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    with pytest.raises(settle.CannotSettle, match="under way"):
        world.do("agent", settle.withdraw, remedy_id=remedy.id, reason="算错")
    assert sound() == []


def test_the_account_of_a_payee_lies_sealed_in_the_database(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    remedy = offered(world, "agent", lost(post), facts=FACTS)
    card = BANK.account
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    assert models.Payout.objects.get().account == card
    migration = importlib.import_module("huiyin.store.migrations.0034_payout_account_sealed")

    def stored() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT account FROM payout")
            return str(cursor.fetchone()[0])

    sealed = stored()
    assert len(sealed) > 60 and card not in sealed
    migration.open_again(None, None)
    assert stored() == card
    migration.close(None, None)
    assert stored() not in (card, sealed)
    assert models.Payout.objects.get().account == card
    monkeypatch.setattr(settings, "SECRET_KEY", "another key of the installation, long enough")
    assert models.Payout.objects.get().account == ""
    user = models.User.objects.get(username="boss")
    batch = models.PayoutBatch.objects.create(
        id=new_id(now=world.now),
        number="B1",
        created_at=world.now,
        created_by=user,
        payouts=1,
        total=1,
    )
    models.Payout.objects.update(batch=batch)
    assert [r.account for r in payout_page.rows_of(batch_id=batch.id)] == ["密钥不符，读不出"]
    monkeypatch.undo()
    assert models.Payout.objects.get().account == card


def test_an_offer_that_waits_cannot_be_accepted(world: World, post: Post) -> None:
    remedy = offered(world, "agent", lost(post), amount=30000)
    assert remedy.state == "waiting"
    with pytest.raises(CannotMoveOffer):
        world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)


def test_the_customer_declines_and_the_parcel_is_free_again(world: World, post: Post) -> None:
    case = lost(post)
    remedy = offered(world, "agent", case, facts=FACTS)
    world.customer(agree.decline, remedy_id=remedy.id, words="太少了")
    remedy.refresh_from_db()
    assert (remedy.state, remedy.answer_words) == ("declined", "太少了")
    assert books.balances() == {}
    assert models.Message.objects.filter(complaint=case, text="太少了", direction="in").exists()
    assert offered(world, "agent", case, facts=FACTS).state == "approved"
    assert sound() == []


def test_a_counter_goes_to_the_handler_and_has_an_end(world: World, post: Post) -> None:
    case = lost(post)
    remedy = offered(world, "agent", case, facts=FACTS)
    for amount in (50000, 30000):
        world.customer(agree.counter, remedy_id=remedy.id, amount=amount, words="里面是药")
    remedy.refresh_from_db()
    case.refresh_from_db()
    assert (remedy.state, remedy.counter, remedy.counters) == ("countered", 30000, 2)
    assert case.unread
    assert kinds(case).count("RemedyCountered") == 2
    for amount, told in ((29000, "before"), (0, "sum"), (16000, "as it stands")):
        with pytest.raises(agree.CannotAgree, match=told):
            world.customer(agree.counter, remedy_id=remedy.id, amount=amount)
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    remedy.refresh_from_db()
    assert remedy.state == "accepted"


def countered(world: World, case: models.Complaint, asked: int, **how: Any) -> models.Remedy:
    remedy = offered(world, "agent", case, **how)
    world.customer(agree.counter, remedy_id=remedy.id, amount=asked, words="里面是药")
    return remedy


def met(world: World, case: models.Complaint, remedy: models.Remedy, amount: int) -> models.Remedy:
    fresh = world.do(
        "agent", settle.meet, complaint_id=case.id, remedy_id=remedy.id, amount=amount
    )  # fmt: skip
    remedy.refresh_from_db()
    return models.Remedy.objects.get(id=fresh)


def test_the_handler_agrees_to_the_customer_s_sum_in_one_step(world: World, post: Post) -> None:
    case = lost(post)
    old = countered(world, case, 15000, facts=FACTS, amount=10000)
    new = met(world, case, old, 15000)
    assert (old.state, new.state, new.amount) == ("withdrawn", "approved", 15000)
    assert new.facts["real_value"] == old.facts["real_value"]
    assert kinds(case)[-3:] == ["RemedyWithdrawn", "RemedyProposed", "RemedyApproved"]
    claims = models.ParcelClaim.objects.filter(parcel=WAYBILL)
    assert {c.remedy_id for c in claims.filter(live=True)} == {new.id}
    with pytest.raises(CannotMoveOffer):
        world.customer(agree.accept, remedy_id=old.id, payee=BANK)
    with pytest.raises(settle.CannotSettle, match="changed"):
        met(world, case, old, 15000)
    world.customer(agree.accept, remedy_id=new.id, payee=BANK)
    assert [p.amount for p in models.Payout.objects.all()] == [15000]
    assert sound() == []


def test_a_counter_above_the_rules_or_another_one_than_was_seen_changes_nothing(
    world: World, post: Post
) -> None:
    case = lost(post)
    old = countered(world, case, 16001, facts=FACTS)
    with pytest.raises(CannotPropose, match="goodwill"):
        met(world, case, old, 16001)
    with pytest.raises(settle.CannotSettle, match="changed"):
        met(world, case, old, 15000)
    other = lost(post, phone="13900000000", waybill="SF1234567890999")
    with pytest.raises(settle.CannotSettle, match="no such"):
        met(world, other, old, 16001)
    old.refresh_from_db()
    assert old.state == "countered" and models.Remedy.objects.count() == 1
    assert "RemedyWithdrawn" not in kinds(case)


def test_a_countered_sum_above_the_authority_waits_as_always(world: World, post: Post) -> None:
    case = lost(post)
    old = countered(world, case, 60000, amount=15000)
    new = met(world, case, old, 60000)
    assert (old.state, new.state) == ("withdrawn", "waiting")
    case.refresh_from_db()
    assert case.status == "waiting_approval"
    with pytest.raises(PermissionError):
        world.do("agent", settle.decide, remedy_id=new.id, approve=True)
    assert sound() == []


def test_another_offer_takes_the_countered_one_s_place(world: World, post: Post) -> None:
    case = lost(post)
    old = countered(world, case, 30000, amount=10000)
    with pytest.raises(CannotClaimTwice):
        offered(world, "agent", case, amount=18000)
    new = offered(world, "agent", case, amount=18000, instead_of=old.id)
    old.refresh_from_db()
    assert (old.state, new.state) == ("withdrawn", "approved")
    with pytest.raises(settle.CannotSettle, match="not countered"):
        offered(world, "agent", case, amount=19000, instead_of=new.id)
    assert sound() == []


def answered(world: World, case: models.Complaint) -> models.Remedy:
    """Let an offer be made, the verdict given and the customer answered; return the offer."""
    remedy = offered(world, "agent", case, facts=FACTS)
    world.do(
        "agent", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
        cause="lost_transit", department="operations",
    )  # fmt: skip
    world.do("agent", answer.resolve, complaint_id=case.id, text="赔付如下")
    return remedy


def test_a_refusal_after_the_answer_opens_the_complaint_again(world: World, post: Post) -> None:
    case = lost(post)
    remedy = answered(world, case)
    world.customer(agree.decline, remedy_id=remedy.id, words="不接受")
    case.refresh_from_db()
    assert case.status in {"assigned", "working"}
    assert "ComplaintReopened" in kinds(case)
    assert sound() == []


def test_staff_answer_for_the_customer_with_his_words_only(world: World, post: Post) -> None:
    remedy = offered(world, "agent", lost(post), facts=FACTS)
    with pytest.raises(agree.CannotAgree, match="how the customer"):
        world.do("agent", agree.accept, remedy_id=remedy.id, payee=BANK)
    world.do("agent", agree.accept, remedy_id=remedy.id, payee=BANK, words="电话里说同意")
    remedy.refresh_from_db()
    assert remedy.answered_by == f"user:{actor('agent').id}"


def test_coupons_and_points_are_handed_out_at_once(world: World, post: Post) -> None:
    remedy = offered(world, "agent", lost(post), kind="coupon")
    remedy.refresh_from_db()
    payout = models.Payout.objects.get()
    assert (remedy.amount, remedy.state, payout.method) == (1000, "accepted", "coupon")
    assert sound() == []


# A parcel is never paid twice.


def paid(world: World, remedy: models.Remedy) -> None:
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    batch_id = batched(world)
    payout = models.Payout.objects.get(remedy=remedy, state="requested")
    world.do("mgr", pay.settle, batch_id=batch_id, results=[result(payout, "paid")])


def test_money_that_was_agreed_stays_due_after_the_closing(world: World, post: Post) -> None:
    case = lost(post)
    remedy = answered(world, case)
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    world.customer(survey.answer, complaint_id=case.id, stars=5, words="")
    case.refresh_from_db()
    assert (case.status, clock(case, "claim_pay").state) == ("closed", "running")
    batch_id = batched(world)
    payout = models.Payout.objects.get()
    world.do("mgr", pay.settle, batch_id=batch_id, results=[result(payout, "paid")])
    assert clock(case, "claim_pay").state == "met"
    assert sound() == []


def test_a_closed_complaint_says_that_an_offer_waits_for_the_customer(
    world: World, post: Post
) -> None:
    case = lost(post)
    remedy = answered(world, case)
    world.customer(survey.answer, complaint_id=case.id, stars=5, words="")
    token = tracking_token(secret=settings.SECRET_KEY, complaint_id=case.id)
    page = tracking.tracking(number=case.number, token=token)
    assert (page.status, page.status_label) == ("closed", "已办结，方案等您确认")
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    assert tracking.tracking(number=case.number, token=token).status_label == "已办结"


def test_a_second_complaint_of_the_parcel_gets_nothing_twice(world: World, post: Post) -> None:
    first = lost(post)
    remedy = offered(world, "agent", first, facts=FACTS)
    world.later(days=40)
    models.Complaint.objects.filter(id=first.id).update(status="closed", live=False)
    second = lost(post, phone="13712345678", waybill="SF9234567890123")
    models.Complaint.objects.filter(id=second.id).update(waybill=WAYBILL)
    with pytest.raises(CannotClaimTwice, match=first.number):
        offered(world, "agent", second, facts=FACTS)
    paid(world, remedy)
    with pytest.raises(CannotClaimTwice, match="not paid twice"):
        offered(world, "agent", second, facts=FACTS)
    more = offered(world, "boss", second, facts={**FACTS, "terms_shown": False})
    assert more.amount == 600000 - 14000
    assert "差额" in "".join(r["zh"] for r in more.because)
    assert set(models.ParcelClaim.objects.filter(remedy=more).values_list("head", "round")) == {
        ("compensation", 1)
    }
    assert sound() == []


def test_a_merged_complaint_s_remedy_counts(world: World, post: Post) -> None:
    first = lost(post)
    second = lost(post, phone="13712345678", waybill="SF9234567890123")
    offered(world, "agent", first, facts=FACTS)
    world.do(
        "agent", unite.merge, complaint_id=first.id, into_number=second.number, reason="同一件"
    )
    with pytest.raises(CannotClaimTwice, match=first.number):
        offered(world, "agent", second, facts=FACTS)


def test_offers_made_before_a_merge_are_not_both_paid(world: World, post: Post) -> None:
    first = lost(post)
    second = lost(post, phone="13712345678", waybill="SF9234567890123")
    one = offered(world, "agent", first, facts=FACTS)
    other = offered(world, "agent", second, facts=FACTS)
    world.do(
        "agent", unite.merge, complaint_id=first.id, into_number=second.number, reason="同一件"
    )
    world.customer(agree.accept, remedy_id=one.id, payee=BANK)
    with pytest.raises(CannotClaimTwice, match="undo the merge"):
        world.customer(agree.accept, remedy_id=other.id, payee=BANK)
    assert models.Payout.objects.count() == 1
    merged = models.Event.objects.get(complaint_id=first.id, kind="ComplaintMerged")
    world.do("agent", unite.undo, complaint_id=first.id, event_id=merged.id)
    world.customer(agree.accept, remedy_id=other.id, payee=BANK)
    assert models.Payout.objects.count() == 2
    assert sound() == []


def test_a_waybill_that_comes_up_later_is_looked_at_before_paying(world: World, post: Post) -> None:
    nameless = complaint(post("portal", "寄件的时候多收了我二十块运费", sender="13612345678"))
    models.Complaint.objects.filter(id=nameless.id).update(category="lost", waybill="")
    unknown = offered(world, "agent", nameless, facts=FACTS)
    known = lost(post)
    offered(world, "agent", known, facts=FACTS)
    models.Complaint.objects.filter(id=nameless.id).update(waybill=WAYBILL)
    with pytest.raises(CannotKeep, match="not paid twice"):
        world.customer(agree.accept, remedy_id=unknown.id, payee=BANK)
    unknown.refresh_from_db()
    assert unknown.state == "approved"


def test_a_reopened_complaint_is_not_paid_again(world: World, post: Post) -> None:
    case = lost(post)
    paid(world, offered(world, "agent", case, facts=FACTS))
    case.refresh_from_db()
    assert case.status != "closed"
    with pytest.raises(CannotClaimTwice, match="not paid twice"):
        offered(world, "agent", case, amount=5000)


def test_the_database_holds_one_claim_of_a_parcel(world: World, post: Post) -> None:
    """Two rooms that did not see each other: the constraint decides, and the message is clear."""
    case = lost(post)
    remedy = offered(world, "agent", case, facts=FACTS)
    from huiyin.store.ledger import pen

    with (
        pytest.raises(CannotKeep, match="not paid twice") as told,
        pen(now=world.now, actor="system") as hand,
    ):
        hand.add(
            table="parcel_claim",
            row={
                "id": new_id(), "remedy_id": remedy.id, "complaint_id": case.id,
                "parcel": WAYBILL, "head": "compensation", "round": 0, "amount": 1,
            },
        )  # fmt: skip
    assert "不能重复赔付" in told.value.zh
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    payout = models.Payout.objects.get()
    with (
        pytest.raises(CannotKeep, match="not paid twice"),
        pen(now=world.now, actor="system") as hand,
    ):
        hand.add(
            table="payout",
            row={
                "id": new_id(), "number": "X", "remedy_id": remedy.id, "complaint_id": case.id,
                "amount": 1, "method": "bank", "state": "requested", "requested_at": world.now,
                "requested_by": "system",
            },
        )  # fmt: skip
    assert models.Payout.objects.get() == payout


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_people_at_the_same_moment_pay_a_parcel_once(transactional_db: None) -> None:
    """Neither sees what the other is about to write; the database lets one of them through."""
    found(now=START)
    world = World()
    one = lost(world.post)
    other = lost(world.post, phone="13712345678", waybill="SF9234567890123")
    models.Complaint.objects.filter(id=other.id).update(waybill=WAYBILL)
    both_read = threading.Barrier(2, timeout=30)
    told: list[BaseException] = []

    def offer(who: str, case: models.Complaint) -> None:
        me = actor(who)
        try:
            with journey.writing(now=world.now, actor=f"user:{me.id}") as pen:
                settle.propose(pen=pen, actor=me, complaint_id=case.id, kind="amount", facts=FACTS)
                both_read.wait()
        except CannotKeep as error:
            told.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=offer, args=("agent", one)),
        threading.Thread(target=offer, args=("mgr", other)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert "not paid twice" in str(told[0])
    assert models.Remedy.objects.count() == 1
    assert sound() == []


# Batches and reconciling.


def test_nobody_pays_out_his_own(world: World, post: Post) -> None:
    mine = offered(world, "mgr", lost(post), facts=FACTS)
    world.customer(agree.accept, remedy_id=mine.id, payee=BANK)
    with pytest.raises(pay.CannotPay, match="colleague"):
        world.do("mgr", pay.batch)
    with pytest.raises(PermissionError):
        world.do("agent", pay.batch)
    world.do("clerk", pay.batch)
    assert models.PayoutBatch.objects.get().total == 16000
    with pytest.raises(pay.CannotPay, match="no payment waits"):
        world.do("clerk", pay.batch)


def test_failed_and_returned_payments_are_owed_again(world: World, post: Post) -> None:
    case = lost(post)
    remedy = offered(world, "agent", case, facts=FACTS)
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    first = batched(world)
    payout = models.Payout.objects.get()
    out = world.do(
        "mgr", pay.settle, batch_id=first, results=[result(payout, "失败", note="账号错误")]
    )
    assert (len(out.acts), out.mismatches) == (1, ())
    assert books.balances() == {"cost:none": 16000, "owed": -16000}
    case.refresh_from_db()
    assert case.unread
    world.do("agent", agree.pay_again, remedy_id=remedy.id, payee=BANK, words="电话核对卡号")
    second = batched(world)
    again = models.Payout.objects.get(state="requested")
    world.do("mgr", pay.settle, batch_id=second, results=[result(again, "成功", reference="B7")])
    remedy.refresh_from_db()
    assert remedy.state == "paid"
    assert books.balances() == {"cost:none": 16000, "paid": -16000}
    with pytest.raises(agree.CannotAgree):
        world.do("agent", agree.pay_again, remedy_id=remedy.id, payee=BANK, words="再付")
    world.do("mgr", pay.settle, batch_id=second, results=[result(again, "退回")])
    remedy.refresh_from_db()
    assert remedy.state == "accepted"
    assert books.balances() == {"cost:none": 16000, "owed": -16000}
    assert kinds(case)[-1] == "PayoutReturned"
    assert sound() == []


def test_a_result_that_does_not_fit_is_reported_and_changes_nothing(
    world: World, post: Post
) -> None:
    remedy = offered(world, "agent", lost(post), facts=FACTS)
    world.customer(agree.accept, remedy_id=remedy.id, payee=BANK)
    batch_id = batched(world)
    payout = models.Payout.objects.get()
    wrong = Result(row=2, number=payout.number, outcome="paid", amount=1)
    out = world.do("mgr", pay.settle, batch_id=batch_id, results=[wrong])
    assert (out.acts, len(out.mismatches)) == ((), 1)
    assert models.PayoutBatch.objects.get().report["mismatches"][0]["row"] == 2
    payout.refresh_from_db()
    assert payout.state == "requested"
    world.do("mgr", pay.settle, batch_id=batch_id, results=[result(payout, "paid")])
    twice = world.do("mgr", pay.settle, batch_id=batch_id, results=[result(payout, "paid")])
    assert (twice.acts, twice.known) == ((), (payout.number,))
    assert sound() == []


# The journal.


def test_the_cost_follows_the_verdict(world: World, post: Post) -> None:
    case = lost(post)
    offered(world, "agent", case, facts=FACTS)
    assert books.balances() == {"cost:none": 16000, "owed": -16000}
    for department in ("operations", "claims"):
        world.do(
            "agent", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
            cause="lost_transit", department=department,
        )  # fmt: skip
        assert books.balances() == {f"cost:{department}": 16000, "owed": -16000}
    assert sound() == []


def test_a_journal_that_was_touched_is_found(world: World, post: Post) -> None:
    remedy = offered(world, "agent", lost(post), facts=FACTS)
    assert sound() == []
    models.Entry.objects.filter(account="owed").update(amount=-15999)
    assert any("is off by 1" in f for f in books.faults())
    models.Entry.objects.filter(account="owed").update(amount=-16000)
    models.Remedy.objects.filter(id=remedy.id).update(amount=99)
    assert any("say" in f for f in books.faults())


# Equal cases.


def test_who_departs_from_equal_cases_gives_a_reason(world: World, post: Post) -> None:
    for n in range(5):
        case = lost(post, phone=f"138123456{n:02}", waybill=f"SF32345678901{n:02}")
        world.later(days=1)
        offered(world, "agent", case, facts=FACTS)
    case = lost(post, phone="13712345678", waybill="SF3234567890199")
    with pytest.raises(settle.CannotSettle, match="departs"):
        offered(world, "agent", case, facts=FACTS, amount=2000)
    odd = offered(world, "agent", case, facts=FACTS, amount=2000, reason="只丢了一件小的")
    assert any(r["rule"] == "likeness.departs" for r in odd.because)

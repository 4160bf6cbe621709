"""Two outlets dispute over a broken parcel: heard, silent, ruled, appealed; and the journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from company import PASSWORD, START, World, actor, complaint, found, kinds
from huiyin.core.liability import CannotRule
from huiyin.flows import agree, assign, fine, investigate, journey, liability, settle, unite
from huiyin.store import models
from huiyin.store.ledger import parties, people
from huiyin.store.ledger.parties import CannotKeepParty
from huiyin.store.read import books

pytestmark = pytest.mark.django_db

PARTIES = (
    ("w-north", "outlet", "城北网点", ""),
    ("w-south", "outlet", "城南网点", ""),
    ("c-01", "courier", "张师傅", "w-south"),
    ("h-east", "hub", "东区分拨", ""),
)
BROKEN = "收到的花瓶碎了，运单SF1234567890123，外箱也破了，要求赔偿"
BOTH = {"outer_pack": "broken", "inner_goods": "broken"}
NAMED = {"origin": "w-north", "delivering": "w-south"}
PHOTO = {"name": "外箱.png", "content_type": "image/png", "size": 9, "sha256": "b" * 64}


@pytest.fixture
def world(db: None) -> Iterator[World]:
    found(now=START)
    for code, kind, name, parent in PARTIES:
        parties.keep_party(now=START, code=code, kind=kind, name=name, parent=parent, fresh=True)
    for username, party in (("north", "w-north"), ("south", "w-south"), ("zhang", "c-01")):
        people.add_person(
            now=START, username=username, name=username, role="outlet", password=PASSWORD,
            party=party,
        )  # fmt: skip
    people.add_person(
        now=START, username="judge", name="王主管", role="supervisor", password=PASSWORD,
        department="quality",
    )  # fmt: skip
    yield World()


@pytest.fixture
def case(world: World) -> models.Complaint:
    """A broken vase; claims handle it."""
    return complaint(world.post("portal", BROKEN, sender="13812345678", sender_name="王小明"))


def claim(world: World, case: models.Complaint, **how: Any) -> UUID:
    how = {"named": NAMED, "facts": BOTH, **how}
    got: UUID = world.do("clerk", liability.claim, complaint_id=case.id, **how)
    return got


def do(world: World, who: str, id: UUID, act: str, **how: Any) -> None:
    world.do(who, liability.act, claim_id=id, act=act, **how)


def pass_time(world: World, **length: float) -> None:
    world.later(**length)
    with journey.writing(now=world.now, actor="system") as pen:
        liability.expire_due(pen=pen, limit=100)
        fine.expire_due(pen=pen, limit=100)


def row(id: UUID) -> models.LiabilityClaim:
    return models.LiabilityClaim.objects.get(id=id)


def shares(id: UUID) -> dict[str, int | None]:
    return dict(models.LiabilityMember.objects.filter(claim_id=id).values_list("party", "ruled"))


def paid(world: World, case: models.Complaint, amount: int = 9_001) -> UUID:
    """Grant a remedy; the manager's own authority suffices."""
    remedy: UUID = world.do(
        "mgr", settle.propose, complaint_id=case.id, kind="goodwill", amount=amount,
        facts={}, reason="按规则核算",
    )  # fmt: skip
    if models.Remedy.objects.get(id=remedy).state == "waiting":
        world.do("boss", settle.decide, remedy_id=remedy, approve=True, reason="同意")
    return remedy


def borne() -> dict[str, int]:
    return {a: n for a, n in books.balances().items() if a.startswith(("cost:", "fine"))}


def sound() -> None:
    assert list(books.faults()) == []


def test_the_rule_proposes_and_both_sides_are_heard(world: World, case: models.Complaint) -> None:
    id = claim(world, case)
    assert row(id).number == f"{case.number}-D1"
    assert row(id).rule == "both-broken"
    members = models.LiabilityMember.objects.filter(claim_id=id)
    assert dict(members.values_list("party", "proposed")) == {"w-north": 0, "w-south": 10_000}
    do(world, "north", id, "state", stance="contest", words="揽收时外箱完好", files=[PHOTO])
    assert row(id).state == "stating"
    do(world, "south", id, "state", stance="contest", words="到件时外箱已破")
    assert row(id).state == "ruling"
    with pytest.raises(CannotRule):
        do(world, "judge", id, "rule", shares={"w-north": 5_000, "w-south": 5_001}, words="各半")
    do(
        world,
        "judge",
        id,
        "rule",
        shares={"w-north": 4_000, "w-south": 6_000},
        words="到件有破损登记",
    )
    assert row(id).state == "ruled"
    assert shares(id) == {"w-north": 4_000, "w-south": 6_000}
    assert kinds(case)[-4:] == ["LiabilityClaimed", "LiabilityStated", "LiabilityStated",
                                "LiabilityRuled"]  # fmt: skip
    sound()


def test_the_loser_appeals_once_to_somebody_higher(world: World, case: models.Complaint) -> None:
    remedy = paid(world, case)
    id = claim(world, case)
    do(world, "north", id, "state", stance="contest", words="揽收时外箱完好")
    do(world, "south", id, "state", stance="contest", words="到件时外箱已破")
    do(world, "judge", id, "rule", shares={"w-north": 0, "w-south": 10_000}, words="派件网点未登记")
    assert books.costs_of(remedy_id=remedy) == {"cost:none": 9_001}, "not before it is final"
    do(world, "south", id, "appeal", words="交接单上写明破损", files=[PHOTO])
    assert row(id).state == "appealed"
    with pytest.raises(CannotRule):
        do(world, "south", id, "appeal", words="再申诉一次")
    for who in ("judge", "boss", "clerk", "agent", "south"):
        with pytest.raises(PermissionError):
            do(world, who, id, "rule_appeal", shares={"w-north": 10_000, "w-south": 0}, words="改")
    do(world, "north", id, "answer", words="交接单没有我方签字")
    do(
        world,
        "mgr",
        id,
        "rule_appeal",
        shares={"w-north": 3_333, "w-south": 6_667},
        words="各有责任",
    )
    assert row(id).state == "final"
    assert books.costs_of(remedy_id=remedy) == {"cost:w-north": 3_000, "cost:w-south": 6_001}
    first = dict(models.LiabilityMember.objects.filter(claim_id=id).values_list("party", "first"))
    assert first == {"w-north": 0, "w-south": 10_000}
    with pytest.raises(CannotRule):
        do(world, "south", id, "appeal", words="还是不服")
    sound()


def test_silence_is_ruled_upon_and_becomes_final(world: World, case: models.Complaint) -> None:
    remedy = paid(world, case)
    id = claim(world, case)
    pass_time(world, days=1)
    assert row(id).state == "stating", "eighteen office hours are two days"
    pass_time(world, days=2)
    assert (row(id).state, row(id).by) == ("ruled", "default")
    assert books.costs_of(remedy_id=remedy) == {"cost:none": 9_001}
    pass_time(world, days=7)
    assert row(id).state == "final"
    assert books.costs_of(remedy_id=remedy) == {"cost:w-south": 9_001}
    assert models.LiabilityClaim.objects.filter(fire_at__isnull=False).count() == 0
    sound()


def test_one_contests_and_the_other_is_silent(world: World, case: models.Complaint) -> None:
    id = claim(world, case)
    do(world, "south", id, "state", stance="contest", words="到件时外箱已破")
    pass_time(world, days=3)
    assert row(id).state == "ruling", "a person may still rule"
    with pytest.raises(CannotRule):
        do(world, "north", id, "state", stance="contest", words="来晚了")
    pass_time(world, days=5)
    assert (row(id).state, row(id).by) == ("ruled", "default")
    assert shares(id) == {"w-north": 0, "w-south": 10_000}


def test_who_judges_and_is_silent_is_late_and_then_it_is_by_default(
    world: World, case: models.Complaint
) -> None:
    id = claim(world, case)
    for who in ("south", "north"):
        do(world, who, id, "state", stance="contest", words="不是我们这一段")
    proposed = dict(
        models.LiabilityMember.objects.filter(claim_id=id).values_list("party", "proposed")
    )
    pass_time(world, days=10)
    assert (row(id).state, row(id).late) == ("ruling", True)
    assert row(id).due_at == row(id).fire_at
    pass_time(world, days=5)
    assert (row(id).state, row(id).by, row(id).late) == ("ruled", "default", False)
    assert shares(id) == proposed
    do(world, "south", id, "appeal", words="交接单上写着外箱已破")
    pass_time(world, days=10)
    assert (row(id).state, row(id).late) == ("appealed", True)
    pass_time(world, days=5)
    assert (row(id).state, row(id).open) == ("final", False)
    assert shares(id) == proposed
    assert kinds(case).count("LiabilityLate") == 2


def test_a_late_ruling_may_still_be_given(world: World, case: models.Complaint) -> None:
    id = claim(world, case)
    do(world, "south", id, "state", stance="contest", words="到件时外箱已破")
    do(world, "north", id, "state", stance="admit")
    pass_time(world, days=10)
    assert (row(id).state, row(id).late) == ("ruling", True)
    assert kinds(case).count("LiabilityLate") == 1
    do(world, "judge", id, "rule", shares={"w-north": 10_000, "w-south": 0}, words="收件网点已认可")
    assert not row(id).late


def test_nobody_rules_on_his_own_case(world: World, case: models.Complaint) -> None:
    world.do("mgr", liability.claim, complaint_id=case.id, facts={},
             named={"headquarters": "quality", "origin": "w-north"})  # fmt: skip
    (id,) = models.LiabilityClaim.objects.values_list("id", flat=True)
    do(world, "north", id, "state", stance="admit")
    do(world, "judge", id, "state", stance="contest", words="与质量部无关")
    ruling = {"shares": {"quality": 0, "w-north": 10_000}, "words": "裁定"}
    with pytest.raises(PermissionError, match="当事方"):
        do(world, "judge", id, "rule", **ruling)
    with pytest.raises(PermissionError, match="参与"):
        do(world, "mgr", id, "rule", **ruling)
    with pytest.raises(PermissionError):
        do(world, "admin", id, "rule", **ruling)
    do(world, "boss", id, "rule", **ruling)
    assert row(id).state == "ruled"


def test_outlets_speak_for_themselves_and_their_couriers_alone(
    world: World, case: models.Complaint
) -> None:
    world.do("clerk", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="false_sign")  # fmt: skip
    id = claim(world, case, named={"delivering": "w-south", "courier": "c-01"}, facts={})
    assert row(id).rule == "false-sign"
    with pytest.raises(PermissionError):
        do(world, "north", id, "state", stance="admit")
    with pytest.raises(CannotRule):
        do(world, "south", id, "state", stance="admit")
    with pytest.raises(CannotRule):
        do(world, "zhang", id, "state", party="w-south", stance="admit")
    do(world, "south", id, "state", party="w-south", stance="admit")
    do(world, "zhang", id, "state", stance="admit")
    assert (row(id).state, row(id).by) == ("ruled", "default")


def test_what_cannot_be_claimed(world: World, case: models.Complaint) -> None:
    for named, facts in (
        ({}, BOTH),
        ({"origin": "w-north"}, BOTH),
        ({"delivering": "h-east"}, BOTH),
        ({"delivering": "nowhere"}, BOTH),
        ({"moon": "w-north"}, BOTH),
    ):
        with pytest.raises(CannotRule):
            claim(world, case, named=named, facts=facts)
    parties.keep_party(now=START, code="w-south", kind="outlet", name="城南", active=False,
                       fresh=False)  # fmt: skip
    with pytest.raises(CannotRule):
        claim(world, case)
    assert models.LiabilityClaim.objects.count() == 0
    with pytest.raises(PermissionError):
        world.do("ops", liability.claim, complaint_id=case.id, named=NAMED, facts=BOTH)
    parties.keep_party(now=START, code="w-south", kind="outlet", name="城南", fresh=False)
    claim(world, case)
    with pytest.raises(CannotRule, match="not settled"):
        claim(world, case)


def final(world: World, case: models.Complaint, south: int) -> UUID:
    """Let a claim be ruled and become final."""
    id = claim(world, case)
    do(world, "south", id, "state", stance="contest", words="到件时外箱已破")
    do(world, "north", id, "state", stance="contest", words="揽收完好")
    do(world, "judge", id, "rule", words="裁定",
       shares={"w-north": 10_000 - south, "w-south": south})  # fmt: skip
    pass_time(world, days=8)
    assert row(id).state == "final"
    return id


def test_remedies_after_the_ruling_follow_it(world: World, case: models.Complaint) -> None:
    first = paid(world, case, 901)
    final(world, case, 5_000)
    assert books.costs_of(remedy_id=first) == {"cost:w-north": 451, "cost:w-south": 450}
    second = paid(world, case, 7)
    assert books.costs_of(remedy_id=second) == {"cost:w-north": 4, "cost:w-south": 3}
    world.do("clerk", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="handling", department="operations")  # fmt: skip
    assert books.costs_of(remedy_id=first) == {"cost:w-north": 451, "cost:w-south": 450}
    world.customer(agree.decline, remedy_id=second, words="不要")
    assert books.costs_of(remedy_id=second) == {}
    assert borne() == {"cost:w-north": 451, "cost:w-south": 450}
    sound()


def test_a_new_claim_after_reopening_takes_the_place_of_the_old(
    world: World, case: models.Complaint
) -> None:
    remedy = paid(world, case)
    final(world, case, 10_000)
    final(world, case, 0)
    assert books.costs_of(remedy_id=remedy) == {"cost:w-north": 9_001}
    assert models.LiabilityClaim.objects.filter(number=f"{case.number}-D2").exists()
    sound()


def test_merging_and_parting_move_the_costs_and_back(world: World, case: models.Complaint) -> None:
    remedy = paid(world, case)
    other = complaint(world.post("phone", "我要投诉，快递员态度差，运单SF1234567890999，骂人",
                                 sender="13912345679"))  # fmt: skip
    world.do("mgr", investigate.give_verdict, complaint_id=other.id, verdict="upheld",
             cause="courier_conduct", department="operations")  # fmt: skip
    theirs = paid(world, other, 900)
    final(world, case, 5_000)
    assert books.costs_of(remedy_id=theirs) == {"cost:operations": 900}
    world.do("mgr", unite.merge, complaint_id=case.id, into_number=other.number)
    assert books.costs_of(remedy_id=theirs) == {"cost:w-north": 450, "cost:w-south": 450}
    sound()
    later = paid(world, complaint_of(other), 11)
    assert books.costs_of(remedy_id=later) == {"cost:w-north": 6, "cost:w-south": 5}
    event = models.Event.objects.get(complaint_id=case.id, kind="ComplaintMerged")
    world.do("mgr", unite.undo, complaint_id=case.id, event_id=event.id)
    assert books.costs_of(remedy_id=theirs) == {"cost:operations": 900}
    assert books.costs_of(remedy_id=later) == {"cost:operations": 11}
    assert books.costs_of(remedy_id=remedy) == {"cost:w-north": 4_501, "cost:w-south": 4_500}
    sound()


def complaint_of(case: models.Complaint) -> models.Complaint:
    case.refresh_from_db()
    return case


def test_a_claim_goes_on_after_closing_and_merging(world: World, case: models.Complaint) -> None:
    id = claim(world, case)
    other = complaint(world.post("phone", "我要投诉，快递员态度差，运单SF1234567890999，骂人",
                                 sender="13912345679"))  # fmt: skip
    world.do("mgr", unite.merge, complaint_id=case.id, into_number=other.number)
    with pytest.raises(CannotRule, match="not settled"):
        world.do("mgr", liability.claim, complaint_id=other.id, named=NAMED, facts=BOTH)
    do(world, "south", id, "state", stance="admit")
    do(world, "north", id, "state", stance="admit")
    pass_time(world, days=8)
    assert row(id).state == "final"
    theirs = paid(world, complaint_of(other), 100)
    assert books.costs_of(remedy_id=theirs) == {"cost:w-south": 100}
    sound()


def test_a_claim_opened_by_mistake_is_withdrawn(world: World, case: models.Complaint) -> None:
    remedy = paid(world, case)
    id = claim(world, case)
    with pytest.raises(CannotRule):
        do(world, "boss", id, "withdraw")
    with pytest.raises(PermissionError):
        do(world, "south", id, "withdraw", words="撤")
    do(world, "boss", id, "withdraw", words="运单认错")
    pass_time(world, days=30)
    assert row(id).state == "withdrawn"
    assert books.costs_of(remedy_id=remedy) == {"cost:none": 9_001}
    claim(world, case)


def signed(world: World, case: models.Complaint, verdict: str = "upheld") -> None:
    world.do("clerk", investigate.give_verdict, complaint_id=case.id, verdict=verdict,
             cause="false_sign")  # fmt: skip


def impose(world: World, case: models.Complaint, who: str = "judge", **how: Any) -> UUID:
    how = {"party": "w-south", "rule": "fine-false-sign", "amount": 10_000,
           "words": "监控显示未上门", **how}  # fmt: skip
    got: UUID = world.do(who, fine.impose, complaint_id=case.id, **how)
    return got


def test_a_fine_needs_its_rule_and_becomes_final(world: World, case: models.Complaint) -> None:
    with pytest.raises(CannotRule, match="does not hold"):
        impose(world, case)
    signed(world, case)
    for how in ({"amount": 20_001}, {"amount": 0}, {"rule": ""}, {"party": "h-east"},
                {"party": "nowhere"}, {"words": ""}):  # fmt: skip
        with pytest.raises(CannotRule):
            impose(world, case, **how)
    for who in ("agent", "clerk", "ops", "admin", "south"):
        with pytest.raises(PermissionError):
            impose(world, case, who)
    id = impose(world, case)
    with pytest.raises(CannotRule, match="already"):
        impose(world, case, amount=5_000)
    assert borne() == {}
    pass_time(world, days=8)
    assert models.Fine.objects.get(id=id).state == "final"
    assert borne() == {"fine:w-south": 10_000, "fines": -10_000}
    sound()


@pytest.mark.parametrize(
    ("outcome", "amount", "left"), [("overturned", 0, 0), ("partly", 6_000, 6_000),
                                    ("sustained", 0, 10_000)]
)  # fmt: skip
def test_a_fine_is_appealed_and_decided_higher(
    world: World, case: models.Complaint, outcome: str, amount: int, left: int
) -> None:
    signed(world, case)
    id = impose(world, case)
    with pytest.raises(PermissionError):
        world.do("north", fine.act, fine_id=id, act="appeal", words="不是我们")
    world.do("south", fine.act, fine_id=id, act="appeal", words="客户同意放门口", files=[PHOTO])
    decide = {"fine_id": id, "act": "decide", "outcome": outcome, "amount": amount, "words": "复核"}
    for who in ("judge", "boss", "south"):
        with pytest.raises(PermissionError):
            world.do(who, fine.act, **decide)
    pass_time(world, days=10)
    assert models.Fine.objects.get(id=id).late
    assert borne() == {}
    world.do("mgr", fine.act, **decide)
    got = models.Fine.objects.get(id=id)
    assert (got.state, got.charged, got.open) == (outcome, left, False)
    assert borne() == ({"fine:w-south": left, "fines": -left} if left else {})
    with pytest.raises(CannotRule):
        world.do("south", fine.act, fine_id=id, act="appeal", words="再申诉")
    sound()


def test_a_fine_whose_appeal_nobody_answers_falls(world: World, case: models.Complaint) -> None:
    signed(world, case)
    id = impose(world, case)
    world.do("south", fine.act, fine_id=id, act="appeal", words="客户同意放门口", files=[PHOTO])
    pass_time(world, days=10)
    assert models.Fine.objects.get(id=id).late
    pass_time(world, days=5)
    got = models.Fine.objects.get(id=id)
    assert (got.state, got.charged, got.open, got.fire_at) == ("overturned", 0, False, None)
    assert borne() == {}
    sound()


def test_a_fine_withdrawn_costs_nothing(world: World, case: models.Complaint) -> None:
    signed(world, case)
    id = impose(world, case, party="c-01")
    world.do("boss", fine.act, fine_id=id, act="withdraw", words="认错人")
    pass_time(world, days=10)
    assert borne() == {}
    impose(world, case, party="c-01")


def test_a_touched_fine_is_found(world: World, case: models.Complaint) -> None:
    signed(world, case)
    id = impose(world, case)
    pass_time(world, days=8)
    sound()
    models.Fine.objects.filter(id=id).update(charged=1)
    assert any("fines" in f for f in books.faults())


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"code": "w-north"}, "code"), ({"code": "W-North"}, "code"), ({"code": "service"}, "code"),
        ({"code": "customer"}, "code"), ({"code": "城北"}, "code"), ({"name": " "}, "name"),
        ({"kind": "planet"}, "kind"), ({"kind": "courier"}, "parent"),
        ({"kind": "courier", "parent": "h-east"}, "parent"), ({"parent": "w-north"}, "parent"),
    ],
)  # fmt: skip
def test_wrong_parties_are_refused(world: World, how: dict[str, Any], field: str) -> None:
    fields = {"code": "w-new", "kind": "outlet", "name": "新网点", **how}
    with pytest.raises(CannotKeepParty) as error:
        parties.keep_party(now=START, fresh=True, **fields)
    assert error.value.field == field


def test_outlet_people_are_no_hands_for_complaints(world: World, case: models.Complaint) -> None:
    with pytest.raises(Exception, match=r".+"):
        world.do("mgr", assign.hand_over, complaint_id=case.id,
                 department="claims", person=actor("south").id)  # fmt: skip

"""A join or a merge undone puts words, counters and clocks back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from company import LOST, World, clock, complaint
from huiyin.flows import answer, unite
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ids import tracking_token
from huiyin.store.read import audit, operations, tracking

Post = Callable[..., Decided]


def opened(post: Post) -> models.Complaint:
    return complaint(post("portal", LOST, sender="13812345678", phone="13812345678"))


def another(post: Post) -> models.Complaint:
    decided = post(
        "wechat", "包裹外箱压烂了，杯子全碎，运单YT7788990011223，要求赔偿", sender="wx-9"
    )
    assert decided.outcome == "opened"
    return complaint(decided)


def clocks(case: models.Complaint) -> list[tuple[Any, ...]]:
    return list(
        models.Clock.objects.filter(complaint=case)
        .order_by("rule")
        .values_list("rule", "state", "due_at", "fire_at", "stopped_at", "pauses")
    )


def heard(case: models.Complaint) -> int:
    return models.Message.objects.filter(complaint=case, direction="in").count()


def counters(case: models.Complaint) -> tuple[Any, ...]:
    case.refresh_from_db()
    return (
        case.status, case.live, case.contacts, case.reopened, case.last_contact_at,
        case.due_at, case.due_rule, case.watch_level, case.merged_into,
    )  # fmt: skip


def event(case: models.Complaint, kind: str) -> models.Event:
    return models.Event.objects.get(complaint_id=case.id, kind=kind)


def sound() -> None:
    assert operations.balance().balanced
    assert list(audit.balance_faults()) == []
    assert list(audit.broken_links()) == []


def test_a_join_undone_puts_everything_back(world: World, post: Post) -> None:
    case = opened(post)
    before = (counters(case), clocks(case), heard(case))
    world.later(minutes=30)
    joined = post("email", "SF1234567890123 这个件怎么还没找到？", sender="a@b.example")
    assert joined.outcome == "joined"
    assert heard(case) == 2
    fresh_id = world.do(
        "agent", unite.undo, complaint_id=case.id, event_id=event(case, "ContactJoined").id
    )
    assert (counters(case), clocks(case), heard(case)) == before
    fresh = models.Complaint.objects.get(id=fresh_id)
    assert fresh.id != case.id
    assert (fresh.contacts, heard(fresh), fresh.live) == (1, 1, True)
    assert fresh.waybill == "SF1234567890123", "the parcel's payments are known to both"
    assert fresh.customer_id != case.customer_id
    assert (fresh.reply_channel, fresh.reply_to) == ("email", "a@b.example")
    item = models.InboxItem.objects.get(id=joined.inbox_id)
    assert (item.state, item.complaint_id) == ("opened", fresh.id)
    sound()


def test_a_parcel_named_in_a_field_stays_named_when_the_join_is_undone(
    world: World, post: Post
) -> None:
    case = opened(post)
    joined = post("portal", "怎么还没有结果", waybill=case.waybill, phone="13812345678")
    assert joined.outcome == "joined" and case.waybill
    fresh_id = world.do(
        "agent", unite.undo, complaint_id=case.id, event_id=event(case, "ContactJoined").id
    )
    assert models.Complaint.objects.get(id=fresh_id).waybill == case.waybill


def test_what_was_undone_is_not_undone_again(world: World, post: Post) -> None:
    case = opened(post)
    post("email", "SF1234567890123 这个件怎么还没找到？", sender="a@b.example")
    join = event(case, "ContactJoined")
    world.do("agent", unite.undo, complaint_id=case.id, event_id=join.id)
    with pytest.raises(unite.CannotUnite):
        world.do("agent", unite.undo, complaint_id=case.id, event_id=join.id)
    sound()


def test_a_join_that_ended_the_waiting_waits_again_when_undone(world: World, post: Post) -> None:
    case = opened(post)
    world.do("agent", answer.ask_customer, complaint_id=case.id, text="请发一张面单照片")
    waiting = (counters(case), clocks(case))
    assert clock(case, "resolve").state == "paused"
    world.later(hours=1)
    joined = post("email", "SF1234567890123 还没找到吗？", sender="a@b.example")
    assert joined.outcome == "joined"
    assert clock(case, "resolve").state == "running"
    world.do("agent", unite.undo, complaint_id=case.id, event_id=event(case, "ContactJoined").id)
    assert (counters(case), clocks(case)) == waiting
    sound()


def test_a_merge_undone_puts_everything_back(world: World, post: Post) -> None:
    one, other = opened(post), another(post)
    before = [(counters(c), clocks(c), heard(c)) for c in (one, other)]
    world.later(minutes=10)
    target = world.do("agent", unite.merge, complaint_id=other.id, into_number=one.number)
    assert target == one.id
    assert (heard(one), heard(other)) == (2, 0)
    other.refresh_from_db()
    one.refresh_from_db()
    assert (other.status, other.live, other.merged_into, other.contacts) == (
        "merged",
        False,
        one.id,
        0,
    )
    assert one.contacts == 2
    assert not models.Clock.objects.filter(complaint=other, state="running").exists()
    sound()

    world.later(minutes=10)
    world.do(
        "agent", unite.undo, complaint_id=other.id, event_id=event(other, "ComplaintMerged").id
    )
    assert [(counters(c), clocks(c), heard(c)) for c in (one, other)] == before
    sound()


def test_the_law_counts_from_the_first_receipt_of_the_matter(world: World, post: Post) -> None:
    first = opened(post)
    world.later(hours=5)
    second = another(post)
    due, later = clock(first, "law_7d").due_at, clock(second, "law_7d").due_at
    assert due is not None
    assert later is not None
    assert due < later
    world.do("agent", unite.merge, complaint_id=first.id, into_number=second.number)
    assert clock(second, "law_7d").due_at == due
    world.do(
        "agent", unite.undo, complaint_id=first.id, event_id=event(first, "ComplaintMerged").id
    )
    assert clock(second, "law_7d").due_at == later


def test_a_contact_about_a_merged_complaint_reaches_the_living_one(
    world: World, post: Post
) -> None:
    one, other = opened(post), another(post)
    world.do("agent", unite.merge, complaint_id=other.id, into_number=one.number)
    world.later(hours=1)
    more = post("wechat", "YT7788990011223 什么时候赔？", sender="wx-9")
    assert (more.outcome, more.complaint_id) == ("joined", one.id)
    named = post("web", "有结果了吗", sender="x", number=other.number)
    assert named.complaint_id == one.id
    sound()


def test_a_contact_follows_merges_to_the_last_complaint(world: World, post: Post) -> None:
    one, other = opened(post), another(post)
    third = complaint(post("web", "多收了我八块钱运费，运单JT5544332211009", sender="13700002222"))
    world.do("agent", unite.merge, complaint_id=other.id, into_number=one.number)
    world.do("agent", unite.merge, complaint_id=one.id, into_number=third.number)
    named = post("web", "有结果了吗", sender="x", number=other.number)
    assert named.complaint_id == third.id
    sound()


def test_what_cannot_be_merged_is_refused(world: World, post: Post) -> None:
    one = opened(post)
    for number in (one.number, "HY20261103-999999", ""):
        with pytest.raises(unite.CannotUnite):
            world.do("agent", unite.merge, complaint_id=one.id, into_number=number)
    with pytest.raises(PermissionError):
        world.do("ops", unite.merge, complaint_id=one.id, into_number=another(post).number)


def origins(case: models.Complaint) -> list[object]:
    rows = models.Message.objects.filter(complaint=case, direction="in").order_by("at")
    return list(rows.values_list("origin_complaint_id", flat=True))


@pytest.mark.parametrize("first", ["one", "other"])
def test_a_chain_of_merges_is_undone_in_any_order(world: World, post: Post, first: str) -> None:
    other, one = another(post), opened(post)
    third = complaint(post("web", "多收了我八块钱运费，运单JT5544332211009", sender="13700002222"))
    before = [(counters(c), heard(c), origins(c)) for c in (other, one, third)]
    world.later(minutes=10)
    world.do("agent", unite.merge, complaint_id=other.id, into_number=one.number)
    world.later(minutes=10)
    world.do("agent", unite.merge, complaint_id=one.id, into_number=third.number)
    assert set(origins(third)) == {other.id, one.id, None}
    assert third.contacts + 2 == counters(third)[2]

    chain = [other, one] if first == "other" else [one, other]
    for case in chain:
        world.later(minutes=10)
        world.do(
            "agent", unite.undo, complaint_id=case.id, event_id=event(case, "ComplaintMerged").id
        )
        sound()
    assert [(counters(c), heard(c), origins(c)) for c in (other, one, third)] == before


def test_a_link_keeps_its_own_words_through_a_chain_of_merges(world: World, post: Post) -> None:
    other, one = another(post), opened(post)
    third = complaint(post("web", "多收了我八块钱运费，运单JT5544332211009", sender="13700002222"))
    world.do("agent", unite.merge, complaint_id=other.id, into_number=one.number)
    world.do("agent", unite.merge, complaint_id=one.id, into_number=third.number)
    said = {}
    for case in (other, one, third):
        token = tracking_token(secret=settings.SECRET_KEY, complaint_id=case.id)
        page = tracking.tracking(number=case.number, token=token)
        said[case.id] = [item.text for item in page.items if item.kind == "in"]
    assert [len(texts) for texts in said.values()] == [1, 1, 1]
    assert "包裹外箱压烂了" in said[other.id][0]
    assert "多收了我八块钱" in said[third.id][0]

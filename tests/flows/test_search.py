"""The search index: current at once, filtered, and written anew without losing anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from company import World, actor, complaint
from huiyin.core.access import Actor
from huiyin.core.search import asked
from huiyin.flows import answer, assign, unite
from huiyin.store import fitting, models, reindex, search, windows
from huiyin.store.read import finding
from huiyin.store.read.viewer import viewer_of

LOST = "包裹丢了，里面是手机，运单SF1234567890123，三天没更新，找不到了"
BROKEN = "杯子摔碎了，运单JT0008761112223，要求赔偿"


def numbers(text: str, who: str = "admin", **filters: str) -> list[str]:
    viewer = viewer_of(user=models.User.objects.get(username=who))
    page = finding.found(viewer=viewer, text=text, filters=filters)
    return [f.row.number for f in page.rows]


@pytest.fixture
def two(world: World) -> tuple[models.Complaint, models.Complaint]:
    lost = complaint(world.post("portal", LOST, sender_name="王小明", phone="13812345678"))
    world.later(days=1)
    return lost, complaint(world.post("phone", BROKEN, phone="13987654321"))


def test_a_complaint_is_found_at_once_by_any_part(two: Any) -> None:
    for words in (
        "手机", "丢了", "没更新", "SF1234567890123", "0123", "345678", "王小明", "小明",
        "13812345678", "5678 手机", "SF1234567890123 手机",
    ):  # fmt: skip
        assert numbers(words)[0] == two[0].number, words


def test_notes_answers_and_numbers_are_found(world: World, two: Any) -> None:
    lost, broken = two
    world.do("agent", assign.take, complaint_id=lost.id)
    world.do("agent", answer.note, complaint_id=lost.id, text="仓库监控已调取")
    world.do("agent", answer.reply, complaint_id=broken.id, text="照片收到，正在核算")
    assert numbers("监控") == [lost.number]
    assert numbers("核算") == [broken.number]
    assert numbers(broken.number) == [broken.number]
    # what the house says by itself to everybody is no find
    assert numbers("尊敬的客户 受理编号") == []


def test_filters_narrow_what_is_found(two: Any) -> None:
    lost, broken = two
    assert numbers("运单") == [broken.number, lost.number]
    assert numbers("运单", category="lost") == [lost.number]
    assert numbers("运单", channel="phone") == [broken.number]
    assert numbers("运单", department=str(lost.department_id), category="lost") == [lost.number]
    assert numbers("运单", status="ended") == []
    assert numbers("运单", since="2026-11-04") == [broken.number]
    assert numbers("运单", until="2026-11-03") == [lost.number]
    assert numbers("运单", since="bad") == [broken.number, lost.number]


def test_old_and_new_are_found_however_far_apart_they_stand(world: World, two: Any) -> None:
    lost, broken = two
    newest = broken
    for number in (40_000, 700_000, 9_000_000):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT setval('search_entry_id_seq', %s)", [number])
        world.later(days=1)
        newest = complaint(world.post("email", f"运单YT{number}88123 未更新，催一下"))
    found = numbers("运单")
    assert found[0] == newest.number
    assert found[-2:] == [broken.number, lost.number]
    assert len(found) == 5
    assert numbers("运单", channel="portal") == [lost.number]
    assert numbers("SF1234567890123") == [lost.number]
    assert numbers("没更新 摔碎了") == [broken.number, lost.number]


@pytest.mark.parametrize("few", [0, 1_000_000])
def test_across_windows_all_are_found_newest_first(
    world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(search, "FEW", few)
    first = complaint(world.post("portal", "紫檀盒子摔碎了，运单SF1234567890123，要求赔偿"))
    others: list[UUID] = []
    for number in range(6):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT setval('search_entry_id_seq', MAX(id) + 900000) FROM search_entry"
                )
        world.later(hours=1)
        said = f"紫檀盒子，运单YT77{number}0061{number}8123 三天未更新"
        others.insert(0, complaint(world.post("email", said)).id)
    world.later(hours=1)
    assert complaint(world.post("portal", "紫檀盒子SF1234567890123还没有人回复")) == first

    def ids(limit: int, **filters: str) -> list[UUID]:
        wanted = fitting.Wanted(**filters)  # type: ignore[arg-type]  # each is a text here
        found = search.find(words=asked(text="紫檀"), wanted=wanted, limit=limit)
        return [h.complaint_id for h in found.hits]

    for limit in (1, 2, 3, 7, 8):
        assert ids(limit) == [first.id, *others][:limit]
        assert ids(limit, channel="email") == others[:limit]
        assert ids(limit, channel="portal") == [first.id]
        assert ids(limit, channel="phone") == []


def test_windows_hold_every_number_once() -> None:
    for newest in (0, 5, 16_383, 16_384, 200_000, 1_980_484, 12_345_678):
        found = windows.windows(newest=newest)
        below = found[-1][0]
        held: list[int] = []
        for _start, names in found:
            for name in names:
                level, place = (int(n) for n in name.removeprefix("~").split("."))
                held.append(place << level)
                held.append(((place + 1) << level) - 1)
        edges = sorted(held)
        assert edges[0] == below
        assert edges[-1] >= newest
        assert all(b == a + 1 for a, b in zip(edges[1:-1:2], edges[2::2], strict=True))
        assert held[0] > held[-1] or newest < 16_384


def test_a_filter_follows_the_complaint(world: World, two: Any) -> None:
    _lost, broken = two
    world.do("agent", assign.take, complaint_id=broken.id)
    assert numbers("运单", status="working") == [broken.number]
    mine: Actor = actor("ops")
    world.do(
        "agent", assign.hand_over, complaint_id=broken.id, department="operations",
        person=mine.id, reason="查",
    )  # fmt: skip
    assert numbers("运单", who="ops") == [broken.number]


def test_nobody_finds_what_he_may_not_see(two: Any) -> None:
    assert numbers("运单", who="ops") == []
    assert numbers("SF1234567890123", who="ops") == []


def test_what_nothing_holds_in_full_is_found_in_part(two: Any) -> None:
    lost, _broken = two
    viewer = viewer_of(user=models.User.objects.get(username="admin"))
    page = finding.found(viewer=viewer, text="手机 火车")
    assert page.loose and [f.row.number for f in page.rows] == [lost.number]


def test_a_passage_is_marked_and_covered(two: Any) -> None:
    viewer = viewer_of(user=models.User.objects.get(username="agent"))
    [row] = finding.found(viewer=viewer, text="手机").rows
    assert [p.text for p in row.title if p.hit] == ["手机"] and row.pieces == ()
    [row] = finding.found(viewer=viewer, text="13812345678").rows
    assert row.by and not any(p.hit for p in row.title)


def test_any_question_is_safe(two: Any) -> None:
    known = {c.number for c in two}
    for odd in (
        "", "   ", "🎉", "*", "%", '"', "'; DROP TABLE message; --", "NEAR(手机, 3)",
        "words:手机", "(手机", "手机 AND", "NOT 手机", "^手机", "手" * 5000, "\x00手机", "a" * 300,
        "\\", "手机:*|!&",
    ):  # fmt: skip
        assert set(numbers(odd)) <= known, odd
    assert models.Message.objects.exists()


def test_a_merged_message_leads_to_the_other_complaint(world: World, two: Any) -> None:
    lost, broken = two
    world.do("mgr", unite.merge, complaint_id=broken.id, into_number=lost.number, reason="同一件")
    assert numbers("摔碎") == [lost.number]


def test_the_index_is_written_anew_while_others_write(
    world: World, two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, broken = two
    monkeypatch.setattr(reindex, "BATCH", 2)
    before = {w: numbers(w) for w in ("手机", "摔碎", "0123", "小明")}
    # an index that has lost its words and ties
    said = models.Message.objects.filter(complaint_id=lost.id, direction="in").get()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_entry WHERE message_id = %s", [search.key(said.id)])
    assert numbers("手机") == []
    reindex.ask(now=world.now)
    posted = 0
    while not reindex.go_on(now=world.now, seconds=-1):
        # stopped after every batch, and somebody writes in between
        if posted < 6:
            posted += 1
            world.post("portal", f"第{posted}件衣服丢了，运单SF99887766554{posted}0，请查")
    assert reindex.progress().phase == "done"
    assert {w: numbers(w) for w in before} == before
    assert len(numbers("衣服")) == posted
    world.do("mgr", unite.merge, complaint_id=broken.id, into_number=lost.number, reason="同一件")
    assert numbers("摔碎") == [lost.number]


def test_one_process_writes_the_index_at_a_time(world: World, two: Any) -> None:
    reindex.ask(now=world.now)
    models.Job.objects.filter(name=reindex.JOB).update(lease_until=world.now + timedelta(seconds=9))
    assert reindex.go_on(now=world.now) is False
    assert reindex.progress().phase == "cases"
    assert reindex.go_on(now=world.later(minutes=2)) is True
    assert reindex.progress().phase == "done"
    assert reindex.go_on(now=world.now) is True

"""Evidence: asked for, received, waived, superseded; never overwritten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from company import LOST, World, complaint, kinds, photo
from huiyin.core.evidence import CannotGather
from huiyin.flows import collaborate, gather
from huiyin.flows.receive import Decided
from huiyin.store import files, models
from huiyin.store.ids import tracking_token
from huiyin.store.read import complaint as page_read
from huiyin.store.read import evidence, tasks, tracking
from huiyin.store.read.viewer import Viewer, viewer_of

Post = Callable[..., Decided]


def see(username: str) -> Viewer:
    return viewer_of(user=models.User.objects.get(username=username))


def kept(content: bytes, name: str = "照片.png") -> dict[str, Any]:
    return {
        "name": name, "content_type": "image/png", "size": len(content),
        "sha256": files.keep(content=content),
    }  # fmt: skip


@pytest.fixture
def case(world: World, post: Post) -> models.Complaint:
    return complaint(post("portal", LOST, phone="13812345678", waybill="SF1234567890123"))


def panel(world: World, case: models.Complaint, who: str = "boss") -> evidence.EvidencePanel:
    return page_read.page(viewer=see(who), complaint_id=case.id, now=world.now).evidence


def item(world: World, case: models.Complaint, code: str) -> evidence.ItemView:
    return next(i for i in panel(world, case).items if i.code == code)


def test_a_department_is_asked_with_its_clock_and_what_it_brings_counts(
    world: World, case: models.Complaint
) -> None:
    assert item(world, case, "last_scan").state == "missing"
    world.do(
        "boss", gather.request, complaint_id=case.id, items=["last_scan", "search"],
        of="operations", words="今天内",
    )  # fmt: skip
    asked = item(world, case, "last_scan")
    assert (asked.state, asked.of_label, asked.asked_by) == ("requested", "运营部", "刘主管")
    request = models.Collaboration.objects.get(complaint=case)
    assert (request.department_id, request.due_at) == ("operations", asked.due_at)
    question = models.CollaborationMessage.objects.get(collaboration=request).text
    assert "最后一次扫描" in question and "今天内" in question
    shown = tasks.task(viewer=see("ops"), collaboration_id=request.id)
    assert [i.code for i in shown.items] == ["last_scan", "search"]
    # More of the same department goes to the request that is open.
    world.do("boss", gather.request, complaint_id=case.id, items=["scan_photos"], of="operations")
    assert models.Collaboration.objects.filter(complaint=case).count() == 1
    (piece,) = world.do(
        "ops", gather.answer, collaboration_id=request.id, item="last_scan",
        words="11 月 2 日 21:14 东莞分拨装车扫描，之后无记录",
    )  # fmt: skip
    now = item(world, case, "last_scan")
    assert now.state == "received" and now.pieces[0].source_label == "运营部"
    row = models.Evidence.objects.get(id=piece)
    assert files.fetch(sha256=row.sha256).decode().startswith("11 月 2 日")
    case.refresh_from_db()
    assert case.unread and kinds(case)[-1] == "EvidenceAdded"
    with pytest.raises(CannotGather):
        world.do(
            "ops", gather.answer, collaboration_id=request.id, item="value_proof", words="不该给"
        )


def test_late_items_are_named_and_the_customer_has_his_own_time(
    world: World, case: models.Complaint
) -> None:
    world.do("boss", gather.request, complaint_id=case.id, items=["value_proof"], of="customer")
    asked = item(world, case, "value_proof")
    assert asked.due_at == world.now + timedelta(days=3) and not asked.late
    world.later(days=3, minutes=1)
    assert item(world, case, "value_proof").late and panel(world, case).late == 1
    assert not models.Collaboration.objects.filter(complaint=case).exists()
    until = world.now + timedelta(hours=5)
    world.do(
        "boss", gather.request, complaint_id=case.id, items=["value_proof"], of="customer",
        until=until,
    )  # fmt: skip
    assert item(world, case, "value_proof").due_at == until


def test_an_upload_of_the_customer_counts_for_an_item(world: World, post: Post) -> None:
    content = photo()
    kept_file = kept(content, "发票.png")
    sent = complaint(
        post("portal", LOST, phone="13812345678", waybill="SF1234567890123",
             files=[kept_file])
    )  # fmt: skip
    (upload,) = panel(world, sent).uploads
    chosen = evidence.uploads_of(complaint_id=sent.id, ids=[models.Attachment.objects.get().id])
    world.do(
        "boss", gather.add, complaint_id=sent.id, item="value_proof", files=chosen,
        source="customer",
    )  # fmt: skip
    assert item(world, sent, "value_proof").state == "received"
    assert panel(world, sent).uploads == () and upload.name == "发票.png"
    row = models.Evidence.objects.get()
    assert row.sha256 == kept_file["sha256"] and row.source == "customer"


def test_a_newer_piece_supersedes_and_both_stay(world: World, case: models.Complaint) -> None:
    def put(content: bytes, **more: Any) -> Any:
        return world.do(
            "boss", gather.add, complaint_id=case.id, item="scan_photos", files=[kept(content)],
            **more,
        )[0]  # fmt: skip

    first = put(b"one")
    second = put(b"two", supersedes=first)
    pieces = item(world, case, "scan_photos").pieces
    assert [(p.id, p.superseded) for p in pieces] == [(first.hex, True), (second.hex, False)]
    for older in (first, models.Complaint.objects.get(id=case.id).id):
        with pytest.raises(CannotGather):
            put(b"three", supersedes=older)
    with pytest.raises(CannotGather):
        world.do(
            "boss",
            gather.add,
            complaint_id=case.id,
            item="track",
            files=[kept(b"four")],
            supersedes=second,
        )
    assert models.Evidence.objects.count() == 2


def test_waived_with_reason_and_what_came_in_is_not_waived(
    world: World, case: models.Complaint
) -> None:
    with pytest.raises(CannotGather):
        world.do("boss", gather.waive, complaint_id=case.id, item="insured", reason=" ")
    world.do("boss", gather.waive, complaint_id=case.id, item="insured", reason="客户已确认未保价")
    waived = item(world, case, "insured")
    assert (waived.state, waived.reason, waived.changed_by) == (
        "waived", "客户已确认未保价", "刘主管",
    )  # fmt: skip
    world.do("boss", gather.add, complaint_id=case.id, item="insured", words="查到保价 300 元")
    with pytest.raises(CannotGather):
        world.do("boss", gather.waive, complaint_id=case.id, item="insured", reason="不要了")


def test_bad_input_changes_nothing(world: World, case: models.Complaint) -> None:
    bad: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (gather.request, {"items": [], "of": "customer"}),
        (gather.request, {"items": ["nothing"], "of": "customer"}),
        (gather.request, {"items": ["track"], "of": "moon"}),
        (gather.request, {"items": ["track"], "of": "customer", "until": world.now}),
        (gather.add, {"item": "track"}),
        (gather.add, {"item": "moon", "words": "x"}),
        (gather.add, {"item": "track", "words": "x", "source": "moon"}),
        (gather.add, {"item": "track", "words": "x", "of_time": world.now + timedelta(days=1)}),
        (gather.add, {"item": "track", "words": "长" * 20_001}),
        (gather.waive, {"item": "moon", "reason": "x"}),
    ]
    before = kinds(case)
    for room, how in bad:
        with pytest.raises(CannotGather) as error:
            world.do("boss", room, complaint_id=case.id, **how)
        assert error.value.zh and error.value.en
    assert kinds(case) == before
    assert not models.EvidenceItem.objects.exists() and not models.Evidence.objects.exists()


def test_strangers_neither_gather_nor_read(world: World, case: models.Complaint) -> None:
    (piece,) = world.do("boss", gather.add, complaint_id=case.id, item="track", words="轨迹")
    with pytest.raises(PermissionError):
        world.do("ops", gather.add, complaint_id=case.id, item="track", words="轨迹")
    assert evidence.file(viewer=see("ops"), evidence_id=piece) is None
    assert evidence.file(viewer=see("clerk"), evidence_id=piece) is not None
    (asked,) = world.do(
        "boss", collaborate.ask, complaint_id=case.id, departments=["operations"], question="查"
    )
    with pytest.raises(PermissionError):
        world.do("clerk", gather.answer, collaboration_id=asked, item="track", words="x")


def test_the_customer_reads_on_his_page_what_is_still_wanted(
    world: World, case: models.Complaint
) -> None:
    token = tracking_token(secret=settings.SECRET_KEY, complaint_id=case.id)

    def wanted() -> tuple[str, ...]:
        return tracking.tracking(number=case.number, token=token).wanted

    assert wanted() == ()
    world.do(
        "boss", gather.request, complaint_id=case.id, items=["value_proof", "packing_photos"],
        of="customer",
    )  # fmt: skip
    world.do("boss", gather.request, complaint_id=case.id, items=["track"], of="operations")
    assert wanted() == ("价值证明（订单、发票、转账记录）", "收寄时的包装照片")
    world.do(
        "boss", gather.add, complaint_id=case.id, item="value_proof", words="口头说明",
        source="customer",
    )  # fmt: skip
    assert wanted() == ("收寄时的包装照片",)


def test_what_is_wanted_goes_on_with_the_request(world: World, case: models.Complaint) -> None:
    world.do("boss", gather.request, complaint_id=case.id, items=["track"], of="operations")
    request = models.Collaboration.objects.get(complaint=case)
    world.do(
        "ops", collaborate.do, collaboration_id=request.id, act="transfer", words="归网点",
        department="outlets",
    )  # fmt: skip
    request.refresh_from_db()
    moved = item(world, case, "track")
    assert (moved.of, moved.due_at) == ("outlets", request.due_at)
    shown = tasks.task(viewer=see("mgr"), collaboration_id=request.id)
    assert [i.code for i in shown.items] == ["track"]
    with pytest.raises(PermissionError):
        world.do("ops", gather.answer, collaboration_id=request.id, item="track", words="x")

"""Doubts: raised beside the complaint's way, seen by few, reviewed once, counted."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from company import World, actor, arrival, complaint, kinds
from huiyin.core.doubt import CannotReview
from huiyin.doors.worker import doubts as worker
from huiyin.flows import journey, look_again
from huiyin.store import files, models
from huiyin.store.read import audit


def goods(*, size: int = 640, quality: int = 90, mark: int = 3) -> bytes:
    image = Image.new("RGB", (640, 480), "tan")
    draw = ImageDraw.Draw(image)
    for i in range(14):
        x, y = (i * 97 * mark) % 560, (i * 53 * mark) % 400
        draw.rectangle((x, y, x + 60, y + 45), fill=(i * 17 % 256, 90, mark * 30 % 256))
    out = io.BytesIO()
    image.resize((size, size * 3 // 4)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def sent(world: World, n: int, content: bytes, *, kind: str = "image/jpeg", **how: Any) -> Any:
    """Post a complaint of a parcel with a file."""
    how.setdefault("waybill", f"SF99000000{n:05d}")
    accepted = world.accept(
        arrival(
            "portal", f"我的包裹{how['waybill']}丢了，里面是茶具，要求赔偿",
            sender=f"137{n:08d}", phone=f"137{n:08d}", sender_name=f"客户{n}",
            files=[
                {"name": "a.jpg", "content_type": kind, "sha256": files.keep(content=content),
                 "size": len(content)}
            ],
            **how,
        )
    )  # fmt: skip
    case = complaint(world.decide(ids=[accepted[0].id])[0])
    models.Complaint.objects.filter(id=case.id).update(category="lost")
    return case


def look(world: World) -> int:
    hashed, _moment = look_again.hash_files(after=None, limit=100)
    found = look_again.compare(attachment_ids=hashed)
    found += look_again.count_parcels(since=world.now, now=world.now)
    with journey.writing(now=world.now, actor="system") as pen:
        return look_again.show(pen=pen, found=found)


def test_a_photo_sent_on_is_shown_and_changes_nothing(world: World) -> None:
    first = sent(world, 1, goods())
    world.later(days=3)
    second = sent(world, 2, goods(size=400, quality=60))
    before = [(c.rule, c.state, c.due_at) for c in models.Clock.objects.order_by("id")]
    events = models.Event.objects.count()
    assert look(world) == 1
    doubt = models.Doubt.objects.get()
    assert (doubt.rule, doubt.complaint_id, doubt.others) == (
        "same_photo", second.id, [first.id.hex],
    )  # fmt: skip
    assert doubt.speaks_for and doubt.speaks_against
    assert [(c.rule, c.state, c.due_at) for c in models.Clock.objects.order_by("id")] == before
    assert models.Event.objects.count() == events, "the complaint's history says nothing"
    second.refresh_from_db()
    assert second.flags == [] and second.status == models.Complaint.objects.get(id=first.id).status
    assert look(world) == 0, "raised once"


def test_intake_neither_hashes_nor_compares(world: World) -> None:
    sent(world, 1, goods())
    sent(world, 2, goods())
    assert not models.FilePrint.objects.exists() and not models.Doubt.objects.exists()


def test_the_same_proof_of_value_is_shown_by_its_bytes(world: World) -> None:
    sent(world, 1, b"%PDF-1.7 invoice 4711", kind="application/pdf")
    sent(world, 2, b"%PDF-1.7 invoice 4711", kind="application/pdf")
    sent(world, 3, b"%PDF-1.7 invoice 4712", kind="application/pdf")
    assert look(world) == 1
    assert models.Doubt.objects.get().rule == "same_proof"


def test_a_proof_that_was_only_saved_anew_is_shown(world: World) -> None:
    said = (
        b"%%PDF-1.7\n1 0 obj\n<< /Length 44 >>\nstream\ninvoice %d one coffee machine 680.00 yuan\n"
    )
    end = b"endstream\n2 0 obj\n<< /Type /Metadata >>\nstream\nmade %d\nendstream"
    sent(world, 1, said % 4711 + end % 1, kind="application/pdf")
    sent(world, 2, said % 4711 + end % 2, kind="application/pdf")
    sent(world, 3, said % 4712 + end % 3, kind="application/pdf")
    assert look(world) == 1
    doubt = models.Doubt.objects.get()
    assert doubt.rule == "same_proof"
    assert any("重新保存" in r["zh"] for r in doubt.speaks_for)


def test_another_photo_and_the_same_parcel_raise_nothing(world: World) -> None:
    sent(world, 1, goods(mark=3))
    sent(world, 2, goods(mark=7))
    sent(world, 3, goods(mark=3), waybill="SF9900000000001")
    assert look(world) == 0


def test_bytes_that_are_no_picture_are_tried_once(world: World) -> None:
    sent(world, 1, b"\xff\xd8\xff\xe0 broken")
    assert look(world) == 0
    print = models.FilePrint.objects.get()
    assert print.phash == "" and print.is_picture
    assert look_again.hash_files(after=None, limit=10)[0] == []


def test_a_customer_with_many_parcels_is_shown_but_not_one_of_a_fire(world: World) -> None:
    for n in range(5):
        decided = world.post(
            "portal", f"我的包裹SF98000000{n:05d}丢了，要求赔偿{n}", sender="13600000001",
            phone="13600000001", sender_name="老客户", waybill=f"SF98000000{n:05d}",
        )  # fmt: skip
        models.Complaint.objects.filter(id=decided.complaint_id).update(category="lost")
        world.later(hours=1)
    found = look_again.count_parcels(since=world.now.replace(hour=0), now=world.now)
    assert [f.rule for _c, f in found] == ["many_parcels"]
    boss = models.User.objects.get(username="boss")
    incident = models.Incident.objects.create(
        id=models.Complaint.objects.first().id, number="SJ1", name="火灾", begins_at=world.now,
        takes_from=world.now, state="open", made_by=boss, made_at=world.now,
    )  # fmt: skip
    case = models.Complaint.objects.order_by("id")[0]
    models.IncidentLink.objects.create(
        id=case.id, incident=incident, complaint=case, linked_at=world.now, linked_by="system"
    )
    assert look_again.count_parcels(since=world.now.replace(hour=0), now=world.now) == []


@pytest.mark.parametrize("who", ["agent", "ops"])
def test_who_may_not_see_doubts_may_not_review_them(world: World, who: str) -> None:
    sent(world, 1, goods())
    sent(world, 2, goods())
    look(world)
    with pytest.raises(PermissionError):
        world.do(
            who, look_again.judge, doubt_id=models.Doubt.objects.get().id,
            outcome="false_alarm", words="",
        )  # fmt: skip
    assert models.Doubt.objects.get().state == "open"


def test_a_review_is_one_event_that_tells_nothing_and_is_counted(world: World) -> None:
    sent(world, 1, goods())
    second = sent(world, 2, goods())
    look(world)
    doubt = models.Doubt.objects.get()
    how = {"doubt_id": doubt.id, "outcome": "false_alarm", "words": "同一批货，一起拍的"}
    world.do("clerk", look_again.judge, **how)
    with pytest.raises(CannotReview):
        world.do("boss", look_again.judge, **how)
    doubt.refresh_from_db()
    assert (doubt.state, doubt.outcome, doubt.reviewed_by_id) == (
        "reviewed", "false_alarm", actor("clerk").id,
    )  # fmt: skip
    assert kinds(second).count("DoubtReviewed") == 1
    event = models.Event.objects.get(complaint_id=second.id, kind="DoubtReviewed")
    assert "同一批货" not in event.data + event.because and "false_alarm" not in event.data
    tallies = dict(
        models.Tally.objects.filter(name__startswith="doubt:").values_list("name", "value")
    )
    assert tallies == {"doubt:same_photo:raised": 1, "doubt:same_photo:false_alarm": 1}
    assert list(audit.broken_links()) == []


def test_the_worker_looks_beside_intake(world: World) -> None:
    sent(world, 1, goods())
    sent(world, 2, goods())
    assert worker.look() == 2
    assert models.Doubt.objects.count() == 1
    assert worker.look() == 0, "its next time has not come"

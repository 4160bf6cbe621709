"""Complaints about somebody's manner: the whole way, and who may know of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from company import PASSWORD, World, actor, complaint, kinds
from huiyin.core.conduct import CannotHear
from huiyin.flows import collaborate, gather, hear
from huiyin.flows.receive import Decided
from huiyin.store import files, models
from huiyin.store.ledger import people
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import conduct, evidence, finding, queue, tasks
from huiyin.store.read.rail import waiting
from huiyin.store.read.viewer import Viewer, viewer_of, visible

Post = Callable[..., Decided]
RUDE = "你们那个姓马的快递员骂我是乡下人，态度太恶劣了，运单SF1234567890123，我要投诉他的服务态度"
SECRET = "乡下人"


def see(username: str) -> Viewer:
    return viewer_of(user=models.User.objects.get(username=username))


@pytest.fixture
def case(world: World, post: Post) -> models.Complaint:
    for username, name, role, department in (
        ("courier", "马奔", "handler", "outlets"),
        ("head", "高主管", "supervisor", "outlets"),
        ("mgr2", "钱经理", "manager", "quality"),
        ("other", "外人", "agent", "service"),
    ):
        people.add_person(
            now=world.now, username=username, name=name, role=role, password=PASSWORD,
            department=department,
        )  # fmt: skip
    found = complaint(post("phone", RUDE, phone="13812345678", sender_name="王小明"))
    models.Complaint.objects.filter(id=found.id).update(category="attitude")
    found.refresh_from_db()
    return found


def record(world: World, case: models.Complaint, who: str = "agent", **how: Any) -> UUID:
    given: dict[str, Any] = {
        "kind": "external", "employee": actor("courier").id, "superior": actor("head").id,
        "complainant": "王小明", "contact": "13812345678", "words": RUDE,
        "charge": "派件时对收件人使用侮辱性的话", "place": "小区门口",
        "happened_at": world.now - timedelta(hours=3), "complaint_id": case.id,
    }  # fmt: skip
    found: UUID = world.do(who, hear.record, **{**given, **how})
    return found


def view(world: World, who: str, id: UUID) -> conduct.FilePage:
    return conduct.page(viewer=see(who), file_id=id, now=world.now)


def test_the_whole_way_with_an_objection(world: World, case: models.Complaint) -> None:
    id = record(world, case)
    case.refresh_from_db()
    assert (case.assignee_id, case.department_id) == (actor("head").id, "outlets")
    page = view(world, "head", id)
    assert page.number.startswith("TD20261103-") and page.due_at == world.now + timedelta(hours=24)
    assert page.view == "full" and set(page.acts) == {"answer"}
    world.later(hours=2)
    world.do("courier", hear.do, file_id=id, act="state", words="我当时太急，说了一句，没有骂人")
    world.later(hours=2)
    world.do(
        "head", hear.do, file_id=id, act="answer", verdict="upheld", finding="监控有录音，属实",
        words="已电话向王小明道歉",
    )  # fmt: skip
    world.do("head", hear.do, file_id=id, act="sanction", measure="warning", words="违反服务规范")
    own = view(world, "courier", id)
    assert (own.view, own.measure_label, set(own.acts)) == ("own", "书面警告", {"object", "accept"})
    world.do("head", hear.do, file_id=id, act="report", words="请核示")
    with pytest.raises(CannotHear, match="cannot be filed"):
        world.do("mgr", hear.file_away, file_id=id, opinion="同意", paper=lambda _id: b"%PDF")
    world.do("courier", hear.do, file_id=id, act="object", words="录音不完整")
    for again in ("object", "accept"):
        with pytest.raises(CannotHear):
            world.do("courier", hear.do, file_id=id, act=again, words="还有话说")
    world.do(
        "mgr", hear.do, file_id=id, act="decide", decision="changed", measure="talk",
        words="初犯，从轻",
    )  # fmt: skip
    with pytest.raises(CannotHear, match="once"):
        world.do("courier", hear.do, file_id=id, act="object", words="还是不服")
    world.do("mgr", hear.file_away, file_id=id, opinion="归档", paper=lambda _id: b"%PDF whole")
    done = view(world, "mgr", id)
    assert (done.stage, done.measure_label) == ("filed", "书面警告"), "the first stays readable"
    assert done.decision_label == "变更 → 批评教育"
    assert files.fetch(sha256=done.paper_sha256) == b"%PDF whole"
    assert list(conduct.broken_links()) == []
    events = list(models.ConductEvent.objects.filter(file_id=id).order_by("seq"))
    assert [e.kind for e in events] == [
        "ConductRecorded", "ConductStated", "ConductAnswered", "ConductSanctioned",
        "ConductReported", "ConductObjected", "ConductDecided", "ConductFiled",
    ]  # fmt: skip
    assert json.loads(events[-1].data)["paper"] == done.paper_sha256
    models.ConductEvent.objects.filter(id=events[2].id).update(actor="user:1")
    assert any("event 3 " in line for line in conduct.broken_links())


def test_the_employee_reads_nothing_of_the_complainant(
    world: World, case: models.Complaint
) -> None:
    id = record(world, case)
    world.do(
        "head", hear.do, file_id=id, act="answer", verdict="upheld",
        finding="王小明提供了录音", words="已向王小明 13812345678 道歉",
    )  # fmt: skip
    world.do("head", hear.do, file_id=id, act="sanction", measure="talk", words="请改正")
    text = json.dumps(asdict(view(world, "courier", id)), ensure_ascii=False, default=str)
    for word in ("王小明", "13812345678", SECRET, case.number, case.id.hex, "小李"):
        assert word not in text
    assert "派件时对收件人使用侮辱性的话" in text


def test_nobody_else_knows_of_it(world: World, case: models.Complaint) -> None:
    id = record(world, case)
    for who in ("other", "boss", "admin", "mgr2", "clerk", "ops"):
        with pytest.raises(conduct.CannotSeeFile):
            view(world, who, id)
        assert conduct.files(viewer=see(who), now=world.now) == ()
        assert conduct.kept_paper(viewer=see(who), file_id=id) is None
        for act in ("answer", "sanction", "decide", "report", "object", "state"):
            with pytest.raises(PermissionError):
                world.do(
                    who, hear.do, file_id=id, act=act, words="x", verdict="upheld", finding="x",
                    measure="talk", decision="kept",
                )  # fmt: skip
    form = view(world, "agent", id)
    assert form.view == "form" and form.finding == form.answer == form.statement == ""


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("agent", True), ("head", True), ("mgr", True), ("courier", False), ("other", False),
        ("boss", False), ("admin", False), ("mgr2", False),
    ],
)  # fmt: skip
def test_the_complaint_itself_is_kept_apart(
    world: World, case: models.Complaint, who: str, seen: bool
) -> None:
    record(world, case)
    viewer = see(who)
    assert complaint_read.may_see(viewer=viewer, complaint_id=case.id) is seen
    rows = queue.queue(viewer=viewer, view="all", filters={}, sort="due", cursor="").rows
    assert (case.number in {r.number for r in rows}) is seen
    for words in (case.number, "SF1234567890123", SECRET):
        page = finding.found(viewer=viewer, text=words)
        assert (case.number in {r.row.number for r in page.rows}) is seen


def test_the_complaint_s_chain_names_no_employee(world: World, case: models.Complaint) -> None:
    record(world, case)
    assert kinds(case)[-2:] == ["ConductFileOpened", "HandedOver"]
    for event in models.Event.objects.filter(complaint_id=case.id).order_by("-seq")[:2]:
        assert "马奔" not in event.data + event.because
        assert str(actor("courier").id) not in json.loads(event.data).values()


def test_an_internal_complaint_has_no_customer(world: World, case: models.Complaint) -> None:
    given = {"kind": "internal", "complaint_id": None, "complainant": "陈法务"}
    with pytest.raises(CannotHear, match="must not name"):
        record(world, case, who="clerk", charge="在群里骂陈法务", **given)
    id = record(world, case, who="clerk", **given)
    page = view(world, "head", id)
    assert (page.kind, page.complaint, page.complainant) == ("internal", "", "陈法务")
    world.do(
        "head", hear.do, file_id=id, act="answer", verdict="not_upheld", finding="查无此事",
        words="已当面答复",
    )  # fmt: skip
    assert view(world, "clerk", id).answer == "已当面答复"
    with pytest.raises(CannotHear, match="not upheld"):
        world.do("head", hear.do, file_id=id, act="sanction", measure="talk", words="x")
    world.do("head", hear.do, file_id=id, act="notice", measure="told", words="不成立")
    world.do("courier", hear.do, file_id=id, act="accept")
    world.do("head", hear.do, file_id=id, act="report")
    world.do("mgr", hear.file_away, file_id=id, opinion="阅", paper=lambda _id: b"%PDF")
    case.refresh_from_db()
    assert case.assignee_id != actor("head").id
    for bad in ({"superior": actor("clerk").id}, {"employee": actor("clerk").id}):
        with pytest.raises(CannotHear):
            record(world, case, who="clerk", **{**given, **bad})


def test_a_late_superior_is_named_and_silence_lets_it_be_filed(
    world: World, case: models.Complaint
) -> None:
    id = record(world, case)
    assert hear.sweep(now=world.now, limit=10) == 0
    world.later(hours=18, minutes=1)
    assert hear.sweep(now=world.now, limit=10) == 1 and hear.sweep(now=world.now, limit=10) == 0
    assert view(world, "head", id).level == "soon"
    world.later(hours=6)
    assert hear.sweep(now=world.now, limit=10) == 1 and hear.sweep(now=world.now, limit=10) == 0
    assert view(world, "mgr", id).level == "breached"
    world.do(
        "head", hear.do, file_id=id, act="answer", verdict="partly_upheld", finding="部分属实",
        words="已答复",
    )  # fmt: skip
    world.do("head", hear.do, file_id=id, act="sanction", measure="talk", words="x")
    world.do("head", hear.do, file_id=id, act="report")
    world.later(days=7, minutes=1)
    with pytest.raises(CannotHear, match="over"):
        world.do("courier", hear.do, file_id=id, act="object", words="晚了")
    world.do("mgr", hear.file_away, file_id=id, opinion="阅", paper=lambda _id: b"%PDF")
    assert view(world, "mgr", id).stage == "filed"


def test_bad_input_writes_nothing(world: World, case: models.Complaint) -> None:
    bad: list[dict[str, Any]] = [
        {"kind": "other"}, {"complaint_id": None}, {"employee": actor("agent").id},
        {"employee": 10**9}, {"superior": actor("courier").id}, {"superior": actor("ops").id},
        {"complainant": " "}, {"words": ""}, {"charge": "\n"}, {"words": "长" * 5001},
        {"charge": "王小明说你骂人"}, {"happened_at": world.now + timedelta(minutes=1)},
    ]  # fmt: skip
    before = kinds(case)
    for how in bad:
        with pytest.raises(CannotHear) as error:
            record(world, case, **how)
        assert error.value.zh and error.value.en
    assert not models.ConductFile.objects.exists() and kinds(case) == before
    record(world, case)
    with pytest.raises(CannotHear, match="already"):
        record(world, case, who="head", superior=actor("mgr").id)
    models.Complaint.objects.filter(id=case.id).update(category="delay")
    with pytest.raises(CannotHear, match="correct the category"):
        record(world, case, employee=actor("ops").id, superior=actor("boss").id)


def test_in_the_department_asked_the_employee_still_finds_nothing(
    world: World, case: models.Complaint
) -> None:
    people.add_person(
        now=world.now, username="mate", name="同事", role="handler", password=PASSWORD,
        department="outlets",
    )  # fmt: skip
    record(world, case, superior=actor("mgr2").id)
    (asked,) = world.do(
        "mgr2", collaborate.ask, complaint_id=case.id, departments=["outlets"], question="查监控"
    )
    (piece,) = world.do(
        "mgr2", gather.add, complaint_id=case.id, item="said", words="原话", source="outlets"
    )
    for who, seen in (("mate", True), ("courier", False)):
        rows = tasks.tasks(viewer=see(who), view="open").rows
        assert bool(rows) is seen and waiting(viewer=see(who), now=world.now).tasks == int(seen)
        assert (evidence.file(viewer=see(who), evidence_id=piece) is not None) is seen
    assert tasks.task(viewer=see("mate"), collaboration_id=asked)
    with pytest.raises(tasks.CannotSeeTask):
        tasks.task(viewer=see("courier"), collaboration_id=asked)


def test_the_list_of_what_is_hidden_says_what_the_query_says(
    world: World, case: models.Complaint, post: Post
) -> None:
    about_other = complaint(post("phone", "客服骂人，投诉", phone="13700000009"))
    for n in range(3):
        post("web", f"运单YT{7700000000000 + n}少了一件", sender=f"139{n:08d}")
    record(world, case)
    record(world, about_other, who="mgr", employee=actor("other").id, superior=None)
    hidden = 0
    for user in models.User.objects.all():
        listed = viewer_of(user=user)
        assert listed.hidden is not None
        asked = replace(listed, hidden=None)
        seen, also = (
            set(models.Complaint.objects.filter(visible(viewer=v)).values_list("id", flat=True))
            for v in (listed, asked)
        )
        assert seen == also, user.username
        hidden += len(listed.hidden)
    assert hidden > 5


@pytest.mark.parametrize("many", [False, True])
def test_no_count_betrays_what_the_list_hides(
    world: World, case: models.Complaint, many: bool
) -> None:
    record(world, case)
    models.Complaint.objects.filter(id=case.id).update(watch_level="breached")
    for username in ("other", "agent", "head", "mgr2"):
        viewer = replace(see(username), **({"hidden": None} if many else {}))
        counts = queue.counts(viewer=viewer)
        for view in ("all", "breached", "department"):
            listed = queue.queue(viewer=viewer, view=view).rows
            assert counts.get(view, len(listed)) == len(listed), (username, view)
    assert queue.counts(viewer=see("other"))["breached"] == 0

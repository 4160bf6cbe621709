"""What comes from outside by file or form: appeals of 12305, marketplaces' cases, app reviews."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from company import clock, complaint, kinds
from huiyin.doors.worker import loop
from huiyin.flows import take_over
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.read import appeals
from huiyin.store.read.viewer import viewer_of

Enter = Callable[[str], Client]
WAYBILL = "SF1234567890123"


def notice(**more: str) -> dict[str, str]:
    until = timezone.localtime() + timedelta(days=9)
    return {
        "reference": "SS2026-0917", "waybill": WAYBILL, "name": "王芳", "phone": "13800001234",
        "text": "包裹丢失，公司一直不处理，申请赔偿", "until": f"{until:%Y-%m-%dT%H:%M}", **more,
    }  # fmt: skip


@pytest.mark.usefixtures("world")
def test_an_appeal_is_entered_with_its_own_clock_and_only_once(as_person: Enter) -> None:
    client = as_person("agent")
    done = client.post("/desk/appeals/new", notice())
    assert done.status_code == 302
    case = models.Complaint.objects.get()
    assert (case.channel, case.waybill, case.flags) == ("regulator", WAYBILL, ["appealed"])
    due_at = clock(case, "appeal_15d").due_at
    assert due_at and abs(due_at - timezone.now() - timedelta(days=9)) < timedelta(minutes=2)
    assert models.Clock.objects.filter(complaint=case, rule="appeal_15d").count() == 1
    client.post("/desk/appeals/new", notice())
    assert models.Complaint.objects.count() == 1
    page = client.get("/desk/appeals").content.decode()
    assert "SS2026-0917" in page and case.number in page


@pytest.mark.usefixtures("world")
def test_without_a_time_of_its_own_the_playbook_s_runs(as_person: Enter) -> None:
    as_person("agent").post("/desk/appeals/new", notice(until=""))
    case = models.Complaint.objects.get()
    due_at = clock(case, "appeal_15d").due_at
    assert due_at and abs(due_at - timezone.now() - timedelta(days=15)) < timedelta(minutes=2)


@pytest.mark.usefixtures("world")
def test_the_time_runs_since_the_regulator_passed_it_on(as_person: Enter) -> None:
    client = as_person("agent")
    passed_on = (timezone.localtime() - timedelta(days=2)).replace(second=0, microsecond=0)
    client.post("/desk/appeals/new", notice(until="", at=f"{passed_on:%Y-%m-%dT%H:%M}"))
    case = models.Complaint.objects.get()
    running = clock(case, "appeal_15d")
    assert (running.started_at, running.due_at) == (passed_on, passed_on + timedelta(days=15))
    (row,) = appeals.rows(
        viewer=viewer_of(user=models.User.objects.get(username="boss")), now=timezone.now()
    )
    assert (row.marked_at, row.due_at, row.state) == (passed_on, running.due_at, "waiting")
    form = appeals.answer_form(
        viewer=viewer_of(user=models.User.objects.get(username="boss")), complaint_id=case.id
    )
    assert form is not None and (form.appealed_at, form.due_at) == (passed_on, running.due_at)


@pytest.mark.usefixtures("world")
def test_one_that_comes_too_late_is_late_at_once(as_person: Enter) -> None:
    passed_on = timezone.localtime() - timedelta(days=20)
    as_person("agent").post("/desk/appeals/new", notice(until="", at=f"{passed_on:%Y-%m-%dT%H:%M}"))
    (row,) = appeals.rows(
        viewer=viewer_of(user=models.User.objects.get(username="boss")), now=timezone.now()
    )
    assert row.state == "late"
    loop.once()
    assert clock(models.Complaint.objects.get(), "appeal_15d").breached_at


@pytest.mark.usefixtures("world")
def test_an_appeal_joins_its_complaint_which_goes_a_level_higher(
    as_person: Enter, post: Callable[..., Decided]
) -> None:
    case = complaint(post("portal", f"运单 {WAYBILL} 丢失，要求赔偿", phone="13800001234"))
    as_person("agent").post("/desk/appeals/new", notice())
    assert models.Complaint.objects.count() == 1
    case.refresh_from_db()
    assert case.level >= 1 and "appealed" in case.flags
    assert {"ContactJoined", "GroundMarked", "RehandlingStarted"} <= set(kinds(case))


@pytest.mark.usefixtures("world")
def test_each_of_two_appeals_of_one_complaint_is_listed_and_answered(as_person: Enter) -> None:
    client = as_person("agent")
    client.post("/desk/appeals/new", notice())
    later = timezone.localtime() + timedelta(days=12)
    client.post(
        "/desk/appeals/new", notice(reference="SS2026-1002", until=f"{later:%Y-%m-%dT%H:%M}")
    )
    case = models.Complaint.objects.get()
    rows = appeals.rows(viewer=viewer_of(user=models.User.objects.get(username="mgr")),
                        now=timezone.now())  # fmt: skip
    assert [(r.reference, r.complaint) for r in rows] == [
        ("SS2026-0917", case.id.hex), ("SS2026-1002", case.id.hex),
    ]  # fmt: skip
    assert rows[0].due_at and rows[1].due_at and rows[1].due_at - rows[0].due_at > timedelta(days=2)
    page = client.get("/desk/appeals").content.decode()
    assert "SS2026-0917" in page and "SS2026-1002" in page
    viewer = viewer_of(user=models.User.objects.get(username="agent"))
    first = appeals.answer_form(viewer=viewer, complaint_id=case.id, reference="SS2026-0917")
    last = appeals.answer_form(viewer=viewer, complaint_id=case.id)
    assert first and last and (first.reference, last.reference) == ("SS2026-0917", "SS2026-1002")
    assert first.due_at == rows[0].due_at
    none = appeals.answer_form(viewer=viewer, complaint_id=case.id, reference="SS-0")
    assert none is None


@pytest.mark.usefixtures("world")
def test_the_list_reads_appeals_by_their_index() -> None:
    plan = models.Event.objects.filter(kind="GroundMarked").order_by("-at")[:5].explain()
    assert connection.vendor != "sqlite" or "event_ground" in plan


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": ""}, {"text": " "}, {"until": "明天"},
        {"until": "2020-01-01T10:00"}, {"at": "2099-01-01T10:00"},
    ],
)  # fmt: skip
def test_a_form_with_a_fault_keeps_what_was_typed(as_person: Enter, wrong: dict[str, str]) -> None:
    answer = as_person("agent").post("/desk/appeals/new", notice(**wrong))
    assert answer.status_code == 422 and "王芳" in answer.content.decode()
    assert not models.InboxItem.objects.exists()


@pytest.mark.usefixtures("world")
def test_official_form_and_export(as_person: Enter) -> None:
    client = as_person("agent")
    client.post("/desk/appeals/new", notice())
    case = models.Complaint.objects.get()
    paper = client.get(f"/desk/c/{case.id.hex}/appeal.pdf")
    assert paper.content[:5] == b"%PDF-"
    book = load_workbook(io.BytesIO(client.get("/desk/appeals.xlsx").content))
    assert [c.value for c in book.active[2]][:3] == ["SS2026-0917", case.number, WAYBILL]  # type: ignore[index]
    assert set(models.Export.objects.values_list("what", flat=True)) == {"appeal_form", "appeals"}
    assert as_person("ops").get("/desk/appeals").status_code == 403
    assert as_person("ops").get(f"/desk/c/{case.id.hex}/appeal.pdf").status_code == 403


def sheet(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def taken(client: Client, sort: str, content: bytes, name: str) -> models.ImportRun:
    upload = SimpleUploadedFile(name, content)
    client.post("/desk/imports", {"sort": sort, "file": upload})
    run = models.ImportRun.objects.latest("created_at")
    page = client.get(f"/desk/imports/{run.id.hex}")
    assert page.status_code == 200
    mapping = {f"map_{k}": v for k, v in run.mapping.items()}
    client.post(f"/desk/imports/{run.id.hex}", mapping)
    take_over.go_on(run_id=run.id, now=timezone.now())
    run.refresh_from_db()
    return run


@pytest.mark.usefixtures("world")
def test_the_page_says_beforehand_what_an_import_brings(as_person: Enter) -> None:
    client = as_person("admin")
    content = sheet(("时间", "内容", "类别", "备注"), ("2026-01-02", "快递丢了", "怪事", "甲"))
    client.post(
        "/desk/imports", {"sort": "history", "file": SimpleUploadedFile("旧.xlsx", content)}
    )
    run = models.ImportRun.objects.get()
    page = f"/desk/imports/{run.id.hex}"
    text = client.get(page).content.decode()
    for said in ("成为在办投诉", "其中已过法定期限", "不会导入的列：备注", "开始导入 1 行", "怪事"):
        assert said in text
    text = client.get(page, {"map_text": "", "map_at": "时间"}).content.decode()
    assert "没有一列是投诉内容" in text
    assert "开始导入" not in text
    answer = client.post(page, {"map_text": "", "map_at": "时间"})
    assert answer.status_code == 422
    client.post(page, {"map_text": "内容", "map_category": "类别"})
    take_over.go_on(run_id=run.id, now=timezone.now())
    text = client.get(page).content.decode()
    assert "不认识的类别" in text and "怪事" in text


@pytest.mark.usefixtures("world")
def test_appeals_from_a_workbook(as_person: Enter) -> None:
    until = timezone.localtime().date() + timedelta(days=5)
    content = sheet(
        (
            "申诉编号",
            "申诉人",
            "联系电话",
            "运单号",
            "申诉内容",
            "申诉时间",
            "限办日期",
            "申诉类别",
        ),
        (
            "A-1",
            "王芳",
            "13800001234",
            WAYBILL,
            "快件丢失不赔",
            "2026-11-20 09:00",
            until,
            "丢失短少",
        ),
        ("", "李四", "13800001235", "YT9876543210987", "延误", "2026-11-20 09:00", "", "延误"),
    )
    client = as_person("admin")
    run = taken(client, "appeal", content, "申诉.xlsx")
    assert (run.accepted, len(run.rejected), run.rejected[0]["zh"]) == (1, 1, "没有申诉编号")
    case = models.Complaint.objects.get()
    assert case.channel == "regulator" and case.live
    due_at = clock(case, "appeal_15d").due_at
    assert due_at and timezone.localtime(due_at).date() == until
    assert taken(client, "appeal", content, "又一份.xlsx").repeated == 1


@pytest.mark.usefixtures("world")
def test_marketplace_cases_and_reviews(as_person: Enter) -> None:
    client = as_person("admin")
    market = (
        "售后单号,买家昵称,运单号,退款说明,申请金额,申请时间\n"
        "T1,tb_1,YT9876543210987,收到是破损的要求赔偿,58.5,2026-11-20 10:00\n"
    )
    taken(client, "marketplace", market.encode("gb18030"), "售后.csv")
    case = models.Complaint.objects.get()
    assert (case.channel, case.live) == ("marketplace", True)
    reviews = (
        "review id,author,rating,review,date,version\n"
        "9,a,1,快递丢了没人管要投诉,2026-11-20,3.2\n"
        "10,b,5,很好用的软件,2026-11-20,3.2\n"
    )
    run = taken(client, "review", reviews.encode(), "reviews.csv")
    assert run.accepted == 2
    states = dict(models.InboxItem.objects.values_list("external_id", "state"))
    assert states["review:9"] == "opened" and states["review:10"] == "set_aside"

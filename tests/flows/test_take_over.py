"""Past complaints are taken over as they stood: when they came, how they were answered."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from company import World
from huiyin.channels.history import CannotReadHistory
from huiyin.flows import take_over
from huiyin.store import models
from huiyin.store.ledger import imports
from huiyin.store.read import audit
from huiyin.store.read import imports as import_read

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
HEAD = "工单号,投诉时间,客户姓名,手机,运单号,问题描述,处理结果,办结时间,渠道\n"
ROWS = (
    "A1,2026/10/01 09:12,刘女士,13800001111,SF1234567890123,快递丢了,已赔三百元,2026-10-05,电话\n"
    "A2,2026-10-02 10:00,王五,13900002222,YT1234567890123,箱子压坏了,,,传真\n"
    "A3,昨天,李四,13800002222,,没送上门,道歉,2026/10/04,\n"
    "A4,2026-10-03 10:00,赵六,13800003333,,,,,\n"
    "A1,2026/10/01 09:12,刘女士,13800001111,SF1234567890123,快递丢了,已赔三百元,2026-10-05,电话\n"
)


def bring(world: World, content: bytes, name: str = "旧台账.csv") -> models.ImportRun:
    """Take a file over and return what became of it."""
    run_id = take_over.prepare(now=world.now, name=name, content=content, user_id=None)
    run = import_read.run(id=run_id)
    assert run is not None
    imports.begin(id=run_id, mapping=dict(run.mapping))
    take_over.go_on(run_id=run_id, now=world.now)
    run = import_read.run(id=run_id)
    assert run is not None
    return run


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_answered_complaint_is_closed_when_it_was_answered(world: World, charset: str) -> None:
    run = bring(world, (HEAD + ROWS).encode(charset))
    assert (run.accepted, run.repeated, len(run.rejected)) == (2, 1, 2)
    done = models.Complaint.objects.get(waybill="SF1234567890123")
    assert (done.status, done.live, done.channel) == ("closed", False, "phone")
    assert done.opened_at == datetime(2026, 10, 1, 9, 12, tzinfo=ZONE)
    assert done.closed_at == datetime(2026, 10, 5, tzinfo=ZONE)
    assert done.number.startswith("HY20261001-")
    said = models.Message.objects.get(complaint=done, direction="out")
    assert (said.text, said.at) == ("已赔三百元", done.closed_at)
    assert not models.Clock.objects.filter(complaint=done).exists()
    assert not models.Outbox.objects.exists()
    assert list(audit.broken_links()) == []
    assert list(audit.balance_faults()) == []


def test_an_unanswered_complaint_is_open_since_it_came(world: World) -> None:
    bring(world, (HEAD + ROWS).encode())
    case = models.Complaint.objects.get(waybill="YT1234567890123")
    assert (case.status, case.live, case.channel) == ("assigned", True, "history")
    law = models.Clock.objects.get(complaint=case, rule="law_7d")
    assert law.due_at == datetime(2026, 10, 9, 10, tzinfo=ZONE)
    assert not models.Message.objects.filter(complaint=case, direction="out").exists()


def test_each_row_is_its_own_complaint_however_alike(world: World) -> None:
    same = "".join(
        f"B{n},2026-10-0{n} 10:00,王五,13900002222,,催件，还没送到,已派送,2026-10-0{n} 18:00,电话\n"
        for n in range(1, 6)
    )
    run = bring(world, (HEAD + same).encode())
    assert run.accepted == 5
    assert models.Complaint.objects.count() == 5
    assert models.Customer.objects.count() == 1


def test_who_was_never_satisfied_comes_back_to_his_old_complaint(world: World) -> None:
    bring(world, (HEAD + ROWS).encode())
    again = world.post("phone", "SF1234567890123说好赔的三百元到现在没收到", sender="13800001111")
    case = models.Complaint.objects.get(waybill="SF1234567890123")
    assert (again.outcome, again.complaint_id) == ("reopened", case.id)


@pytest.mark.parametrize(
    ("name", "content"),
    [("空.csv", b""), ("x.pdf", b"%PDF-1.7"), ("坏.xlsx", b"PK\x03\x04 broken")],
)
def test_what_is_no_table_is_refused(world: World, name: str, content: bytes) -> None:
    with pytest.raises(CannotReadHistory):
        take_over.prepare(now=world.now, name=name, content=content, user_id=None)


MORE = "投诉时间,手机,运单号,问题描述,答复,类别,备注\n"


def test_a_date_to_come_is_rejected_with_its_reason(world: World) -> None:
    rows = (
        "2060-01-01,13800001111,SF1234567890123,快递丢了,已赔,,\n"
        "2026-10-02,13800001111,SF1234567890124,快递丢了,已赔,,\n"
    )
    run = bring(world, (MORE + rows).encode())
    assert (run.accepted, [bad["zh"] for bad in run.rejected]) == (
        1,
        ["投诉时间在将来：2060-01-01"],
    )
    assert run.rejected[0]["values"] == {"问题描述": "快递丢了"}
    assert models.Complaint.objects.get().number.startswith("HY20261002")


def test_known_categories_are_kept_and_unknown_ones_named(world: World) -> None:
    rows = "".join(
        f"2026-10-0{n},1380000111{n},SF123456789012{n},东西不对,已处理,{said},\n"
        for n, said in enumerate(("损毁", "lost", "Delay", "疑难杂症"), start=1)
    )
    content = (MORE + rows).encode()
    bring(world, content)
    of = dict(models.Complaint.objects.values_list("waybill", "category"))
    assert [of[f"SF123456789012{n}"] for n in (1, 2, 3)] == ["damaged", "lost", "delay"]
    seen = take_over.preview(now=world.now, name="旧.csv", content=content)
    assert seen.mapping["category"] == "类别"
    assert dict(seen.outlook.unknown) == {"疑难杂症": 1}
    assert seen.left == ["备注"]


def test_the_outlook_says_what_would_be_open_and_late(world: World) -> None:
    old = (world.now - timedelta(days=8)).astimezone(ZONE)
    new = (world.now - timedelta(days=2)).astimezone(ZONE)
    rows = (
        f"{old:%Y-%m-%d %H:%M},13800001111,,快递丢了,,,\n"
        f"{new:%Y-%m-%d %H:%M},13800001112,,快递丢了,,,\n"
        f"{old:%Y-%m-%d %H:%M},13800001113,,快递丢了,已赔,,\n"
        "2060-01-01,13800001114,,快递丢了,,,\n"
        f"{new:%Y-%m-%d %H:%M},13800001115,,,,,\n"
    )
    seen = take_over.preview(now=world.now, name="旧.csv", content=(MORE + rows).encode())
    told = seen.outlook
    assert (told.live, told.late, told.ended, told.unusable) == (2, 1, 1, 2)
    assert seen.why_not is None
    assert not models.Complaint.objects.exists()


def test_a_sheet_without_a_usable_column_is_not_started(world: World) -> None:
    content = "甲,乙\n1,2\n".encode()
    run_id = take_over.prepare(now=world.now, name="空表.csv", content=content, user_id=None)
    seen = take_over.preview(now=world.now, name="空表.csv", content=content)
    assert seen.why_not is not None
    assert seen.left == ["甲", "乙"]
    with pytest.raises(take_over.CannotStartImport):
        take_over.start(run_id=run_id, mapping={"waybill": "甲"})
    run = import_read.run(id=run_id)
    assert run is not None
    assert run.state == "ready"
    take_over.start(run_id=run_id, mapping={"text": "甲"})


@pytest.mark.usefixtures("world")
def test_the_command_names_unknown_categories_and_refuses_a_useless_sheet(tmp_path: Path) -> None:
    command = import_module("huiyin.doors.cli.import").command
    sheet = tmp_path / "旧.csv"
    sheet.write_text(f"{MORE}2026-10-02,13800001111,,快递丢了,已赔,怪事,\n", encoding="utf-8")
    done = CliRunner().invoke(command, [str(sheet)])
    assert (done.exit_code, json.loads(done.stdout)["accepted"]) == (0, 1)
    assert "怪事" in done.stderr
    sheet.write_text("甲,乙\n1,2\n", encoding="utf-8")
    refused = CliRunner().invoke(command, [str(sheet)])
    assert refused.exit_code == 1
    assert "没有一列是投诉内容" in refused.output

"""Past complaints are taken over as they stood: when they came, how they were answered."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

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

"""Pages of incidents, batches and doubts: who sees them, bad input, forms sent twice."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from company import World, arrival
from huiyin.doors.worker import loop
from huiyin.flows import look_again
from huiyin.flows.telling import tracking_url
from huiyin.store import models

Enter = Callable[[str], Client]
BEGAN = "2026-01-02T03:04"


def waybill(n: int) -> str:
    return f"SF2611030000{n:03d}"


def complaints(world: World, count: int) -> None:
    accepted = world.accept(
        *(
            arrival(
                "portal", f"我的包裹{waybill(n)}丢了，分拨中心着火，请赔偿",
                sender=f"138{n:08d}", phone=f"138{n:08d}", sender_name=f"客户{n}",
                waybill=waybill(n),
            )
            for n in range(count)
        )
    )  # fmt: skip
    world.decide(ids=[a.id for a in accepted])
    models.Complaint.objects.update(category="lost")


def form(**fields: Any) -> dict[str, Any]:
    return {"name": "新塘火灾", "begins_at": BEGAN, "takes_from": BEGAN, **fields}


def made(client: Client, **fields: Any) -> models.Incident:
    answer = client.post("/desk/incidents/new", form(**fields))
    assert answer.status_code == 302, answer.content.decode()
    return models.Incident.objects.order_by("-id")[0]


def opened(client: Client, **fields: Any) -> models.Incident:
    incident = made(client, **fields)
    client.post(f"/desk/incidents/{incident.id.hex}/do/start", {"meant": "on"})
    incident.refresh_from_db()
    assert incident.state == "open"
    return incident


def xlsx(rows: list[list[Any]]) -> SimpleUploadedFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("list.xlsx", out.getvalue())


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([0-9a-f]+)"', html)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    ("who", "status"),
    [("boss", 200), ("mgr", 200), ("admin", 200), ("agent", 403), ("ops", 403), ("clerk", 403)],
)
def test_incidents_are_for_leaders(as_person: Enter, who: str, status: int) -> None:
    client = as_person(who)
    assert client.get("/desk/incidents").status_code == status
    assert client.get("/desk/incidents/new").status_code == status
    if status == 403:
        assert client.post("/desk/incidents/new", form(words="着火")).status_code == 403
        assert not models.Incident.objects.exists()


def test_a_list_from_a_workbook_with_bad_rows_loses_nothing(world: World, as_person: Enter) -> None:
    complaints(world, 2)
    client = as_person("boss")
    upload = xlsx(
        [["运单号", "运费", "实际价值"], [waybill(0), 12, 300], [waybill(1), "", ""],
         ["你好", "", ""], [waybill(0), "", ""], [waybill(9), "x", ""]]
    )  # fmt: skip
    incident = made(client, file=upload)
    assert incident.listed == 2
    row = models.IncidentWaybill.objects.get(waybill=waybill(0))
    assert row.facts == {"fee": 1200, "real_value": 30000}
    html = client.get(f"/desk/incidents/{incident.id.hex}").content.decode()
    assert "你好" in html and "不像运单号" in html and "金额无法识别" in html
    assert "会连上 2 件" in html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "规则是空的"),
        ({"waybills": "你好"}, "规则是空的"),
        ({"words": "着火", "name": " "}, "名称"),
        ({"words": "着火", "begins_at": "gestern"}, "2026-11-03 18:00"),
        ({"condition": "categry == 1"}, "categry"),
        ({"words": "着火", "ends_at": "2025-01-01T00:00"}, "不能早于"),
        ({"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 broken")}, "损坏"),
        ({"file": SimpleUploadedFile("x.csv", b"")}, "空文件"),
        ({"file": SimpleUploadedFile("x.exe", b"MZ")}, "只能上传 xlsx 或 csv"),
        ({"file": SimpleUploadedFile("x.jsonl", b'{"a": 1}')}, "只能上传 xlsx 或 csv"),
    ],
)
def test_bad_input_is_told_and_what_was_typed_stays(
    world: World, as_person: Enter, fields: dict[str, Any], said: str
) -> None:
    answer = as_person("boss").post("/desk/incidents/new", form(**{"about": "记一笔", **fields}))
    html = answer.content.decode()
    assert answer.status_code == 422 and said in html
    assert "记一笔" in html
    assert not models.Incident.objects.exists()


def test_a_rule_that_matches_everything_wants_a_tick(world: World, as_person: Enter) -> None:
    complaints(world, 12)
    client = as_person("boss")
    incident = made(client, condition="true")
    page = f"/desk/incidents/{incident.id.hex}"
    assert "占未结投诉的 100%" in client.get(page).content.decode()
    client.post(f"{page}/do/start")
    incident.refresh_from_db()
    assert incident.state == "draft"
    client.post(f"{page}/do/start", {"meant": "on"})
    assert models.IncidentLink.objects.filter(incident=incident).count() == 12


def test_nobody_finds_what_is_not_there(as_person: Enter) -> None:
    client = as_person("boss")
    nil = "0" * 32
    for page in (f"incidents/{nil}", "incidents/x", f"incidents/{nil}/edit", f"batches/{nil}",
                 f"incidents/{nil}/batch", f"incidents/{nil}.xlsx"):  # fmt: skip
        assert client.get(f"/desk/{page}").status_code == 404, page


def test_send_twice_makes_one_batch_and_the_worker_serves_each_once(
    world: World, as_person: Enter
) -> None:
    complaints(world, 5)
    client = as_person("boss")
    incident = opened(client, words="着火")
    page = f"/desk/incidents/{incident.id.hex}/batch"
    fields = {
        "kind": "goodwill", "amount": "20", "reason": "火灾关怀", "answers": "reply",
        "text": "{customer}，{number}：送上 {amount} 关怀补偿，我们深表歉意。请打开 {link}",
    }  # fmt: skip
    html = client.post(page, {**fields, "do": "preview"}).content.decode()
    assert "¥100.00" in html and "发出 5 件" in html and "客*" in html
    sending = {**fields, "do": "send", "seen": hidden(html, "seen"), "token": hidden(html, "token")}
    changed = client.post(page, {**sending, "text": "另一段 {number}：{link}"})
    assert changed.status_code == 422 and "内容改过" in changed.content.decode()
    first, second = client.post(page, sending), client.post(page, sending)
    assert first["Location"] == second["Location"]
    run = models.BulkRun.objects.get()
    assert run.state == "held"
    html = client.get(first["Location"]).content.decode()
    assert "撤回整批" in html and "0 / 5" in html
    models.BulkRun.objects.update(hold_until=timezone.now() - timedelta(seconds=1))
    for _round in range(10):
        loop.once()
    run.refresh_from_db()
    assert run.state == "done"
    for case in models.Complaint.objects.all():
        sent = models.Message.objects.filter(complaint=case, author_id__isnull=False)
        assert sent.count() == 1 and "¥20.00" in sent.get().text
        assert models.Remedy.objects.filter(complaint=case).count() == 1
    page_html = client.get(f"/desk/incidents/{incident.id.hex}").content.decode()
    assert "¥100.00" in page_html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "amount", "harm": "loss", "amount": "321"}, "就不用统一金额"),
        ({"kind": "goodwill", "harm": "loss", "amount": "321"}, "只用于现金补偿和退还运费"),
        ({"kind": "apology", "amount": "321"}, "没有选择给钱的补偿方式"),
        ({"kind": "", "amount": "321", "answers": "reply", "text": "{number} 在查"}, "没有选择"),
    ],
)
def test_no_sum_that_was_typed_for_a_batch_is_passed_over(
    world: World, as_person: Enter, fields: dict[str, str], said: str
) -> None:
    complaints(world, 2)
    client = as_person("boss")
    incident = opened(client, words="着火")
    page = f"/desk/incidents/{incident.id.hex}/batch"
    answer = client.post(page, {"reason": "火灾", **fields, "do": "preview"})
    html = answer.content.decode()
    assert answer.status_code == 422 and said in html
    assert 'value="321"' in html and "outlook" not in html
    html = client.post(
        page, {"reason": "火灾", "kind": "goodwill", "amount": "20", "do": "preview"}
    )
    assert "¥40.00" in html.content.decode()


def test_a_held_batch_is_called_back_on_its_page(world: World, as_person: Enter) -> None:
    complaints(world, 2)
    client = as_person("boss")
    incident = opened(client, words="着火")
    page = f"/desk/incidents/{incident.id.hex}/batch"
    fields = {"answers": "reply", "text": "{number} 正在核实，抱歉久等。"}
    html = client.post(page, {**fields, "do": "preview"}).content.decode()
    sending = {**fields, "do": "send", "seen": hidden(html, "seen"), "token": hidden(html, "token")}
    batch = client.post(page, sending)["Location"]
    assert as_person("agent").post(batch, {"do": "call_back"}).status_code == 403
    client.post(batch, {"do": "call_back"})
    client.post(batch, {"do": "call_back"})
    models.BulkRun.objects.update(hold_until=timezone.now() - timedelta(hours=1))
    loop.once()
    assert models.BulkRun.objects.get().state == "called_back"
    assert not models.Message.objects.filter(author_id__isnull=False).exists()
    assert "没有一位客户收到" in client.get(batch).content.decode()


def test_an_incident_goes_out_as_a_workbook_and_it_is_recorded(
    world: World, as_person: Enter
) -> None:
    complaints(world, 3)
    client = as_person("boss")
    incident = opened(client, words="着火")
    answer = client.get(f"/desk/incidents/{incident.id.hex}.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    rows = list(book["投诉"].iter_rows(values_only=True))
    assert len(rows) == 4 and {r[1] for r in rows[1:]} == {waybill(n) for n in range(3)}
    assert models.Export.objects.get().what == "incident"
    assert as_person("ops").get(f"/desk/incidents/{incident.id.hex}.xlsx").status_code == 403


def test_a_complaint_shows_its_incident_to_everybody_and_its_doubts_to_few(
    world: World, as_person: Enter
) -> None:
    complaints(world, 1)
    opened(as_person("boss"), words="着火")
    case = models.Complaint.objects.get()
    models.Doubt.objects.create(
        id=case.id, complaint=case, rule="many_parcels", key="k", raised_at=timezone.now(),
        speaks_for=[{"rule": "x", "zh": "甲"}, {"rule": "y", "zh": "乙包裹很多"}],
    )  # fmt: skip
    for who, sees in (("boss", True), ("agent", False)):
        html = as_person(who).get(f"/desk/c/{case.id.hex}/beside").content.decode()
        assert "新塘火灾" in html
        assert ("乙包裹很多" in html) is sees
        assert ("人工核对" in html) is sees


@pytest.mark.parametrize(
    ("who", "status"), [("boss", 200), ("clerk", 200), ("agent", 403), ("ops", 403)]
)
def test_doubts_are_reviewed_by_permitted_roles(
    world: World, as_person: Enter, who: str, status: int
) -> None:
    complaints(world, 1)
    case = models.Complaint.objects.get()
    models.Doubt.objects.create(
        id=case.id, complaint=case, rule="many_parcels", key="k", raised_at=timezone.now(),
        speaks_for=[{"rule": "y", "zh": "包裹很多"}],
        speaks_against=[{"rule": "z", "zh": "是商家"}],
    )  # fmt: skip
    client = as_person(who)
    answer = client.get("/desk/doubts")
    assert answer.status_code == status
    review = {"doubt": case.id.hex, "outcome": "false_alarm", "words": ""}
    if status == 403:
        assert client.post("/desk/doubts", review).status_code == 403
        assert models.Doubt.objects.get().state == "open"
        return
    html = answer.content.decode()
    assert "包裹很多" in html and "是商家" in html
    client.post("/desk/doubts", review)
    assert models.Doubt.objects.get().outcome == "false_alarm"
    assert "100%" in client.get("/desk/doubts?show=reviewed").content.decode()
    bad = client.post("/desk/doubts", {"doubt": "x", "outcome": "y"})
    assert bad.status_code == 404


def test_the_customer_and_agents_learn_nothing_of_a_doubt(world: World, as_person: Enter) -> None:
    complaints(world, 1)
    case = models.Complaint.objects.get()
    doubt = models.Doubt.objects.create(
        id=case.id, complaint=case, rule="many_parcels", key="k", raised_at=timezone.now(),
        speaks_for=[{"rule": "y", "zh": "包裹很多"}],
    )  # fmt: skip
    world.do(
        "boss", look_again.judge, doubt_id=doubt.id, outcome="founded", words="对照了原图和运单"
    )
    address = urlsplit(tracking_url(case_id=case.id, number=case.number)).path
    for html in (
        Client().get(address).content.decode(),
        as_person("agent").get(f"/desk/c/{case.id.hex}/").content.decode(),
    ):
        assert case.number in html
        assert not re.search("包裹很多|对照了原图|确有疑点|已由专人核对", html)

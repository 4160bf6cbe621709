"""The remedy dialog, approvals, payouts and the customer's answer, as pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from company import LOST, World, actor, complaint
from huiyin.core.remedy.payee import Payee
from huiyin.flows import agree, pay, settle
from huiyin.flows.telling import tracking_url
from huiyin.store import models

Enter = Callable[[str], Client]
PHONE = "13812345678"
FACTS = {"kind": "loss", "fee": 2000, "real_value": 600000, "carrier": "sf"}
FORM = {
    "kind": "amount", "harm": "loss", "fee": "20", "real_value": "6000", "carrier": "sf",
    "value_proven": "on", "terms_shown": "on", "cause": "carrier", "account": "retail",
}  # fmt: skip


@pytest.fixture
def case(world: World) -> models.Complaint:
    found = complaint(
        world.post("portal", LOST, sender=PHONE, phone=PHONE, waybill="SF1234567890123")
    )
    models.Complaint.objects.filter(id=found.id).update(
        category="lost", department_id="claims", assignee=None
    )
    found.refresh_from_db()
    return found


def link(case: models.Complaint) -> str:
    return urlsplit(tracking_url(case_id=case.id, number=case.number)).path


def offered(world: World, case: models.Complaint, who: str = "agent", **how: Any) -> models.Remedy:
    how.setdefault("facts", FACTS)
    remedy_id = world.do(who, settle.propose, complaint_id=case.id, kind="amount", **how)
    return models.Remedy.objects.get(id=remedy_id)


def test_the_dialog_knows_what_is_known(case: models.Complaint, as_person: Enter) -> None:
    models.Complaint.objects.filter(id=case.id).update(amount=88800)
    client = as_person("agent")
    whole = client.get(f"/desk/c/{case.id.hex}/remedy")
    fields = client.get(f"/desk/c/{case.id.hex}/remedy", headers={"HX-Request": "true"})
    for answer in (whole, fields):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert 'value="888.00"' in text
        assert '<option value="loss" selected>' in text
        assert "SF1234567890123" in text
    assert "<html" not in fields.content.decode()
    assert as_person("ops").get(f"/desk/c/{case.id.hex}/remedy").status_code == 404


def test_the_sum_is_shown_step_by_step_with_its_basis(
    case: models.Complaint, as_person: Enter
) -> None:
    client = as_person("agent")
    text = client.get(f"/desk/c/{case.id.hex}/remedy/sum", FORM).content.decode()
    for said in ("实际损失 6000.00 元", "7 倍", "民法典 833", "¥160.00", "直接生效"):
        assert said in text
    over = client.get(f"/desk/c/{case.id.hex}/remedy/sum", {**FORM, "terms_shown": ""})
    assert "民法典 496、497" in over.content.decode()
    assert "审批" in over.content.decode()
    assert not models.Remedy.objects.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fee": ""}, "运费"),
        ({"fee": "abc"}, "数字"),
        ({"fee": "1.234"}, "两位小数"),
        ({"harm": "shortage"}, "损失比例"),
        ({"harm": "shortage", "loss_percent": "120"}, "100"),
        ({"harm": "delay"}, "承诺送达时间"),
        ({"harm": "delay", "promised_at": "soon"}, "2026"),
        ({"amount": "9999"}, "关怀补偿"),
        ({"kind": "nothing"}, "补偿方式"),
        ({"harm": ""}, "金额"),
        ({"harm": "dropped"}, "损失类型"),
    ],
)
def test_what_is_missing_is_named(
    case: models.Complaint, as_person: Enter, change: dict[str, str], told: str
) -> None:
    answer = as_person("agent").get(f"/desk/c/{case.id.hex}/remedy/sum", {**FORM, **change})
    assert answer.status_code == 200
    assert told in answer.content.decode()


def test_the_page_of_its_own_keeps_what_was_typed(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    client, path = as_person("agent"), f"/desk/c/{case.id.hex}/remedy"
    typed = {
        **FORM, "harm": "damage_partial", "fee": "20.5", "loss_percent": "三成", "amount": "88",
        "reason": "客户有购物凭证", "cause": "nature", "account": "monthly", "value_proven": "",
        "arrived_at": "2026-11-03T18:00",
    }  # fmt: skip
    answer = client.post(path, typed)
    html = answer.content.decode()
    assert answer.status_code == 422 and "损失比例请写成百分数" in html
    for said in ("20.5", "三成", "88", "6000", "2026-11-03T18:00"):
        assert f'value="{said}"' in html
    for chosen in ("damage_partial", "nature", "monthly"):
        assert f'<option value="{chosen}" selected>' in html
    assert "客户有购物凭证</textarea>" in html
    assert 'name="value_proven" >' in html and 'name="terms_shown" checked>' in html
    assert not models.Remedy.objects.exists()
    done = client.post(path, FORM | {"reason": "客户有购物凭证"})
    assert done["Location"] == f"/desk/c/{case.id.hex}/"
    assert models.Remedy.objects.get().amount == 16000


def test_a_countered_offer_is_answered_in_one_step(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    old = offered(world, case, amount=10000)
    world.customer(agree.counter, remedy_id=old.id, amount=15000)
    client, page = as_person("agent"), f"/desk/c/{case.id.hex}"
    html = client.get(f"{page}/").content.decode()
    assert "同意 ¥150.00" in html and f"remedy?instead={old.id.hex}" in html
    form = client.get(f"{page}/remedy?instead={old.id.hex}").content.decode()
    assert f'<option value="{old.id.hex}" selected>' in form
    ask = {**FORM, "amount": "120", "instead": old.id.hex}
    assert "¥120.00" in client.get(f"{page}/remedy/sum", ask).content.decode()
    assert (
        "不能重复赔付" in client.get(f"{page}/remedy/sum", ask | {"instead": ""}).content.decode()
    )
    live = {"HX-Request": "true"}
    stale = client.post(f"{page}/do/meet", {"remedy": old.id.hex, "asked": "140"}, headers=live)
    assert stale.status_code == 422 and "刷新" in stale.content.decode()
    client.post(f"{page}/do/meet", {"remedy": old.id.hex, "asked": "150.00"})
    new = models.Remedy.objects.order_by("-id")[0]
    assert (new.amount, new.state) == (15000, "approved")
    world.customer(agree.counter, remedy_id=new.id, amount=20000)
    html = client.get(f"{page}/").content.decode()
    assert "按规则最多 ¥160.00" in html and "同意 ¥" not in html
    assert "data-said=" in html and "data-answer=" not in html
    more = client.get(f"{page}/remedy?kind=goodwill&instead=").content.decode()
    assert f'<option value="{new.id.hex}" >' in more and '<option value="" selected>' in more
    client.post(f"{page}/remedy", {**FORM, "instead": new.id.hex})
    assert list(models.Remedy.objects.order_by("id").values_list("state", "amount")) == [
        ("withdrawn", 10000), ("withdrawn", 15000), ("approved", 16000),
    ]  # fmt: skip


def test_what_was_typed_for_another_kind_of_loss_does_not_count(
    case: models.Complaint, as_person: Enter
) -> None:
    path, client = f"/desk/c/{case.id.hex}/remedy/sum", as_person("agent")
    plain = client.get(path, FORM).content.decode()
    hidden = {"loss_percent": "50", "salvage": "20"}
    assert FORM["harm"] == "loss" and client.get(path, FORM | hidden).content.decode() == plain


def test_a_proposal_from_the_form_and_its_way_on_the_desk(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    client = as_person("agent")
    done = client.post(f"/desk/c/{case.id.hex}/do/propose", {**FORM, "reason": "按公式"})
    assert done.status_code == 302
    remedy = models.Remedy.objects.get()
    assert (remedy.amount, remedy.state) == (16000, "approved")
    page = client.get(f"/desk/c/{case.id.hex}/").content.decode()
    for said in ("怎么算的", "代客户答复", "撤回", "¥160.00"):
        assert said in page
    again = client.post(f"/desk/c/{case.id.hex}/do/propose", FORM, headers={"HX-Request": "true"})
    assert again.status_code == 422
    assert "不能重复赔付" in again.content.decode()
    bad = client.post(
        f"/desk/c/{case.id.hex}/do/answered",
        {"remedy": remedy.id.hex, "answer": "accept", "words": "同意", "method": "bank"},
        headers={"HX-Request": "true"},
    )
    assert bad.status_code == 422
    assert "收款人" in bad.content.decode()
    ok = client.post(
        f"/desk/c/{case.id.hex}/do/answered",
        {
            "remedy": remedy.id.hex, "answer": "accept", "words": "电话里同意", "method": "wechat",
            "payee": "王五", "account_number": "13812345678",
        },
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert ok.status_code == 200
    text = ok.content.decode()
    assert "**** 5678" in text
    assert "13812345678" not in text
    assert models.Payout.objects.get().account == "13812345678"


def test_the_form_warns_where_no_verdict_was_given(
    case: models.Complaint, as_person: Enter
) -> None:
    path = f"/desk/c/{case.id.hex}/remedy"
    assert "先给出结论，再提出补偿" in as_person("agent").get(path).content.decode()
    models.Complaint.objects.filter(id=case.id).update(verdict="upheld")
    assert "先给出结论，再提出补偿" not in as_person("agent").get(path).content.decode()


def test_what_is_beyond_ones_limit_is_shown_without_a_button_that_would_be_refused(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    offered(world, case, facts={**FACTS, "terms_shown": False}, amount=300000)
    listed = as_person("boss").get("/desk/approvals").content.decode()
    assert "¥3,000.00" in listed and "还没有结论" in listed
    assert 'value="approve"' not in listed and 'value="reject"' in listed
    assert "超出您的额度，由经理审批" in listed
    assert '<span class="hush num">0</span>' in listed
    assert 'value="approve"' in as_person("mgr").get("/desk/approvals").content.decode()


def test_approvals_list_decide_and_deputise(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    remedy = offered(world, case, facts={**FACTS, "terms_shown": False}, amount=150000)
    own = as_person("agent").get("/desk/approvals").content.decode()
    assert "我提出的" in own
    boss = as_person("boss")
    listed = boss.get("/desk/approvals").content.decode()
    assert "¥1,500.00" in listed
    assert 'value="approve"' in listed
    refused = boss.post("/desk/approvals", {"remedy": remedy.id.hex, "do": "reject"}, follow=True)
    assert "写明原因" in refused.content.decode()
    today = world.now.astimezone().date()
    for form, told in (
        ({"first": "", "last": "", "deputy": ""}, "日期"),
        ({"first": today, "last": today, "deputy": str(actor("boss").id)}, "同事"),
        ({"first": today, "last": today + timedelta(days=400), "deputy": "1"}, "一年"),
    ):
        page = boss.post("/desk/approvals/absence", form, follow=True).content.decode()
        assert told in page
    other = as_person("ops")
    assert 'value="approve"' not in other.get("/desk/approvals").content.decode()
    away = {"first": today, "last": today + timedelta(days=2)}
    boss.post("/desk/approvals/absence", {**away, "deputy": str(actor("ops").id)})
    seen = other.get("/desk/approvals").content.decode()
    assert 'value="approve"' in seen, "a deputy of another department decides as well"
    assert f"/desk/c/{case.id.hex}/#outcome" not in seen, "but does not get the complaint"
    boss.post("/desk/approvals/absence", {"end": models.Absence.objects.get().id.hex})
    boss.post("/desk/approvals/absence", {**away, "deputy": str(actor("clerk").id)})
    clerk = as_person("clerk")
    assert 'value="approve"' in clerk.get("/desk/approvals").content.decode()
    done = clerk.post("/desk/approvals", {"remedy": remedy.id.hex, "do": "approve"}, follow=True)
    assert "已批准" in done.content.decode()
    remedy.refresh_from_db()
    assert remedy.authority_of_id == actor("boss").id
    absence = models.Absence.objects.get()
    clerk.post("/desk/approvals/absence", {"end": absence.id.hex})
    assert models.Absence.objects.exists()
    boss.post("/desk/approvals/absence", {"end": absence.id.hex})
    assert not models.Absence.objects.exists()


def test_payouts_are_for_claims_and_managers(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    for who, status in (("agent", 403), ("ops", 403), ("clerk", 200), ("boss", 200), ("mgr", 200)):
        assert as_person(who).get("/desk/payouts").status_code == status
        rail = as_person(who).get("/desk/").content.decode()
        assert ("/desk/payouts" in rail) is (status == 200)


def read(content: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_batch_goes_to_finance_and_its_result_comes_back(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    remedy = offered(world, case)
    bank = Payee(method="bank", name="=张三", account="6222020200112233445")
    world.customer(agree.accept, remedy_id=remedy.id, payee=bank)
    clerk = as_person("clerk")
    assert "6222020200112233445" not in clerk.get("/desk/payouts").content.decode()
    made = clerk.post("/desk/payouts")
    assert made.status_code == 302
    place = made["Location"]
    batch = models.PayoutBatch.objects.get()
    xlsx = clerk.get(f"{place}/file.xlsx")
    rows = read(xlsx.content)
    assert rows[0][:3] == ["付款单号", "金额(元)", "方式"]
    assert [rows[1][1], rows[1][3], rows[1][4]] == [160, "'=张三", "6222020200112233445"]
    csv = clerk.get(f"{place}/file.csv").content.decode("utf-8-sig")
    assert csv.splitlines()[1].split(",")[1] == "160.00"
    assert models.Export.objects.filter(what="payouts", rows=1).count() == 2
    assert clerk.get(f"{place}/file.pdf").status_code == 404

    empty = clerk.post(place)
    assert empty.status_code == 422
    strange = clerk.post(place, {"file": SimpleUploadedFile("x.csv", "甲,乙\n1,2\n".encode())})
    assert strange.status_code == 422
    assert "付款单号" in strange.content.decode()
    for name, content in (("x.jsonl", b'{"a": 1}\n'), ("x.pdf", b"%PDF-1.7")):
        other = clerk.post(place, {"file": SimpleUploadedFile(name, content)})
        assert other.status_code == 422
        assert "只能上传 xlsx 或 csv 文件" in other.content.decode()
        assert "jsonl" not in other.content.decode()

    number = models.Payout.objects.get().number
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["付款单号", "金额(元)", "结果", "流水号", "备注"])
    sheet.append([number, 160.0, "成功", "T1", ""])
    sheet.append(["HY-没有", 5, "成功", "", ""])
    out = io.BytesIO()
    book.save(out)
    upload = SimpleUploadedFile("result.xlsx", out.getvalue())
    done = clerk.post(place, {"file": upload}, follow=True)
    text = done.content.decode()
    assert "没有这个付款单号" in text
    assert "HY-没有" in text
    remedy.refresh_from_db()
    batch.refresh_from_db()
    assert (remedy.state, models.Payout.objects.get().reference) == ("paid", "T1")
    assert batch.report["acts"]["pay"] == 1
    assert "已付" in clerk.get("/desk/payouts?state=paid").content.decode()
    assert clerk.get("/desk/payouts?state=odd&cursor=odd").status_code == 200


def test_the_customer_reads_in_plain_words_and_accepts(
    world: World, case: models.Complaint
) -> None:
    remedy = offered(world, case)
    client = Client()
    page = client.get(link(case)).content.decode()
    for said in ("运单约定最多赔运费的 7 倍", "另外退还这次的运费", "¥160.00", "接受", "不接受"):
        assert said in page
    assert "民法典" not in page
    where = f"{link(case)}offer/{remedy.id.hex}"
    bad = client.post(where, {"answer": "accept", "method": "bank", "payee": "张三"})
    assert bad.status_code == 422
    assert 'value="张三"' in bad.content.decode()
    assert client.post(where, {"answer": "maybe"}).status_code == 422
    done = client.post(where, {"answer": "accept", "method": "original"})
    assert done.status_code == 302
    assert "正在付款" in client.get(link(case)).content.decode()
    twice = client.post(where, {"answer": "accept", "method": "original"})
    assert twice.status_code == 422
    assert models.Payout.objects.count() == 1


def test_the_customer_names_another_sum_and_after_a_failed_payment_another_account(
    world: World, case: models.Complaint
) -> None:
    remedy = offered(world, case)
    client = Client()
    where = f"{link(case)}offer/{remedy.id.hex}"
    assert client.post(where, {"answer": "counter", "counter": "x"}).status_code == 422
    client.post(where, {"answer": "counter", "counter": "500", "words": "里面是药"})
    assert "您希望 ¥500.00" in client.get(link(case)).content.decode()
    client.post(
        where,
        {"answer": "accept", "method": "bank", "payee": "张三", "account_number": "62220202"},
    )
    batch_id = world.do("mgr", pay.batch)
    payout = models.Payout.objects.get()
    from huiyin.core.remedy.reconcile import Result

    failed = Result(row=2, number=payout.number, outcome="failed")
    world.do("mgr", pay.settle, batch_id=batch_id, results=[failed])
    assert "付款没有成功" in client.get(link(case)).content.decode()
    client.post(where, {"answer": "again", "method": "original"})
    assert set(models.Payout.objects.values_list("state", flat=True)) == {"failed", "requested"}


def test_only_its_own_link_opens_an_offer(world: World, case: models.Complaint) -> None:
    remedy = offered(world, case)
    other = complaint(world.post("portal", "快递员态度太差了", sender="13900000000"))
    client = Client()
    wrong = link(case).rstrip("/")[:-3] + "xxx/"
    for where in (
        f"{link(other)}offer/{remedy.id.hex}",
        f"{wrong}offer/{remedy.id.hex}",
        f"{link(case)}offer/nonsense",
    ):
        assert client.post(where, {"answer": "decline"}).status_code == 404
    remedy.refresh_from_db()
    assert remedy.state == "approved"

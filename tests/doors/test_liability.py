"""The pages of liability: what each side sees and may do, and what bad input comes to."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from company import PASSWORD, World, complaint, photo
from huiyin.flows import fine, investigate, journey, liability, settle
from huiyin.store import models
from huiyin.store.ledger import parties, people

pytestmark = pytest.mark.django_db

Enter = Callable[[str], Client]
BROKEN = "收到的花瓶碎了，运单SF1234567890123，外箱也破了，要求赔偿，电话13812345678"
STAFF = ("agent", "ops", "clerk", "boss", "mgr", "admin")


@pytest.fixture
def case(world: World) -> models.Complaint:
    """A broken vase between two outlets; claims handle it."""
    for code, kind, name, parent in (
        ("w-north", "outlet", "城北网点", ""), ("w-south", "outlet", "城南网点", ""),
        ("c-01", "courier", "张师傅", "w-south"),
    ):  # fmt: skip
        parties.keep_party(now=world.now, code=code, kind=kind, name=name, parent=parent,
                           fresh=True)  # fmt: skip
    for username, party in (("north", "w-north"), ("south", "w-south")):
        people.add_person(now=world.now, username=username, name=f"{username}经理", role="outlet",
                          password=PASSWORD, party=party)  # fmt: skip
    people.add_person(now=world.now, username="judge", name="王主管", role="supervisor",
                      password=PASSWORD, department="quality")  # fmt: skip
    return complaint(world.post("portal", BROKEN, sender="13812345678", sender_name="王小明"))


def opened(world: World, case: models.Complaint) -> str:
    """Open a claim between the two; returns its id in hexadecimal."""
    id = world.do("clerk", liability.claim, complaint_id=case.id, words="内部说明：两家都有嫌疑",
                  named={"origin": "w-north", "delivering": "w-south"},
                  facts={"outer_pack": "broken", "inner_goods": "broken"})  # fmt: skip
    return str(id.hex)


def pass_time(world: World, **length: float) -> None:
    world.later(**length)
    with journey.writing(now=world.now, actor="system") as pen:
        liability.expire_due(pen=pen, limit=100)
        fine.expire_due(pen=pen, limit=100)


def text(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


FORM: dict[str, Any] = {
    "part-origin": "w-north", "part-delivering": "w-south", "fact-outer_pack": "broken",
    "fact-inner_goods": "broken",
}  # fmt: skip


def test_the_form_shows_the_proposal_and_opens_the_claim(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    client, url = as_person("clerk"), f"/desk/c/{case.id.hex}/liability/new"
    assert "外包装状态" in text(client, url)
    seen = client.post(url, {**FORM, "do": "preview"}).content.decode()
    assert "内外包装都破损，由派件网点承担" in seen
    assert "派件网点 100%" in seen
    assert models.LiabilityClaim.objects.count() == 0
    answer = client.post(url, {**FORM, "do": "open", "words": "请查"})
    claim = models.LiabilityClaim.objects.get()
    assert answer.headers["Location"] == f"/desk/liability/{claim.id.hex}"
    assert claim.facts == {"outer_pack": "broken", "inner_goods": "broken"}
    card = text(client, f"/desk/c/{case.id.hex}/liability")
    assert claim.number in card
    assert "liability/new" not in card, "one at a time"


@pytest.mark.parametrize(
    "odd",
    [
        {"part-delivering": ""}, {"part-delivering": "c-01"}, {"part-delivering": "<x>"},
        {"fact-outer_pack": "melted"}, {"fact-handed_over": "perhaps"},
        {"part-origin": "", "part-delivering": ""},
    ],
)  # fmt: skip
def test_odd_forms_are_refused_and_kept(
    world: World, case: models.Complaint, as_person: Enter, odd: dict[str, str]
) -> None:
    answer = as_person("clerk").post(
        f"/desk/c/{case.id.hex}/liability/new", {**FORM, **odd, "do": "open", "words": "写好的话"}
    )
    assert answer.status_code == 422
    assert "写好的话" in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    assert models.LiabilityClaim.objects.count() == 0


def test_a_party_sees_its_own_part_alone(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    id = opened(world, case)
    north, south = as_person("north"), as_person("south")
    url = f"/desk/liability/{id}"
    file = SimpleUploadedFile("外箱.png", photo(), content_type="image/png")
    north.post(f"{url}/state", {"stance": "contest", "words": "揽收完好，北方专用词",
                                "files": [file]})  # fmt: skip
    seen = text(south, url)
    for hidden in (
        "城北网点",
        "北方专用词",
        "王小明",
        "13812345678",
        "内部说明",
        "clerk",
        "陈法务",
    ):
        assert hidden not in seen, hidden
    assert "城南网点" in seen
    assert "100%" in seen
    word = models.LiabilityWord.objects.get(party="w-north")
    assert text(south, f"/desk/liability-file/{word.id.hex}/0", 404)
    assert north.get(f"/desk/liability-file/{word.id.hex}/0").status_code == 200
    assert as_person("boss").get(f"/desk/liability-file/{word.id.hex}/0").status_code == 200
    assert north.get(f"/desk/liability-file/{word.id.hex}/7").status_code == 404
    whole = text(as_person("boss"), url)
    for shown in ("城北网点", "城南网点", "北方专用词", "内部说明"):
        assert shown in whole


def test_the_house_is_closed_to_outlets(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    id = opened(world, case)
    south = as_person("south")
    assert south.get("/desk/").headers["Location"] == "/desk/liability"
    for page in (
        f"c/{case.id.hex}/", f"c/{case.id.hex}/liability", f"c/{case.id.hex}/liability/new",
        f"c/{case.id.hex}/fine", "search", "board", "people", "playbook", "knowledge", "tasks",
        "payouts", "parties", "approvals", "operations", "new", "call-backs", "pulse",
        f"c/{case.id.hex}/beside", f"c/{case.id.hex}/responsibility",
    ):  # fmt: skip
        assert south.get(f"/desk/{page}").status_code == 403, page
    assert south.post(f"/desk/c/{case.id.hex}/do/take").status_code == 403
    for page in ("liability", f"liability/{id}", "statement", "account"):
        assert south.get(f"/desk/{page}").status_code == 200, page
    seen = text(south, "/desk/liability")
    assert 'href="/desk/search"' not in seen
    assert 'href="/desk/playbook"' not in seen


def test_strangers_find_nothing(world: World, case: models.Complaint, as_person: Enter) -> None:
    id = opened(world, case)
    people.add_person(now=world.now, username="lone", name="无主", role="outlet", password=PASSWORD)
    parties.keep_party(now=world.now, code="w-west", kind="outlet", name="城西网点", fresh=True)
    people.add_person(now=world.now, username="west", name="西", role="outlet", password=PASSWORD,
                      party="w-west")  # fmt: skip
    for who in ("lone", "west", "ops"):
        client = as_person(who)
        assert client.get(f"/desk/liability/{id}").status_code == 404, who
        post = client.post(f"/desk/liability/{id}/state", {"stance": "admit"})
        assert post.status_code == 404, who
        assert models.LiabilityClaim.objects.get().number not in text(
            client, "/desk/liability?view=open"
        )
    for odd in ("zzz", "0" * 32):
        assert as_person("boss").get(f"/desk/liability/{odd}").status_code == 404
    assert as_person("boss").post(f"/desk/liability/{id}/explode").status_code == 404
    assert as_person("boss").get(f"/desk/liability/{id}/state").status_code == 405


def test_refused_statements_keep_what_was_written(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    id = opened(world, case)
    south = as_person("south")
    for form in ({"words": "没选立场"}, {"stance": "contest"}, {"stance": "maybe", "words": "x"},
                 {"stance": "contest", "words": "字" * 5001}):  # fmt: skip
        answer = south.post(f"/desk/liability/{id}/state", form)
        assert answer.status_code == 422, form
        assert form.get("words", "")[:20] in answer.content.decode()
    file = SimpleUploadedFile("x.exe", b"MZ\x90\x00odd", content_type="image/png")
    answer = south.post(f"/desk/liability/{id}/state", {"stance": "admit", "files": [file]})
    assert answer.status_code == 422
    assert models.LiabilityMember.objects.filter(stance="").count() == 2


def test_a_ruling_is_typed_in_percent_and_published(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    id = opened(world, case)
    as_person("north").post(f"/desk/liability/{id}/state", {"stance": "contest", "words": "完好"})
    as_person("south").post(f"/desk/liability/{id}/state", {"stance": "contest", "words": "已破"})
    judge, url = as_person("judge"), f"/desk/liability/{id}/rule"
    for north, south in (("50", "49.99"), ("-1", "101"), ("一半", "50"), ("33.333", "66.667"),
                         ("", "")):  # fmt: skip
        answer = judge.post(url, {"share-w-north": north, "share-w-south": south, "words": "各半"})
        assert answer.status_code == 422, (north, south)
        assert "各半" in answer.content.decode()
    assert judge.post(url, {"share-w-south": "100", "words": "少一方"}).status_code == 422
    refused = as_person("clerk").post(
        url, {"share-w-north": "50", "share-w-south": "50", "words": "越权"}
    )
    assert refused.status_code == 403
    done = judge.post(
        url, {"share-w-north": "33.33", "share-w-south": "66.67", "words": "双方都有疏漏"}
    )
    assert done.status_code == 302
    seen = text(as_person("south"), f"/desk/liability/{id}")
    assert "双方都有疏漏" in seen
    assert "66.67%" in seen
    assert "33.33%" not in seen
    assert "王主管" not in seen


def final(world: World, case: models.Complaint, as_person: Enter) -> None:
    """Let the two outlets share a remedy of ¥90.01 by half."""
    remedy = world.do("mgr", settle.propose, complaint_id=case.id, kind="goodwill", amount=9_001,
                      facts={}, reason="按规则核算")  # fmt: skip
    assert models.Remedy.objects.get(id=remedy).state == "approved"
    id = opened(world, case)
    as_person("north").post(f"/desk/liability/{id}/state", {"stance": "contest", "words": "完好"})
    as_person("south").post(f"/desk/liability/{id}/state", {"stance": "contest", "words": "已破"})
    as_person("judge").post(
        f"/desk/liability/{id}/rule",
        {"share-w-north": "50", "share-w-south": "50", "words": "各半"},
    )
    pass_time(world, days=8)


def test_a_balance_is_settled_on_the_statement_and_taken_back(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    final(world, case, as_person)
    client, page = as_person("mgr"), "/desk/statement"
    # World time is past; the desk's own clock is later than every entry.
    span = f"{page}?party=w-north&from=2026-11-01"
    assert "登记单位付款" in text(client, span) and 'value="45.01"' in text(client, span)
    paid = {"party": "w-north", "amount": "45.01", "paid_on": "2026-11-10", "reference": "LS-77",
            "token": "one"}  # fmt: skip
    for wrong in ({"amount": "45.02"}, {"amount": "一百"}, {"paid_on": "昨天"}, {"reference": ""}):
        assert client.post(page, paid | wrong).status_code == 302
    assert not models.PartyPayment.objects.exists()
    for _twice in range(2):
        assert client.post(page, paid).status_code == 302
    payment = models.PartyPayment.objects.get()
    seen = text(client, span)
    assert "LS-77" in seen and "登记单位付款" not in seen and "¥0.00" in seen
    assert as_person("north").post(page, paid | {"token": "two"}).status_code == 403
    undo = {"party": "w-north", "undo": payment.id.hex}
    client.post(page, undo)
    assert models.PartyPayment.objects.count() == 1
    client.post(page, undo | {"words": "记错网点"})
    assert "登记单位付款" in text(client, span)
    assert models.PartyPayment.objects.count() == 2


def test_each_outlet_has_its_own_statement(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    final(world, case, as_person)
    last = world.later(days=1).date().isoformat()
    north, south = as_person("north"), as_person("south")
    for client, own, sum_ in ((north, "城北网点", "¥45.01"), (south, "城南网点", "¥45.00")):
        seen = text(client, f"/desk/statement?to={last}&party=w-north")
        assert own in seen
        assert sum_ in seen
        assert case.number in seen
    seen = text(south, f"/desk/statement?to={last}&party=w-north")
    assert "城北网点" not in seen
    assert "¥45.01" not in seen
    table = south.get(f"/desk/statement.xlsx?to={last}&party=w-north")
    sheet = openpyxl.load_workbook(io.BytesIO(table.content)).active
    cells = [c for row in sheet.iter_rows(values_only=True) for c in row]  # type: ignore[union-attr]
    assert 45.0 in cells
    assert "城南网点" in cells
    assert "城北网点" not in cells
    paper = south.get(f"/desk/statement.pdf?to={last}")
    document = pypdfium2.PdfDocument(paper.content)
    words = "".join("".join(p.get_textpage().get_text_range().split()) for p in document)
    assert "期末余额" in words
    assert "¥45.00" in words
    assert "城北" not in words
    assert set(models.Export.objects.values_list("what", flat=True)) == {"statement"}
    house = text(as_person("mgr"), f"/desk/statement?party=w-north&to={last}")
    assert "¥45.01" in house
    for who in ("agent", "ops", "clerk"):
        assert as_person(who).get("/desk/statement?party=w-north").status_code == 403
        assert as_person(who).get("/desk/statement.xlsx?party=w-north").status_code == 403


@pytest.mark.parametrize(
    "query", ["from=x", "from=2026-13-01", "from=2026-11-02&to=2026-11-01", "from=1026-01-01",
              "from=2020-01-01&to=2026-11-01", "to=9999-12-31"]
)  # fmt: skip
def test_odd_periods_are_refused(
    world: World, case: models.Complaint, as_person: Enter, query: str
) -> None:
    assert as_person("south").get(f"/desk/statement?{query}").status_code == 422
    assert as_person("south").get(f"/desk/statement.xlsx?{query}").status_code == 404


def test_a_fine_is_imposed_by_its_rule_and_appealed(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    boss, url = as_person("boss"), f"/desk/c/{case.id.hex}/fine"
    assert "没有一条处罚条款成立" in text(boss, url)
    form = {"rule": "fine-false-sign", "party": "w-south", "amount": "100", "words": "监控可查"}
    assert boss.post(url, form).status_code == 422
    world.do("clerk", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="false_sign")  # fmt: skip
    for odd in ({"amount": "300"}, {"amount": "很多"}, {"amount": "-100"}, {"party": ""},
                {"rule": "made-up"}, {"words": ""}, {"amount": "1e5"}):  # fmt: skip
        assert boss.post(url, {**form, **odd}).status_code == 422, odd
    assert as_person("agent").post(url, form).status_code == 422
    assert models.Fine.objects.count() == 0
    assert boss.post(url, form).status_code == 302
    id = models.Fine.objects.get().id.hex
    south, fine_url = as_person("south"), f"/desk/fines/{id}"
    seen = text(south, fine_url)
    assert "监控可查" in seen
    assert "刘主管" not in seen
    assert as_person("north").get(fine_url).status_code == 404
    assert south.post(f"{fine_url}/appeal", {"words": ""}).status_code == 422
    assert south.post(f"{fine_url}/appeal", {"words": "客户同意放门口"}).status_code == 302
    assert south.post(f"{fine_url}/appeal", {"words": "再来"}).status_code == 422
    decide = {"outcome": "partly", "amount": "60", "words": "部分采信"}
    assert boss.post(f"{fine_url}/decide", decide).status_code == 403
    mgr = as_person("mgr")
    for odd in ({"amount": "100"}, {"amount": ""}, {"outcome": ""}, {"words": ""}):
        assert mgr.post(f"{fine_url}/decide", {**decide, **odd}).status_code == 422, odd
    assert mgr.post(f"{fine_url}/decide", decide).status_code == 302
    assert "¥60.00" in text(south, "/desk/statement")
    assert "部分采信" in text(south, fine_url)


def test_parties_and_their_people_are_kept(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    mgr = as_person("mgr")
    new = {"code": "w-east", "kind": "outlet", "name": "城东网点", "region": "东"}
    assert mgr.post("/desk/parties/new", new).status_code == 302
    assert mgr.post("/desk/parties/new", new).status_code == 422
    assert mgr.post("/desk/parties/new", {**new, "code": "东"}).status_code == 422
    assert "城东网点" in text(mgr, "/desk/parties")
    assert as_person("boss").get("/desk/parties").status_code == 200
    assert as_person("boss").post("/desk/parties/new", new).status_code == 403
    assert mgr.post("/desk/parties/w-east", {"name": "东门网点"}).status_code == 302
    changed = models.Party.objects.get(code="w-east")
    assert (changed.name, changed.active) == ("东门网点", False)
    assert mgr.get("/desk/parties/nowhere").status_code == 404
    admin = as_person("admin")
    person = {"name": "东门店长", "username": "east", "role": "outlet", "password": PASSWORD,
              "capacity": "5"}  # fmt: skip
    assert admin.post("/desk/people/new", person).status_code == 422
    assert admin.post("/desk/people/new", {**person, "party": "nowhere"}).status_code == 422
    for many in ("viel", "²", "0", "501"):
        refused = admin.post("/desk/people/new", {**person, "party": "w-east", "capacity": many})
        assert (refused.status_code, "1 到 500" in refused.content.decode()) == (422, True)
    assert admin.get("/desk/people/²").status_code == 404
    assert admin.post("/desk/people/new", {**person, "party": "w-east"}).status_code == 302
    assert models.User.objects.get(username="east").party_id == "w-east"
    assert "东门店长" in text(admin, "/desk/people")


@pytest.mark.parametrize("who", [*STAFF, "judge", "north", "south"])
@pytest.mark.parametrize(
    "query", ["", "?view=open", "?view=done", "?view=fines", "?view=odd&page=x"]
)
def test_everybody_has_a_list(
    world: World, case: models.Complaint, as_person: Enter, who: str, query: str
) -> None:
    final(world, case, as_person)
    assert as_person(who).get(f"/desk/liability{query}").status_code == 200

"""Departments are asked and answer on their pages; nonsense and strangers are told so."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from company import LOST, World, complaint, photo
from huiyin.store import models

pytestmark = pytest.mark.django_db

Enter = Callable[[str], Client]
LIVE = {"HX-Request": "true"}


@pytest.fixture
def case(world: World) -> models.Complaint:
    """A lost parcel that claims handle."""
    return complaint(
        world.post("portal", LOST, sender="13812345678", sender_name="王小明", phone="13812345678")
    )


def ask(client: Client, case: models.Complaint, **form: object) -> UUID:
    """Ask operations; returns the request's id."""
    data = {"department": "operations", "question": "请核实到件扫描", **form}
    answer = client.post(f"/desk/c/{case.id.hex}/collaborate", data, headers=LIVE)
    assert answer.status_code == 200, answer.content.decode()
    return models.Collaboration.objects.order_by("-id")[0].id


def test_several_departments_are_asked_at_once_with_files(
    case: models.Complaint, as_person: Enter
) -> None:
    answer = as_person("agent").post(
        f"/desk/c/{case.id.hex}/collaborate",
        {
            "department": ["operations", "technology"],
            "question": "请核实到件扫描",
            "files": [SimpleUploadedFile("照片.png", photo(), "image/png")],
        },
        headers=LIVE,
    )
    assert answer.status_code == 200
    assert "已请 2 个部门协办" in answer.content.decode()
    assert models.Collaboration.objects.filter(complaint=case, open=True).count() == 2
    message = models.CollaborationMessage.objects.all()[0]
    assert message.files[0]["content_type"] == "image/png"
    url = f"/desk/task-file/{message.id.hex}/0"
    assert as_person("ops").get(url).content == photo()
    assert as_person("clerk").get(url).status_code == 200, "whoever has the complaint sees it too"


def test_without_live_pages_the_way_leads_back_to_the_complaint(
    case: models.Complaint, as_person: Enter
) -> None:
    answer = as_person("agent").post(
        f"/desk/c/{case.id.hex}/collaborate", {"department": "operations", "question": "请核实"}
    )
    assert answer.status_code == 302
    assert answer["Location"] == f"/desk/c/{case.id.hex}/"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"question": "请核实"}, "请选择要协办的部门"),
        ({"department": "operations"}, "请写明要对方查什么"),
        ({"department": "nowhere", "question": "请核实"}, "没有这个部门"),
        ({"department": "claims", "question": "请核实"}, "投诉就在本部门"),
        ({"department": "operations", "question": "长" * 5001}, "超过 5000 字"),
        ({"department": "operations", "question": "x\x00", "chosen": ["?", uuid4().hex]}, ""),
    ],
)
def test_bad_input_is_told(
    case: models.Complaint, as_person: Enter, form: dict[str, object], said: str
) -> None:
    answer = as_person("agent").post(f"/desk/c/{case.id.hex}/collaborate", form, headers=LIVE)
    assert answer.status_code == (422 if said else 200)
    assert said in answer.content.decode()
    assert models.Collaboration.objects.count() == (0 if said else 1)


def test_a_file_of_an_odd_kind_is_refused(case: models.Complaint, as_person: Enter) -> None:
    answer = as_person("agent").post(
        f"/desk/c/{case.id.hex}/collaborate",
        {
            "department": "operations",
            "question": "请核实",
            "files": [SimpleUploadedFile("a.exe", b"MZ" + b"0" * 300)],
        },
        headers=LIVE,
    )
    assert answer.status_code == 422
    assert "格式不支持" in answer.content.decode()


def test_only_files_of_this_complaint_can_be_shown(
    world: World, case: models.Complaint, as_person: Enter
) -> None:
    other = complaint(world.post("portal", "取件一直没人来，快两天了", sender="13900001111"))
    ids = {}
    for row in (case, other):
        message = models.Message.objects.filter(complaint=row)[0]
        ids[row.id] = models.Attachment.objects.create(
            id=uuid4(), message=message, name=f"{row.number}.png", content_type="image/png",
            size=3, sha256="a" * 64, is_image=True,
        ).id.hex  # fmt: skip
    ask(as_person("agent"), case, chosen=list(ids.values()))
    files = models.CollaborationMessage.objects.get().files
    assert [f["name"] for f in files] == [f"{case.number}.png"]


def test_a_stranger_gets_nothing(case: models.Complaint, as_person: Enter) -> None:
    request = ask(as_person("agent"), case).hex
    stranger = as_person("ops")
    models.User.objects.filter(username="ops").update(department_id="quality")
    message = models.CollaborationMessage.objects.get().id.hex
    for path in (
        f"/desk/tasks/{request}", f"/desk/task-file/{message}/0", f"/desk/c/{case.id.hex}/",
        f"/desk/c/{case.id.hex}/responsibility", f"/desk/c/{case.id.hex}/responsibility.pdf",
        "/desk/tasks/odd", f"/desk/tasks/{uuid4().hex}", f"/desk/task-file/{uuid4().hex}/0",
    ):  # fmt: skip
        assert stranger.get(path).status_code == 404, path
    for path in (
        f"/desk/tasks/{request}/accept", f"/desk/c/{case.id.hex}/collaborate",
        f"/desk/c/{case.id.hex}/collaborate/{request}/withdraw",
    ):  # fmt: skip
        assert stranger.post(path, {}).status_code == 404, path
    assert request not in stranger.get("/desk/tasks").content.decode()
    assert models.Collaboration.objects.get().state == "asked"


def test_who_is_not_logged_in_is_led_to_the_door(case: models.Complaint) -> None:
    for path in ("/desk/tasks", f"/desk/c/{case.id.hex}/responsibility.pdf"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert "/desk/login" in answer["Location"]


def test_the_department_sees_its_task_and_answers(case: models.Complaint, as_person: Enter) -> None:
    agent, ops = as_person("agent"), as_person("ops")
    request = ask(agent, case, question="请联系13812345678的收件人，核实签收")
    listed = ops.get("/desk/tasks").content.decode()
    assert request.hex in listed
    assert re.search(r'class="rail-count num"[^>]*>1<', listed)
    page = ops.get(f"/desk/tasks/{request.hex}").content.decode()
    assert "SF1234567890123" in page
    assert "138****5678" in page
    for hidden in ("13812345678", "王小明", "12315", f"/desk/c/{case.id.hex}/"):
        assert hidden not in page, hidden
    assert ops.get(f"/desk/c/{case.id.hex}/").status_code == 404
    assert ops.post(f"/desk/tasks/{request.hex}/accept").status_code == 302
    refused = ops.post(f"/desk/tasks/{request.hex}/return", {"words": "  "})
    assert refused.status_code == 422
    assert "退回请写明原因" in refused.content.decode()
    kept = ops.post(f"/desk/tasks/{request.hex}/answer", {"words": "长" * 5001})
    assert kept.status_code == 422
    assert "长" * 5001 in kept.content.decode(), "what was written is still there"
    done = ops.post(f"/desk/tasks/{request.hex}/answer", {"words": "本人签收，见照片"})
    assert done["Location"] == "/desk/tasks"
    assert request.hex in ops.get("/desk/tasks?view=done").content.decode()
    seen = agent.get(f"/desk/c/{case.id.hex}/", headers=LIVE).content.decode()
    assert "本人签收，见照片" in seen
    late = ops.post(f"/desk/tasks/{request.hex}/answer", {"words": "再答一次"})
    assert late.status_code == 422
    assert "已答复" in late.content.decode()


@pytest.mark.parametrize("act", ["withdraw", "supply", "ask_again"])
def test_the_department_may_not_act_for_those_who_asked(
    case: models.Complaint, as_person: Enter, act: str
) -> None:
    request = ask(as_person("agent"), case).hex
    answer = as_person("ops").post(f"/desk/tasks/{request}/{act}", {"words": "说明"})
    assert answer.status_code == 403
    assert models.Collaboration.objects.get().state == "asked"


def test_acts_on_the_complaints_page(case: models.Complaint, as_person: Enter) -> None:
    agent, ops = as_person("agent"), as_person("ops")
    request = ask(agent, case).hex
    base = f"/desk/c/{case.id.hex}/collaborate/{request}"
    assert agent.post(f"{base}/answer", {"words": "替答"}, headers=LIVE).status_code == 403
    assert agent.post(f"{base}/no_such", {}, headers=LIVE).status_code == 404
    assert ops.post(f"/desk/tasks/{request}/return", {"words": "缺少时间"}).status_code == 302
    empty = agent.post(f"{base}/ask_again", {"words": ""}, headers=LIVE)
    assert empty.status_code == 422
    again = agent.post(f"{base}/ask_again", {"words": "十一月一日"}, headers=LIVE)
    assert again.status_code == 200
    assert models.Collaboration.objects.get().rounds == 2
    assert agent.post(f"{base}/withdraw", {}, headers=LIVE).status_code == 200
    other = f"/desk/c/{uuid4().hex}/collaborate/{request}/withdraw"
    assert agent.post(other, {}, headers=LIVE).status_code == 404


@pytest.mark.parametrize("query", ["?view=odd", "?page=99999999", "?page=-1", "?page=x", "?page="])
def test_odd_addresses_of_the_list_are_harmless(world: World, as_person: Enter, query: str) -> None:
    assert as_person("ops").get(f"/desk/tasks{query}").status_code == 200


def test_the_list_is_the_same_number_of_queries_at_any_size(
    world: World,
    case: models.Complaint,
    as_person: Enter,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    agent, mgr = as_person("agent"), as_person("mgr")
    for department in ("operations", "technology", "quality", "outlets"):
        ask(agent, case, department=department)
    mgr.get("/desk/tasks")
    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
        page = mgr.get("/desk/tasks").content.decode()
    assert page.count('class="row ') == 4


def test_the_list_of_responsibilities_is_shown_and_handed_out_as_pdf(
    case: models.Complaint, as_person: Enter
) -> None:
    agent = as_person("agent")
    request = ask(agent, case).hex
    as_person("ops").post(f"/desk/tasks/{request}/answer", {"words": "已核实，见交接单"})
    agent.post(f"/desk/c/{case.id.hex}/do/reveal", {"field": "customer"})
    page = agent.get(f"/desk/c/{case.id.hex}/responsibility").content.decode()
    assert "已核实，见交接单" in page
    assert "王小明" not in page, "masked even where it was revealed"
    answer = agent.get(f"/desk/c/{case.id.hex}/responsibility.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert f'filename="{case.number}.pdf"' in answer["Content-Disposition"]
    assert models.Export.objects.get().what == "responsibility"
    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    text = "".join("".join(p.get_textpage().get_text_range().split()) for p in document)
    for said in ("时间线与责任清单", case.number, "运营部", "已核实，见交接单", "协办明细", "主办"):
        assert said in text, said
    for hidden in ("王小明", "13812345678"):
        assert hidden not in text
    english = agent.get(
        f"/desk/c/{case.id.hex}/responsibility.pdf", headers={"Accept-Language": "en"}
    )
    assert english.status_code == 200


def test_a_clock_of_a_department_is_explained(case: models.Complaint, as_person: Enter) -> None:
    agent = as_person("agent")
    request = ask(agent, case)
    clock = models.Clock.objects.get(collaboration_id=request)
    page = agent.get(f"/desk/c/{case.id.hex}/clock/{clock.id.hex}")
    assert page.status_code == 200
    assert "运营部协办答复" in page.content.decode()

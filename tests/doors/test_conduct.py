"""Files on service attitude on their pages: the way, the form, and who finds nothing there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from django.test import Client

from company import PASSWORD, World, actor, complaint
from huiyin.store import models
from huiyin.store.ledger import people

pytestmark = pytest.mark.django_db

Enter = Callable[[str], Client]
RUDE = "你们那个快递员骂我是乡下人，态度太恶劣了，运单SF1234567890123，我要投诉他的服务态度"
SECRET = "骂我是乡下人"


@pytest.fixture
def case(world: World) -> models.Complaint:
    """A complaint about a courier's manner."""
    for username, name, role, department in (
        ("courier", "马奔", "handler", "outlets"),
        ("head", "高主管", "supervisor", "outlets"),
        ("mgr2", "钱经理", "manager", "quality"),
        ("other", "外人", "agent", "service"),
        ("owner", "流程", "process_owner", "quality"),
    ):
        people.add_person(
            now=world.now, username=username, name=name, role=role, password=PASSWORD,
            department=department,
        )  # fmt: skip
    found = complaint(world.post("phone", RUDE, phone="13812345678", sender_name="王小明"))
    models.Complaint.objects.filter(id=found.id).update(category="attitude")
    found.refresh_from_db()
    return found


def record(client: Client, case: models.Complaint | None, **form: str) -> Any:
    given = {
        "employee": str(actor("courier").id), "superior": str(actor("head").id),
        "complainant": "王小明", "contact": "13812345678", "words": RUDE,
        "charge": "派件时对收件人言语不当", "place": "小区门口", **form,
    }  # fmt: skip
    if case:
        given["complaint"] = case.id.hex
    return client.post("/desk/conduct/new", given, follow=True)


def act(client: Client, what: str, **form: str) -> Any:
    file = models.ConductFile.objects.get()
    return client.post(f"/desk/conduct/{file.id.hex}/do/{what}", form, follow=True)


def test_the_whole_way_on_the_pages(case: models.Complaint, as_person: Enter) -> None:
    agent = as_person("agent")
    assert "登记管理表" in agent.get(f"/desk/c/{case.id.hex}/").content.decode()
    form = agent.get(f"/desk/conduct/new?complaint={case.id.hex}").content.decode()
    assert SECRET in form and "王小明" in form
    assert "已交给当事人的上级" in record(agent, case).content.decode()
    file = models.ConductFile.objects.get()
    url = f"/desk/conduct/{file.id.hex}"
    courier, head, mgr = (as_person(w) for w in ("courier", "head", "mgr"))
    own = courier.get(url).content.decode()
    assert "派件时对收件人言语不当" in own
    for word in (SECRET, "王小明", "13812345678", case.number):
        assert word not in own
    assert "说明已提交" in act(courier, "state", words="当时太急").content.decode()
    shown = act(
        head, "answer", verdict="upheld", finding="监控属实", words="王先生，已核实，向您道歉",
        send="1",
    ).content.decode()  # fmt: skip
    assert "答复已登记" in shown
    out = models.Message.objects.filter(complaint=case, direction="out", author_id__isnull=False)
    assert out.get().text == "王先生，已核实，向您道歉"
    assert "请选择处理方式" in act(head, "sanction", measure="moon", words="x").content.decode()
    act(head, "sanction", measure="warning", words="违反服务规范")
    assert "可申辩一次" in courier.get(url).content.decode()
    assert "申辩已提交" in act(courier, "object", words="录音不完整").content.decode()
    assert act(courier, "object", words="再说一次").status_code == 422
    act(head, "report", words="请核示")
    refused = act(mgr, "file", words="同意")
    assert refused.status_code == 422 and ">同意</textarea>" not in refused.content.decode()
    act(mgr, "decide", decision="kept", words="事实清楚")
    draft = pypdfium2.PdfDocument(head.get(f"{url}/form.pdf").content)
    assert "服务态度投诉管理表" in draft[0].get_textpage().get_text_range()
    assert "已归档" in act(mgr, "file", words="同意归档").content.decode()
    kept = mgr.get(f"{url}/form.pdf").content
    words = "".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(kept))
    for word in ("王小明", SECRET, "书面警告", "录音不完整", "维持", "同意归档"):
        assert word in words.replace("\r\n", "")
    assert head.get(f"{url}/form.pdf").content == kept, "the kept paper never changes"
    assert courier.get(f"{url}/form.pdf").status_code == 404
    assert agent.get(f"{url}/form.pdf").status_code == 404
    assert models.Export.objects.filter(what="conduct").count() == 3


@pytest.mark.parametrize("who", ["other", "boss", "admin", "mgr2", "clerk", "owner", "courier"])
def test_strangers_find_nothing_anywhere(
    case: models.Complaint, as_person: Enter, who: str
) -> None:
    record(as_person("agent"), case)
    file = models.ConductFile.objects.get()
    client = as_person(who)
    if who != "courier":
        assert file.number not in client.get("/desk/conduct").content.decode()
        for url in (f"/desk/conduct/{file.id.hex}", f"/desk/conduct/{file.id.hex}/form.pdf"):
            assert client.get(url).status_code == 404
        assert act(client, "answer", words="x").status_code == 404
    for url in (
        f"/desk/c/{case.id.hex}/", f"/desk/c/{case.id.hex}/evidence",
        f"/desk/c/{case.id.hex}/responsibility", f"/desk/conduct/new?complaint={case.id.hex}",
        f"/desk/c/{case.id.hex}/beside",
    ):  # fmt: skip
        assert client.get(url).status_code in {403, 404}, url
    for url in (
        "/desk/?view=all", f"/desk/search?q={case.number}", f"/desk/search?q={SECRET}",
        "/desk/search?q=SF1234567890123", f"/desk/search?q={file.number}",
        "/desk/lookup?phone=13812345678", "/desk/knowledge?q=乡下人",
    ):  # fmt: skip
        text = client.get(url).content.decode()
        assert f"/desk/c/{case.id.hex}" not in text and file.id.hex not in text, url
        assert f">{case.number}<" not in text, url


def test_a_program_of_a_stranger_gets_nothing(case: models.Complaint, as_person: Enter) -> None:
    record(as_person("agent"), case)
    for who, status in (("other", 404), ("head", 200)):
        token = people.issue_token(user_id=actor(who).id, name="program", now=case.opened_at)
        answer = Client().get(
            f"/api/v1/complaints/{case.id.hex}", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == status
        assert ("conduct" in answer.content.decode()) is (status == 200)


def test_a_colleague_complains_of_a_colleague(case: models.Complaint, as_person: Enter) -> None:
    clerk = as_person("clerk")
    assert "内部投诉" in clerk.get("/desk/conduct/new").content.decode()
    said = record(clerk, None, complainant="别人", words="他在会上骂人", charge="会上言语不当")
    assert "已交给当事人的上级" in said.content.decode()
    file = models.ConductFile.objects.get()
    assert (file.kind, file.complainant, file.complaint_id) == ("internal", "陈法务", None)
    assert (
        "会上骂人" not in as_person("courier").get(f"/desk/conduct/{file.id.hex}").content.decode()
    )
    act(as_person("head"), "answer", verdict="not_upheld", finding="无", words="已当面说明")
    shown = clerk.get(f"/desk/conduct/{file.id.hex}").content.decode()
    assert "已当面说明" in shown and "核查到的情况" not in shown


def test_nonsense_is_said_and_what_was_written_stays(
    case: models.Complaint, as_person: Enter
) -> None:
    agent = as_person("agent")
    for form, said in (
        ({"employee": ""}, "请选择当事人"), ({"employee": "99999999999999999999"}, "请选择当事人"),
        ({"employee": str(actor("agent").id)}, "不能登记针对自己的"),
        ({"superior": str(actor("courier").id)}, "当事人的上级"),
        ({"charge": ""}, "告知当事人的内容"), ({"charge": "王小明投诉你"}, "不能有投诉人的姓名"),
        ({"happened": "昨天"}, "时间请写成"), ({"words": "长" * 6000}, "请精简"),
    ):  # fmt: skip
        answer = record(agent, case, **form)
        assert answer.status_code == 422 and said in answer.content.decode(), form
        assert "小区门口" in answer.content.decode()
    assert not models.ConductFile.objects.exists()
    for url in ("/desk/conduct/nonsense", f"/desk/conduct/{uuid4().hex}"):
        assert agent.get(url).status_code == 404
    record(agent, case)
    assert act(agent, "nonsense").status_code == 404
    assert act(agent, "answer", words="x", verdict="upheld").status_code == 403
    english = as_person("head")
    english.post("/language", {"language": "en"})
    assert "choose a verdict" in act(english, "answer", words="x").content.decode()

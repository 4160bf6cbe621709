"""The look at a reply on the page, promises as changed there, letters, call-backs, rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from docx import Document

from company import World, actor, complaint, kinds
from huiyin.flows import answer, call_back, investigate, journey
from huiyin.store import models
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import office
from huiyin.store.read.viewer import viewer_of

Enter = Callable[[str], Client]
HX = {"headers": {"HX-Request": "true"}}
PHONE = "13812345678"
TEXT = "我的包裹SF1234567890123丢了，里面是给老人的药，什么时候能给答复？"


@pytest.fixture
def case(world: World) -> models.Complaint:
    return complaint(world.post("portal", TEXT, sender=PHONE, phone=PHONE, sender_name="王丽"))


def check(client: Client, case: models.Complaint, text: str, **form: str) -> str:
    path = f"/desk/c/{case.id.hex}/check?slot=composer"
    found = client.post(path, {"text": text, **form}, **HX)
    assert found.status_code == 200
    return str(found.content.decode())


def send(client: Client, case: models.Complaint, **form: str) -> Any:
    return client.post(f"/desk/c/{case.id.hex}/do/reply", form, **HX)


def promises(case: models.Complaint) -> list[models.Clock]:
    return list(models.Clock.objects.filter(complaint=case, rule__startswith="promise"))


def test_the_look_marks_words_and_offers_promises(case: models.Complaint, as_person: Enter) -> None:
    page = check(as_person("agent"), case, "派件员李建国13912345678说____。明天中午前给您回电。")
    assert "<mark>李建国</mark>" in page and "<mark>____</mark>" in page
    assert "仍要发送" in page
    assert 'value="明天中午前给您回电"' in page
    assert "T12:00" in page
    assert check(as_person("agent"), case, "").count("<details") == 0


def test_a_changed_or_dropped_promise_stays_so_while_writing(
    case: models.Complaint, as_person: Enter
) -> None:
    form = {"promise_key_0": "明天中午前给您回电", "promise_due_0": "2030-01-01T09:00"}
    page = check(as_person("agent"), case, "您好，明天中午前给您回电", **form)
    assert "2030-01-01T09:00" in page
    assert "checked" not in page
    broken = {**form, "promise_due_0": "morgen"}
    assert "T12:00" in check(as_person("agent"), case, "您好，明天中午前给您回电", **broken)


def test_a_reply_with_a_blank_is_held_back_and_nothing_is_lost(
    case: models.Complaint, as_person: Enter
) -> None:
    client = as_person("agent")
    live = send(client, case, text="经过是____")
    assert live.status_code == 422
    assert "data-check-body" in live.content.decode()
    plain = client.post(f"/desk/c/{case.id.hex}/do/reply", {"text": "经过是____"})
    assert plain.status_code == 422
    page = plain.content.decode()
    assert "经过是____</textarea>" in page and "仍要发送" in page
    assert "SentDespite" not in kinds(case)
    done = send(client, case, text="经过是____", despite="客户要看原文")
    assert done.status_code == 200
    assert "SentDespite" in kinds(case)


def test_promises_are_kept_as_the_form_says(
    case: models.Complaint, world: World, as_person: Enter
) -> None:
    client = as_person("agent")
    due = (world.now + timedelta(days=3)).strftime("%Y-%m-%dT09:30")
    form = {
        "text": "抱歉，明天中午前给您回电，三天内把运费退给您。",
        "promise_key_0": "明天中午前给您回电", "promise_on_0": "1", "promise_due_0": due,
        "promise_key_1": "三天内把运费退给", "promise_due_1": due,
    }  # fmt: skip
    assert send(client, case, **form).status_code == 200
    (clock,) = promises(case)
    assert clock.due_at is not None
    assert clock.due_at.astimezone(world.now.tzinfo).strftime("%H:%M") in {"09:30", "01:30"}
    page = client.get(f"/desk/c/{case.id.hex}/").content.decode()
    assert "明天中午前给您回电" in page and "待兑现" in page
    bad = send(client, case, **{**form, "promise_due_0": "2001-01-01T00:00"})
    assert bad.status_code == 422 and "过去" in bad.content.decode()
    odd = send(client, case, **{**form, "promise_due_0": "tomorrow"})
    assert odd.status_code == 422
    kept = client.post(f"/desk/c/{case.id.hex}/do/keep_promise", {"clock": clock.id.hex}, **HX)
    assert kept.status_code == 200
    assert promises(case)[0].state == "met"


def test_without_scripts_promises_are_found_at_sending(
    case: models.Complaint, as_person: Enter
) -> None:
    sent = as_person("agent").post(
        f"/desk/c/{case.id.hex}/do/reply", {"text": "抱歉，两小时内给您回电。"}
    )
    assert sent.status_code == 302
    assert len(promises(case)) == 1


def test_a_call_and_a_ground_are_written_down(
    case: models.Complaint, world: World, as_person: Enter
) -> None:
    client = as_person("agent")
    path = f"/desk/c/{case.id.hex}/do"
    assert client.post(f"{path}/call", {"reached": "no", "text": ""}, **HX).status_code == 200
    assert client.post(f"{path}/call", {"reached": "yes", "text": ""}, **HX).status_code == 422
    told = {"reached": "yes", "text": "已说明"}
    assert client.post(f"{path}/call", told, **HX).status_code == 200
    bad = {"ground": "appealed", "until": "soon"}
    assert client.post(f"{path}/rehandle", bad, **HX).status_code == 422
    far = {"ground": "appealed", "until": "2099-01-01T10:00"}
    assert client.post(f"{path}/rehandle", far, **HX).status_code == 422
    until = (world.now + timedelta(days=9)).strftime("%Y-%m-%dT10:00")
    good = {"ground": "appealed", "reference": "申 7", "until": until}
    answered = client.post(f"{path}/rehandle", good, **HX)
    assert answered.status_code == 200
    page = answered.content.decode()
    assert "已向邮政管理部门申诉" in page and "须以书面答复函答复" in page
    assert {"CallMissed", "CustomerCalled", "GroundMarked", "RehandlingStarted"} <= set(kinds(case))


def test_a_letter_is_written_downloaded_sent_and_read_by_the_customer(
    case: models.Complaint, world: World, as_person: Enter
) -> None:
    client = as_person("boss")
    world.do("boss", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="lost_transit", reason="中转场监控显示包裹遗失")  # fmt: skip
    path = f"/desk/c/{case.id.hex}/letter"
    page = client.get(path).content.decode()
    assert "规程里没有写服务电话" in page
    assert "中转场监控显示包裹遗失" in page and "快递暂行条例" in page
    assert client.post(path, {"facts": " ", "bases": "留着"}).status_code == 422
    assert "留着" in client.post(path, {"facts": " ", "bases": "留着"}).content.decode()
    done = client.post(path, {"facts": "包裹在中转场遗失", "remedies": "赔偿 300 元", "bases": ""})
    assert done.status_code == 302
    letter = models.Letter.objects.get(complaint=case)
    printed = client.get(f"/desk/letter/{letter.id.hex}.pdf")
    text = pypdfium2.PdfDocument(printed.content)[0].get_textpage().get_text_range()
    for said in (case.number, "包裹在中转场遗失", "赔偿 300 元", "经核查，您的投诉成立"):
        assert said.replace(" ", "") in "".join(text.split()), said
    assert "依据" not in text
    word = Document(BytesIO(client.get(f"/desk/letter/{letter.id.hex}.docx").content))
    assert any("包裹在中转场遗失" in p.text for p in word.paragraphs)
    assert client.get(f"/desk/letter/{letter.id.hex}.exe").status_code == 404
    assert as_person("ops").get(f"/desk/letter/{letter.id.hex}.pdf").status_code == 404
    sent = send(client, case, text="很抱歉，详见答复函。", letter=letter.id.hex)
    assert sent.status_code == 200
    letter.refresh_from_db()
    files = models.Attachment.objects.filter(message_id=letter.message_id)
    assert sorted(f.name.rpartition(".")[2] for f in files) == ["docx", "pdf"]
    other = send(client, case, text="再发一次", letter="0" * 32)
    assert other.status_code == 422


def test_a_mail_carries_the_letter(world: World, as_person: Enter) -> None:
    mail = "wang@kehu.example"
    case = complaint(world.post("email", TEXT, sender=mail, email=mail, sender_name="王丽"))
    client = as_person("boss")
    client.post(f"/desk/c/{case.id.hex}/letter", {"facts": "包裹遗失"})
    letter = models.Letter.objects.get(complaint=case)
    assert send(client, case, text="抱歉，见附件。", letter=letter.id.hex).status_code == 200
    payload = models.Outbox.objects.get(message_id=models.Letter.objects.get().message_id).payload
    assert [f["name"].rpartition(".")[2] for f in payload["files"]] == ["pdf", "docx"]


def called(case: models.Complaint, world: World) -> models.CallBack:
    world.do(
        "boss",
        investigate.give_verdict,
        complaint_id=case.id,
        verdict="not_upheld",
        cause="no_fault",
    )
    world.do("boss", answer.resolve, complaint_id=case.id, text="核查结果如下，已送达")
    return models.CallBack.objects.get(complaint=case, state="due")


def test_the_list_of_calls_counts_covers_and_records(
    case: models.Complaint, world: World, as_person: Enter
) -> None:
    assert case.urgency in {"high", "critical"}
    call = called(case, world)
    client = as_person("agent")
    for view in ("due", "coming", "mine", "done", "odd"):
        assert client.get(f"/desk/call-backs?view={view}&page=x").status_code == 200
    page = client.get("/desk/call-backs?view=coming").content.decode()
    assert PHONE not in page and "138****5678" in page
    client.post(f"/desk/call-backs/{call.id.hex}/number")
    assert "Revealed" in kinds(case)
    assert PHONE in client.get("/desk/call-backs?view=coming").content.decode()
    bad = client.post(f"/desk/call-backs/{call.id.hex}", {"outcome": "dissatisfied"})
    assert bad.status_code == 422 and "哪里不满意" in bad.content.decode()
    done = client.post(f"/desk/call-backs/{call.id.hex}", {"outcome": "satisfied", "words": "好"})
    assert done.status_code == 302
    case.refresh_from_db()
    assert case.status == "closed"
    again = client.post(f"/desk/call-backs/{call.id.hex}", {"outcome": "satisfied"})
    assert again.status_code == 422


def test_who_may_not_see_a_complaint_may_not_call(
    case: models.Complaint, world: World, as_person: Enter
) -> None:
    call = called(case, world)
    assert (
        as_person("ops").get("/desk/call-backs?view=coming").content.decode().count(case.number)
        == 0
    )
    assert as_person("ops").post(f"/desk/call-backs/{call.id.hex}", {}).status_code == 404
    assert as_person("ops").post(f"/desk/c/{case.id.hex}/check", {"text": "x"}).status_code == 404
    assert as_person("ops").get(f"/desk/c/{case.id.hex}/letter").status_code == 404
    assert Client().get("/desk/call-backs").status_code == 302
    assert as_person("boss").get("/desk/call-backs/none").status_code == 405


def test_the_navigation_counts_calls_that_are_due(
    case: models.Complaint, world: World, as_person: Enter
) -> None:
    call = called(case, world)
    assert "rail-count" not in as_person("agent").get("/desk/account").content.decode()
    models.CallBack.objects.filter(id=call.id).update(due_at=world.now)
    assert "今天要打的回访" in as_person("agent").get("/desk/account").content.decode()


def test_after_the_last_level_only_leaders_record(world: World, case: models.Complaint) -> None:
    with journey.writing(now=world.now, actor="system") as pen:
        pen.change(case=pen.case(id=case.id), kind="LastLevelReached", status="resolved",
                   flags=["last_level"])  # fmt: skip
    call = models.CallBack.objects.get(complaint=case, state="due")
    with pytest.raises(PermissionError):
        world.do("agent", call_back.record, call_back_id=call.id, outcome="satisfied")
    world.do("boss", call_back.record, call_back_id=call.id, outcome="satisfied")
    assert actor("boss").role == "supervisor"
    done = models.Event.objects.get(complaint_id=case.id, kind="CallBackDone")
    assert json.loads(done.data)["outcome"] == "satisfied"


@pytest.mark.parametrize(
    ("channel", "to", "said"),
    [
        ("email", "wang@example.com", "已发送给客户"),
        ("phone", PHONE, "已写在客户的进度页上，没有发出；请电话告知客户"),
        ("portal", "", "已写在客户的进度页上；此渠道不能直接发送"),
    ],
)
def test_it_says_truly_whether_an_answer_went_out(
    case: models.Complaint, as_person: Enter, channel: str, to: str, said: str
) -> None:
    models.Complaint.objects.filter(id=case.id).update(reply_channel=channel, reply_to=to)
    before = models.Outbox.objects.filter(complaint_id=case.id).count()
    shown = send(as_person("agent"), case, text="您好，我们正在核实您的包裹。").content.decode()
    went = models.Outbox.objects.filter(complaint_id=case.id).count() > before
    assert said in shown
    assert went is (channel == "email")


def test_a_limit_that_is_over_is_red_before_the_watch_looks(
    case: models.Complaint, world: World
) -> None:
    clock = models.Clock.objects.filter(complaint=case, state="running").first()
    assert clock is not None and clock.due_at is not None
    view = next(
        c
        for c in complaint_read.page(
            viewer=viewer_of(user=models.User.objects.get(username="boss")),
            complaint_id=case.id,
            now=clock.due_at + timedelta(hours=1),
        ).clocks
        if c.id == clock.id.hex
    )
    assert view.level == "breached"


def test_a_correction_says_where_the_complaint_would_belong(
    case: models.Complaint, as_person: Enter
) -> None:
    playbook = office.current_playbook()
    theirs = {c.code: c.department for c in playbook.categories}
    category = next(c for c, d in theirs.items() if c != case.category and d)
    other = next(d.code for d in playbook.departments if d.code != theirs[category])
    models.Complaint.objects.filter(id=case.id).update(department_id=other)
    page = as_person("mgr").post(f"/desk/c/{case.id.hex}/do/correct", {"category": category}, **HX)
    assert page.status_code == 200
    assert "需要时请转交" in page.content.decode()

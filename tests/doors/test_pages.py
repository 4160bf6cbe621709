"""Pages answer, rights hold, personal data stays covered, a form keeps what was typed."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import TemplateDoesNotExist
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image

from company import LOST, PASSWORD, World, complaint, kinds, photo
from huiyin.doors.portal.help import answers_to
from huiyin.flows import unite
from huiyin.flows.receive import Decided
from huiyin.flows.telling import tracking_url
from huiyin.store import models
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import office

Enter = Callable[[str], Client]
PHONE = "13812345678"


@pytest.fixture
def case(world: World) -> models.Complaint:
    return complaint(world.post("portal", f"{LOST}，电话{PHONE}", sender=PHONE, phone=PHONE))


def link(case: models.Complaint, page: str = "t") -> str:
    path = urlsplit(tracking_url(case_id=case.id, number=case.number)).path
    return path.replace("/t/", f"/{page}/", 1)


def get(client: Client, path: str, **how: Any) -> Any:
    """Get a page; skip where its template is still to come."""
    try:
        return client.get(path, **how)
    except TemplateDoesNotExist as error:
        pytest.skip(f"no template yet: {error}")


DESK = (
    "/desk/", "/desk/?view=all", "/desk/search", "/desk/search?q=药", "/desk/new", "/desk/board",
    "/desk/operations", "/desk/quarantine", "/desk/imports", "/desk/people", "/desk/people/new",
    "/desk/playbook", "/desk/account", "/desk/pulse?queue=x", "/desk/lookup?phone=13812345678",
    "/desk/incidents", "/desk/incidents/new", "/desk/doubts", "/desk/doubts?show=reviewed",
)  # fmt: skip


@pytest.mark.parametrize("path", DESK)
def test_a_desk_page_answers(case: models.Complaint, as_person: Enter, path: str) -> None:
    answer = get(as_person("admin"), path)
    assert answer.status_code == 200
    assert answer.content


@pytest.mark.parametrize("path", DESK)
def test_a_desk_page_asks_strangers_to_log_in(world: World, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/desk/login?next=/desk/")


def test_who_logs_in_comes_back_to_the_whole_address(world: World) -> None:
    wanted = "/desk/?view=all&sort=due&category=lost"
    page = Client().get(wanted, follow=True)
    assert page.context["next"] == wanted


@pytest.mark.parametrize("tail", ["", "timeline", "merge", "clock"])
def test_a_page_of_a_complaint_answers(case: models.Complaint, as_person: Enter, tail: str) -> None:
    if tail == "clock":
        tail = f"clock/{models.Clock.objects.filter(complaint=case)[0].id.hex}"
    answer = get(as_person("admin"), f"/desk/c/{case.id.hex}/{tail}")
    assert answer.status_code == 200
    assert case.number in answer.content.decode()


def test_a_pane_of_a_complaint_answers(case: models.Complaint, as_person: Enter) -> None:
    answer = get(as_person("admin"), f"/desk/c/{case.id.hex}/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()


def test_a_quarantined_contact_is_shown_whole(world: World, as_person: Enter) -> None:
    item = world.accept(
        Arrival(channel="api", kind="contact", external_id="", raw=b'{"text": odd', headers={})
    )[0]
    world.decide()
    client = as_person("admin")
    page = get(client, f"/desk/quarantine/{item.id.hex}")
    assert page.status_code == 200
    assert "odd" in page.content.decode()
    refused = client.post(f"/desk/quarantine/{item.id.hex}", {"do": "discard", "reason": ""})
    assert refused.status_code == 422
    done = client.post(f"/desk/quarantine/{item.id.hex}", {"do": "discard", "reason": "测试"})
    assert done.status_code == 302
    assert models.InboxItem.objects.get(id=item.id).state == "set_aside"


def test_the_board_is_handed_out_and_recorded(case: models.Complaint, as_person: Enter) -> None:
    answer = as_person("mgr").get("/desk/board.xlsx")
    assert answer.status_code == 200
    assert answer.content[:2] == b"PK"
    assert models.Export.objects.get().what == "board"


def test_the_sheet_of_the_board_has_numbers_its_period_and_years(
    case: models.Complaint, as_person: Enter
) -> None:
    book = load_workbook(io.BytesIO(as_person("mgr").get("/desk/board.xlsx").content))
    rows = list(book["概览"].iter_rows(values_only=True))
    today = timezone.localdate()
    assert rows[0][0] == "时段"
    assert [v.date() for v in rows[0][1:3]] == [today - timedelta(days=30), today]
    assert ("收到", 1, None, 0) in rows
    assert not [v for row in rows[2:] for v in (row[1], row[3]) if isinstance(v, str)]
    days = list(book["每天收到"].iter_rows(values_only=True))
    assert days[-1][0].date() == today
    assert days[-1][1] == 1


def test_exported_files_are_called_after_the_company_s_own_date(
    as_person: Enter, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = datetime(2026, 11, 27, 17, 35, tzinfo=UTC)
    client = as_person("mgr")
    monkeypatch.setattr(timezone, "now", lambda: night)
    for path, name in (
        ("/desk/board.xlsx", "board-20261128"),
        ("/desk/monitor.xlsx", "monitor-20261128-0135"),
        ("/desk/appeals.xlsx", "appeals-20261128"),
        ("/desk/learning.xlsx", "learning-20261128"),
        ("/desk/aside.xlsx", "aside-20261128"),
    ):
        assert client.get(path)["Content-Disposition"] == f'attachment; filename="{name}.xlsx"'


@pytest.mark.parametrize("path", ["/desk/board", "/desk/operations", "/desk/people"])
def test_a_handler_is_refused_where_he_has_no_right(
    world: World, as_person: Enter, path: str
) -> None:
    assert as_person("ops").get(path).status_code == 403


@pytest.mark.parametrize("bad", ["x", "0" * 32])
def test_an_unknown_complaint_is_not_found(world: World, as_person: Enter, bad: str) -> None:
    client = as_person("admin")
    found = client.get(f"/desk/c/{bad}/")
    assert (found.status_code, "按编号、运单" in found.text) == (404, True)
    assert client.post(f"/desk/c/{bad}/do/take").status_code == 404


def test_a_handler_does_not_see_another_department_s_complaint(
    case: models.Complaint, as_person: Enter
) -> None:
    assert case.department_id == "claims"
    stranger, own = as_person("ops"), as_person("clerk")
    assert stranger.get(f"/desk/c/{case.id.hex}/").status_code == 404
    assert stranger.post(f"/desk/c/{case.id.hex}/do/take").status_code == 404
    assert stranger.get(f"/desk/c/{case.id.hex}/merge").status_code == 404
    pages = stranger.get("/desk/?view=all").content + stranger.get("/desk/search?q=药").content
    assert case.number not in pages.decode()
    assert get(own, f"/desk/c/{case.id.hex}/").status_code == 200


def test_personal_data_is_covered_until_somebody_asks(
    case: models.Complaint, as_person: Enter
) -> None:
    client = as_person("agent")
    address = f"/desk/c/{case.id.hex}/"
    for path in (address, "/desk/?view=all", "/desk/search?q=药", f"{address}merge"):
        assert PHONE not in get(client, path).content.decode()
    assert client.post(f"{address}do/reveal", {"field": "phone"}).status_code == 302
    assert PHONE in client.get(address).content.decode()
    assert kinds(case).count("Revealed") == 1
    seen = models.Event.objects.get(complaint_id=case.id, kind="Revealed")
    assert seen.actor == f"user:{models.User.objects.get(username='agent').id}"
    assert PHONE not in as_person("mgr").get(address).content.decode()


def test_a_reply_reaches_the_customer_s_page(case: models.Complaint, as_person: Enter) -> None:
    client = as_person("clerk")
    done = client.post(f"/desk/c/{case.id.hex}/do/reply", {"text": "已经找到了，明天送到"})
    assert done.status_code == 302
    assert "已经找到了，明天送到" in Client().get(link(case)).content.decode()


def test_an_empty_reply_is_refused_with_words(case: models.Complaint, as_person: Enter) -> None:
    answer = as_person("clerk").post(
        f"/desk/c/{case.id.hex}/do/reply", {"text": "  "}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert answer.content.decode()
    assert "ReplySent" not in kinds(case)


def test_a_department_that_there_is_not_gets_nothing(
    case: models.Complaint, as_person: Enter
) -> None:
    answer = as_person("agent").post(
        f"/desk/c/{case.id.hex}/do/hand_over",
        {"department": "nowhere"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert "没有这个部门" in answer.content.decode()


def test_the_door_locks_after_wrong_passwords(world: World) -> None:
    client = Client()

    def attempt(password: str) -> int:
        form = {"username": "agent", "password": password}
        return int(client.post("/desk/login", form).status_code)

    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert attempt("wrong") == 422
    assert attempt("wrong") == 429
    assert attempt(PASSWORD) == 429
    assert "_auth_user_id" not in client.session
    form = {"username": "AGENT ", "password": PASSWORD}
    answer = client.post("/desk/login", form)
    assert answer.status_code == 429, "however the name is written"
    assert "密码多次输错，请稍后再试" in answer.content.decode()


def test_who_is_locked_out_behind_a_proxy_locks_nobody_else_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = replace(settings.HUIYIN, trusted_proxies=("127.0.0.1",))
    monkeypatch.setattr(settings, "HUIYIN", behind)

    def attempt(password: str, address: str) -> int:
        form = {"username": "agent", "password": password}
        headers = {"x-forwarded-for": address}
        return int(Client(headers=headers).post("/desk/login", form).status_code)

    for _ in range(settings.AXES_FAILURE_LIMIT):
        attempt("wrong", "203.0.113.7")
    assert attempt(PASSWORD, "203.0.113.7") == 429
    assert attempt(PASSWORD, "198.51.100.4") == 302


def test_the_right_password_opens_and_leads_on(world: World) -> None:
    form = {"username": "agent", "password": PASSWORD, "next": "/desk/account"}
    answer = Client().post("/desk/login", form)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/account")


def test_the_login_leads_nowhere_else(world: World) -> None:
    form = {"username": "agent", "password": PASSWORD, "next": "https://evil.example/"}
    answer = Client().post("/desk/login", form)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")


def test_a_disabled_person_stays_outside(world: World) -> None:
    models.User.objects.filter(username="agent").update(is_active=False)
    answer = Client().post("/desk/login", {"username": "agent", "password": PASSWORD})
    assert answer.status_code == 422


@pytest.mark.parametrize("page", ["t", "s"])
def test_a_customer_s_page_needs_its_own_secret(
    world: World, case: models.Complaint, page: str
) -> None:
    other = complaint(world.post("phone", "快递员上门时骂人，态度恶劣", sender="13900001111"))
    client = Client()
    assert get(client, link(case, page)).status_code == 200
    assert client.get(f"/{page}/{case.number}/wrong/").status_code == 404
    foreign = link(other, page).replace(other.number, case.number)
    assert client.get(foreign).status_code == 404
    assert client.get(link(case, page).replace(case.number, "HY20000101-000001")).status_code == 404


def test_a_customer_s_page_shows_no_phone_in_full(case: models.Complaint) -> None:
    text = get(Client(), link(case)).content.decode()
    assert case.number in text
    assert PHONE not in text
    assert "138****5678" in text


def test_the_customer_adds_words_to_his_complaint(case: models.Complaint) -> None:
    answer = Client().post(f"{link(case)}add", {"text": "补充：外箱是蓝色的", "once": "a1"})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.contacts == 2
    assert "外箱是蓝色的" in Client().get(link(case)).content.decode()
    empty = Client().post(f"{link(case)}add", {"text": ""})
    assert empty.status_code == 422


def test_the_form_keeps_what_was_typed(world: World) -> None:
    typed = {"text": "包裹丢了三天没更新", "waybill": "!!", "contact": "小明", "category": "lost"}
    answer = Client().post("/file", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    for words in ("包裹丢了三天没更新", "!!", "小明"):
        assert words in text
    assert set(answer.context["errors"]) == {"contact", "waybill"}
    assert not models.InboxItem.objects.exists()


def test_a_file_of_an_odd_kind_is_refused_and_the_words_stay(world: World) -> None:
    odd = SimpleUploadedFile("photo.png", b"#!/bin/sh\n", content_type="image/png")
    answer = Client().post("/file", {"text": "包裹压坏了", "contact": PHONE, "photos": odd})
    assert answer.status_code == 422
    assert set(answer.context["errors"]) == {"photos"}
    assert "包裹压坏了" in answer.content.decode()
    assert "重新选" not in answer.context["errors"]["photos"]


def test_files_that_are_lost_with_a_refused_form_are_asked_for_again(world: World) -> None:
    def files(*kinds: bytes) -> list[SimpleUploadedFile]:
        return [SimpleUploadedFile(f"{n}.png", kind, "image/png") for n, kind in enumerate(kinds)]

    form = {"text": "包裹压坏了，外箱破了一个洞", "contact": PHONE}
    both = {**form, "photos": files(photo(), b"MZ not a picture")}
    answer = Client().post("/file", both)
    assert "其余照片和文件也要重新选一次" in answer.context["errors"]["photos"]
    answer = Client().post("/file", {**form, "contact": "小明", "photos": files(photo())})
    assert answer.context["errors"]["photos"] == "照片和文件要重新选一次"
    answer = Client().post("/file", {**form, "contact": "小明"})
    assert set(answer.context["errors"]) == {"contact"}
    assert list(answer.context["answers"]()) == list(answers_to(text=form["text"]))


@pytest.mark.parametrize(
    ("status", "level", "title", "stage", "says"),
    [
        ("new", 0, "已收到", "已收到", "已收到，编号"),
        ("assigned", 0, "等待受理", "已分派", "等待受理"),
        ("working", 0, "处理中", "处理中", "正在核查"),
        ("waiting_approval", 0, "处理中", "处理中", "正在核查"),
        ("waiting_customer", 0, "等您补充", "处理中", "需要您补充"),
        ("waiting_customer", 1, "等您补充", "处理中", "需要您补充"),
        ("assigned", 1, "重新处理中", "处理中", "正在重新处理"),
        ("resolved", 0, "已答复", "已答复", "已答复"),
        ("closed", 0, "已办结", "已办结", "已办结"),
        ("archived", 0, "已办结", "已办结", "已办结"),
    ],
)
def test_title_sentence_and_stepper_of_the_customer_agree(
    case: models.Complaint, status: str, level: int, title: str, stage: str, says: str
) -> None:
    models.Complaint.objects.filter(id=case.id).update(status=status, level=level)
    page = Client().get(link(case)).context["page"]
    assert (page.status_label, page.stages[page.stage]) == (title, stage)
    assert says in page.promise
    assert page.promise[-1] != "。"
    assert "重新提出" not in page.promise or page.can_reopen
    client = Client(headers={"accept-language": "en"})
    assert not set(client.get(link(case)).context["page"].promise) & set("。，、；：")


def test_filing_leads_to_number_and_link(world: World) -> None:
    client = Client()
    form = {"text": LOST, "contact": PHONE, "once": "k-1"}
    assert client.post("/file", form)["Location"] == "/filed"
    case = models.Complaint.objects.get()
    page = client.get("/filed").content.decode()
    assert case.number in page
    assert link(case) in page
    assert client.post("/file", form)["Location"] == "/filed"
    assert models.Complaint.objects.count() == 1
    assert models.InboxItem.objects.get().repeats == 1


def test_who_knows_a_waybill_or_a_telephone_is_shown_nobody_else_s_link(world: World) -> None:
    own = Client()
    form = {"text": f"{LOST}，我住在人民路 8 号", "contact": PHONE, "once": "k-1"}
    own.post("/file", form)
    case = models.Complaint.objects.get()
    assert case.waybill
    for contact in (PHONE, "13900009999", "somebody@mail.example"):
        other = Client()
        given = {"text": f"{case.waybill} 怎么还没找到", "contact": contact}
        assert other.post("/file", given)["Location"] == "/filed"
        page = other.get("/filed").content.decode()
        assert case.number in page
        assert link(case) not in page
        told = other.post("/file", given, headers={"Accept": "application/json"}).json()
        assert (told["number"], told["link"]) == (case.number, "")
    assert models.Complaint.objects.count() == 1
    own.post("/file", {"text": f"{case.waybill} 还没找到吗", "contact": PHONE, "once": "k-2"})
    assert link(case) in own.get("/filed").content.decode(), "this browser made it"


def test_who_files_first_is_not_shown_what_another_says_of_the_parcel(world: World) -> None:
    first = {"text": LOST, "contact": "13900009999", "once": "k-1"}
    told = Client().post("/file", first, headers={"Accept": "application/json"}).json()
    case = models.Complaint.objects.get()
    page = urlsplit(told["link"]).path
    secret = SimpleUploadedFile("box.png", photo(), "image/png")
    second = {"text": f"{case.waybill}还没找到，我住人民路", "contact": PHONE, "photos": secret}
    Client().post("/file", second)
    case.refresh_from_db()
    assert case.contacts == 2
    file = models.Attachment.objects.get()
    assert "人民路" not in Client().get(page).content.decode()
    assert Client().get(f"{page}f/{file.id.hex}").status_code == 404
    added = {
        "text": "补充：里面是药瓶",
        "photos": SimpleUploadedFile("2.png", photo(), "image/png"),
    }
    Client().post(f"{page}add", added)
    shown = Client().get(page).content.decode()
    assert "药瓶" in shown
    own = models.Attachment.objects.exclude(id=file.id).get()
    assert f"{page}f/{own.id.hex}" in shown
    assert Client().get(f"{page}f/{own.id.hex}").status_code == 200


def test_a_guessed_number_of_a_program_s_contact_leads_nowhere(world: World) -> None:
    world.post("portal", LOST, sender=PHONE, phone=PHONE, id="1001")
    case = models.Complaint.objects.get()
    guess = {"text": "你好，我要投诉你们", "contact": "13900009999", "once": "1001"}
    told = Client().post("/file", guess, headers={"Accept": "application/json"}).json()
    assert told["number"] != case.number


def test_a_picture_that_fills_the_memory_is_refused(world: World) -> None:
    small = io.BytesIO()
    Image.new("1", (1, 1)).save(small, "PNG")
    head = b"IHDR" + struct.pack(">II", 60_000, 60_000) + b"\x08\x02\0\0\0"
    start = small.getvalue()[:8] + struct.pack(">I", 13) + head
    huge = start + struct.pack(">I", zlib.crc32(head)) + small.getvalue()[33:]
    answer = Client().post(
        "/file",
        {
            "text": LOST,
            "contact": PHONE,
            "photos": SimpleUploadedFile("huge.png", huge, "image/png"),
        },
    )
    assert answer.status_code == 422
    assert "尺寸太大" in answer.content.decode()


def test_far_too_many_files_are_refused_in_words(world: World) -> None:
    many = [SimpleUploadedFile(f"{n}.png", b"x", "image/png") for n in range(120)]
    answer = Client().post("/file", {"text": LOST, "contact": PHONE, "photos": many})
    assert answer.status_code == 400
    assert "一次选了太多文件" in answer.content.decode()


def test_a_file_is_opened_by_its_own_customer_s_link_only(world: World) -> None:
    whole = io.BytesIO()
    Image.new("RGB", (4, 4)).save(whole, "PNG")
    photo = SimpleUploadedFile("box.png", whole.getvalue(), content_type="image/png")
    Client().post("/file", {"text": LOST, "contact": PHONE, "photos": photo})
    case = models.Complaint.objects.get()
    other = complaint(world.post("phone", "快递员上门时骂人，态度恶劣", sender="13900001111"))
    file = f"f/{models.Attachment.objects.get().id.hex}"
    own, foreign = f"{link(case)}{file}", f"{link(other)}{file}"

    def statuses() -> tuple[int, int]:
        return Client().get(own).status_code, Client().get(foreign).status_code

    assert statuses() == (200, 404)
    world.do("boss", unite.merge, complaint_id=case.id, into_number=other.number)
    assert statuses() == (200, 404)


def test_the_survey_is_answered_once(
    world: World, case: models.Complaint, post: Callable[..., Decided]
) -> None:
    from huiyin.flows import answer, investigate

    world.do(
        "boss",
        investigate.give_verdict,
        complaint_id=case.id,
        verdict="not_upheld",
        cause="no_fault",
    )
    world.do("boss", answer.resolve, complaint_id=case.id, text="核查未发现问题，依据如下")
    client = Client()
    for stars in ("9", "²", "9" * 5000):
        assert client.post(link(case, "s"), {"stars": stars}).status_code == 422
    assert client.post(link(case, "s"), {"stars": "5", "words": "谢谢"}).status_code == 302
    assert client.post(link(case, "s"), {"stars": "1"}).status_code == 422
    case.refresh_from_db()
    assert (case.status, case.stars) == ("closed", 5)


def test_before_the_first_run_every_door_leads_to_it(db: None) -> None:
    for path in ("/", "/desk/", "/desk/login"):
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/desk/first-run")
    assert get(Client(), "/desk/first-run").status_code == 200


def test_the_first_run_founds_the_company_once(db: None) -> None:
    form = {
        "company": "测试快递",
        "name": "管理员",
        "username": "root",
        "password": "short",
        "playbook": "express-default",
    }
    client = Client()
    assert client.post("/desk/first-run", form).status_code == 422
    assert not models.Company.objects.exists()
    form["password"] = PASSWORD
    wrong = client.post("/desk/first-run", {**form, "hotline": "打给我们"})
    assert wrong.status_code == 422 and 'value="打给我们"' in wrong.content.decode()
    form["hotline"] = "400-000-0000"
    assert client.post("/desk/first-run", form)["Location"] == "/desk/"
    assert office.current_playbook().hotline == "400-000-0000"
    assert models.User.objects.get().role == "administrator"
    assert get(client, "/desk/").status_code == 200
    again = Client().post("/desk/first-run", {**form, "username": "intruder"})
    assert again.status_code == 302
    assert models.User.objects.count() == 1


def test_health_tells_no_secrets(world: World) -> None:
    assert Client().get("/healthz").status_code == 200

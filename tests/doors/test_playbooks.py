"""The pages of the playbook: read, drawn, drafted, compared, approved, moved to."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from company import LOST, PASSWORD, World, complaint
from huiyin.flows import rehearse
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger import people, rehearsals
from huiyin.store.read import office

Enter = Callable[[str], Client]


@pytest.fixture
def owner(world: World, as_person: Enter) -> Client:
    for username, name in (("owner", "流程小林"), ("second", "流程小何")):
        people.add_person(
            now=world.now, username=username, name=name, role="process_owner", password=PASSWORD
        )
    return as_person("owner")


def begun(owner: Client) -> str:
    answer = owner.post("/desk/playbook/drafts/new")
    assert answer.status_code == 302
    return str(answer["Location"])


def text_of(client: Client, url: str) -> str:
    body = client.get(f"{url}?tab=yaml").content.decode()
    found = re.search(r'<textarea id="id_text"[^>]*>(.*?)</textarea>', body, re.DOTALL)
    assert found
    return html.unescape(found[1]).lstrip("\n")


def save(client: Client, url: str, revision: int, **form: str) -> Any:
    return client.post(url, {"revision": str(revision), **form})


def test_everybody_reads_and_sees_the_procedure_drawn(world: World, as_person: Enter) -> None:
    answer = as_person("ops").get("/desk/playbook")
    body = answer.content.decode()
    assert answer.status_code == 200
    assert body.count('<svg class="flow"') >= 5
    assert "用文字说" in body
    assert "起草新版本" not in body
    assert as_person("ops").get("/desk/playbook?version=nothing").status_code == 404


def test_a_form_changes_one_place_of_the_text(owner: Client) -> None:
    url = begun(owner)
    before = text_of(owner, url)
    answer = save(
        owner, url, 1, tab="clocks",
        **{"p:clocks/1/for/normal": "3小时", "o:p:clocks/1/for/normal": "4 小时"},
    )  # fmt: skip
    assert answer.status_code == 302
    after = text_of(owner, url)
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True)
               if a != b]  # fmt: skip
    assert len(changed) == 1
    assert "normal: PT3H" in changed[0][1]
    body = owner.get(url).content.decode()
    assert "改了" in body
    assert "首次回复" in body


TABS = ("clocks", "categories", "routing", "urgency", "scripts", "messages", "steps", "remedies")


def test_every_part_has_its_form(owner: Client) -> None:
    url = begun(owner)
    for tab in (*TABS, "yaml"):
        answer = owner.get(f"{url}?tab={tab}")
        assert answer.status_code == 200
        assert "检查通过" in answer.content.decode(), tab


def test_problems_are_told_live_with_line_and_remedy(owner: Client) -> None:
    url = begun(owner)
    text = text_of(owner, url).replace("department: operations", "department: operation", 1)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.endswith("operation"))
    body = owner.post(f"{url}check", {"tab": "yaml", "text": text}).content.decode()
    assert f"第 {line} 行" in body
    assert "是否想写“operations”？" in body
    body = owner.post(
        f"{url}check", {"tab": "clocks", "p:clocks/0/for": "soon", "o:p:clocks/0/for": "x"}
    ).content.decode()
    assert "时长格式不对" in body
    assert models.PlaybookDraft.objects.get().revision == 1


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n"


HOSTILE = (
    (BOMB, "aliases"),
    ("\tkey: x\n", "YAML 语法错误"),
    ("[1, 2]", "键: 值"),
    ("", "键: 值"),
    ("key: 5\nclocks: {a: 1}\n", "应为"),
    ("k: " + "[" * 500, "YAML 语法错误"),
    ("key: x\n" * 150_000, "超过"),
    ("key: \x08\n", "YAML 语法错误"),
    ("{{{{", "YAML 语法错误"),
)


def test_hostile_text_gets_a_clear_error_and_is_kept(owner: Client) -> None:
    url = begun(owner)
    for revision, (text, told) in enumerate(HOSTILE, 1):
        body = owner.post(f"{url}check", {"tab": "yaml", "text": text}).content.decode()
        assert told in html.unescape(body), text[:20]
        assert save(owner, url, revision, tab="yaml", text=text).status_code == 302
        assert models.PlaybookDraft.objects.get().text == text
        assert owner.get(url).status_code == 200
    assert owner.get(f"{url}rehearse").status_code == 200
    refused = owner.post(f"{url}do/submit", follow=True).content.decode()
    assert "改好后才能提交" in refused
    too_long = save(owner, url, len(HOSTILE) + 1, tab="yaml", text="x" * 1_200_001)
    assert too_long.status_code == 422
    assert "太长" in too_long.content.decode()
    assert models.PlaybookDraft.objects.get().text == HOSTILE[-1][0]


def test_a_new_number_alone_is_no_change(owner: Client) -> None:
    url = begun(owner)
    refused = owner.post(f"{url}do/submit", follow=True).content.decode()
    assert "没有可提交的改动" in refused
    assert models.PlaybookDraft.objects.get().state == "draft"


def test_a_sum_that_is_none_is_told_in_yuan(owner: Client) -> None:
    url = begun(owner)
    save(owner, url, 1, tab="remedies", **{"p:authority/0/per_case": "五百"})
    assert "“五百”不是金额；写数字，以元为单位" in owner.get(f"{url}?tab=remedies").content.decode()


def test_two_at_once_see_each_other_and_lose_nothing(owner: Client, as_person: Enter) -> None:
    url, other = begun(owner), as_person("second")
    mine = text_of(owner, url)
    theirs = mine.replace("normal: PT4H", "normal: PT3H", 1)
    assert save(other, url, 1, tab="yaml", text=theirs).status_code == 302
    wanted = mine.replace("normal: PT4H", "normal: PT2H", 1)
    answer = save(owner, url, 1, tab="yaml", text=wanted)
    body = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "流程小何" in body
    assert "normal: PT3H" in body and "normal: PT2H" in body
    assert text_of(owner, url) == theirs
    assert save(owner, url, 2, tab="yaml", text=wanted).status_code == 302
    assert text_of(owner, url) == wanted


def test_fields_that_were_not_touched_do_not_undo_what_another_changed(
    owner: Client, as_person: Enter
) -> None:
    url = begun(owner)
    save(as_person("second"), url, 1, tab="clocks",
         **{"p:clocks/0/for": "20 分钟", "o:p:clocks/0/for": "30 分钟"})  # fmt: skip
    body = owner.post(f"{url}check", {
        "tab": "clocks", "p:clocks/0/for": "30 分钟", "o:p:clocks/0/for": "30 分钟",
        "p:clocks/2/warn_share": "0.9", "o:p:clocks/2/warn_share": "0.5",
    })  # fmt: skip
    assert body.status_code == 200
    answer = save(owner, url, 1, tab="clocks", **{
        "p:clocks/0/for": "30 分钟", "o:p:clocks/0/for": "30 分钟",
        "p:clocks/2/warn_share": "0.9", "o:p:clocks/2/warn_share": "0.5",
    })  # fmt: skip
    assert answer.status_code == 409
    kept = re.search(r'<textarea name="text" hidden>(.*?)</textarea>', answer.content.decode(),
                     re.DOTALL)  # fmt: skip
    assert kept
    assert "for: PT20M" in html.unescape(kept[1])
    assert "warn_share: 0.9" in html.unescape(kept[1])


def test_a_rule_is_added_moved_and_deleted(owner: Client) -> None:
    url = begun(owner)
    before = text_of(owner, url)
    save(owner, url, 1, tab="routing", list="add:routing")
    added = text_of(owner, url)
    assert "- id: new_1" in added
    many = added[added.index("\nrouting:") :].count("\n  - id:")
    assert "检查通过" in owner.get(url).content.decode()
    last = before[before.index("\nrouting:") : before.index("\nclocks:")].count("\n  - id:")
    save(owner, url, 2, tab="routing", list=f"up:routing/{last - 1}")
    save(owner, url, 3, tab="routing", list=f"drop:routing/{last - 2}")
    assert "new_1" not in text_of(owner, url)
    assert many
    save(owner, url, 4, tab="checklists", list="add:categories.3.checklist")
    assert "- id: new_1" in text_of(owner, url).partition("  - code: damaged")[2][:2000]
    save(owner, url, 5, tab="checklists", list="add:clocks")
    assert text_of(owner, url).count("new_1") == 1
    assert save(owner, url, 6, tab="routing", list="up:routing/0").status_code == 422
    assert save(owner, url, 6, tab="routing", list="drop:nothing/x").status_code == 422


def test_another_approves_and_complaints_are_moved_on_purpose(
    owner: Client, as_person: Enter, post: Callable[..., Decided]
) -> None:
    case = complaint(post("portal", LOST, sender="13812345678"))
    url = begun(owner)
    text = text_of(owner, url).replace("normal: PT4H", "normal: PT3H", 1)
    save(owner, url, 1, tab="yaml", text=text)
    owner.post(f"{url}do/submit")
    assert "改过这份草稿的人不能批准它" in owner.get(url).content.decode()
    owner.post(f"{url}do/approve")
    assert models.PlaybookDraft.objects.get().state == "submitted"
    manager = as_person("mgr")
    assert 'value="" name="effective_on"' not in owner.get(url).content.decode()
    manager.post(f"{url}do/approve", {"effective_on": "not a day"})
    assert models.PlaybookDraft.objects.get().state == "submitted"
    manager.post(f"{url}do/approve", {"words": "同意"})
    assert models.PlaybookDraft.objects.get().state == "in_force"
    office.forget()
    to = office.company().playbook.version_id
    assert case.playbook_version != to
    assert as_person("ops").post("/desk/playbook/move").status_code == 403
    owner.post("/desk/playbook/move", {"version": case.playbook_version, "reason": "统一时限"})
    case.refresh_from_db()
    assert case.playbook_version == to
    body = owner.get(f"/desk/playbook/compare?a={case.playbook_version}").content.decode()
    assert "处不同" in body
    page = as_person("mgr").get(f"/desk/c/{case.id.hex}/").content.decode()
    assert "改用另一版规程" in page


def test_past_complaints_go_through_a_draft(owner: Client, post: Callable[..., Decided]) -> None:
    for number in range(3):
        post("portal", LOST.replace("3567", f"35{number}7"), sender=f"1381234567{number}")
    url = begun(owner)
    text = text_of(owner, url)
    text = re.sub(r"(code: lost\n.*?department: )claims", r"\1operations", text, flags=re.DOTALL)
    save(owner, url, 1, tab="yaml", text=text)
    asked = owner.post(f"{url}rehearse", {"n": "2000"})
    assert asked.status_code == 302
    running = owner.get(f"{url}rehearse").content.decode()
    assert "0 / 2000" in running and 'hx-trigger="every 1s"' in running
    rehearse.go_on(clock=timezone.now)
    body = owner.get(f"{url}rehearse").content.decode()
    assert "1 件中，1 件会不一样" in body and "every 1s" not in body
    assert "责任部门" in body
    assert "运营" in body
    sheet = owner.get(f"{url}rehearse?export=1")
    assert sheet.content[:2] == b"PK"
    assert models.Export.objects.filter(what="rehearsal").count() == 1
    save(owner, url, 2, tab="yaml", text=text + "# 再改\n")
    assert "试跑以后草稿又改过" in owner.get(f"{url}rehearse").content.decode()


def test_a_rehearsal_is_given_up_for_another_and_taken_over_from_who_was_killed(
    owner: Client, post: Callable[..., Decided], monkeypatch: pytest.MonkeyPatch
) -> None:
    post("portal", LOST)
    url = begun(owner)
    owner.post(f"{url}rehearse", {"n": "many"})
    now = timezone.now()
    killed = rehearsals.claim(now=now)
    assert killed is not None and killed.limit == 500
    assert rehearsals.claim(now=now) is None
    again = rehearsals.claim(now=now + rehearsals.LEASE * 2)
    assert again == killed
    owner.post(f"{url}rehearse", {"n": "10000"})
    assert not rehearsals.note(asked=killed, now=now, done=1)
    assert rehearse.go_on(clock=timezone.now) == 1
    assert rehearse.go_on(clock=timezone.now) == 0
    draft = models.PlaybookDraft.objects.get()
    assert models.Job.objects.get(name=f"rehearsal:{draft.id.hex}").state["limit"] == 10_000


def test_a_draft_with_problems_is_not_rehearsed(owner: Client) -> None:
    url = begun(owner)
    save(owner, url, 1, tab="yaml", text="key: x\n")
    owner.post(f"{url}rehearse", {"n": "500"})
    assert not models.Job.objects.filter(name__startswith="rehearsal:").exists()
    assert "草稿还有问题" in owner.get(f"{url}rehearse").content.decode()


@pytest.mark.parametrize("who", ["agent", "ops", "boss"])
def test_drafts_are_for_those_who_write_or_approve(
    owner: Client, as_person: Enter, who: str
) -> None:
    url = begun(owner)
    client = as_person(who)
    assert client.get(url).status_code == 403
    assert client.post("/desk/playbook/drafts/new").status_code == 403
    assert client.post(f"{url}check", {"text": "x"}).status_code == 403
    assert client.post(f"{url}do/approve").status_code == 403
    assert client.get(f"{url}rehearse").status_code == 403
    assert owner.get("/desk/playbook/drafts/nothing/").status_code == 404
    assert owner.get(f"{url}?tab=nothing").status_code == 404
    assert as_person("mgr").post(url, {"tab": "yaml", "text": "x"}).status_code == 403

"""A consultation or a request is archived with what was answered, and asks nothing any more."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from company import World
from huiyin.store import models

Enter = Callable[[str], Client]
ASKED = {
    "channel": "phone", "branch": "consultation", "phone": "13875556666", "name": "刘先生",
    "text": "问一下寄到株洲多少钱一公斤，几天到", "told_consultation": "首重十二元，后天到",
    "told_business_request": "不该出现", "once": "a1",
}  # fmt: skip


def test_the_answer_is_kept_with_the_archived_contact(world: World, as_person: Enter) -> None:
    agent = as_person("agent")
    form = agent.get("/desk/new").content.decode()
    assert 'name="told_consultation"' in form and 'name="told_business_request"' in form
    assert 'name="told_complaint"' not in form
    agent.post("/desk/new", ASKED)
    case = models.Complaint.objects.get()
    assert (case.status, case.triage["told_at_desk"]) == ("archived", "首重十二元，后天到")
    page = agent.get(f"/desk/c/{case.id.hex}/").content.decode()
    assert "首重十二元，后天到" in page and "当场怎么答的" in page
    assert 'id="steps"' not in page and 'id="evidence"' not in page
    assert "系统拿不准" not in page
    listed = as_person("mgr").get("/desk/?view=done").content.decode()
    assert case.number in listed and "首重十二元，后天到" in listed
    out = models.Message.objects.filter(complaint=case, direction="out")
    assert all("首重" not in m.text for m in out)


def test_a_request_says_who_takes_it_on(world: World, as_person: Enter) -> None:
    agent = as_person("agent")
    agent.post(
        "/desk/new",
        {**ASKED, "branch": "business_request", "text": "想开一张发票",
         "told_business_request": "转财务小周，明天联系", "once": "a2"},
    )  # fmt: skip
    case = models.Complaint.objects.get()
    assert case.triage["told_at_desk"] == "转财务小周，明天联系"
    page = agent.get(f"/desk/c/{case.id.hex}/").content.decode()
    assert "转给谁、怎么办" in page and "转财务小周" in page

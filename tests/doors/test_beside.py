"""Similar cases arrive after the page, and an answer goes into the composer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from company import World, complaint
from huiyin.flows import answer, assign, investigate
from huiyin.store import models

Enter = Callable[[str], Client]
SAID = "显示已签收，可我根本没收到手机，派件员说放门口了，单号SF123456789000{n}"


@pytest.fixture
def two(world: World) -> tuple[models.Complaint, models.Complaint]:
    past = complaint(world.post("portal", SAID.format(n=1), sender_name="王小明"))
    world.do("agent", assign.take, complaint_id=past.id)
    world.do("agent", investigate.give_verdict, complaint_id=past.id, verdict="upheld",
             cause="misdelivery", department="operations", reason="监控")  # fmt: skip
    text = "王先生，您的件SF1234567890001<b>已找到</b>，赔您300元。"
    world.do("agent", answer.resolve, complaint_id=past.id, text=text, agent="小李")
    return past, complaint(world.post("portal", SAID.format(n=2), sender_name="赵敏"))


def test_similar_cases_are_fetched_beside_the_page(
    two: tuple[models.Complaint, models.Complaint], as_person: Enter
) -> None:
    past, now = two
    client = as_person("agent")
    page = client.get(f"/desk/c/{now.id.hex}/").content.decode()
    assert f'hx-get="/desk/c/{now.id.hex}/beside"' in page
    beside = client.get(f"/desk/c/{now.id.hex}/beside").content.decode()
    assert past.id.hex in beside and "文字相近" in beside and "<b>" not in beside
    stranger = as_person("clerk")
    assert stranger.get(f"/desk/c/{now.id.hex}/beside").status_code == 404
    assert client.get(f"/desk/c/{'0' * 32}/beside").status_code == 404


def test_the_answer_of_another_goes_into_the_composer(
    two: tuple[models.Complaint, models.Complaint], as_person: Enter
) -> None:
    past, now = two
    client = as_person("agent")
    path = f"/desk/c/{now.id.hex}/like/{past.id.hex}"
    found = client.get(path, headers={"HX-Request": "true"}).json()
    assert found["text"] == "赵敏，您的件SF1234567890002<b>已找到</b>，赔您____元。"
    assert found["blanks"] == 1 and found["because"]
    plain = client.get(path)
    assert plain.status_code == 302
    page = client.get(plain["Location"]).content.decode()
    assert "赵敏，您的件SF1234567890002&lt;b&gt;已找到&lt;/b&gt;，赔您____元。</textarea>" in page
    assert client.get(f"/desk/c/{now.id.hex}/like/{now.id.hex}").status_code == 404
    assert client.get(f"/desk/c/{now.id.hex}/?like=nonsense").status_code == 200

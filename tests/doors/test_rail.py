"""The navigation is kept as drawn, yet always the viewer's own and of this moment."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from company import LOST, World, complaint
from huiyin.flows import collaborate
from huiyin.store import models
from huiyin.store.read import rail
from huiyin.store.read.viewer import viewer_named

Enter = Callable[[str], Client]


def _counts(page: str) -> list[str]:
    return re.findall(r'rail-count num"[^>]*>([^<]+)<', page)


def test_a_new_task_shows_on_the_next_page_of_the_department_asked_alone(
    world: World, as_person: Enter
) -> None:
    case = complaint(world.post("web", LOST, sender="13900000001"))
    before = {who: as_person(who).get("/desk/").content.decode() for who in ("ops", "agent")}
    world.do("boss", collaborate.ask, complaint_id=case.id, departments=["operations"],
             question="请查仓库")  # fmt: skip
    after = {who: as_person(who).get("/desk/").content.decode() for who in ("ops", "agent")}
    assert _counts(before["ops"]) == [] and _counts(after["ops"]) == ["1"]
    assert _counts(before["agent"]) == _counts(after["agent"])
    ops = viewer_named(username="ops")
    assert ops is not None and rail.waiting(viewer=ops, now=world.now).tasks == 1


def test_each_role_and_language_has_a_navigation_of_its_own(world: World, as_person: Enter) -> None:
    admin, agent = as_person("admin"), as_person("agent")
    for _again in range(2):
        assert 'href="/desk/people"' in admin.get("/desk/").content.decode()
        assert 'href="/desk/people"' not in agent.get("/desk/").content.decode()
    english = agent.get("/desk/", headers={"Accept-Language": "en"}).content.decode()
    assert ">Queue<" in english and ">队列<" not in english


@pytest.mark.parametrize("role", ["agent", "handler", "supervisor", "process_owner", "manager"])
def test_whoever_belongs_to_no_department_has_a_navigation_too(
    world: World, as_person: Enter, role: str
) -> None:
    models.User.objects.filter(username="admin").update(role=role, department=None)
    assert as_person("admin").get("/desk/").status_code == 200


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("desk:queue", []),
        ("desk:act", ["0" * 32, "take"]),
        ("desk:task_file", ["0" * 32, 3]),
        ("desk:article", ["lost-parcel"]),
        ("desk:complaint", ["编 号?&"]),
    ],
)
def test_the_tag_url_gives_what_django_gives(name: str, given: list[object]) -> None:
    words = " ".join([f'"{name}"', *(f"a{n}" for n, _ in enumerate(given))])
    template = Template(
        "{% load look %}{% autoescape off %}{% url " + words + " %}{% endautoescape %}"
    )
    context = Context({f"a{n}": one for n, one in enumerate(given)})
    assert template.render(context) == reverse(name, args=given)

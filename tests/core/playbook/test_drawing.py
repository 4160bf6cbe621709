"""Drawings, lengths in words, forms and comparisons of a playbook."""

from __future__ import annotations

import itertools
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import playbooks
from huiyin.core.playbook import Playbook, load_playbook
from huiyin.core.playbook.compare import compare, side_by_side
from huiyin.core.playbook.drawing import ALONE, WIDTH, draw, procedures, svg
from huiyin.core.playbook.edit import Edit, apply
from huiyin.core.playbook.entries import ADDABLE, ORDERED, added
from huiyin.core.playbook.fields import at
from huiyin.core.playbook.lengths import length_from, length_words
from huiyin.core.playbook.problem import CannotLoadPlaybook
from huiyin.core.playbook.sections import NAMES, changes, section
from huiyin.core.playbook.source import read_document

pytestmark = pytest.mark.thorough

TEXTS = {name: playbooks.text(name=name) for name in playbooks.shipped()}


def loaded(name: str) -> Playbook:
    return load_playbook(text=TEXTS[name], adopted=True)


def every() -> list[tuple[str, str, str]]:
    return [
        (name, category, branch)
        for name in TEXTS
        for category, branch, _same in procedures(playbook=loaded(name))
    ]


@pytest.mark.parametrize(("name", "category", "branch"), every())
@pytest.mark.parametrize("english", [False, True])
def test_a_drawing_shows_every_step_once_and_boxes_do_not_overlap(
    name: str, category: str, branch: str, english: bool
) -> None:
    playbook = loaded(name)
    drawing = draw(playbook=playbook, category=category, branch=branch, english=english)
    steps = playbook.steps_for(category=category, branch=branch)
    assert [n.id for n in drawing.nodes] == ["start", *(s.id for s in steps), "end"]
    assert len(drawing.words) == len(steps)
    for a, b in itertools.combinations(drawing.nodes, 2):
        beside = abs(a.x - b.x) >= WIDTH
        apart = a.y + a.height <= b.y or b.y + b.height <= a.y
        assert beside or apart, (a.id, b.id)
    for node in drawing.nodes:
        assert node.x >= 0 and node.x + WIDTH <= drawing.width
        assert node.y >= 0 and node.y + node.height <= drawing.height
    root = ElementTree.fromstring(svg(drawing=drawing, id="f", style=ALONE))
    said = "".join(root.itertext())
    language = "en" if english else "zh"
    for step in steps:
        assert step.name.said(language=language).replace(" ", "")[:10] in said.replace(" ", "")


def test_procedures_cover_every_category_once_on_the_way_of_complaints() -> None:
    for name in TEXTS:
        ways = [same for _c, branch, same in procedures(playbook=loaded(name))
                if branch == "complaint"]  # fmt: skip
        assert sorted(itertools.chain(*ways)) == sorted(c.code for c in loaded(name).categories)


def test_what_a_playbook_says_is_no_markup() -> None:
    text = apply(
        text=TEXTS["express-default"],
        edits=[Edit("set", ("steps", 1, "name", "zh"), "<script>alert(1)</script>")],
    )
    playbook = load_playbook(text=text, adopted=True)
    drawn = svg(drawing=draw(playbook=playbook, category="fee", branch="complaint"), id="f")
    assert "<script" not in drawn
    assert "&lt;script" in drawn


@pytest.mark.parametrize(
    ("iso", "zh", "en"),
    [("PT4H", "4 小时", "4 hours"), ("PT30M", "30 分钟", "30 minutes"), ("P7D", "7 天", "7 days"),
     ("PT1H30M", "1 小时 30 分钟", "1 hour 30 minutes")],
)  # fmt: skip
def test_lengths_are_read_as_they_are_said(iso: str, zh: str, en: str) -> None:
    assert length_words(length=iso, english=False) == zh
    assert length_words(length=iso, english=True) == en
    assert length_from(text=zh) == iso
    assert length_from(text=en) == iso
    assert length_from(text=iso.lower()) == iso
    assert length_from(text=f" {zh.replace(' ', '')} ") == iso


@given(st.text(max_size=20))
def test_any_text_is_a_length_or_stays_what_it_is(text: str) -> None:
    length_from(text=text)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_form_given_back_unchanged_changes_nothing(name: str) -> None:
    for text in TEXTS.values():
        data = read_document(text=text).data
        groups = section(data=data, name=name)
        assert groups
        given = {f.name: f.shown for g in groups for f in g.fields}
        assert changes(groups=groups, given=given, data=data) == []
        assert len({f.name for g in groups for f in g.fields}) == len(given)


def test_changed_fields_change_the_playbook() -> None:
    data = read_document(text=TEXTS["express-default"]).data
    given = {
        "p:clocks/1/for/normal": "3小时",
        "p:authority/0/per_case": "300.50",
        "p:authority/2/per_day": "",
        "p:categories/0/department": "claims",
        "p:categories/0/remedies": "apology，coupon",
        "p:steps/1/within": "30 分钟",
        "p:steps/3/optional": "true",
        "p:messages/closed/short/zh": "【{company}】完结",
    }
    edits = [
        e
        for name in ("clocks", "remedies", "categories", "steps", "messages")
        for e in changes(groups=section(data=data, name=name), given=given, data=data)
    ]
    after = read_document(text=apply(text=TEXTS["express-default"], edits=edits)).data
    assert after["clocks"][1]["for"]["normal"] == "PT3H"
    assert after["authority"][0]["per_case"] == 30050
    assert after["authority"][2]["per_day"] is None
    assert after["categories"][0]["department"] == "claims"
    assert after["categories"][0]["remedies"] == ["apology", "coupon"]
    assert after["steps"][1]["within"] == "PT30M"
    assert after["steps"][3]["optional"] is True
    found = {c.where: (c.before, c.after) for c in compare(before=data, after=after)}
    assert found["clocks.first_reply.for.normal"] == ("4 小时", "3 小时")
    assert found["authority.agent.per_case"][1] == "30050"


@pytest.mark.parametrize("name", sorted(p for places in ADDABLE.values() for p in places))
def test_what_is_added_is_sound_but_for_its_words(name: str) -> None:
    text = TEXTS["city-carrier"]
    data = read_document(text=text).data
    changed = apply(text=text, edits=added(data=data, name=name))
    path = tuple(name.split("."))
    before = at(data=data, path=path) or ()
    after = at(data=read_document(text=changed).data, path=path)
    assert len(after) == len(before) + 1
    if name in ORDERED:
        assert after[-1] == before[-1]
    if name == "forms":
        with pytest.raises(CannotLoadPlaybook, match="no step uses the form"):
            load_playbook(text=changed)
    else:
        load_playbook(text=changed)


def after_form(text: str, name: str, given: dict[str, str]) -> Any:
    data = read_document(text=text).data
    edits = changes(groups=section(data=data, name=name), given=given, data=data)
    return read_document(text=apply(text=text, edits=edits)).data


def test_calendars_departments_survey_liability_and_doubts_are_forms() -> None:
    text = TEXTS["express-default"]
    after = after_form(text, "calendars", {
        "p:calendars/service-desk/hours": "8:30-12:00、13:00–18:00",
        "p:calendars/service-desk/days": "1 2 3",
    })  # fmt: skip
    desk = after["calendars"]["service-desk"]
    assert desk["hours"] == [["08:30", "12:00"], ["13:00", "18:00"]]
    assert desk["days"] == [1, 2, 3]
    after = after_form(text, "departments", {"p:departments/3/collaboration/for": "2 天"})
    assert after["departments"][3]["collaboration"]["for"] == "P2D"
    after = after_form(text, "care", {"p:survey/threshold": "4", "p:survey/stars/0/zh": "很差"})
    assert (after["survey"]["threshold"], after["survey"]["stars"][0]["zh"]) == (4, "很差")
    after = after_form(text, "liability", {
        "p:liability/rules/1/then/shares/delivering": "62.5",
        "p:liability/rules/1/then/shares/courier": "37.5%",
        "p:liability/late/for": "3 小时", "p:liability/fines/0/most": "150",
    })  # fmt: skip
    rule = after["liability"]["rules"][1]
    assert rule["then"]["shares"] == {"delivering": 6250, "courier": 3750}
    assert after["liability"]["late"] == {"for": "PT3H"}
    assert after["liability"]["fines"][0]["most"] == 15_000
    after = after_form(text, "events", {"p:doubts/many_parcels/parcels": "8"})
    assert after["doubts"]["many_parcels"]["parcels"] == 8


def test_what_a_step_does_by_itself_is_set_and_taken_away_in_the_form() -> None:
    text = TEXTS["express-default"]
    data = read_document(text=text).data
    n = next(n for n, s in enumerate(data["steps"]) if "automatic" not in s)
    key = f"p:steps/{n}/automatic/"
    asks = {
        key + "do": "request", key + "department": "claims",
        key + "question/zh": "价值多少", key + "question/en": "What is it worth",
    }  # fmt: skip
    edits = changes(groups=section(data=data, name="steps"), given=asks, data=data)
    changed = apply(text=text, edits=edits)
    step = read_document(text=changed).data["steps"][n]
    assert step["automatic"] == {
        "do": "request", "department": "claims",
        "question": {"zh": "价值多少", "en": "What is it worth"},
    }  # fmt: skip
    load_playbook(text=changed)
    gone = after_form(changed, "steps", dict.fromkeys(asks, ""))
    assert "automatic" not in gone["steps"][n]


def test_hours_that_are_none_are_named_and_the_last_calendar_can_go() -> None:
    text = TEXTS["express-default"]
    data = read_document(text=text).data
    given = {"p:calendars/service-desk/hours": "早九晚五"}
    edits = changes(groups=section(data=data, name="calendars"), given=given, data=data)
    with pytest.raises(CannotLoadPlaybook):
        load_playbook(text=apply(text=text, edits=edits))
    alone = apply(text=text, edits=[Edit("drop", ("calendars", "service-desk"))])
    assert read_document(text=alone).data["calendars"] == {}


def test_versions_side_by_side() -> None:
    before = {"clocks": [{"id": "a", "for": "PT4H"}, {"id": "b"}], "key": "x"}
    after = {"clocks": [{"id": "c"}, {"id": "b"}, {"id": "a", "for": "PT2H"}], "key": "x"}
    found = {(c.what, c.where) for c in compare(before=before, after=after)}
    assert found == {
        ("changed", "clocks.a.for"), ("added", "clocks.c"), ("moved", "clocks"),
    }  # fmt: skip
    lines = side_by_side(before="a\nb\nc\n", after="a\nx\nc\nd\n")
    assert [(line.mark, line.before, line.after) for line in lines] == [
        ("same", "a", "a"), ("changed", "b", "x"), ("same", "c", "c"), ("added", "", "d"),
    ]  # fmt: skip
    assert side_by_side(before="a", after="a") == ()

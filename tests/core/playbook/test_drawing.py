"""Drawings, lengths in words, forms and comparisons of a playbook."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import playbooks
from huiyin.core.playbook import Playbook, load_playbook
from huiyin.core.playbook.compare import compare, side_by_side
from huiyin.core.playbook.drawing import ALONE, WIDTH, draw, procedures, svg
from huiyin.core.playbook.edit import Edit, apply
from huiyin.core.playbook.lengths import length_from, length_words
from huiyin.core.playbook.sections import ADDABLE, NAMES, added, changes, section
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


@pytest.mark.parametrize("name", sorted(ADDABLE))
def test_what_is_added_is_sound_but_for_its_words(name: str) -> None:
    text = TEXTS["city-carrier"]
    data = read_document(text=text).data
    changed = apply(text=text, edits=added(data=data, name=name))
    before, after = data[name], read_document(text=changed).data[name]
    assert len(after) == len(before) + 1
    if name in {"routing", "urgency"}:
        assert after[-1] == before[-1]
    load_playbook(text=changed)


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

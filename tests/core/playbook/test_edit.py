"""A playbook's text is changed in single places; everything else stays as it stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.core.playbook.edit import CannotEdit, Edit, apply
from huiyin.core.playbook.source import read_document

pytestmark = pytest.mark.thorough

TEXT = """\
# 时限
clocks:
  - id: a   # 首次回复
    for: PT4H
    name: {zh: 首次回复, en: First reply}
    because:
      zh: "先回话"
      en: answer first

  # 第二条
  - id: b
    for: {low: PT8H, normal: PT4H}
    tags: [x, y]

  - id: c
    when: "category == 'delay'"
after: end
"""


def read(text: str) -> Any:
    return read_document(text=text).data


@pytest.mark.parametrize(
    ("edit", "there"),
    [
        (Edit("set", ("clocks", 0, "for"), "PT2H"), "    for: PT2H\n"),
        (Edit("set", ("clocks", 0, "name", "zh"), "回：复"), '{zh: "回：复", en: First reply}'),
        (Edit("set", ("clocks", 1, "for", "low"), "PT9H"), "{low: PT9H, normal: PT4H}"),
        (Edit("set", ("clocks", 1, "for", "high"), "PT1H"), "normal: PT4H, high: PT1H}"),
        (Edit("set", ("clocks", 1, "tags"), ["z"]), "tags: [z]"),
        (Edit("set", ("clocks", 0, "legal"), True), "      en: answer first\n    legal: true\n"),
        (Edit("drop", ("clocks", 0, "for")), "- id: a   # 首次回复\n    name:"),
        (Edit("drop", ("clocks", 1, "for", "low")), "{normal: PT4H}"),
        (Edit("drop", ("clocks", 2, "when")), "  - id: c\nafter"),
        (Edit("drop", ("clocks", 1)), "  # 第二条\n\n  - id: c"),
        (Edit("drop", ("clocks", 1, "tags", 1)), "tags: [x]"),
        (Edit("up", ("clocks", 2)), "  # 第二条\n  - id: c"),
        (Edit("up", ("clocks", 1, "tags", 1)), "[y, x]"),
        (Edit("add", ("clocks", 1, "tags"), "q"), "[x, y, q]"),
        (
            Edit("add", ("clocks",), {"id": "d", "name": {"zh": "四", "en": "d"}}),
            "  - id: d\n    name: {zh: 四, en: d}\nafter: end",
        ),
    ],
)
def test_one_place_changes_and_comments_stay(edit: Edit, there: str) -> None:
    changed = apply(text=TEXT, edits=[edit])
    assert there in changed
    assert "# 时限" in changed
    assert "# 第二条" in changed


@pytest.mark.parametrize(
    "edit",
    [
        Edit("set", ("clocks", 9, "for"), "PT2H"),
        Edit("drop", ("clocks", 0, "nothing")),
        Edit("up", ("clocks", 0)),
        Edit("add", ("after",), "x"),
        Edit("set", ("after", "deep"), "x"),
    ],
)
def test_a_place_that_is_not_there_is_refused(edit: Edit) -> None:
    with pytest.raises(CannotEdit):
        apply(text=TEXT, edits=[edit])


@settings(max_examples=50)
@given(value=st.text(max_size=40) | st.integers(-5, 10**12) | st.booleans() | st.none())
def test_any_value_is_read_back_as_it_was_given(value: Any) -> None:
    if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
        return
    for path in (("clocks", 0, "for"), ("clocks", 0, "name", "en"), ("clocks", 1, "new")):
        changed = apply(text=TEXT, edits=[Edit("set", path, value)])
        at: Any = read(changed)
        for step in path:
            at = at[step]
        assert at == value


@pytest.mark.parametrize("name", playbooks.shipped())
def test_shipped_playbooks_can_be_edited_everywhere(name: str) -> None:
    text = playbooks.text(name=name)
    edits = [
        Edit("set", ("clocks", 1, "for"), "PT3H"),
        Edit("set", ("categories", 0, "department"), "operations"),
        Edit("set", ("authority", 0, "per_case"), 12300),
        Edit("set", ("scripts", 0, "body", "zh"), "{customer}，第一行\n第二行：好"),
        Edit("set", ("steps", 1, "within"), "PT2H"),
        Edit("up", ("routing", 1)),
    ]
    changed = apply(text=text, edits=edits)
    playbook = load_playbook(text=changed, adopted=True)
    assert playbook.clocks[1].length(urgency="low") == "PT3H"
    assert playbook.authority[0].per_case == 12300
    assert playbook.scripts[0].body.zh == "{customer}，第一行\n第二行：好"
    assert playbook.routing[0].id == load_playbook(text=text, adopted=True).routing[1].id
    kept = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in changed.splitlines() if line.lstrip().startswith("#")] == kept

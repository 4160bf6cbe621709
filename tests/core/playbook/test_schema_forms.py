"""Forms made from the schema: every part has one, defaults show, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin import playbooks
from huiyin.core.playbook import Playbook, load_playbook
from huiyin.core.playbook.defaults import default_at
from huiyin.core.playbook.edit import CannotEdit, apply
from huiyin.core.playbook.entries import added
from huiyin.core.playbook.fields import FormField, at
from huiyin.core.playbook.problem import CannotLoadPlaybook
from huiyin.core.playbook.sections import NAMES, SECTION_OF, changes, section
from huiyin.core.playbook.source import read_document

pytestmark = pytest.mark.thorough
TEXT = playbooks.text(name="express-default")
DATA = read_document(text=TEXT).data
LEFT_TO_THE_TEXT = {"key", "version", "timezone", "language", "words", "regions", "matching"}


def form(name: str, text: str = TEXT) -> dict[str, FormField]:
    groups = section(data=read_document(text=text).data, name=name)
    return {f.name: f for g in groups for f in g.fields}


def edited(name: str, given: dict[str, str], text: str = TEXT) -> tuple[str, Any]:
    data = read_document(text=text).data
    edits = changes(groups=section(data=data, name=name), given=given, data=data)
    text = apply(text=text, edits=edits)
    return text, read_document(text=text).data


def test_every_part_of_a_playbook_has_a_form_but_what_is_left_to_the_text() -> None:
    keys = set(Playbook.model_fields) - {"version_id"} - LEFT_TO_THE_TEXT
    assert {k for k in keys if SECTION_OF.get(k) not in NAMES} == set()
    assert all(SECTION_OF.get(k) is None for k in LEFT_TO_THE_TEXT)


def test_what_is_not_written_shows_the_default_that_holds() -> None:
    late = form("liability")["p:liability/late/for"]
    assert (late.shown, late.there) == ("9 小时", False)
    assert form("liability")["p:liability/fine_silent"].shown == "overturned"
    missed = form("care")
    assert missed["p:aftercare/missed/within"].shown == "2 小时"
    assert missed["p:aftercare/missed/escalate/1/to"].shown == "manager"
    assert missed["p:aftercare/missed/escalate/2/to"].shown == ""
    assert form("watching")["p:volume/targets/email/seconds"].shown == "14400"
    # What is written has no default entries beside it.
    one = {**DATA, "aftercare": {"missed": {"escalate": [{"after": "PT1H", "to": "manager"}]}}}
    assert default_at(data=one, path=("aftercare", "missed", "escalate", 1, "to")) is None


def test_changing_a_part_of_a_default_keeps_the_rest_of_it() -> None:
    text, after = edited("watching", {"p:volume/targets/phone/seconds": "30"})
    assert after["volume"]["targets"]["phone"] == {"seconds": 30, "share": 0.8}
    assert set(after["volume"]["targets"]) == {"phone", "chat", "email", "social"}
    text, after = edited("liability", {"p:liability/late/calendar": "always"}, text)
    assert after["liability"]["late"] == {"for": "PT9H", "calendar": "always"}
    text, after = edited("care", {"p:aftercare/missed/escalate/0/after": "30 分钟"}, text)
    rungs = after["aftercare"]["missed"]["escalate"]
    assert rungs == [{"after": "PT30M", "to": "supervisor"}, {"after": "PT4H", "to": "manager"}]
    load_playbook(text=text)


def test_a_rung_is_added_in_the_empty_line_and_taken_away_by_emptying_it() -> None:
    rung = "p:departments/5/collaboration/escalate"
    text, after = edited(
        "departments", {f"{rung}/2/after": "1 天", f"{rung}/2/to": "administrator"}
    )
    ladder = after["departments"][5]["collaboration"]["escalate"]
    assert [r["after"] for r in ladder] == ["PT0M", "PT2H", "P1D"]
    load_playbook(text=text)
    gone = {f"{rung}/0/after": "", f"{rung}/0/to": "", f"{rung}/1/after": "3 小时"}
    text, after = edited("departments", gone, text)
    ladder = after["departments"][5]["collaboration"]["escalate"]
    assert [r["after"] for r in ladder] == ["PT3H", "P1D"]
    none = "p:departments/0/collaboration/escalate/0"
    text, after = edited("departments", {f"{none}/after": "1 小时", f"{none}/to": "manager"})
    first = after["departments"][0]["collaboration"]["escalate"]
    assert first == [{"after": "PT1H", "to": "manager"}]
    load_playbook(text=text)


def test_tree_letter_page_conduct_and_care_are_forms() -> None:
    n = next(n for n, c in enumerate(DATA["causes"]) if c["code"] == "crushed")
    for name, given, place, value in (
        ("causes", {f"p:causes/{n}/under": "transport"}, ("causes", n, "under"), "transport"),
        ("letter", {"p:letter/parts/1/needs": "bases"}, ("letter", "parts", 1, "needs"), "bases"),
        ("company", {"p:portal/asked/now/zh": "请您补充"}, ("portal", "asked", "now", "zh"),
         "请您补充"),
        ("company", {"p:hotline": "95000"}, ("hotline",), "95000"),
        ("conduct", {"p:conduct/object_within": "10 天"}, ("conduct", "object_within"), "P10D"),
        ("conduct", {"p:conduct/measures/0/kind": "notice"}, ("conduct", "measures", 0, "kind"),
         "notice"),
        ("watching", {"p:proactive/rules/2/when": "no_scan_hours >= 72"},
         ("proactive", "rules", 2, "when"), "no_scan_hours >= 72"),
        ("remedies", {"p:compensation/refund_fee_on_loss": "false"},
         ("compensation", "refund_fee_on_loss"), False),
        ("remedies", {"p:rehandling/second_cap": ""}, ("rehandling", "second_cap"), None),
        ("checklists", {"p:categories/0/checklist/0/required": "false"},
         ("categories", 0, "checklist", 0, "required"), False),
        ("forms", {"p:forms/0/fields/4/kind": "number"}, ("forms", 0, "fields", 4, "kind"),
         "number"),
    ):  # fmt: skip
        _text, after = edited(name, given)
        assert at(data=after, path=place) == value, name
        assert [k for k in after if after[k] != DATA.get(k)] == [place[0]]


def test_the_terms_of_a_carrier_are_added_and_filled_in() -> None:
    text = apply(text=TEXT, edits=added(data=DATA, name="compensation.carriers"))
    n = len(read_document(text=text).data["compensation"]["carriers"]) - 1
    key = f"p:compensation/carriers/{n}"
    text, after = edited("remedies", {
        f"{key}/code": "deppon", f"{key}/uninsured_cap/kind": "multiple",
        f"{key}/uninsured_cap/retail": "7", f"{key}/uninsured_cap/monthly": "9",
    }, text)  # fmt: skip
    terms = after["compensation"]["carriers"][n]
    assert terms["uninsured_cap"] == {"kind": "multiple", "retail": 7, "monthly": 9}
    policy = load_playbook(text=text).compensation.as_policy(carrier="deppon")
    assert policy["uninsured_cap"]["retail"] == 7


def test_an_item_is_added_to_the_list_of_one_category() -> None:
    groups = section(data=DATA, name="checklists")
    places = [g.add for g in groups if g.add]
    care = section(data=DATA, name="watching")
    assert len(care) == 2 + len(DATA["proactive"]["rules"])  # their examples are no entries
    assert places[3] == "categories.3.checklist"
    after = read_document(text=apply(text=TEXT, edits=added(data=DATA, name=places[3]))).data
    before = DATA["categories"][3]["checklist"]
    assert len(after["categories"][3]["checklist"]) == len(before) + 1


def test_an_unsound_draft_is_told_and_not_broken_further() -> None:
    text = TEXT.replace("  greeting: {zh:", "  greeting: 您好 # {zh:", 1)
    assert text != TEXT
    with pytest.raises(CannotEdit) as told:
        edited("company", {"p:portal/greeting/zh": "欢迎"}, text)
    assert "portal.greeting" in told.value.zh
    text, _after = edited("causes", {"p:causes/1/under": "nobody"})
    with pytest.raises(CannotLoadPlaybook) as problems:
        load_playbook(text=text)
    first = problems.value.problems[0]
    assert first.path == "causes[1].under" and first.line > 1 and first.remedy_zh

"""A playbook is checked as a whole: every fault is told with its line and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from huiyin.core.playbook import (
    CannotLoadPlaybook,
    Problem,
    all_matches,
    first_match,
    load_playbook,
)
from huiyin.core.triage import load_language

pytestmark = pytest.mark.thorough

SMALL = (Path(__file__).parent / "small.yaml").read_text(encoding="utf-8")
DAY = date(2026, 11, 24)


def problems(text: str, signals: frozenset[str] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(CannotLoadPlaybook) as caught:
        load_playbook(text=text, language_signals=signals)
    return caught.value.problems


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) >= 1, old
    return SMALL.replace(old, new, 1)


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


def test_a_sound_playbook_loads_and_answers() -> None:
    playbook = load_playbook(text=SMALL, language_signals=frozenset({"medicine"}))
    assert playbook.category(code="lost").name.zh == "丢失"
    assert [s.id for s in playbook.scripts_for(category="lost")] == ["search", "hello"]
    assert [i.id for i in playbook.checklist_for(category="lost")] == ["track", "value"]
    assert [r.id for r in playbook.remedies_for(category="lost")] == ["sorry", "money"]
    assert [c.code for c in playbook.causes_for(category="delay")] == ["people", "other"]
    assert playbook.clock(id="reply").length(urgency="critical") == "PT30M"
    assert playbook.clock(id="law").length(urgency="critical") == "P7D"
    assert playbook.next_rung(role="manager") == "administrator"
    assert playbook.next_rung(role="administrator") is None
    assert playbook.authority_of(role="handler") is None
    limit = playbook.authority_of(role="agent")
    assert limit is not None
    assert limit.per_case == 100


def test_steps_follow_category_and_branch() -> None:
    playbook = load_playbook(text=SMALL)
    assert [s.id for s in playbook.steps_for(category="lost")] == ["take", "answer"]
    assert [s.id for s in playbook.steps_for(category="attitude")] == ["superior"]
    for category in ("lost", "attitude"):
        steps = playbook.steps_for(category=category, branch="consultation")
        assert [s.id for s in steps] == ["note"]


def test_rules_of_a_loaded_playbook_decide() -> None:
    playbook = load_playbook(text=SMALL)
    facts = {"signals": [], "category": "lost", "branch": "complaint", "contacts": 5}
    match = first_match(rules=playbook.urgency_rules, facts=facts, on=DAY)
    assert (match.then.urgency, match.missing) == ("normal", ("claimed",))
    later = first_match(rules=playbook.urgency_rules, facts=facts, on=date(2027, 1, 1))
    assert later.rule == "later"
    clocks, _ = all_matches(rules=playbook.clock_rules, facts=facts, on=DAY)
    assert [c.then.id for c in clocks] == ["reply", "law"]


def test_the_version_is_that_of_the_content() -> None:
    one = load_playbook(text=SMALL).version_id
    lines = SMALL.splitlines()
    moved = "\n".join(["# note", *lines[1:2], lines[0], *lines[2:]])
    assert load_playbook(text=moved).version_id == one
    assert load_playbook(text=changed("per_case: 100,", "per_case: 101,")).version_id != one
    assert len(one) == 64


def test_the_words_of_the_company_fit_the_language_pack() -> None:
    overlay = load_playbook(text=SMALL).words
    pack = load_language(files={"a.yaml": "language: zh"}, extra=overlay.as_extra())
    assert [(w, c) for w, c, _ in pack.category_words] == [("接货车没来", "pickup")]


MEDICINE = "when: \"'medicine' in signals\""
FAULTS: list[tuple[str, str, str, str]] = [
    # what is replaced, by what, path of the problem, words of its English
    ("key: small", "key: Small", "key", "is not a code"),
    ('version: "2026.11"', "version: 2026.11", "version", "must be text"),
    ("hours: [[", "hoours: [[", "calendars.counter.hoours", "unknown key"),
    ("  counter:", "  always:", "calendars.always", "built in"),
    ('"12:00"], ["13:00"', '"14:00"], ["13:00"', "calendars.counter.hours", "overlap"),
    ('"09:00"', '"9:00"', "calendars.counter.hours[0][0]", "not a time of day"),
    ("for: PT2H, calendar: counter", "for: PT2H, calendar: conter",
     "departments[1].collaboration.calendar", "no calendar 'conter'"),
    ("for: PT2H, calendar", "for: PT0M, calendar", "departments[1].collaboration.for", "is zero"),
    ("for: PT2H, calendar", "for: P1D, calendar", "departments[1].collaboration.for", "only"),
    ("{after: PT1H, to: supervisor}, {after: PT3H, to: manager}",
     "{after: PT4H, to: supervisor}, {after: PT3H, to: manager}",
     "departments[1].collaboration.escalate", "later and higher"),
    ("code: road", "code: desk", "departments[1].code", "used twice"),
    ("amount: fee, cap", "amount: 12.5, cap", "remedies[1].amount", "must be"),
    ("amount: fee, cap", "amount: feee, cap", "remedies[1].amount", "no fact 'feee'"),
    ("amount: fee, cap", "amount: \"fee > 1\", cap", "remedies[1].amount", "whole fen"),
    ("amount: fee, cap: 5000", "amount: null", "remedies[1]", "no amount"),
    ("kind: apology", "kind: sorry", "remedies[0].kind", "not possible here"),
    ("department: road, skill: delay,", "department: raod, skill: delay,",
     "categories[0].department", "no department 'raod'"),
    ("causes: [people, other]", "causes: [poeple]", "categories[0].causes[0]", "no cause"),
    ("remedies: [sorry]", "remedies: [sory]", "categories[0].remedies[0]", "no remedy"),
    ("  - {code: cod,", "  - {code: delay,", "categories", "'cod' is missing"),
    ("steps: [superior]", "steps: [supperior]", "categories[4].steps[0]", "no step"),
    ("done_when: [ComplaintTaken]", "done_when: [Taken]", "steps[1].done_when[0]", "no event"),
    ("after: [take]", "after: [superior]", "steps[2].after[0]", "comes later"),
    ("needs: [fee]", "needs: [feee]", "steps[2].needs[0]", "no fact"),
    ("script: hello", "script: hallo", "steps[2].script", "no script"),
    ("within: PT1H", "within: P1D", "steps[1].within", "calendar days"),
    (MEDICINE, "when: \"medicine in signals\"",
     "urgency[1].when", "no fact 'medicine'"),
    (MEDICINE, "when: \"'medicine' in\"", "urgency[1].when", "not valid CEL"),
    (MEDICINE, "when: \"signals > 3\"", "urgency[1].when", "computed"),
    (MEDICINE, "when: \"contacts + 1\"", "urgency[1].when", "true or false"),
    (MEDICINE, "when: \"lower(category) == 'x'\"",
     "urgency[1].when", "no function 'lower'"),
    ("category == 'lost'\", then", "category == 'lots'\", then", "urgency[2].when", "never 'lots'"),
    ("when: \"claimed >= 300000 && category == 'lost'\", then",
     "then", "urgency[3].id", "never reached"),
    ("when: \"claimed >= 300000 && category == 'lost'\", then",
     "when: \"'medicine' in  signals\", then", "urgency[2].id", "never reached"),
    ("- {id: usual, then: {urgency", "- {id: usual, when: \"fee > 1\", then: {urgency",
     "urgency[3]", "no default rule"),
    ("urgency: normal}", "urgency: norml}", "urgency[3].then.urgency", "not possible"),
    ("{signals: []}", "{signals: [medicine]}", "urgency[3].examples[0]", "example fails"),
    ("{signals: []}", "{sinals: []}", "urgency[3].examples[0].given.sinals", "unknown"),
    ("{signals: []}", "{signals: 3}", "urgency[3].examples[0].given.signals", "type list"),
    ("team: night, level", "team: day, level", "routing[0].then.team", "no team 'day'"),
    ("expect: {level: superior, team: night}", "expect: {level: manager}",
     "routing[0].examples[0].expect", "level = superior"),
    ("calendar: counter, for", "calendar: contour, for", "clocks[0].calendar", "no calendar"),
    ("normal: PT4H", "normal: PT4", "clocks[0].for.normal", "not a duration"),
    ("normal: PT4H", "normal: P4D", "clocks[0].for.normal", "calendar days"),
    ("normal: PT4H", "normal: PT1H", "clocks[0].for", "the shorter"),
    ("critical: PT30M", "critical: PT0M", "clocks[0].for.critical", "zero"),
    ("stops_on: [ReplySent]", "stops_on: [ReplySend]", "clocks[0].stops_on[0]", "no event"),
    (", resumes_on: [ContactJoined]", "", "clocks[0]", "belong together"),
    ("{after: PT4H, to: manager}", "{after: PT4H, to: agent}", "clocks[0].escalate", "higher"),
    ("calendar: always, for: P7D", "calendar: counter, for: PT50H", "clocks[1].calendar", "legal"),
    ("stops_on: [ComplaintResolved], legal: true",
     "stops_on: [ComplaintResolved], legal: true, pauses_on: [CustomerAsked], "
     "resumes_on: [ContactJoined]", "clocks[1].pauses_on", "never paused"),
    ("per_case: 1000, per_day: 5000", "per_case: 50, per_day: 5000", "authority[1]", "below"),
    ("per_case: 1000, per_day: 5000", "per_case: 1000, per_day: 500", "authority[1]", "below"),
    ("role: administrator", "role: manager", "authority", "end with administrator"),
    ("{kind: fixed, amount: 50000}", "{kind: multiple, amount: 50000}",
     "compensation.uninsured_cap", "retail"),
    ("expect: {compensation: 50000}", "expect: {compensation: 50001}",
     "compensation.examples[0].expect", "compensation = 50000"),
    ("expect: {compensation: 50000}", "expect: {sum: 50000}",
     "compensation.examples[0].expect", "only these"),
    ("given: {kind: loss, fee: 100, real_value: 90000}, carrier", "given: {kind: lost}, carrier",
     "compensation.examples[1].given", "kind"),
    ("carrier: sto", "carrier: sf", "compensation.examples[1].carrier", "no terms"),
    ("{kind: none}", "{kind: none, amount: 5}", "compensation.carriers[0].uninsured_cap", "none"),
    ("paid_by: [desk]", "paid_by: [dusk]", "settlement.paid_by[0]", "no department"),
    ("reminder_after: PT48H", "reminder_after: P8D", "survey.reminder_after", "over"),
    ("rehandle_levels: [supervisor, administrator]", "rehandle_levels: [manager, supervisor]",
     "survey.rehandle_levels", "rise"),
    ("on: silent, when: \"urgency == 'high'\"", "on: silent, when: \"urgeny == 'high'\"",
     "aftercare.calls[0].when", "urgeny"),
    ("within: P2D", "calendar: cn-office, within: P2D", "aftercare.calls[0].within",
     "calendar days"),
    ("within: P2D", "calendar: contour, within: P2D", "aftercare.calls[0].calendar",
     "no calendar"),
    ("examples: [{given: {urgency: high}}]", "examples: [{given: {urgency: low}}]",
     "aftercare.calls[0].examples[0]", "does not apply"),
    ("letter: {when: appealed", "letter: {when: apealed", "letter.when", "apealed"),
    ("{customer}，编号", "{custmer}，编号", "scripts[0].body.zh", "no placeholder"),
    ("{customer}，编号 {number}", "编号 {number}", "scripts[0].body", "different placeholders"),
    ("{customer}，编号 {number}", "{customer，编号 {number}", "scripts[0].body.zh", "brace"),
    ("timezone: Asia/Shanghai", "timezone: Asia/Nowhere", "timezone", "no such time zone"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "words"), FAULTS)
def test_a_fault_is_told_with_path_line_and_remedy(
    old: str, new: str, path: str, words: str
) -> None:
    source = SMALL if old in SMALL else SMALL.replace("key:", f"{old}\nkey:", 1)
    text = source.replace(old, new, 1)
    at = source[: source.index(old)].count("\n") + 1
    told = [p for p in problems(text) if p.path == path and words in p.en]
    assert told, [str(p) for p in problems(text)]
    # What is wrong with a whole list is told at the list.
    assert told[0].line == at or path in {"categories", "authority", "urgency[3]", "urgency[3].id"}
    assert told[0].zh
    assert told[0].remedy_zh
    assert told[0].remedy_en


def test_a_near_name_is_suggested() -> None:
    (problem,) = problems(changed("remedies: [sorry]", "remedies: [sory]"))
    assert "sorry" in problem.remedy_en
    assert "sorry" in problem.remedy_zh


def test_every_fault_is_told_at_once_in_line_order() -> None:
    text = changed("remedies: [sorry]", "remedies: [sory]")
    text = text.replace("stops_on: [ReplySent]", "stops_on: [Replied]", 1)
    text = text.replace("script: hello", "script: hullo", 1)
    found = problems(text)
    assert [p.line for p in found] == sorted(p.line for p in found)
    assert len(found) == 3
    assert "and 2 more" in str(CannotLoadPlaybook(problems=found))


def test_signals_must_be_those_of_the_language_pack() -> None:
    (problem,) = problems(SMALL, signals=frozenset({"medicin", "threat"}))
    assert problem.line == line_of(SMALL, "- {id: medicine")
    assert "medicin" in problem.remedy_en
    own = SMALL.replace("words: {", "words: {signals: {medicine: [胰岛素]}, ", 1)
    assert load_playbook(text=own, language_signals=frozenset({"threat"})).key == "small"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "mapping"),
        ("- a\n- b", 1, "mapping"),
        ("key: a\nkey2: [1,\n", 3, "not valid YAML"),
        ("key: a\n\tb: 1", 2, "not valid YAML"),
        ("key: &x a\nname: *x", 2, "aliases"),
        ("key: !!python/object:os.system a", 1, "tags"),
        ("key: a\n---\nkey: b", 2, "second document"),
        ("a: " + "[" * 60 + "]" * 60, 1, "too deeply"),
        ("a: \x00", 1, "not valid YAML"),
        ("x" * 1_000_001, 1, "characters"),
    ],
)
def test_what_is_no_playbook_at_all_is_told(text: str, line: int, words: str) -> None:
    (problem,) = problems(text)
    assert problem.line == line
    assert words in problem.en


def test_a_repeated_key_is_told_with_both_lines() -> None:
    told = problems(SMALL + "\nname: {zh: 又一个, en: Again}\n")
    (problem,) = [p for p in told if "already" in p.en]
    assert "line 3" in problem.en
    assert str(SMALL.count("\n") + 2) in problem.en


def test_words_of_yaml_are_taken_as_written() -> None:
    text = changed("{zh: 前台, en: Desk}", "{zh: no, en: 2026-01-01}")
    name = load_playbook(text=text).department(code="desk").name
    assert (name.zh, name.en) == ("no", "2026-01-01")


def test_the_version_cannot_be_forged() -> None:
    (problem,) = problems(SMALL + "version_id: abc\n")
    assert problem.path == "version_id"
    assert problem.line == SMALL.count("\n") + 1


def test_a_problem_is_json_for_the_editor() -> None:
    (problem,) = problems(changed("remedies: [sorry]", "remedies: [sory]"))
    assert problem.as_json()["path"] == "categories[0].remedies[0]"
    assert set(problem.as_json()) == {
        "line", "column", "path", "zh", "en", "remedy_zh", "remedy_en",
    }  # fmt: skip

"""The playbooks that come with Huiyin: sound, complete, and saying what the company means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from huiyin import playbooks
from huiyin.core.clocks import CALENDARS, parse_duration
from huiyin.core.clocks.calendar import calendar_from_data
from huiyin.core.matching.settings import MatchSettings
from huiyin.core.playbook import Playbook, Text, all_matches, bind, first_match, load_playbook
from huiyin.core.playbook.names import CATEGORIES, URGENCIES
from huiyin.core.playbook.schema import Part
from huiyin.core.remedy import read_facts
from huiyin.core.triage import load_language
from huiyin.store.triage_model import language_files

NAMES = playbooks.shipped()
DAY = date(2026, 11, 24)
PLAIN: dict[str, Any] = {
    "category": "delay", "also": [], "confidence": 0.9, "signals": [], "emotion": 0,
    "urgency": "normal", "channel": "portal", "branch": "complaint", "has_waybill": True,
    "contacts": 1, "earlier_complaints": 0, "reopened": 0, "rehandling": 0, "appealed": False,
    "grounds": [], "track_state": "unknown",
}  # fmt: skip
"""A complaint as it stands after sorting, nothing special about it."""

every_playbook = pytest.mark.parametrize("name", NAMES)


@cache
def loaded(name: str) -> Playbook:
    return load_playbook(text=playbooks.text(name=name))


def texts(part: object, path: str = "") -> Iterator[tuple[str, Text]]:
    if isinstance(part, Text):
        yield path, part
    elif isinstance(part, Part):
        for name in type(part).model_fields:
            yield from texts(getattr(part, name), f"{path}.{name}")
    elif isinstance(part, tuple):
        for number, child in enumerate(part):
            yield from texts(child, f"{path}[{number}]")
    elif isinstance(part, dict):
        for key, child in part.items():
            yield from texts(child, f"{path}.{key}")


def clocks(name: str, **facts: Any) -> set[str]:
    found, _ = all_matches(rules=loaded(name).clock_rules, facts={**PLAIN, **facts}, on=DAY)
    return {c.then.id for c in found}


def test_two_playbooks_are_shipped() -> None:
    assert NAMES == ("city-carrier", "express-default")
    with pytest.raises(KeyError):
        playbooks.text(name="../express-default")


@every_playbook
def test_it_is_sound_and_knows_its_signals(name: str) -> None:
    rules = {k: v for k, v in language_files().items() if not k.startswith("phrases")}
    signals = frozenset(s.id for s in load_language(files=rules).signals)
    playbook = load_playbook(text=playbooks.text(name=name), language_signals=signals)
    assert playbook.key == name
    assert re.fullmatch(r"[0-9a-f]{64}", playbook.version_id)


@every_playbook
def test_every_rule_has_an_example(name: str) -> None:
    playbook = loaded(name)
    for part in (playbook.urgency, playbook.routing, playbook.clocks):
        assert [r.id for r in part if not r.examples] == []
    assert [r.id for r in playbook.remedies if r.when and not r.examples] == []


@every_playbook
def test_every_category_can_be_worked(name: str) -> None:
    playbook = loaded(name)
    assert tuple(c.code for c in playbook.categories) == CATEGORIES
    for category in playbook.categories:
        code = category.code
        assert category.checklist, code
        assert category.scripts, code
        remedies = playbook.remedies_for(category=code)
        assert "apology" in {r.kind for r in remedies}, code
        # The desk chooses by kind: two of one kind could not be told apart.
        assert len({r.kind for r in remedies}) == len(remedies), code
        causes = {c.code for c in playbook.causes_for(category=code)}
        assert {"unclear", "no_fault"} <= causes, code
        steps = playbook.steps_for(category=code)
        assert any("VerdictGiven" in s.done_when for s in steps), code
        assert "ComplaintResolved" in {e for s in steps for e in s.done_when}, code
        # What joins must have something to join: no step waits for one that is not there.
        there = {s.id for s in steps}
        assert all(set(s.after) & there or not s.after for s in steps), code


@every_playbook
def test_every_department_owns_or_is_named(name: str) -> None:
    playbook = loaded(name)
    used = {c.department for c in playbook.categories} | {b.department for b in playbook.branches}
    used |= {r.then.department for r in playbook.routing if r.then.department}
    assert {d.code for d in playbook.departments} == used


@every_playbook
def test_every_part_of_the_lists_is_used(name: str) -> None:
    playbook = loaded(name)
    causes = {
        cause.code
        for category in playbook.categories
        for cause in playbook.causes_for(category=category.code)
    }
    assert {c.code for c in playbook.causes} == causes
    remedies = {r for category in playbook.categories for r in category.remedies}
    assert {r.id for r in playbook.remedies} == remedies


@every_playbook
def test_english_is_complete_and_chinese_is_chinese(name: str) -> None:
    for path, text in texts(loaded(name)):
        if re.sub(r"\{[a-z]+\}", "", text.zh).strip(" ,.-—"):
            assert re.search(r"[\u4e00-\u9fff]", text.zh), path
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text.en), path


@every_playbook
def test_scripts_give_no_blame_and_no_empty_phrases(name: str) -> None:
    playbook = loaded(name)
    scripts = [*playbook.scripts, *(s for c in playbook.categories for s in c.scripts)]
    for script in scripts:
        for word in ("给您带来不便", "敬请谅解", "亲，", "不是我们的问题", "您自己", "正常现象"):
            assert word not in script.body.zh, script.id
        assert "____" in script.body.zh or "{" in script.body.zh, script.id
        assert script.body.zh.count("____") == script.body.en.count("____"), script.id


@every_playbook
def test_short_messages_fit_into_a_text_message(name: str) -> None:
    messages = loaded(name).messages
    for kind in type(messages).model_fields:
        if kind in {"answer", "ask"}:
            continue
        short = getattr(messages, kind).short.zh
        filled = short
        for place, value in {
            "company": "长运物流", "number": "HY2611240001", "department": "理赔法务部",
            "due": "12月03日 18:00", "link": "h.cn/t/HY2611240001/abcdefghij",
        }.items():  # fmt: skip
            filled = filled.replace("{" + place + "}", value)
        assert len(filled) <= 140, kind


@every_playbook
def test_ordinary_complaint_gets_the_common_clocks_and_its_department(name: str) -> None:
    running = clocks(name)
    assert {"acknowledge", "first_reply", "contact_24h", "resolve", "law_7d"} <= running
    assert not running & {"superior_24h", "claim_reply", "claim_offer", "appeal_15d"}
    match = first_match(rules=loaded(name).routing_rules, facts=PLAIN, on=DAY)
    assert match.then.department is None
    assert loaded(name).category(code="delay").department == "operations"


@every_playbook
def test_attitude_goes_to_the_superior_within_24_hours(name: str) -> None:
    playbook = loaded(name)
    assert "superior_24h" in clocks(name, category="attitude")
    clock = playbook.clock(id="superior_24h")
    assert (clock.calendar, clock.length(urgency="low")) == ("always", "PT24H")
    match = first_match(
        rules=playbook.routing_rules, facts={**PLAIN, "category": "attitude"}, on=DAY
    )
    assert match.then.level == "superior"
    roles = {s.role for s in playbook.steps_for(category="attitude") if not s.optional}
    assert "handler" not in roles


@every_playbook
def test_claims_and_appeals_have_their_own_limits(name: str) -> None:
    assert {"claim_reply", "claim_offer"} <= clocks(name, category="claim")
    assert {"claim_reply", "claim_offer"} <= clocks(name, also=["claim"])
    assert "appeal_15d" in clocks(name, appealed=True)


@every_playbook
@pytest.mark.parametrize("branch", ["consultation", "business_request"])
def test_consultations_and_requests_are_archived_with_name_and_phone(
    name: str, branch: str
) -> None:
    playbook = loaded(name)
    way = playbook.branch(code=branch)
    assert way.archive
    assert {"customer", "phone"} <= set(way.requires)
    assert clocks(name, branch=branch) == set()
    assert len(playbook.steps_for(category="other", branch=branch)) == 1
    assert not playbook.branch(code="complaint").archive


@every_playbook
def test_the_legal_limit_is_seven_calendar_days_and_never_pauses(name: str) -> None:
    clock = loaded(name).clock(id="law_7d")
    assert (clock.legal, clock.calendar, clock.length(urgency="critical")) == (
        True,
        "always",
        "P7D",
    )
    assert clock.pauses_on == ()
    assert "快递暂行条例" in clock.source
    # The company's own limit comes first, on an ordinary week: 9 working hours a day.
    own = parse_duration(text=loaded(name).clock(id="resolve").length(urgency="low"))
    assert own.seconds / 3600 / 9 <= 5


@every_playbook
def test_the_more_urgent_the_sooner(name: str) -> None:
    for clock in loaded(name).clocks:
        lengths = [parse_duration(text=clock.length(urgency=u)) for u in URGENCIES]
        seconds = [d.days * 86400 + d.seconds for d in lengths]
        assert seconds == sorted(seconds, reverse=True), clock.id


@every_playbook
@pytest.mark.parametrize("urgency", URGENCIES)
def test_urgency_read_from_the_words_is_never_lowered(name: str, urgency: str) -> None:
    rules = loaded(name).urgency_rules
    for changes in ({}, {"category": "attitude"}, {"contacts": 4}, {"signals": ["medicine"]}):
        facts = {**PLAIN, "urgency": urgency, **changes}
        got = first_match(rules=rules, facts=facts, on=DAY).then.urgency
        assert URGENCIES.index(got) >= URGENCIES.index(urgency), (changes, got)


@every_playbook
def test_a_new_complaint_is_decided_without_asking_back(name: str) -> None:
    playbook = loaded(name)
    for code in CATEGORIES:
        facts = bind(facts={**PLAIN, "category": code})
        assert first_match(rules=playbook.urgency_rules, facts=facts, on=DAY).because.zh
        assert first_match(rules=playbook.routing_rules, facts=facts, on=DAY).because.zh
        _, missing = all_matches(rules=playbook.clock_rules, facts=facts, on=DAY)
        assert missing == ()


@every_playbook
def test_calendars_and_policies_fit_the_rooms_that_use_them(name: str) -> None:
    playbook = loaded(name)
    for key, own in playbook.calendars.items():
        assert key not in CALENDARS
        made = calendar_from_data(
            name=key,
            data={
                "hours": {
                    ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[d - 1]: [
                        f"{a}-{b}" for a, b in own.hours
                    ]
                    for d in own.days
                },
                "timezone": playbook.timezone,
                "holidays": own.holidays,
            },
        )
        assert made.name == key
    _, policy = read_facts(
        data={"kind": "loss", "fee": 2000, "policy": playbook.compensation.as_policy()}
    )
    assert policy.no_proof_multiple == 3
    assert set(playbook.matching) <= set(MatchSettings.__dataclass_fields__)
    load_language(files={"a.yaml": "language: zh"}, extra=playbook.words.as_extra())


@every_playbook
def test_authority_rises_and_ends_without_limit(name: str) -> None:
    authority = loaded(name).authority
    assert [a.role for a in authority] == ["agent", "supervisor", "manager", "administrator"]
    assert authority[-1].per_case is None
    survey = loaded(name).survey
    assert survey.rehandle_levels == ("supervisor", "manager")
    assert 1 < survey.threshold <= 4


def test_city_carrier_has_the_departments_of_the_company() -> None:
    playbook = loaded("city-carrier")
    assert {d.code: d.name.zh for d in playbook.departments} == {
        "operations": "运营部",
        "fleet": "车队",
        "sales_outlet": "营业网点",
        "hr": "人力资源部",
        "claims_legal": "理赔法务部",
        "administration": "行政部",
    }
    assert clocks("city-carrier", category="access") >= {"call_back", "taken"}


@pytest.mark.parametrize(
    ("also", "department"), [([], "hr"), (["delivery"], "fleet"), (["fee"], "sales_outlet")]
)
def test_city_carrier_finds_the_superior_by_what_else_is_said(
    also: list[str], department: str
) -> None:
    match = first_match(
        rules=loaded("city-carrier").routing_rules,
        facts={**PLAIN, "category": "attitude", "also": also},
        on=DAY,
    )
    assert (match.then.department, match.then.level) == (department, "superior")


@every_playbook
def test_promises_grounds_call_backs_and_the_letter_are_said(name: str) -> None:
    playbook = loaded(name)
    assert playbook.promises.ends_at.hour == 18
    assert set(playbook.rehandling.least) == {"appealed", "court", "media"}
    assert playbook.rehandling.second_cap is not None
    assert {c.on for c in playbook.aftercare.calls} == {
        "resolved", "silent", "last_level", "promise_broken",
    }  # fmt: skip
    assert playbook.letter is not None and playbook.letter_condition is not None
    marked = clocks(name, grounds=["court"])
    assert "outside_reply" in marked and "outside_reply" not in clocks(name)

"""Incidents: lists as people paste them, rules that fit, sums that need somebody else."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.access import ON_BULK, ROLES, Actor
from huiyin.core.incident import (
    CannotMoveRun,
    CannotRelease,
    CannotRule,
    Plan,
    Rule,
    Subject,
    breadth,
    fits,
    move_run,
    next_step,
    reach,
    read_rows,
    read_text,
    release,
    sound,
)
from huiyin.core.incident.run import MOVES
from huiyin.core.remedy.authority import Capacity, Limits

START = datetime(2026, 11, 3, 0, 0, tzinfo=UTC)
FIRE = Rule(takes_from=START, takes_until=START + timedelta(days=10))
CASE = Subject(
    opened_at=START + timedelta(hours=1), waybill="SF1234567890123", category="lost",
    region="广东", text="新塘分拨中心着火，我的包裹没了",
    facts={"category": "lost", "urgency": "high"},
)  # fmt: skip
LADDER = {
    "agent": Limits(per_case=100, per_day=500, per_customer=None),
    "supervisor": Limits(per_case=1000, per_day=5000, per_customer=None),
    "manager": Limits(per_case=10000, per_day=50000, per_customer=None),
    "administrator": Limits(per_case=None, per_day=None, per_customer=None),
}


def person(id: int, role: str) -> Actor:
    return Actor(id=id, role=role, department="claims")


# The list.


def test_pasted_waybills_are_read_whatever_stands_between_them() -> None:
    read = read_text(text="SF1234567890123，YT1234567890；\n sf1234567890123\n你好 12345678901")
    assert [p.waybill for p in read.parcels] == ["SF1234567890123", "YT1234567890", "12345678901"]
    assert read.repeated == 1
    assert [(u.row, u.said) for u in read.unread] == [(3, "你好")]


def test_a_table_gives_each_parcel_its_values() -> None:
    read = read_rows(
        rows=[
            (2, {"运单号": "SF1234567890123", "运费": 12.5, "保价金额": "", "实际价值": "1,200元"}),
            (3, {"运单号": 12345678901.0, "运费": "x"}),
            (4, {"运单号": "", "运费": 1}),
            (5, "not JSON"),
        ]
    )
    assert [(p.waybill, dict(p.facts)) for p in read.parcels] == [
        ("SF1234567890123", {"fee": 1250, "real_value": 120000})
    ]
    assert [u.row for u in read.unread] == [3, 4, 5]
    assert all(u.zh and u.en for u in read.unread)


def test_a_table_without_head_loses_no_row() -> None:
    rows = [
        (2, {"SF1234567890123": "SF1234567890124"}),
        (3, {"SF1234567890123": "SF1234567890125"}),
    ]
    assert [p.waybill[-1] for p in read_rows(rows=rows).parcels] == ["3", "4", "5"]


@given(st.text(max_size=300))
def test_any_text_is_read_without_loss(text: str) -> None:
    read = read_text(text=text)
    assert len({p.waybill for p in read.parcels}) == len(read.parcels)
    assert all(len(u.said) <= 60 for u in read.unread)


# The rule.


@pytest.mark.parametrize(
    ("rule", "ok", "decided"),
    [
        ({"waybills": frozenset({"SF1234567890123"})}, True, "incident.waybill"),
        ({"waybills": frozenset({"SF9"})}, False, "incident.waybill"),
        ({"waybills": frozenset({"SF9"}), "words": ("着火",)}, True, "incident.words"),
        ({"categories": ("lost", "delay")}, True, "incident.category"),
        ({"categories": ("delay",), "words": ("着火",)}, False, "incident.category"),
        ({"regions": ("新塘",)}, True, "incident.region"),
        ({"regions": ("广东",)}, True, "incident.region"),
        ({"regions": ("浙江",)}, False, "incident.region"),
        ({"words": ("台风",)}, False, "incident.words"),
        ({"condition": "category == 'lost' && urgency == 'high'"}, True, "incident.condition"),
        ({"condition": "verdict == 'upheld'"}, False, "incident.condition"),
    ],
)
def test_a_complaint_fits_when_everything_given_holds(
    rule: dict[str, Any], ok: bool, decided: str
) -> None:
    fit = fits(rule=replace(FIRE, **rule), subject=CASE)
    assert (fit.ok, fit.because[-1].rule) == (ok, decided)
    assert all(r.zh and r.en for r in fit.because)


@pytest.mark.parametrize("hours", [-1, 24 * 10 + 1])
def test_outside_its_time_even_a_listed_parcel_does_not_fit(hours: int) -> None:
    rule = replace(FIRE, waybills=frozenset({CASE.waybill}))
    assert not fits(rule=rule, subject=replace(CASE, opened_at=START + timedelta(hours=hours))).ok


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "empty"),
        ({"categories": ("fire",)}, "no category"),
        ({"words": ("火",)}, "two characters"),
        ({"words": tuple(f"词{n}" for n in range(51))}, "50"),
        ({"condition": "categry == 'lost'"}, "categry"),
        ({"condition": "category =="}, "CEL"),
        ({"condition": "category == 'fire'"}, "never"),
        ({"words": ("着火",), "takes_until": START}, "end after"),
    ],
)
def test_a_rule_that_says_nothing_or_nonsense_is_refused(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotRule, match=said) as refused:
        sound(rule=replace(FIRE, **rule))
    assert refused.value.zh


def test_a_wide_rule_is_warned_of() -> None:
    assert breadth(linked=9, looked_at=9, wide_percent=50) is None
    assert breadth(linked=40, looked_at=100, wide_percent=50) is None
    wide = breadth(linked=60, looked_at=100, wide_percent=50)
    assert wide is not None and "60%" in wide.en


# The batch.


def test_every_act_outside_the_table_is_refused() -> None:
    acts = {act for moves in MOVES.values() for act in moves}
    for state, act in itertools.product(MOVES, acts):
        if act in MOVES[state]:
            assert move_run(state=state, act=act) in MOVES
        else:
            with pytest.raises(CannotMoveRun):
                move_run(state=state, act=act)


def test_nothing_goes_out_without_having_been_held() -> None:
    assert [s for s, moves in MOVES.items() if "running" in moves.values()] == ["held"]
    assert {s for s, moves in MOVES.items() if "held" in moves.values()} == {
        "waiting", "done", "stopped",
    }  # fmt: skip
    assert MOVES["called_back"] == {}


def test_steps_follow_in_order() -> None:
    plan = Plan(kind="amount", answers=True, verdict="upheld")
    assert plan.steps == ("judge", "propose", "grant", "answer")
    assert [next_step(plan=plan, done=n) for n in range(5)] == [*plan.steps, None]
    assert Plan(answers=True).steps == ("answer",)
    assert Plan.from_json(data=plan.as_json()) == plan


@pytest.mark.parametrize(
    ("role", "amounts", "today", "ok", "ask"),
    [
        ("supervisor", [900, 900], 0, True, None),
        ("supervisor", [0, 0], 0, True, None),
        ("supervisor", [1001], 0, False, "manager"),
        ("supervisor", [1000] * 6, 0, False, "manager"),
        ("supervisor", [1000] * 5, 1, False, "supervisor"),
        ("manager", [1000] * 51, 0, False, "administrator"),
        ("administrator", [10**9] * 9, 0, True, None),
        ("process_owner", [1], 0, False, "supervisor"),
    ],
)
def test_each_amount_and_the_sum_need_authority(
    role: str, amounts: list[int], today: int, ok: bool, ask: str | None
) -> None:
    ruling = reach(actor=person(1, role), amounts=amounts, ladder=LADDER, today=today)
    assert (ruling.ok, ruling.ask) == (ok, ask)
    assert ruling.because.zh and ruling.because.en


def test_no_sequence_of_roles_releases_what_no_authority_covers() -> None:
    amounts = [900] * 100
    for maker, other in itertools.product(ROLES, ROLES):
        made, releaser = person(1, maker), person(2, other)
        own = reach(actor=made, amounts=amounts, ladder=LADDER, today=0)
        limits = LADDER.get(maker)
        assert own.ok == (limits is not None and limits.per_day is None)
        with pytest.raises(CannotRelease):
            release(
                actor=made, made_by=1, usable=[Capacity(made)], amounts=amounts, ladder=LADDER,
                today={},
            )  # fmt: skip
        try:
            ruling = release(
                actor=releaser, made_by=1, usable=[Capacity(releaser)], amounts=amounts,
                ladder=LADDER, today={},
            )  # fmt: skip
        except CannotRelease:
            assert other != "administrator"
        else:
            assert ruling.ok and other == "administrator" and other in ON_BULK["release"]


def test_a_deputy_releases_by_the_absent_one_s_authority_but_not_in_the_maker_s_name() -> None:
    deputy, away = person(2, "supervisor"), person(3, "manager")
    how: dict[str, Any] = {"amounts": [900] * 20, "ladder": LADDER, "today": {}}
    ruling = release(actor=deputy, made_by=1, usable=[Capacity(deputy), Capacity(away)], **how)
    assert ruling.owner == away
    with pytest.raises(CannotRelease):
        release(actor=deputy, made_by=3, usable=[Capacity(deputy), Capacity(away)], **how)

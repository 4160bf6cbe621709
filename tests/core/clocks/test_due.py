"""Due times against brute-force minute counting, across holidays and make-up workdays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.clocks import (
    CALENDARS,
    CannotCountDue,
    CannotReadDuration,
    ClockFacts,
    Swept,
    due,
    elapsed,
    sweep,
)

CN = ZoneInfo("Asia/Shanghai")
OFFICE = CALENDARS["cn-office"]
ALWAYS = CALENDARS["always"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


def test_over_the_national_day() -> None:
    answer = due(start=at("2026-09-30T17:00"), duration="PT4H", calendar=OFFICE)
    assert answer.due == at("2026-10-08T12:00")
    assert any("国庆" in r.zh for r in answer.because)


def test_make_up_workday_counts() -> None:
    # 2026-10-10 is a Saturday that is worked for the National Day.
    answer = due(start=at("2026-10-09T17:00"), duration="PT2H", calendar=OFFICE)
    assert answer.due == at("2026-10-10T10:00")


def test_ends_at_closing_time_not_at_the_next_opening() -> None:
    assert due(start=at("2026-11-24T17:00"), duration="PT1H", calendar=OFFICE).due == at(
        "2026-11-24T18:00"
    )


def test_seven_days_keep_the_offset_of_the_start() -> None:
    start = datetime(2026, 2, 25, 8, 30, tzinfo=UTC)
    answer = due(start=start, duration="P7D", calendar=ALWAYS)
    assert answer.due == start + timedelta(days=7)
    assert answer.due is not None and answer.due.utcoffset() == timedelta(0)


def test_an_open_pause_has_no_due_time() -> None:
    pause = (at("2026-11-24T10:00"), None)
    assert (
        due(start=at("2026-11-24T09:00"), duration="PT4H", calendar=OFFICE, pauses=[pause]).due
        is None
    )


def test_a_pause_after_the_due_time_changes_nothing() -> None:
    pause = (at("2026-11-24T15:00"), None)
    answer = due(start=at("2026-11-24T09:00"), duration="PT4H", calendar=OFFICE, pauses=[pause])
    assert answer.due == at("2026-11-24T13:00")


def test_unpublished_year_is_said() -> None:
    answer = due(start=at("2031-01-06T09:00"), duration="PT1H", calendar=OFFICE)
    assert any(r.rule == "clock.unpublished" for r in answer.because)


@pytest.mark.parametrize("text", ["", "P", "PT", "4H", "-PT4H", "P1DT", "PT4X"])
def test_bad_durations(text: str) -> None:
    with pytest.raises(CannotReadDuration):
        due(start=at("2026-11-24T09:00"), duration=text, calendar=ALWAYS)


def test_calendar_days_need_the_calendar_always() -> None:
    with pytest.raises(CannotCountDue):
        due(start=at("2026-11-24T09:00"), duration="P7D", calendar=OFFICE)


def open_minute(moment: datetime) -> bool:
    local = moment.astimezone(CN)
    seconds = local.hour * 3600 + local.minute * 60
    return any(a <= seconds < b for a, b in OFFICE.hours(day=local.date()))


minutes = st.integers(0, 60 * 24 * 25)


@settings(max_examples=40)
@given(
    begin=minutes,
    length=st.integers(1, 60 * 12),
    gaps=st.lists(st.tuples(minutes, st.integers(0, 600)), max_size=3),
)
def test_brute_force(begin: int, length: int, gaps: list[tuple[int, int]]) -> None:
    origin = at("2026-09-18T00:00")
    start = origin + timedelta(minutes=begin)
    pauses = [(origin + timedelta(minutes=a), origin + timedelta(minutes=a + n)) for a, n in gaps]
    answer = due(start=start, duration=f"PT{length}M", calendar=OFFICE, pauses=pauses)
    left, moment = length, start
    while left:
        counted = open_minute(moment) and not any(a <= moment < b for a, b in pauses)
        left -= counted
        moment += timedelta(minutes=1)
    assert answer.due == moment
    assert elapsed(start=start, end=moment, calendar=OFFICE, pauses=pauses) == length * 60


def test_sweep_tells_each_thing_once() -> None:
    due_at = at("2026-11-24T12:00")
    facts = ClockFacts(
        rule="first_reply",
        due_at=due_at,
        warn_at=due_at - timedelta(hours=1),
        warned=False,
        breached=False,
        escalation=0,
        ladder=(("PT0M", "supervisor"), ("PT4H", "manager")),
    )
    early = sweep(clock=facts, now=due_at - timedelta(minutes=30))
    assert [r.kind for r in early.rings] == ["warned"]
    assert early.fire_at == due_at
    late = sweep(clock=facts, now=due_at)
    assert [(r.kind, r.to) for r in late.rings] == [("breached", ""), ("escalated", "supervisor")]
    assert late.fire_at == due_at + timedelta(hours=4)


def test_rungs_count_on_the_clocks_calendar_and_are_said_in_local_time() -> None:
    facts = ClockFacts(
        rule="resolve",
        due_at=at("2026-11-24T17:30").astimezone(UTC),
        warn_at=None,
        warned=False,
        breached=True,
        escalation=0,
        ladder=(("PT2H", "supervisor"), ("P1D", "manager")),
        calendar=OFFICE,
        zone=CN,
    )
    assert sweep(clock=facts, now=at("2026-11-24T20:00")).fire_at == at("2026-11-25T10:30")
    next_day = sweep(clock=facts, now=at("2026-11-25T17:30"))
    assert [r.to for r in next_day.rings] == ["supervisor", "manager"]
    assert next_day.rings[0].because.zh == "超时2小时，升级提醒"
    assert (next_day.escalation, next_day.fire_at) == (2, None)
    first = sweep(clock=replace(facts, breached=False), now=at("2026-11-24T17:30"))
    assert first.rings[0].because.zh == "应于 11-24 17:30 前完成，已超时"


def test_a_paused_clock_says_nothing() -> None:
    facts = ClockFacts(
        rule="resolve", due_at=None, warn_at=None, warned=False, breached=False, escalation=0
    )
    assert sweep(clock=facts, now=at("2031-01-01T00:00")) == Swept((), False, False, 0, None)


def test_a_late_look_tells_the_breach_and_not_the_warning() -> None:
    facts = ClockFacts(
        rule="resolve",
        due_at=at("2026-11-24T12:00"),
        warn_at=at("2026-11-24T11:00"),
        warned=False,
        breached=False,
        escalation=0,
    )
    swept = sweep(clock=facts, now=at("2026-11-26T12:00"))
    assert [r.kind for r in swept.rings] == ["breached"]
    assert swept.warned and swept.fire_at is None
    assert sweep(clock=facts, now=at("2026-11-24T10:00")).fire_at == at("2026-11-24T11:00")

"""Due and elapsed time against counting minute by minute, on several calendars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.clocks import (
    ALWAYS,
    CN_OFFICE,
    Calendar,
    CannotCountDue,
    CannotCountTime,
    allowed_seconds,
    calendar_from_data,
    due,
    elapsed,
    remaining,
    warn_at,
)

pytestmark = pytest.mark.thorough

MINUTE = timedelta(minutes=1)
SPLIT = calendar_from_data(
    name="split",
    data={
        "hours": {
            "mon": ["08:30-12:00", "13:30-18:00"],
            "wed": ["00:00-01:00", "22:00-24:00"],
            "sat": ["09:00-12:00"],
        },
        "make_up": ["10:00-11:00"],
        "extra_closed": ["2026-09-21"],
        "extra_open": ["2026-10-02"],
    },
)
BERLIN = calendar_from_data(
    name="berlin",
    data={
        "hours": {day: ["00:00-24:00"] for day in ("mon", "tue", "thu", "sat", "sun")},
        "timezone": "Europe/Berlin",
        "holidays": "none",
    },
)


def cn(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


def is_open(calendar: Calendar) -> Callable[[datetime], bool]:
    if calendar.week is None:
        return lambda moment: True
    zone = ZoneInfo(calendar.zone)

    def opened(moment: datetime) -> bool:
        local = moment.astimezone(zone)
        second = local.hour * 3600 + local.minute * 60
        return any(a <= second < b for a, b in calendar.hours(day=local.date()))

    return opened


def count(
    *,
    start: datetime,
    minutes: int,
    calendar: Calendar,
    pauses: Sequence[tuple[datetime, datetime]],
) -> datetime:
    """Walk on until so many open, unpaused minutes have passed."""
    opened, moment = is_open(calendar), start.astimezone(UTC)
    while minutes:
        if opened(moment) and not any(a <= moment < b for a, b in pauses):
            minutes -= 1
        moment += MINUTE
    return moment


# Spring Festival 2025 and 2026, National Day 2025 and 2026, a leap day, a year's end into an
# unpublished year, and both changes of European summer time.
ORIGINS = [
    cn("2025-01-24T00:00"),
    cn("2025-09-26T00:00"),
    cn("2026-02-12T00:00"),
    cn("2026-09-18T00:00"),
    cn("2024-02-27T00:00"),
    cn("2026-12-30T00:00"),
    cn("2026-03-27T00:00"),
    cn("2026-10-23T00:00"),
]
offsets = st.integers(0, 60 * 24 * 7)


@settings(max_examples=50, deadline=None)
@given(
    calendar=st.sampled_from([CN_OFFICE, CN_OFFICE, SPLIT, BERLIN, ALWAYS]),
    origin=st.sampled_from(ORIGINS),
    begin=offsets,
    length=st.integers(1, 60 * 7),
    gaps=st.lists(st.tuples(offsets, st.integers(0, 900)), max_size=4),
)
def test_due_is_what_counting_minutes_gives(
    calendar: Calendar, origin: datetime, begin: int, length: int, gaps: list[tuple[int, int]]
) -> None:
    start = origin + begin * MINUTE
    pauses = [(origin + a * MINUTE, origin + (a + n) * MINUTE) for a, n in gaps]
    found = due(start=start, duration=f"PT{length}M", calendar=calendar, pauses=pauses)
    counted = count(start=start, minutes=length, calendar=calendar, pauses=pauses)
    assert found.due == counted
    assert len(found.because) < 40
    facts = {"start": start, "calendar": calendar, "pauses": pauses}
    assert elapsed(end=counted, **facts) == length * 60
    assert remaining(now=counted, duration=f"PT{length}M", **facts) == 0
    half = warn_at(duration=f"PT{length * 2}M", share=0.5, **facts)
    assert half == counted


@settings(max_examples=50)
@given(
    start=st.datetimes(datetime(2001, 1, 1), datetime(2028, 1, 1)),
    seconds=st.integers(0, 10**7),
    calendar=st.sampled_from([CN_OFFICE, SPLIT]),
)
def test_elapsed_turns_due_back(start: datetime, seconds: int, calendar: Calendar) -> None:
    start = start.replace(microsecond=0, tzinfo=ZoneInfo("Asia/Shanghai"))
    end = due(start=start, duration=f"PT{seconds}S", calendar=calendar, explain=False).due
    assert end is not None
    assert elapsed(start=start, end=end, calendar=calendar) == seconds


@given(days=st.integers(0, 400), minutes=st.lists(st.tuples(offsets, offsets), max_size=3))
def test_a_pause_pushes_calendar_days_by_its_length(
    days: int, minutes: list[tuple[int, int]]
) -> None:
    start = cn("2026-02-26T10:20")
    end = start + timedelta(days=days)
    pauses, lost, last = [], timedelta(0), start
    for wait, length in minutes:
        a = last + wait * MINUTE
        b = a + length * MINUTE
        pauses.append((a, b))
        last = b
        if a < end + lost:
            lost += b - a
    found = due(start=start, duration=f"P{days}D", calendar=ALWAYS, pauses=pauses)
    assert found.due == end + lost


def test_overlapping_pauses_count_once() -> None:
    start = cn("2026-11-24T09:00")
    pauses = [
        (cn("2026-11-24T10:00"), cn("2026-11-24T12:00")),
        (cn("2026-11-24T09:30"), cn("2026-11-24T11:00")),
        (cn("2026-11-24T12:00"), cn("2026-11-24T12:30")),
    ]
    found = due(start=start, duration="PT1H", calendar=CN_OFFICE, pauses=pauses)
    assert found.due == cn("2026-11-24T13:00")
    assert [r.rule for r in found.because].count("clock.pause") == 1


def test_a_pause_from_before_the_start_counts_from_the_start() -> None:
    pause = (cn("2026-11-20T09:00"), cn("2026-11-24T10:00"))
    found = due(start=cn("2026-11-24T09:00"), duration="PT1H", calendar=CN_OFFICE, pauses=[pause])
    assert found.due == cn("2026-11-24T11:00")


def test_an_open_pause_gives_the_earliest_time_when_asked_for_now() -> None:
    start, pause = cn("2026-11-24T09:00"), (cn("2026-11-24T10:00"), None)
    waiting = due(start=start, duration="PT4H", calendar=CN_OFFICE, pauses=[pause])
    assert (waiting.due, waiting.paused) == (None, True)
    assert "clock.waiting" in [r.rule for r in waiting.because]
    now = cn("2026-11-24T16:00")
    asked = due(start=start, duration="PT4H", calendar=CN_OFFICE, pauses=[pause], now=now)
    assert (asked.due, asked.paused) == (cn("2026-11-25T10:00"), True)
    assert (
        remaining(start=start, now=now, duration="PT4H", calendar=CN_OFFICE, pauses=[pause])
        == 3 * 3600
    )


def test_what_is_overdue_is_negative_in_counted_time() -> None:
    left = remaining(
        start=cn("2026-09-30T17:00"), now=cn("2026-10-08T12:00"), duration="PT1H",
        calendar=CN_OFFICE,
    )  # fmt: skip
    assert left == -3 * 3600


def test_a_warning_counts_working_time() -> None:
    # Half of four hours from an hour before closing is an hour after the next opening.
    assert warn_at(
        start=cn("2026-11-27T17:00"), duration="PT4H", calendar=CN_OFFICE, share=0.5
    ) == cn("2026-11-30T10:00")
    assert warn_at(start=cn("2026-11-24T10:00"), duration="P7D", calendar=ALWAYS, share=0.75) == cn(
        "2026-11-29T16:00"
    )
    with pytest.raises(ValueError, match="between 0 and 1"):
        warn_at(start=cn("2026-11-24T10:00"), duration="P7D", calendar=ALWAYS, share=1.5)


def test_leap_days_and_months_ends() -> None:
    assert due(start=cn("2028-02-29T08:00"), duration="P1Y", calendar=ALWAYS).due == cn(
        "2029-02-28T08:00"
    )
    assert due(start=cn("2026-01-31T08:00"), duration="P1M", calendar=ALWAYS).due == cn(
        "2026-02-28T08:00"
    )
    assert due(start=cn("2028-02-22T08:00"), duration="P7D", calendar=ALWAYS).due == cn(
        "2028-02-29T08:00"
    )
    assert (
        allowed_seconds(start=cn("2028-02-01T08:00"), duration="P1M", calendar=ALWAYS) == 29 * 86400
    )


def test_calendar_days_keep_the_wall_clock_over_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 28, 10, 0, tzinfo=berlin)
    day = due(start=start, duration="P1D", calendar=ALWAYS).due
    hours = due(start=start, duration="PT24H", calendar=ALWAYS).due
    assert day is not None and hours is not None
    assert (day.hour, hours.hour) == (10, 11)
    assert (hours - start.astimezone(UTC)).total_seconds() == 86400


def test_zones_of_the_answer() -> None:
    start = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    office = due(start=start, duration="PT1H", calendar=CN_OFFICE).due
    always = due(start=start, duration="PT1H", calendar=ALWAYS).due
    assert office is not None and office.isoformat() == "2026-11-24T10:00:00+08:00"
    assert always is not None and always.isoformat() == "2026-11-24T02:00:00+00:00"


def test_no_time_at_all_is_due_at_once_even_at_night() -> None:
    night = cn("2026-11-24T23:00")
    assert due(start=night, duration="PT0S", calendar=CN_OFFICE).due == night


def test_always_keeps_the_fraction_of_a_second() -> None:
    start = datetime(2026, 11, 24, 1, 0, 0, 250_000, tzinfo=UTC)
    assert due(start=start, duration="P7D", calendar=ALWAYS).due == start + timedelta(days=7)


@pytest.mark.parametrize("calendar", [ALWAYS, CN_OFFICE])
def test_what_cannot_be_counted_is_said(calendar: Calendar) -> None:
    start = cn("2026-11-24T09:00")
    with pytest.raises(CannotCountDue, match="no UTC offset"):
        due(start=datetime(2026, 11, 24), duration="PT1H", calendar=calendar)
    with pytest.raises(CannotCountDue, match="no UTC offset"):
        due(start=start, duration="PT1H", calendar=calendar, pauses=[(datetime(2026, 1, 1), None)])
    with pytest.raises(CannotCountDue, match="before it begins"):
        due(
            start=start, duration="PT1H", calendar=calendar,
            pauses=[(start, start - timedelta(hours=1))],
        )  # fmt: skip
    with pytest.raises((CannotCountDue, CannotCountTime)):
        due(start=start, duration="PT999999999H", calendar=calendar)


@pytest.mark.parametrize("text", ["P999999999W", "P9999Y", "P999999999Y", "P99999999D"])
def test_far_away_is_said(text: str) -> None:
    with pytest.raises(CannotCountDue, match=r"too far|beyond"):
        due(start=cn("2026-11-24T09:00"), duration=text, calendar=ALWAYS)


@pytest.mark.parametrize("year", ["1969", "2200", "0001", "9999"])
def test_business_calendars_say_their_years(year: str) -> None:
    with pytest.raises(CannotCountTime, match="1970 to 2199"):
        due(start=cn(f"{year}-06-01T09:00"), duration="PT1H", calendar=CN_OFFICE)


def test_a_calendar_that_ends_says_so() -> None:
    with pytest.raises(CannotCountTime, match="not enough working time"):
        due(start=cn("2199-12-30T09:00"), duration="PT100H", calendar=CN_OFFICE)

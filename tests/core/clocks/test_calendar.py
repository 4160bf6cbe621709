"""Calendars from playbook data, and their open hours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from huiyin.core.clocks import (
    ALWAYS,
    CALENDARS,
    CN_OFFICE,
    CannotCountTime,
    CannotReadCalendar,
    calendar_from_data,
    due,
)

DAY = ((9 * 3600, 18 * 3600),)


def hours(day: str, **data: Any) -> tuple[tuple[int, int], ...]:
    calendar = calendar_from_data(name="own", data={"hours": ["09:00-18:00"], **data})
    return calendar.hours(day=date.fromisoformat(day))


def test_every_installation_has_both_calendars() -> None:
    assert CALENDARS == {"always": ALWAYS, "cn-office": CN_OFFICE}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-01-26", DAY),  # a Sunday worked for the Spring Festival
        ("2025-01-28", ()),
        ("2025-02-04", ()),
        ("2025-02-05", DAY),
        ("2025-02-08", DAY),
        ("2025-09-28", DAY),
        ("2025-10-06", ()),
        ("2025-10-11", DAY),
        ("2026-02-14", DAY),
        ("2026-02-23", ()),
        ("2026-02-28", DAY),
        ("2026-09-20", DAY),
        ("2026-10-10", DAY),
        ("2026-10-11", ()),
        ("2028-02-29", DAY),  # a Tuesday of an unpublished year: the usual week
        ("2031-10-01", DAY),
        ("2003-10-01", DAY),
    ],
)
def test_chinas_working_days(day: str, expected: tuple[tuple[int, int], ...]) -> None:
    assert CN_OFFICE.hours(day=date.fromisoformat(day)) == expected


def test_a_list_of_hours_is_worked_from_monday_to_friday() -> None:
    split = ["13:30-18:00", "09:00-12:00"]
    assert hours("2026-11-24", hours=split) == ((32400, 43200), (48600, 64800))
    assert hours("2026-11-28", hours=split) == ()


def test_hours_by_weekday_and_the_hours_of_a_make_up_workday() -> None:
    week = {"mon": ["08:00-17:00"], "sat": ["09:00-12:00"]}
    assert hours("2026-11-28", hours=week) == ((32400, 43200),)
    assert hours("2026-11-25", hours=week) == ()
    # 2026-10-10 is a Saturday worked like a Monday.
    assert hours("2026-10-10", hours=week) == ((28800, 61200),)
    assert hours("2026-10-10", hours=week, make_up=["10:00-15:00"]) == ((36000, 54000),)
    assert hours("2026-10-10", hours=week, holidays="none") == ((32400, 43200),)


def test_holidays_none_works_through_national_day() -> None:
    assert hours("2026-10-01") == ()
    assert hours("2026-10-01", holidays="none") == DAY


def test_own_days_win_over_the_official_ones() -> None:
    own = {"extra_closed": ["2026-10-10", date(2026, 11, 24)], "extra_open": ["2026-10-01"]}
    assert hours("2026-10-10", **own) == ()
    assert hours("2026-11-24", **own) == ()
    assert hours("2026-10-01", **own) == DAY
    assert hours("2026-11-29", extra_open=["2026-11-29"]) == DAY


def test_a_day_may_end_at_midnight() -> None:
    calendar = calendar_from_data(name="late", data={"hours": ["20:00-24:00"], "holidays": "none"})
    start = datetime.fromisoformat("2026-11-24T22:00:00+08:00")
    assert due(start=start, duration="PT2H", calendar=calendar).due == datetime.fromisoformat(
        "2026-11-25T00:00:00+08:00"
    )


def test_always_by_name() -> None:
    always = calendar_from_data(name="mine", data={"hours": "always"})
    assert always.week is None
    with pytest.raises(CannotCountTime):
        always.hours(day=date(2026, 11, 24))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "hours are missing"),
        ({"hours": []}, "never open"),
        ({"hours": {"mon": []}}, "never open"),
        ({"hours": {"monday": ["09:00-18:00"]}}, "no weekday"),
        ({"hours": ["9-18"]}, "not hours such as"),
        ({"hours": [9]}, "not hours such as"),
        ({"hours": 9}, "list of texts"),
        ({"hours": ["22:00-06:00"]}, "split a night shift"),
        ({"hours": ["09:00-24:30"]}, "after 24:00"),
        ({"hours": ["09:00-12:00", "11:00-18:00"]}, "overlap"),
        ({"hours": ["09:00-18:00"], "timezone": "Asia/Nowhere"}, "unknown timezone"),
        ({"hours": ["09:00-18:00"], "timezone": "../etc"}, "unknown timezone"),
        ({"hours": ["09:00-18:00"], "holidays": "france"}, "china or none"),
        ({"hours": ["09:00-18:00"], "extra_open": ["soon"]}, "not a date"),
        ({"hours": ["09:00-18:00"], "extra_open": [20261001]}, "not a date"),
        ({"hours": ["09:00-18:00"], "open": 1}, "unknown open"),
        (["09:00-18:00"], "not a mapping"),
    ],
)
def test_bad_data_is_named(data: Any, message: str) -> None:
    with pytest.raises(CannotReadCalendar, match=message):
        calendar_from_data(name="own", data=data)

"""What is usual in an hour of the week, and when a channel stands out."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from huiyin.core.playbook.volume import Volume
from huiyin.core.volume import Seen, expected, hour_of_week, judge, medians

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 2, 0, 0, tzinfo=ZONE)


def test_hours_of_the_week() -> None:
    assert hour_of_week(at=MONDAY, zone=ZONE) == 0
    assert hour_of_week(at=MONDAY - timedelta(minutes=1), zone=ZONE) == 167


def test_one_wild_week_does_not_change_what_is_usual() -> None:
    at = MONDAY + timedelta(hours=9)
    hours = {at: 10, at + timedelta(weeks=1): 12, at + timedelta(weeks=2): 900}
    usual = medians(hours=hours, since=MONDAY, until=MONDAY + timedelta(weeks=3), zone=ZONE)
    assert usual[9] == (12.0, 3) and usual[10] == (0.0, 3) and len(usual) == 168


def test_an_expectation_takes_each_hour_in_its_share() -> None:
    usual = {9: 60.0, 10: 20.0}
    since = MONDAY + timedelta(hours=9, minutes=30)
    found = expected(usual=usual, since=since, until=since + timedelta(hours=1), zone=ZONE)
    assert found == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("seen", "kinds"),
    [
        (Seen(0, 12.0, 0, 3.0, 4), ["silent"]),
        (Seen(1, 12.0, 1, 3.0, 4), []),
        (Seen(0, 2.0, 0, 0.5, 4), []),
        (Seen(90, 12.0, 60, 10.0, 4), ["flooding"]),
        (Seen(90, 12.0, 20, 10.0, 4), []),
        (Seen(40, 0.0, 20, 0.0, 4), ["flooding"]),
        (Seen(19, 0.0, 19, 0.0, 4), []),
        (Seen(0, 12.0, 500, 3.0, 1), []),
    ],
)
def test_when_a_channel_stands_out(seen: Seen, kinds: list[str]) -> None:
    found = judge(seen=seen, terms=Volume())
    assert [f.kind for f in found] == kinds
    assert all(f.because.zh and f.because.en and f.because.words for f in found)

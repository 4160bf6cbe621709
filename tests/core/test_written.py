"""Moments as people and systems write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from huiyin.core.written import moment_written

ZONE = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 11, 3, 9, 5, tzinfo=ZONE)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-03 09:05",
        "2026/11/3 09:05",
        "2026.11.03 9:05",
        "2026年11月3日 09:05",
        "2026年11月3日9时05分",
        "2026-11-03T09:05:00+08:00",
        "2026-11-03T01:05:00Z",
        datetime(2026, 11, 3, 9, 5),
        datetime(2026, 11, 3, 1, 5, tzinfo=UTC),
        str(int(NINE.timestamp())),
        int(NINE.timestamp()) * 1000,
    ],
)
def test_a_time_in_any_form(value: Any) -> None:
    assert moment_written(value=value, zone=ZONE) == NINE


@pytest.mark.parametrize(
    "value", ["2026-11-03", "20261103", date(2026, 11, 3), 46329, "2026年11月3日"]
)
def test_a_day_begins_at_midnight(value: Any) -> None:
    assert moment_written(value=value, zone=ZONE) == datetime(2026, 11, 3, tzinfo=ZONE)


def test_nothing_is_no_time() -> None:
    assert moment_written(value="", zone=ZONE) is moment_written(value=None, zone=ZONE) is None


@pytest.mark.parametrize("value", ["昨天", "2026-13-40", 12, True, "12:30"])
def test_what_is_no_time_is_said(value: Any) -> None:
    with pytest.raises(ValueError):
        moment_written(value=value, zone=ZONE)

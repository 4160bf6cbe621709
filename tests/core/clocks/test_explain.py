"""The sum behind a due time adds up and stays short."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.clocks import ALWAYS, CN_OFFICE, due

pytestmark = pytest.mark.thorough

START = datetime.fromisoformat("2025-09-26T16:20:00+08:00")


def said(duration: str, start: datetime = START) -> list[tuple[str, str]]:
    answer = due(start=start, duration=duration, calendar=CN_OFFICE)
    return [(r.rule, r.zh) for r in answer.because]


def test_the_sum_day_by_day() -> None:
    assert said("PT20H") == [
        ("clock.start", "自2025-09-26（周五）16:20起，按“中国工作时间”计20小时"),
        ("clock.day", "2025-09-26（周五）：16:20–18:00 计1小时40分钟，累计1小时40分钟"),
        ("clock.closed", "2025-09-27（周六）：周末，不计时"),
        ("clock.day", "2025-09-28（周日），国庆节调休上班：09:00–18:00 计9小时，累计10小时40分钟"),
        ("clock.day", "2025-09-29（周一）：09:00–18:00 计9小时，累计19小时40分钟"),
        ("clock.day", "2025-09-30（周二）：09:00–09:20 计20分钟，累计20小时"),
        ("clock.due", "到期：2025-09-30（周二）09:20"),
    ]


def test_holidays_in_a_row_are_one_line() -> None:
    rows = said("PT2H", datetime.fromisoformat("2025-09-30T17:30:00+08:00"))
    assert ("clock.closed", "2025-10-01（周三）至2025-10-08（周三）：国庆节、中秋，不计时") in rows


def test_a_start_after_hours_is_no_closed_day() -> None:
    rows = said("PT1H", datetime.fromisoformat("2026-11-27T20:00:00+08:00"))
    assert ("clock.closed", "2026-11-28（周六）至2026-11-29（周日）：周末，不计时") in rows


def test_every_reason_is_said_in_both_languages() -> None:
    pauses = [(START, START.replace(hour=17)), (START.replace(day=29), None)]
    for calendar in (ALWAYS, CN_OFFICE):
        for reason in due(start=START, duration="PT90H", calendar=calendar, pauses=pauses).because:
            assert reason.zh and reason.en
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in reason.en)


@settings(max_examples=25)
@given(hours=st.integers(1, 3000), late=st.integers(0, 9000))
def test_the_days_add_up_and_are_few(hours: int, late: int) -> None:
    pauses = [
        (datetime.fromisoformat("2025-10-09T10:00:00+08:00"),
         datetime.fromisoformat("2025-10-09T11:00:00+08:00").replace(minute=late % 60)),
    ]  # fmt: skip
    answer = due(start=START, duration=f"PT{hours}H", calendar=CN_OFFICE, pauses=pauses)
    counted = sum(int(r.words[2]) for r in answer.because if r.rule in {"clock.day", "clock.days"})
    assert counted == hours * 3600
    assert len(answer.because) <= 35
    assert answer.due is not None
    assert (answer.due.year > 2026) is any(r.rule == "clock.unpublished" for r in answer.because)

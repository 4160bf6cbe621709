"""Texts are filled; a promise that cannot be kept any more is not made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from huiyin import playbooks
from huiyin.core.wording import fill_in, language_of, next_due, time_said

NOW = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "due", "said"),
    [
        ("{due} 前联系您", "11月27日 10:00", "11月27日 10:00 前联系您"),
        ("{due} 前联系您", "", "尽快联系您"),
        ("最晚 {due} 再给您一次消息", "", "尽快再给您一次消息"),
        ("contacts you by {due}.", "", "contacts you as soon as we can."),
        ("news by {due} at the latest", "", "news as soon as we can"),
    ],
)
def test_until_when(text: str, due: str, said: str) -> None:
    assert fill_in(text=text, values={"due": due}) == said


def test_unknown_placeholders_stay() -> None:
    assert fill_in(text="{customer}，{what}", values={"customer": "王女士"}) == "王女士，{what}"


@pytest.mark.parametrize("name", ["express-default", "city-carrier"])
def test_no_shipped_text_keeps_a_trace_of_a_missing_due_time(name: str) -> None:
    filled = fill_in(text=playbooks.text(name=name), values={"due": ""})
    for wrong in ("尽快 前", "尽快 再", "by 尽快", "最晚尽快", "最晚 尽快"):
        assert wrong not in filled


def test_only_future_times_are_promised() -> None:
    hour = timedelta(hours=1)
    assert next_due(dues=[NOW - hour, None, NOW + 2 * hour, NOW + hour], now=NOW) == NOW + hour
    assert next_due(dues=[NOW - hour, None], now=NOW) is None


def test_times_are_said_in_the_zone_of_the_company() -> None:
    assert time_said(moment=NOW, zone=ZoneInfo("Asia/Shanghai")) == "11月26日 14:00"
    assert time_said(moment=NOW, zone=UTC, english=True) == "26/11 06:00"
    assert time_said(moment=None, zone=UTC) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My parcel SF1234567890123 is lost, please help", "en"),
        ("Where is it?\n\nSent from my phone", "en"),
        ("my package 包裹 has not arrived yet", "en"),
        ("我的包裹丢了", "zh"),
        ("我的 VIP 快递 express 还没到，OK？", "zh"),
        ("包裹 SF1234567890123 在哪", "zh"),
        ("SF1234567890123", ""),
        ("https://a.example/track/x me@b.example 13812345678", ""),
        ("", ""),
    ],
)
def test_the_language_of_the_customer(text: str, language: str) -> None:
    assert language_of(text=text) == language

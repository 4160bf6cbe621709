"""Which channel carries a message, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from huiyin.core.outgoing import CannotReadQuiet, Way, choose, quiet_of, quiet_until

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 26, 12, tzinfo=ZONE)
NIGHT = datetime(2026, 11, 26, 23, tzinfo=ZONE)
SMS = Way(channel="sms", address="13800138000", rings=True)
MAIL = Way(channel="email", address="a@example.com")
CHAT = Way(channel="wechat", address="openid", open=False)


def chosen(*ways: Way, **how: Any) -> tuple[str | None, tuple[str, ...]]:
    given = {
        "preferred": "", "tried": frozenset(), "automatic": True, "quiet": None, "now": NOON, **how,
    }  # fmt: skip
    choice = choose(ways=ways, **given)
    return (choice.way.channel if choice.way else None), tuple(r.rule for r in choice.because)


def test_the_last_channel_then_the_next() -> None:
    assert chosen(SMS, MAIL) == ("sms", ("outgoing.last",))
    assert chosen(CHAT, MAIL) == ("email", ("outgoing.closed", "outgoing.next"))
    assert chosen(SMS, MAIL, tried=frozenset({"sms"}))[0] == "email"


def test_the_customer_s_choice_goes_first_as_far_as_it_can() -> None:
    assert chosen(SMS, MAIL, preferred="email") == ("email", ("outgoing.preferred",))
    assert chosen(SMS, CHAT, preferred="wechat")[0] == "sms"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"left": True}, "outgoing.left"), ({"configured": False}, "outgoing.not_configured")],
)
def test_who_left_or_cannot_be_reached_is_not_written_to(
    changes: dict[str, bool], rule: str
) -> None:
    way = Way(channel="sms", address="1", **changes)
    assert chosen(way) == (None, (rule, "outgoing.none"))


def test_quiet_hours_hold_what_rings_and_nobody_wrote() -> None:
    quiet = quiet_of(text="22:00-08:00", zone=ZONE)
    given: dict[str, Any] = {"preferred": "", "tried": frozenset(), "quiet": quiet, "now": NIGHT}
    morning = datetime(2026, 11, 27, 8, tzinfo=ZONE)
    assert choose(ways=[SMS], automatic=True, **given).not_before == morning
    assert choose(ways=[SMS], automatic=False, **given).not_before is None
    assert choose(ways=[MAIL], automatic=True, **given).not_before is None
    given["now"] = NOON
    assert choose(ways=[SMS], automatic=True, **given).not_before is None


@pytest.mark.parametrize(
    ("text", "clock", "until"),
    [
        ("22:00-08:00", (7, 59), (26, 8)), ("22:00-08:00", (8, 0), None),
        ("22:00-08:00", (22, 0), (27, 8)), ("12:00-14:00", (13, 0), (26, 14)),
        ("12:00-14:00", (14, 0), None), ("", (3, 0), None),
    ],
)  # fmt: skip
def test_when_quiet_hours_end(
    text: str, clock: tuple[int, int], until: tuple[int, int] | None
) -> None:
    now = datetime(2026, 11, 26, *clock, tzinfo=ZONE)
    ends = quiet_until(quiet=quiet_of(text=text, zone=ZONE), now=now)
    assert ends == (datetime(2026, 11, until[0], until[1], tzinfo=ZONE) if until else None)


@pytest.mark.parametrize("text", ["22", "22:00-", "22:00-22:00", "25:00-08:00", "x-y"])
def test_quiet_hours_that_make_no_sense(text: str) -> None:
    with pytest.raises(CannotReadQuiet):
        quiet_of(text=text, zone=ZONE)

"""What a call is after each thing that is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huiyin.core.phone import Debt, Known, Talk, number_of, owed, step

AT = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
OURS = {"1001": 7, "1002": 8}


def through(*told: Talk) -> tuple[Known | None, list[str]]:
    """Tell one thing after another; returns the call and the reasons it counts as missed."""
    call: Known | None = None
    why: list[str] = []
    for one in told:
        stepped = step(call=call, told=one, extensions=OURS)
        call = stepped.call
        why += [r.rule for r in stepped.because if stepped.missed]
    return call, why


def talk(kind: str, seconds: int = 0, caller: str = "", callee: str = "", **more: str) -> Talk:
    return Talk(kind=kind, at=AT + timedelta(seconds=seconds), caller=caller, callee=callee, **more)


def test_a_call_that_somebody_takes() -> None:
    call, why = through(
        talk("ringing", 0, "013800001234", "95000"),
        talk("ringing", 2, "013800001234", "1001"),
        talk("ringing", 2, "013800001234", "1002"),
        talk("answered", 9, "013800001234", "1002"),
        talk("ended", 70),
    )
    assert call is not None and not why
    assert (call.direction, call.number, call.state) == ("in", "13800001234", "ended")
    assert (call.rang, call.person) == ((7, 8), 8)
    assert call.answered_at == AT + timedelta(seconds=9)


def test_a_call_that_nobody_takes_is_missed_once() -> None:
    call, why = through(
        talk("ringing", 0, "13800001234", "1001"), talk("ended", 20), talk("ended", 21)
    )
    assert call is not None and call.state == "missed" and why == ["phone.missed"]


def test_who_gives_up_waiting_left_the_queue() -> None:
    call, why = through(
        talk("ringing", 0, "13800001234", queue="support", direction="in"),
        talk("missed", 45, "13800001234", queue="support"),
        talk("ended", 45),
    )
    assert call is not None and call.queue == "support" and why == ["phone.left_queue"]


def test_a_queue_that_answers_is_nobody() -> None:
    call, why = through(
        talk("ringing", 0, "13800001234", "95000"),
        talk("answered", 1, "13800001234", "95000"),
        talk("ended", 30),
    )
    assert call is not None and call.answered_at is None and why == ["phone.missed"]


def test_our_own_call() -> None:
    call, why = through(
        talk("ringing", 0, "1001", "013800001234"),
        talk("answered", 8, "1001", "013800001234"),
        talk("ended", 60),
    )
    assert call is not None and not why
    assert (call.direction, call.person, call.number) == ("out", 7, "13800001234")
    unreached, none = through(talk("ringing", 0, "1001", "13800001234"), talk("ended", 30))
    assert unreached is not None and unreached.state == "unreached" and not none


def test_calls_between_our_telephones_concern_nobody_outside() -> None:
    assert through(talk("ringing", 0, "1001", "1002"))[0] is None


def test_what_comes_late_takes_nothing_back() -> None:
    call, why = through(
        talk("ringing", 0, "13800001234", "1001"),
        talk("answered", 5, "13800001234", "1001"),
        talk("ended", 50),
        talk("missed", 51, "13800001234", queue="support"),
        talk("ringing", 0, "13800001234", "1001"),
    )
    assert call is not None and call.state == "ended" and not why


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("13800001234", "13800001234"),
        ("+86 138-0000-1234", "13800001234"),
        ("008613800001234", "13800001234"),
        ("013800001234", "13800001234"),
        ("+862161234567", "02161234567"),
        ("021-61234567", "02161234567"),
        ("sip:13800001234@10.0.0.1", "13800001234"),
        ("anonymous", ""),
        ("", ""),
        ("王先生", ""),
        ("95338", "95338"),
    ],
)
def test_numbers_in_one_form(said: str, number: str) -> None:
    assert number_of(said=said) == number


def test_several_missed_calls_are_one_debt_from_the_first() -> None:
    first = owed(known=None, missed_at=AT)
    assert first.fresh and first.count == 1
    again = owed(known=first, missed_at=AT + timedelta(minutes=5))
    assert again == Debt(AT, AT + timedelta(minutes=5), 2, False, again.because)
    assert "第 2 次" in again.because.zh

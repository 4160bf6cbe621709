"""What follows from what another system tells of a payment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huiyin.core.remedy.transfer import (
    MOST_SENDS,
    SETTLED,
    UNHEARD,
    Next,
    Standing,
    State,
    Told,
    fits,
    judge,
    pause,
    plain,
    waits_for_release,
    why_not,
)

LONG = timedelta(hours=1)


def after(state: State, *, asked: bool = True, **how: Any) -> Next:
    told = {k: how.pop(k) for k in ("amount", "wait") if k in how}
    given = {"sends": 1, "tries": 0, "since": LONG, "refused": False, **how}
    return judge(told=Told(state=state, **told), amount=16000, asked=asked, **given)


@pytest.mark.parametrize(
    ("state", "act"), [("paid", "pay"), ("failed", "fail"), ("returned", "return")]
)
@pytest.mark.parametrize("asked", [True, False])
def test_an_end_is_booked(state: State, act: str, asked: bool) -> None:
    assert after(state, asked=asked, amount=16000).act == act


@pytest.mark.parametrize("state", ["paid", "failed", "returned", "processing"])
def test_another_sum_is_for_a_person(state: State) -> None:
    found = after(state, amount=16001)
    assert (found.act, found.because.rule) == ("stop", "transfer.amount")
    assert "160.01" in found.because.zh and "160.00" in found.because.en


@pytest.mark.parametrize("state", ["processing", "unclear"])
@pytest.mark.parametrize("asked", [True, False])
def test_what_is_no_end_is_asked_about_later_and_never_sent(state: State, asked: bool) -> None:
    found = after(state, asked=asked, tries=3)
    assert (found.act, found.wait) == ("wait", 240)


def test_a_provider_may_ask_for_patience_within_reason() -> None:
    assert after("unclear", wait=90).wait == 90
    assert after("unclear", wait=10**6).wait == 3600
    assert after("unclear", wait=0).wait == 1


def test_a_refusal_is_believed_only_after_a_question() -> None:
    assert after("refused", asked=False).act == "ask"
    assert after("absent", refused=True, since=timedelta(0)).act == "fail"
    assert after("processing", refused=True).act == "wait"
    assert after("paid", refused=True).act == "pay"


def test_a_refusal_after_a_lost_request_waits_until_that_can_no_longer_arrive() -> None:
    early = after("absent", refused=True, sends=2, since=SETTLED - timedelta(seconds=9))
    assert (early.act, early.wait) == ("wait", 10)
    assert after("absent", refused=True, sends=2, since=SETTLED).act == "fail"


def test_what_was_never_heard_of_is_sent_again_when_nothing_can_be_on_its_way() -> None:
    early = after("absent", since=UNHEARD - timedelta(seconds=20))
    assert (early.act, early.wait) == ("wait", 21)
    assert after("absent", since=UNHEARD).act == "send"
    assert after("absent", sends=MOST_SENDS).act == "stop"


def test_what_is_booked_as_paid_is_never_sent_again() -> None:
    found = after("absent", ended=True)
    assert (found.act, found.because.rule) == ("stop", "transfer.vanished")


@pytest.mark.parametrize("state", ["absent", "refused"])
def test_an_answer_that_fits_no_question_is_unclear(state: State) -> None:
    assert after(state, asked=state != "absent").act == "wait"


def test_pauses_grow_to_an_hour() -> None:
    assert [pause(tries=n) for n in (0, 1, 2, 6, 7, 99)] == [30, 60, 120, 1920, 3600, 3600]


def test_numbers_in_letters_and_digits() -> None:
    assert plain(number="HY20261103-000001-P7") == "HY20261103000001P7"


def test_what_is_above_the_limit_waits_for_a_person() -> None:
    assert waits_for_release(amount=1, above=0)
    assert not waits_for_release(amount=10000, above=10000)
    assert waits_for_release(amount=10001, above=10000)


GOOD = {
    "state": "requested", "amount": 100, "offer_state": "accepted", "offer_amount": 100,
    "granted": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"state": "paid"}, "transfer.state"),
        ({"state": "processing"}, "transfer.state"),
        ({"granted": False}, "transfer.approval"),
        ({"offer_state": "approved"}, "transfer.offer"),
        ({"offer_state": "withdrawn"}, "transfer.offer"),
        ({"offer_amount": 90}, "transfer.sum"),
        ({"amount": 0, "offer_amount": 0}, "transfer.sum"),
    ],
)
def test_nothing_goes_out_that_is_not_approved_in_full(change: dict[str, Any], rule: str) -> None:
    assert why_not(standing=Standing(**GOOD)) is None  # type: ignore[arg-type]
    why = why_not(standing=Standing(**{**GOOD, **change}))
    assert why is not None and why.rule == rule and why.zh and why.en


def test_the_budget_of_a_day() -> None:
    assert fits(amount=100, spent=10**9, per_day=0)
    assert fits(amount=100, spent=900, per_day=1000)
    assert not fits(amount=101, spent=900, per_day=1000)

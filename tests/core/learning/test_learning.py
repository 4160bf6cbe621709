"""What of the corrections teaches, when a model is better, and the figures of weeks."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from huiyin.core.learning import (
    Measure,
    Policy,
    Taught,
    WeekFacts,
    choose,
    enough,
    gather,
    weigh_weeks,
)

POLICY = Policy(least=10, person_percent=40, margin_percent=1)
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def said(n: int, *, text: str = "", by: int | None = None, **more: str) -> Taught:
    fields = {"field": "category", "after": "delay", "category": "delay", "urgency": "normal"}
    fields.update(more)
    return Taught(
        id=f"{n:04}",
        at=START + timedelta(minutes=n),
        by=n % 5 if by is None else by,
        text=text or f"第{n}件的说法",
        **fields,
    )


def test_the_split_does_not_depend_on_order_and_keeps_the_newest_apart() -> None:
    taught = [said(n) for n in range(100)]
    first = gather(taught=taught, policy=POLICY)
    mixed = list(taught)
    random.Random(1).shuffle(mixed)
    second = gather(taught=mixed, policy=POLICY)
    assert first == second and first.fingerprint == second.fingerprint
    assert first.total == 100 and not first.because
    apart = {one.text for one in first.held_out}
    assert {f"第{n}件的说法" for n in range(90, 100)} <= apart
    assert 15 < len(apart) < 45
    assert not apart & {one.text for one in first.train}


def test_what_was_apart_by_its_hash_stays_apart_when_more_comes() -> None:
    before = gather(taught=[said(n) for n in range(100)], policy=POLICY)
    after = gather(taught=[said(n) for n in range(200)], policy=POLICY)
    old = {one.text for one in before.held_out if one.at < START + timedelta(minutes=90)}
    assert old and old <= {one.text for one in after.held_out}
    assert before.fingerprint != after.fingerprint


def test_the_last_word_on_a_text_counts_field_by_field() -> None:
    taught = [
        said(1, text="送得 太慢", after="lost", by=1),
        said(2, text="送得太慢", field="urgency", after="high", by=2),
        said(3, text="送得太慢", after="tracking", by=3, category="tracking"),
    ]
    found = gather(taught=taught, policy=Policy(least=1, person_percent=100, margin_percent=1))
    (one,) = found.train + found.held_out
    assert (one.category, one.urgency, one.by) == ("tracking", "high", 3)


def test_one_person_gives_at_most_his_share_and_it_is_said() -> None:
    taught = [said(n, by=7) for n in range(80)] + [said(n, by=1) for n in range(80, 100)]
    found = gather(taught=taught, policy=POLICY)
    every = found.train + found.held_out
    assert sum(one.by == 7 for one in every) == 40
    assert sum(one.by == 1 for one in every) == 20
    assert min(one.at for one in every if one.by == 7) == START + timedelta(minutes=40)
    (why,) = found.because
    assert why.rule == "learning.one_person" and why.words == ("40",)


def test_a_person_whom_others_mostly_overturn_teaches_nothing() -> None:
    taught = [said(n, by=9, after="fee", text=f"某事{n}") for n in range(10)]
    taught += [said(100 + n, by=n % 3, after="lost", text=f"某事{n}") for n in range(7)]
    found = gather(taught=taught, policy=POLICY)
    every = found.train + found.held_out
    assert {one.by for one in every} == {0, 1, 2} and len(every) == 7
    assert [r.rule for r in found.because] == ["learning.overturned"]


def test_own_kinds_and_empty_texts_are_left_out() -> None:
    taught = [said(1, after="own_kind"), said(2, text="  "), said(3)]
    found = gather(taught=taught, policy=Policy(least=1, person_percent=100, margin_percent=1))
    assert found.total == 1
    assert [r.rule for r in found.because] == ["learning.unknown_kind"]


def test_too_few_are_not_trained_on() -> None:
    few = enough(lessons=gather(taught=[said(n) for n in range(9)], policy=POLICY), policy=POLICY)
    assert not few.better and few.because[0].rule == "learning.too_few"
    assert enough(
        lessons=gather(taught=[said(n) for n in range(100)], policy=POLICY), policy=POLICY
    ).better


@pytest.mark.parametrize(
    ("new", "book", "better", "rule"),
    [
        ((0.8, 0.5), (0.9, 0.8), True, "learning.better"),
        ((0.7, 0.5), (0.9, 0.8), False, "learning.same"),
        ((0.9, 0.4), (0.9, 0.8), False, "learning.worse"),
        ((0.8, 0.6), (0.88, 0.8), False, "learning.forgets"),
        ((0.8, 0.6), (0.891, 0.8), True, "learning.better"),
    ],
)
def test_a_model_is_taken_only_when_better_and_nothing_is_forgotten(
    new: tuple[float, float], book: tuple[float, float], better: bool, rule: str
) -> None:
    choice = choose(
        candidate=Measure(*new, 30),
        running=Measure(0.7, 0.5, 30),
        book_candidate=Measure(*book, 500),
        book_running=Measure(0.9, 0.8, 500),
        policy=POLICY,
    )
    assert choice.better is better
    assert rule in {r.rule for r in choice.because}
    assert all(r.zh and r.en for r in choice.because)


def test_weeks_tell_agreement_and_shift() -> None:
    first = WeekFacts(date(2026, 11, 2), {"delay": 30, "lost": 10}, 20, 2, 5, 0.8)
    second = WeekFacts(date(2026, 11, 9), {"delay": 10, "lost": 30}, 0, 0, 0, None)
    small = WeekFacts(date(2026, 11, 16), {"delay": 3}, 3, 0, 0, 0.91)
    one, two, three = weigh_weeks(weeks=[second, small, first])
    assert (one.monday, one.category, one.urgency, one.shift) == (first.monday, 90.0, 75.0, None)
    assert (two.category, two.shift, two.confidence) == (None, 50.0, None)
    assert (three.shift, three.confidence, three.received) == (None, 91.0, 3)

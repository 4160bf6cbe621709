"""Filters of the search, whichever way they are answered: by the words or by the filter."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from django.db import connection

from huiyin.core.search import asked
from huiyin.store import fitting, models, search
from huiyin.store.case import Case
from huiyin.store.fitting import Wanted
from huiyin.store.ids import new_id

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ("孔雀石", "翡翠珠", "玳瑁梳")
"""Words of no other test: what is indexed outlives tests that commit."""


@dataclass(frozen=True)
class Said:
    case: Any
    message: UUID
    words: frozenset[str]


def _company(rng: random.Random) -> list[Said]:
    """Index complaints of a few kinds, with one to three messages each, in the order of time."""
    with connection.cursor() as cursor:
        # what tests that commit have indexed outlives them
        cursor.execute("DELETE FROM search_entry")
        cursor.execute("DELETE FROM search_case")
    cases = []
    for number in range(90):
        at = BEGAN + timedelta(days=number if rng.random() < 0.8 else rng.randrange(90))
        cases.append(
            SimpleNamespace(
                id=new_id(now=at), opened_at=at,
                category=rng.choice(("lost", "delay", "delay", "fee")),
                department_id=rng.choice(("ops", "ops", "claims", None)),
                assignee_id=rng.choice((None, 1, 2)),
                channel=rng.choice(("phone", "email")),
                status=rng.choice(("closed", "closed", "closed", "working", "resolved")),
            )
        )  # fmt: skip
    models.Complaint.objects.bulk_create(
        models.Complaint(
            id=c.id, number=f"HY-T{n}", opened_at=c.opened_at, last_contact_at=c.opened_at,
            updated_at=c.opened_at, category=c.category, channel=c.channel, status=c.status,
        )
        for n, c in enumerate(cases)
    )  # fmt: skip
    search.add_cases(cases=cast("list[Case]", cases))
    said = [
        Said(c, new_id(now=c.opened_at), frozenset(w for w in WORDS if rng.random() < 0.4))
        for c in cases
        for _n in range(rng.randrange(1, 4))
    ]
    search.add(
        rows=[
            (s.case.id, s.message, search.keys_said(text=" ".join(sorted(s.words)))) for s in said
        ]
    )
    return said


def _wanted(rng: random.Random) -> Wanted:
    day = int(BEGAN.timestamp())
    since, until = sorted(rng.sample(range(90), 2))
    limited = rng.random() < 0.4
    return Wanted(
        category=rng.choice(("", "", "lost", "fee", "cod")),
        department=rng.choice(("", "", "ops", "claims")),
        channel=rng.choice(("", "", "phone", "sms")),
        statuses=rng.choice(((), (), ("working", "resolved"), ("closed",), ("new",))),
        since=day + since * 86400 if rng.random() < 0.3 else None,
        until=day + until * 86400 if rng.random() < 0.3 else None,
        person=rng.choice((1, 2, 3)) if limited else None,
        home=rng.choice(("ops", "claims", None)) if limited else None,
    )


def _may(case: Any, wanted: Wanted) -> bool:
    opened = int(case.opened_at.timestamp())
    return (
        wanted.category in ("", case.category)
        and (not wanted.department or wanted.department == case.department_id)
        and wanted.channel in ("", case.channel)
        and (not wanted.statuses or case.status in wanted.statuses)
        and (wanted.since is None or opened >= wanted.since)
        and (wanted.until is None or opened < wanted.until)
        and (
            wanted.person is None
            or wanted.person == case.assignee_id
            or (wanted.home is not None and wanted.home == case.department_id)
        )
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("newest", "scanned", "few", "kinds"),
    [
        (1000, 20_000, 2000, 1000),
        (4, 9, 2000, 1000),
        (4, 9, 5, 1000),
        (4, 500, 0, 0),
        (7, 20, 8, 9),
    ],
)
def test_what_is_found_is_what_fits(
    monkeypatch: pytest.MonkeyPatch, newest: int, scanned: int, few: int, kinds: int
) -> None:
    monkeypatch.setattr(search, "NEWEST", newest)
    monkeypatch.setattr(search, "SCANNED", scanned)
    monkeypatch.setattr(fitting, "FEW", few)
    monkeypatch.setattr(fitting, "KINDS", kinds)
    rng = random.Random(newest * 7 + few)
    said = _company(rng)
    told = 0
    for _n in range(150):
        wanted, words = _wanted(rng), rng.sample(WORDS, rng.choice((1, 1, 2)))
        limit = rng.choice((3, 10, 200))
        enough = rng.choice((2, 5, None))
        true = list(
            dict.fromkeys(
                s.case.id
                for s in reversed(said)
                if s.words.issuperset(words) and _may(s.case, wanted)
            )
        )
        found = search.find(
            words=asked(text=" ".join(words)), wanted=wanted, limit=limit, enough=enough
        )
        ids = [h.complaint_id for h in found.hits]
        assert len(set(ids)) == len(ids) <= limit
        assert set(ids) <= set(true), wanted
        assert ids == sorted(ids, key=true.index)
        if newest > len(said):
            # the bounds are told of, but not where nothing was left out
            assert found.whole == (len(true) <= limit)
        if found.whole:
            told += 1
            assert ids == true, wanted
    assert told > 20


@pytest.mark.django_db
@pytest.mark.parametrize("few", [2000, 20, 0])
def test_all_that_fit_are_counted_unless_they_are_many(
    monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(fitting, "FEW", few)
    rng = random.Random(few)
    cases = {s.case.id: s.case for s in _company(rng)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT complaint_id, no FROM search_case")
        numbers = {no: UUID(str(complaint)) for complaint, no in cursor.fetchall()}
    for _n in range(100):
        wanted = _wanted(rng)
        true = {id for id, case in cases.items() if _may(case, wanted)}
        found = fitting.fitting(wanted=wanted)
        if found is None:
            assert len(true) > few
        else:
            assert len(found) == len(set(found))
            assert {numbers[no] for no in found} == true


@pytest.mark.django_db
def test_what_lies_back_is_found_behind_many_younger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "NEWEST", 20)
    monkeypatch.setattr(search, "SCANNED", 20)
    monkeypatch.setattr(fitting, "FEW", 3)
    said = _company(random.Random(5))
    until = int((BEGAN + timedelta(days=20)).timestamp())
    found = search.find(words=asked(text=WORDS[0]), wanted=Wanted(until=until), limit=2)
    old = [s for s in said if WORDS[0] in s.words and s.case.opened_at.timestamp() < until]
    assert len(found.hits) == 2 and not found.whole
    assert {h.complaint_id for h in found.hits} <= {s.case.id for s in old}


@pytest.mark.django_db
def test_combinations_beyond_the_bound_are_not_run_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _company(random.Random(6))
    monkeypatch.setattr(fitting, "KINDS", 5)
    assert fitting.fitting(wanted=Wanted(category="cod")) is None
    assert fitting.fitting(wanted=Wanted(category="cod", department="nobody")) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite plans otherwise")
@pytest.mark.parametrize("department", ["", "claims"])
def test_sqlite_leaps_from_combination_to_combination(db: None, department: str) -> None:
    """Walked instead, a million complaints took it a second."""
    sql, given = fitting._by_column(department)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", given)
        steps = [str(row[3]) for row in cursor.fetchall()]
    walked = [s for s in steps if s.startswith("SCAN") and not s.startswith(("SCAN t", "SCAN k"))]
    assert walked == ["SCAN CONSTANT ROW"] or not walked, steps
    assert sum("search_case_kind" in s for s in steps) >= 6, steps

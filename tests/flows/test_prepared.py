"""A query compiled once finds what the framework finds."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from company import START, World
from huiyin.store import models
from huiyin.store.case import CASE_FIELDS, CLOCK_FIELDS
from huiyin.store.ledger import pen as the_pen
from huiyin.store.ledger.pen import CannotWrite
from huiyin.store.prepared import Prepared


def test_one_case_is_read_as_the_framework_reads_it(world: World) -> None:
    decided = world.post("portal", "包裹破损，要求赔偿三百元", phone="13800138000")
    assert decided.complaint_id is not None
    with the_pen(now=START, actor="system") as pen:
        case = pen.case(id=decided.complaint_id)
        held = {c.id: c for c in pen.clocks(case=case)}
    (row,) = models.Complaint.objects.filter(id=decided.complaint_id).values(*CASE_FIELDS)
    assert {name: getattr(case, name) for name in CASE_FIELDS} == row
    clocks = models.Clock.objects.filter(complaint_id=case.id).values(*CLOCK_FIELDS)
    assert {c["id"]: c for c in clocks} == {
        id: {name: getattr(clock, name) for name in CLOCK_FIELDS} for id, clock in held.items()
    }
    assert held


def test_one_and_many_are_read_alike(world: World) -> None:
    ids = [
        world.post("portal", f"单号SF100000000000{n}丢件", phone=f"1380013800{n}").complaint_id
        for n in range(3)
    ]
    known = [id for id in ids if id is not None]
    with the_pen(now=START, actor="system") as pen:
        many = pen.cases(ids=known)
    for case in many:
        with the_pen(now=START, actor="system") as pen:
            assert pen.case(id=case.id) == case


def test_an_unknown_id_finds_nothing(world: World) -> None:
    with pytest.raises(CannotWrite), the_pen(now=START, actor="system") as pen:
        pen.case(id=uuid4())


def test_it_is_put_into_words_once(world: World) -> None:
    asked: list[UUID] = []

    def make(id: UUID) -> Any:
        asked.append(id)
        rows = models.Complaint.objects.filter(id=id)
        return rows.values_list("id", "triage", "opened_at", "closed_at")

    one = Prepared(make=make)
    decided = world.post("portal", "丢件了", phone="13800138000")
    assert decided.complaint_id is not None
    first = one.rows(id=decided.complaint_id)
    assert first == one.rows(id=decided.complaint_id)
    ((id, triage, opened_at, closed_at),) = first
    assert id == decided.complaint_id
    assert isinstance(triage, dict)
    assert opened_at.tzinfo is not None
    assert closed_at is None
    assert one.rows(id=uuid4()) == []
    assert len(asked) == 1


def test_a_query_of_more_than_an_id_is_refused(world: World) -> None:
    two = Prepared(
        make=lambda id: models.Event.objects.filter(complaint_id=id, seq=1).values_list("id")
    )
    with pytest.raises(ValueError, match="not the only parameter"):
        two.rows(id=uuid4())


def test_rows_are_locked_where_the_database_locks_rows(world: World) -> None:
    decided = world.post("portal", "丢件了", phone="13800138000")
    assert decided.complaint_id is not None
    said: list[str] = []

    def listen(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen), the_pen(now=START, actor="system") as pen:
        pen.case(id=decided.complaint_id)
    locked = any("FOR UPDATE" in sql for sql in said)
    assert locked == (connection.vendor != "sqlite")

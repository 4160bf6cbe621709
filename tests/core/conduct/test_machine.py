"""Every state, act and way of a file on service attitude."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from huiyin.core.conduct import CannotHear, Colleague, Standing, parts, step
from huiyin.core.conduct.machine import (
    ACT_EVENTS,
    DECISIONS,
    OBJECTION_NAMES,
    STAGE_NAMES,
    possible,
)

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=7)
LATE = UNTIL + timedelta(minutes=1)
VERDICTS = ("upheld", "partly_upheld", "not_upheld")


def do(at: Standing, act: str, now: datetime, verdict: str = "upheld") -> Standing:
    found = step(
        at=at, act=act, now=now, words="写明", verdict=verdict if act == "answer" else "",
        decision="kept" if act == "decide" else "",
    )  # fmt: skip
    return replace(
        at,
        stage=found.stage,
        objection=found.objection,
        verdict=verdict if act == "answer" else at.verdict,
        stated=at.stated or act == "state",
        object_until=UNTIL if act in {"sanction", "notice"} else at.object_until,
    )


def ways(verdict: str) -> list[tuple[tuple[str, ...], Standing]]:
    """Return every sequence of acts that ends or cannot go on, in and after the time to object."""
    out: list[tuple[tuple[str, ...], Standing]] = []
    begun: list[tuple[tuple[str, ...], Standing]] = [((), Standing())]
    while begun:
        acts, at = begun.pop()
        after = [
            ((*acts, act if now is NOW else f"late {act}"), do(at, act, now, verdict))
            for now in (NOW, LATE)
            for act in possible(at=at, now=now)
        ]
        begun += after
        if not after:
            out.append((acts, at))
    return out


@pytest.mark.thorough
@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_way_ends_filed_and_nobody_objects_twice(verdict: str) -> None:
    found = ways(verdict)
    assert len(found) > 50
    for acts, at in found:
        plain = [a.removeprefix("late ") for a in acts]
        assert at.stage == "filed"
        assert plain.count("object") <= 1 and plain.count("state") <= 1
        assert plain.count("answer") == 1 and plain.count("report") == 1
        assert plain.count("sanction") + plain.count("notice") == 1
        assert plain.count("object") == plain.count("decide")
        assert plain.index("answer") < plain.index("report") < plain.index("file")
        assert "late object" not in acts
        if verdict == "not_upheld":
            assert "sanction" not in plain
        if plain[-1] == "file" and "object" not in plain and "accept" not in plain:
            assert acts[-1] == "late file"


STANDINGS = [
    Standing(stage, objection, verdict, stated, UNTIL)
    for stage, objection, verdict, stated in itertools.product(
        STAGE_NAMES, OBJECTION_NAMES, ("", *VERDICTS), (False, True)
    )
]


@pytest.mark.thorough
def test_every_act_of_every_state_is_possible_or_refused_with_words() -> None:
    for at in STANDINGS:
        _possible_or_refused(at)


def _possible_or_refused(at: Standing) -> None:
    for now, act in itertools.product((NOW, LATE), ACT_EVENTS):
        if act in possible(at=at, now=now):
            done = do(at, act, now)
            assert done.stage in STAGE_NAMES and done.objection in OBJECTION_NAMES
        else:
            with pytest.raises(CannotHear) as error:
                do(at, act, now)
            assert error.value.zh and error.value.en
    if at.stage == "filed":
        assert set(possible(at=at, now=NOW)) <= {"decide"}


@pytest.mark.parametrize("act", sorted(ACT_EVENTS.keys() - {"accept", "report"}))
def test_words_are_needed_and_bounded(act: str) -> None:
    at = {
        "state": Standing(), "answer": Standing(),
        "sanction": Standing("answered", verdict="upheld"), "notice": Standing("answered"),
        "object": Standing("measured"), "decide": Standing("measured", "raised"),
        "file": Standing("reported", "none"),
    }[act]  # fmt: skip
    for words in ("", "  \n", "长" * 5001):
        with pytest.raises(CannotHear):
            step(at=at, act=act, now=NOW, words=words, verdict="upheld", decision="kept")


def test_choices_come_from_the_list() -> None:
    for verdict in ("", "maybe"):
        with pytest.raises(CannotHear):
            step(at=Standing(), act="answer", now=NOW, words="x", verdict=verdict)
    raised = Standing("reported", "raised")
    for decision in ("", "doubled"):
        with pytest.raises(CannotHear):
            step(at=raised, act="decide", now=NOW, words="x", decision=decision)
    for decision in DECISIONS:
        assert step(at=raised, act="decide", now=NOW, words="x", decision=decision)
    with pytest.raises(CannotHear):
        step(at=Standing(), act="forget", now=NOW, words="x")


ROLES = ("agent", "handler", "supervisor", "process_owner", "manager", "administrator")
STAFF = [
    Colleague(id=10 * n + m, role=role, department=d)
    for n, role in enumerate(ROLES)
    for m, d in enumerate(("fleet", "administration"))
]


@pytest.mark.parametrize("employee", [p.id for p in STAFF])
def test_nobody_has_two_parts(employee: int) -> None:
    for complainant in (None, *(p.id for p in STAFF if p.id != employee)):
        found = parts(
            employee=employee, people=STAFF, report_to="administration", complainant=complainant
        )
        for superior in found.superiors:
            left = parts(
                employee=employee, people=STAFF, report_to="administration",
                superior=superior, complainant=complainant,
            )  # fmt: skip
            assert left.administration
            assert not {employee, complainant} & {superior, *left.administration}
            assert superior not in left.administration


def test_the_nearest_superior_and_the_manager_of_administration_come_first() -> None:
    by = {p.id: p for p in STAFF}
    driver = next(p for p in STAFF if (p.role, p.department) == ("handler", "fleet"))
    found = parts(employee=driver.id, people=STAFF, report_to="administration")
    first = by[found.superiors[0]]
    assert (first.role, first.department) == ("supervisor", "fleet")
    assert by[found.administration[0]] == Colleague(41, "manager", "administration")
    assert all(by[s].role != "process_owner" for s in found.superiors)


def test_where_there_is_nobody_it_says_so() -> None:
    alone = [Colleague(1, "agent", None)]
    for employee, superior in ((1, None), (2, None)):
        with pytest.raises(CannotHear):
            parts(employee=employee, people=alone, report_to=None, superior=superior)
    two = [*alone, Colleague(2, "manager", None)]
    with pytest.raises(CannotHear):
        parts(employee=1, people=two, report_to=None)
    with pytest.raises(CannotHear):
        parts(employee=1, people=[*two, Colleague(3, "agent", None)], report_to=None, superior=3)

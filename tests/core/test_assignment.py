"""Who gets a complaint."""

from __future__ import annotations

from datetime import datetime

from huiyin.core.assignment import Person, choose, on_duty

NOON = datetime.fromisoformat("2026-11-24T12:00:00+08:00")
DAY = ({"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"},)
NIGHT = ({"days": [1], "from": "22:00", "to": "06:00"},)


def person(id: int, **fields: object) -> Person:
    base = {"name": f"p{id}", "role": "handler", "department": "claims", "team": None}
    return Person(id=id, **{**base, **fields})  # type: ignore[arg-type]


def chosen(
    people: list[Person], load: dict[int, int] | None = None, **fields: object
) -> int | None:
    base = {"department": "claims", "team": None, "skill": "lost", "at": NOON}
    return choose(people=people, load=load or {}, **{**base, **fields}).person  # type: ignore[arg-type]


def test_skill_before_load() -> None:
    people = [person(1), person(2, skills=frozenset({"lost"}))]
    assert chosen(people, {2: 9}) == 2


def test_lightest_load_and_lowest_id() -> None:
    people = [person(1), person(2), person(3)]
    assert chosen(people, {1: 2, 2: 1, 3: 1}) == 2


def test_nobody_on_duty_leaves_it_in_the_queue() -> None:
    evening = NOON.replace(hour=20)
    assert chosen([person(1, shifts=DAY)], at=evening) is None


def test_a_night_shift_reaches_into_the_next_morning() -> None:
    tuesday_early = datetime.fromisoformat("2026-11-24T05:00:00+08:00")
    assert on_duty(person=person(1, shifts=NIGHT), at=tuesday_early)
    assert not on_duty(person=person(1, shifts=NIGHT), at=NOON)


def test_rehandling_goes_to_someone_else_of_the_rank() -> None:
    people = [person(1), person(2, role="supervisor"), person(3, role="supervisor")]
    assert chosen(people, rank="supervisor", exclude=frozenset({2})) == 3


def test_full_capacity() -> None:
    assert chosen([person(1, capacity=1)], {1: 1}) is None

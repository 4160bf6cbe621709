"""Department → team → person: by skill, shift and load, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from huiyin.core.because import Reason


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as assignment sees him. ``shifts`` empty means always on duty."""

    id: int
    name: str
    role: str
    department: str | None
    team: str | None
    skills: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    shifts: tuple[Mapping[str, Any], ...] = field(default=())
    capacity: int = 40


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who gets the complaint; ``person`` None leaves it in the department's queue."""

    department: str
    team: str | None
    person: int | None
    because: tuple[Reason, ...]


RANKS: tuple[str, ...] = ("handler", "agent", "supervisor", "manager", "administrator")


def on_duty(*, person: Person, at: datetime) -> bool:
    """Tell whether a shift of the person covers the moment (local time of ``at``)."""
    if not person.shifts:
        return True
    clock = at.timetz().replace(tzinfo=None)
    for shift in person.shifts:
        start, end = time.fromisoformat(shift["from"]), time.fromisoformat(shift["to"])
        days = shift.get("days", (1, 2, 3, 4, 5, 6, 7))
        if start <= end:
            if at.isoweekday() in days and start <= clock < end:
                return True
        elif (at.isoweekday() in days and clock >= start) or (
            (at.isoweekday() - 2) % 7 + 1 in days and clock < end
        ):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Eligible:
    """Who may be given a complaint now, whatever their load, and why these."""

    people: tuple[Person, ...]
    because: tuple[Reason, ...]


def eligible(
    *,
    department: str,
    team: str | None,
    skill: str,
    people: Sequence[Person],
    at: datetime,
    region: str = "",
    rank: str = "member",
    exclude: frozenset[int] = frozenset(),
) -> Eligible:
    """Return the people on duty among whom :func:`lightest` chooses; see :func:`choose`."""
    because: list[Reason] = []
    if rank == "member":
        pool = [p for p in people if p.department == department and p.role in ("handler", "agent")]
        if not pool:
            pool = [p for p in people if p.department == department and p.role == "supervisor"]
    else:
        at_least = RANKS.index(rank)
        higher = [p for p in people if p.role in RANKS and RANKS.index(p.role) >= at_least]
        pool = [p for p in higher if p.department == department] or higher
        lowest = min((RANKS.index(p.role) for p in pool if p.id not in exclude), default=at_least)
        pool = [p for p in pool if RANKS.index(p.role) == lowest]
        because.append(
            Reason(rule="assign.rank", zh="由上级处理", en="handled by a superior", words=(rank,))
        )
    pool = [p for p in pool if p.id not in exclude]
    if team:
        inside = [p for p in pool if p.team == team]
        pool = inside or pool
    if region:
        near = [p for p in pool if region in p.regions]
        if near:
            pool = near
            because.append(
                Reason(rule="assign.region", zh=f"负责区域：{region}", en=f"region {region}")
            )
    skilled = [p for p in pool if skill in p.skills]
    if skilled:
        pool = skilled
        because.append(
            Reason(rule="assign.skill", zh="具备该类技能", en="has the skill", words=(skill,))
        )
    return Eligible(tuple(p for p in pool if on_duty(person=p, at=at)), tuple(because))


def lightest(
    *, among: Eligible, department: str, team: str | None, load: Mapping[int, int]
) -> Assignment:
    """Choose the one with the lightest load for his capacity who is not full."""
    weighed = (
        (load.get(p.id, 0) / max(p.capacity, 1), p.id, p)
        for p in among.people
        if load.get(p.id, 0) < p.capacity
    )
    best = min(weighed, default=None)
    if best is None:
        why = (
            Reason(rule="assign.full", zh="当班人员均已满负荷，留在部门队列", en="all are full")
            if among.people
            else Reason(
                rule="assign.nobody", zh="当前无人当班，留在部门队列", en="nobody is on duty now"
            )
        )
        return Assignment(department, team, None, (*among.because, why))
    person = best[2]
    carries = load.get(person.id, 0)
    why = Reason(
        rule="assign.load",
        zh=f"{person.name}在班，手头 {carries} 件，最轻",
        en=f"{person.name} is on duty with the lightest load ({carries})",
    )
    return Assignment(department, person.team or team, person.id, (*among.because, why))


def choose(
    *,
    department: str,
    team: str | None,
    skill: str,
    people: Sequence[Person],
    load: Mapping[int, int],
    at: datetime,
    region: str = "",
    rank: str = "member",
    exclude: frozenset[int] = frozenset(),
) -> Assignment:
    """Choose the person with the skill, on duty, with the lightest load for his capacity.

    ``rank`` "member" takes handlers and agents of the department; "supervisor" or "manager" asks
    for at least that rank, anywhere when the department has none. ``exclude`` holds people who
    handled it before. ``at`` is in local time. Ties go to the lowest id.
    """
    among = eligible(
        department=department,
        team=team,
        skill=skill,
        people=people,
        at=at,
        region=region,
        rank=rank,
        exclude=exclude,
    )
    return lightest(among=among, department=department, team=team, load=load)

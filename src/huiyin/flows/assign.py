"""Assign: department, team and person by the playbook's routing, skill, shift and load."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor, may
from huiyin.core.assignment import Eligible, Person, choose, eligible, lightest
from huiyin.core.because import Reason
from huiyin.core.lifecycle import CannotMove, move
from huiyin.core.playbook import Playbook, first_match
from huiyin.core.rehandling import GROUND_NAMES
from huiyin.flows.facts import facts_of, thing_of
from huiyin.store.case import Case, Happening
from huiyin.store.ledger import Pen
from huiyin.store.read import office


class _Desk:
    """People and their load, read once for a batch and counted up while assigning."""

    def __init__(self) -> None:
        self.people: tuple[Person, ...] = office.people()
        self.load: dict[int, int] = dict(office.load())
        self._eligible: dict[tuple[Any, ...], Eligible] = {}

    def eligible(
        self,
        *,
        at: datetime,
        zone: str,
        department: str,
        team: str | None,
        skill: str,
        region: str,
        rank: str,
        exclude: frozenset[int],
    ) -> Eligible:
        """Return who may be given a complaint; looked up once for complaints alike."""
        alike = (department, team, skill, region, rank, exclude, zone)
        found = self._eligible.get(alike)
        if found is None:
            found = self._eligible[alike] = eligible(
                department=department,
                team=team,
                skill=skill,
                people=self.people,
                at=at.astimezone(ZoneInfo(zone)),
                region=region,
                rank=rank,
                exclude=exclude,
            )
        return found


def department_for(*, pen: Pen, case: Case) -> str:
    """Return the code of the department that a complaint would be assigned to as it stands."""
    playbook = office.playbook(version_id=case.playbook_version)
    match = first_match(rules=playbook.routing_rules, facts=facts_of(case=case), on=pen.now.date())
    return _department(playbook=playbook, case=case, routed=match.then.department)


def _department(*, playbook: Playbook, case: Case, routed: str | None) -> str:
    if case.branch != "complaint":
        return playbook.branch(code=case.branch).department
    return routed or playbook.category(code=case.category).department


def _route(*, pen: Pen, case: Case, desk: _Desk, rank: str = "", why: Reason | None = None) -> None:
    playbook = office.playbook(version_id=case.playbook_version)
    match = first_match(rules=playbook.routing_rules, facts=facts_of(case=case), on=pen.now.date())
    category = playbook.category(code=case.category)
    department = _department(playbook=playbook, case=case, routed=match.then.department)
    team = match.then.team
    among = desk.eligible(
        at=pen.now,
        zone=playbook.timezone,
        department=department,
        team=team,
        skill=match.then.skill or category.skill,
        region=case.region if match.then.by_region else "",
        rank=rank or {"superior": "supervisor"}.get(match.then.level, match.then.level),
        exclude=frozenset(case.handled_by) if rank else frozenset(),
    )
    chosen = lightest(among=among, department=department, team=team, load=desk.load)
    if case.assignee_id is not None:
        desk.load[case.assignee_id] = desk.load.get(case.assignee_id, 1) - 1
    if chosen.person is not None:
        desk.load[chosen.person] = desk.load.get(chosen.person, 0) + 1
    reasons = [*((why,) if why else ()), match.because, *chosen.because]
    pen.change(
        case=case,
        kind="ComplaintAssigned",
        data={"department": department, "team": chosen.team, "assignee": chosen.person},
        because=reasons,
        actor="system",
        department_id=department,
        team_id=chosen.team,
        assignee_id=chosen.person,
        status="assigned",
        handled_by=_with(case.handled_by, chosen.person),
        region=case.region,
    )


def _with(people: list[int], person: int | None) -> list[int]:
    return people if person is None or person in people else [*people, person]


def assign(pen: Pen, events: Sequence[Happening]) -> None:
    """Give sorted complaints to a department, team and person."""
    desk = _Desk()
    for event in events:
        if event.case.live:
            _route(pen=pen, case=event.case, desk=desk)


def assign_again(pen: Pen, events: Sequence[Happening]) -> None:
    """Give a reopened complaint back to who had it, or to the department when he is gone."""
    desk = _Desk()
    for event in events:
        case = event.case
        active = {p.id for p in desk.people}
        if case.assignee_id in active:
            pen.change(
                case=case,
                kind="ComplaintAssigned",
                data={"department": case.department_id, "assignee": case.assignee_id},
                because=[
                    Reason(
                        rule="assign.same_person",
                        zh="由原处理人继续跟进",
                        en="goes back to who handled it",
                    )
                ],
                actor="system",
            )
        else:
            _route(pen=pen, case=case, desk=desk)


def assign_higher(pen: Pen, events: Sequence[Happening]) -> None:
    """Give a complaint for re-handling to someone else, at the rank the playbook names."""
    desk = _Desk()
    for event in events:
        case = event.case
        playbook = office.playbook(version_id=case.playbook_version)
        rank = playbook.survey.rank_at(level=max(case.level, 1))
        ground = GROUND_NAMES[str(event.data["ground"])]
        _route(
            pen=pen,
            case=case,
            desk=desk,
            rank=rank,
            why=Reason(
                rule="assign.rehandle",
                zh=f"{ground[0]}，由上一级的其他人重新处理",
                en=f"{ground[1]}: handled again by someone else, one rank higher",
            ),
        )


def assign_corrected(pen: Pen, events: Sequence[Happening]) -> None:
    """Move a corrected complaint to the department of its new category, if nobody took it yet."""
    desk = _Desk()
    for event in events:
        case = event.case
        if "category" in event.data and case.status in {"new", "assigned"}:
            _route(pen=pen, case=case, desk=desk)


def _guard(*, case: Case, actor: Actor, action: str) -> None:
    allowed = may(actor=actor, action=action, thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)


def take(*, pen: Pen, complaint_id: UUID, actor: Actor) -> None:
    """Take a complaint: the actor handles it from now on. Raises PermissionError, CannotMove."""
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="take")
    if case.assignee_id == actor.id and case.status not in {"new", "assigned"}:
        raise CannotMove(zh="这件投诉已在您手上", en="it is yours already")
    status = move(status=case.status, action="take") if case.status != "working" else "working"
    changes: dict[str, Any] = {}
    if case.department_id is None:
        changes["department_id"] = actor.department
    pen.change(
        case=case,
        kind="ComplaintTaken",
        data={
            "by": actor.id,
            "before": case.assignee_id,
            "department": case.department_id or actor.department,
        },
        status=status,
        assignee_id=actor.id,
        unread=False,
        handled_by=_with(case.handled_by, actor.id),
        **changes,
    )


def hand_over(
    *,
    pen: Pen,
    complaint_id: UUID,
    actor: Actor,
    department: str = "",
    person: int | None = None,
    reason: str = "",
) -> None:
    """Hand a complaint to another department or person. Raises PermissionError, CannotMove."""
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="assign")
    status = move(status=case.status, action="hand_over")
    desk = _Desk()
    known = {p.id: p for p in desk.people}
    if person is not None and person not in known:
        raise CannotMove(zh="找不到该处理人，可能已停用", en="no such person")
    playbook = office.playbook(version_id=case.playbook_version)
    if department and department not in {d.code for d in playbook.departments}:
        raise CannotMove(zh="没有这个部门", en="no such department")
    target = department or (known[person].department if person is not None else "") or ""
    if not target:
        raise CannotMove(zh="请选择要转交的部门或处理人", en="choose a department or a person")
    because = [Reason(rule="assign.handed_over", zh=reason or "人工转交", en=reason or "by hand")]
    team: str | None = None
    if person is None:
        chosen = choose(
            department=target,
            team=None,
            skill=playbook.category(code=case.category).skill,
            people=desk.people,
            load=desk.load,
            at=pen.now.astimezone(ZoneInfo(playbook.timezone)),
            exclude=frozenset({actor.id}),
        )
        person, team = chosen.person, chosen.team
        because.extend(chosen.because)
    else:
        team = known[person].team
    pen.change(
        case=case,
        kind="HandedOver",
        data={
            "from": [case.department_id, case.assignee_id],
            "department": target,
            "assignee": person,
            "reason": reason,
        },
        because=because,
        status=status if person is not None else "new",
        department_id=target,
        team_id=team,
        assignee_id=person,
        unread=True,
        handled_by=_with(case.handled_by, person),
    )


def give_back(*, pen: Pen, complaint_id: UUID, actor: Actor, reason: str) -> None:
    """Return a complaint to its department's queue. Raises PermissionError, CannotMove."""
    case = pen.case(id=complaint_id)
    _guard(case=case, actor=actor, action="return")
    status = move(status=case.status, action="return")
    pen.change(
        case=case,
        kind="Returned",
        data={"by": actor.id, "reason": reason},
        because=[
            Reason(rule="assign.returned", zh=reason or "退回部门队列", en=reason or "returned")
        ],
        status=status,
        assignee_id=None,
        unread=True,
    )

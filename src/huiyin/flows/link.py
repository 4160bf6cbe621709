"""Link: complaints that one event caused belong to its incident, by its rule or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor, may
from huiyin.core.because import Reason
from huiyin.core.incident import CannotRule, Listed, Rule, breadth, sound
from huiyin.flows.facts import thing_of
from huiyin.flows.fitting import PAGE, Found, Preview, newcomers, preview
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.ledger import incidents as ledger
from huiyin.store.read import incidents, office


class CannotLink(ValueError):
    """The incident or the complaint does not allow it; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def _need(*, actor: Actor) -> None:
    allowed = may(actor=actor, action="incidents.change")
    if not allowed:
        raise PermissionError(allowed.zh)


def _fields(
    *, name: str, about: str, begins_at: datetime | None, ends_at: datetime | None, rule: Rule
) -> dict[str, Any]:
    named = " ".join(name.replace("\x00", "").split())[:80]
    if not named:
        raise CannotRule(zh="请填写事件名称", en="give the incident a name")
    if begins_at is None:
        raise CannotRule(zh="请填写事件开始时间", en="say when the incident began")
    if ends_at is not None and ends_at < begins_at:
        raise CannotRule(zh="事件的结束不能早于开始", en="the incident ends before it begins")
    sound(rule=rule)
    return {
        "name": named,
        "about": about.replace("\x00", "").strip()[:2000],
        "begins_at": begins_at,
        "ends_at": ends_at,
        "takes_from": rule.takes_from,
        "takes_until": rule.takes_until,
        "categories": list(rule.categories),
        "regions": list(rule.regions),
        "words": list(rule.words),
        "condition": rule.condition,
    }


def draft(
    *,
    now: datetime,
    actor: Actor,
    rule: Rule,
    parcels: Sequence[Listed],
    **about: Any,
) -> UUID:
    """Keep an incident with its rule as a draft; nothing is linked yet. Returns its id.

    ``about``: name, about, begins_at, ends_at. Raises CannotRule, PermissionError.
    """
    _need(actor=actor)
    fields = _fields(rule=rule, **about)
    return ledger.create(now=now, user_id=actor.id, fields=fields, parcels=parcels)


def change(
    *,
    incident_id: UUID,
    actor: Actor,
    rule: Rule,
    parcels: Sequence[Listed] | None,
    **about: Any,
) -> None:
    """Change an incident and its rule; what is linked stays. Raises as :func:`draft` does."""
    _need(actor=actor)
    ledger.change(id=incident_id, fields=_fields(rule=rule, **about), parcels=parcels)


def seen_before(*, incident_id: UUID) -> tuple[Preview, Reason | None]:
    """Return what the incident's rule would take now, with a warning when it is very wide."""
    found = incidents.incident(id=incident_id)
    if found is None:
        raise CannotLink(zh="找不到这个事件", en="there is no such incident")
    seen = preview(rule=incidents.rule_of(incident=found))
    wide = breadth(
        linked=len(seen.found),
        looked_at=seen.looked_at,
        wide_percent=office.current_playbook().incidents.wide_percent,
    )
    return seen, wide


def start(*, incident_id: UUID, actor: Actor, now: datetime, wide_is_meant: bool = False) -> None:
    """Let an incident take complaints. Raises CannotLink, PermissionError.

    A rule that takes most of all open complaints must be meant.
    """
    _need(actor=actor)
    _seen, wide = seen_before(incident_id=incident_id)
    if wide is not None and not wide_is_meant:
        raise CannotLink(
            zh=f"{wide.zh}。确实如此请勾选“我确认”，或者把规则改窄",
            en=f"{wide.en}. Tick that you mean it, or make the rule narrower",
        )
    if not ledger.start(id=incident_id, now=now):
        raise CannotLink(zh="事件已经打开或已结束", en="the incident is open or has ended")


def end(*, incident_id: UUID, actor: Actor, now: datetime) -> None:
    """Let an incident take no more complaints. Raises CannotLink, PermissionError."""
    _need(actor=actor)
    if not ledger.end(id=incident_id, now=now):
        raise CannotLink(zh="事件没有打开", en="the incident is not open")


def look(*, incident_id: UUID, now: datetime, page: int = PAGE) -> list[Found]:
    """Return the next complaints that an open incident takes; it is noted how far was looked.

    Reads only, beside intake; :func:`link` writes what was found.
    """
    found = incidents.incident(id=incident_id)
    if found is None or found.state != "open":
        return []
    rule = incidents.rule_of(incident=found)
    fresh, to = newcomers(
        rule=rule, incident_id=incident_id, looked_to=found.looked_to, now=now, page=page
    )
    if not fresh:
        ledger.looked(id=incident_id, to=to)
    return fresh


def link(*, pen: Pen, incident_id: UUID, found: Sequence[Found]) -> int:
    """Link complaints that were found to fit; one that was linked meanwhile is left out."""
    incident = incidents.incident(id=incident_id)
    if incident is None or incident.state != "open":
        return 0
    cases = {c.id: c for c in pen.cases(ids=[f.id for f in found])}
    known = incidents.known(incident_id=incident_id, complaint_ids=cases)
    done = 0
    for one in found:
        case = cases.get(one.id)
        if case is None or case.id in known or not case.live:
            continue
        _tie(pen=pen, incident_id=incident_id, case_id=case.id, because=one.because, by="system")
        pen.record(
            case=case,
            kind="IncidentLinked",
            data={"incident": incident_id.hex, "number": incident.number, "name": incident.name},
            because=one.because,
            actor="system",
        )
        done += 1
    return done


def _tie(*, pen: Pen, incident_id: UUID, case_id: UUID, because: Sequence[Reason], by: str) -> None:
    pen.add(
        table="incident_link",
        row={
            "id": new_id(now=pen.now),
            "incident_id": incident_id,
            "complaint_id": case_id,
            "because": [r.as_json() for r in because],
            "live": True,
            "linked_at": pen.now,
            "linked_by": by,
        },
    )


def link_by_hand(
    *, pen: Pen, incident_id: UUID, complaint_id: UUID, actor: Actor, reason: str
) -> None:
    """Link a complaint whatever the rule says. Raises CannotLink, PermissionError."""
    _need(actor=actor)
    case = pen.case(id=complaint_id)
    incident = incidents.incident(id=incident_id)
    allowed = may(actor=actor, action="note", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    if incident is None or incident.state == "draft":
        raise CannotLink(zh="请先打开事件", en="open the incident first")
    if not case.live:
        raise CannotLink(zh="这件投诉已经办结，不能再关联", en="the complaint has ended")
    because = [
        Reason(
            rule="incident.by_hand", zh=reason.strip()[:300] or "人工关联", en=reason.strip()[:300]
        )
    ]
    tie = incidents.link(incident_id=incident_id, complaint_id=complaint_id)
    if tie is not None and tie.live:
        raise CannotLink(zh="这件投诉已经在事件里", en="the complaint is linked already")
    if tie is not None:
        pen.alter(
            table="incident_link", key=tie.id, live=True, linked_at=pen.now,
            linked_by=f"user:{actor.id}", because=[r.as_json() for r in because],
        )  # fmt: skip
    else:
        _tie(
            pen=pen, incident_id=incident_id, case_id=case.id, because=because,
            by=f"user:{actor.id}",
        )  # fmt: skip
    pen.record(
        case=case,
        kind="IncidentLinked",
        data={"incident": incident_id.hex, "number": incident.number, "name": incident.name},
        because=because,
    )


def unlink(*, pen: Pen, incident_id: UUID, complaint_id: UUID, actor: Actor, reason: str) -> None:
    """Take a complaint off an incident; the rule does not link it again.

    Raises CannotLink, PermissionError.
    """
    _need(actor=actor)
    case = pen.case(id=complaint_id)
    tie = incidents.link(incident_id=incident_id, complaint_id=complaint_id)
    incident = incidents.incident(id=incident_id)
    if tie is None or incident is None or not tie.live:
        raise CannotLink(zh="这件投诉不在事件里", en="the complaint is not linked")
    why = reason.strip()[:300]
    if not why:
        raise CannotLink(zh="请写明为什么移出", en="say why it is taken off")
    pen.alter(
        table="incident_link", key=tie.id, live=False, unlinked_at=pen.now,
        unlinked_by_id=actor.id, unlink_reason=why,
    )  # fmt: skip
    pen.record(
        case=case,
        kind="IncidentUnlinked",
        data={"incident": incident_id.hex, "number": incident.number, "name": incident.name},
        because=[Reason(rule="incident.unlinked", zh=why, en=why)],
    )


def look_again(*, incident_id: UUID, actor: Actor) -> None:
    """Let the rule look at every open complaint again. Raises PermissionError."""
    _need(actor=actor)
    ledger.look_again(id=incident_id)

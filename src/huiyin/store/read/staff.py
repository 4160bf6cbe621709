"""The staff and the procedure, for those who run the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from huiyin.core.playbook import Playbook
from huiyin.store import models
from huiyin.store.read import labels, office


@dataclass(frozen=True, slots=True)
class PersonView:
    """A member of staff."""

    id: int
    username: str
    name: str
    role: str
    role_label: str
    department: str
    department_label: str
    party: str
    skills: tuple[str, ...]
    capacity: int
    load: int
    active: bool
    extension: str

    def as_form(self) -> dict[str, Any]:
        """Return the fields of the form."""
        return {
            "username": self.username,
            "name": self.name,
            "role": self.role,
            "department": self.department,
            "party": self.party,
            "capacity": self.capacity,
            "active": self.active,
            "extension": self.extension,
        }


def _view(user: models.User, load: int, playbook: Playbook) -> PersonView:
    return PersonView(
        id=user.id,
        username=user.username,
        name=user.name,
        role=user.role,
        role_label=labels.role(user.role),
        department=user.department_id or "",
        department_label=(
            user.party.name if user.party else labels.department(playbook, user.department_id)
        ),
        party=user.party_id or "",
        extension=user.extension,
        skills=tuple(user.skills),
        capacity=user.capacity,
        load=load,
        active=user.is_active,
    )


def staff() -> tuple[PersonView, ...]:
    """Return everybody, by department."""
    load, playbook = office.load(), office.current_playbook()
    return tuple(
        _view(u, load.get(u.id, 0), playbook)
        for u in models.User.objects.select_related("party").order_by(
            "party", "department__position", "id"
        )
    )


def person(*, id: int) -> PersonView | None:
    """Return one member of staff."""
    user = models.User.objects.filter(id=id).select_related("party").first()
    if user is None:
        return None
    return _view(user, office.load().get(id, 0), office.current_playbook())


def taken(username: str) -> bool:
    """Tell whether a login name is in use."""
    return models.User.objects.filter(username__iexact=username.strip()).exists()


def playbook_page(*, playbook: Playbook) -> dict[str, Any]:
    """Return a version of the procedure in plain words: sections of rows."""

    def department(code: str | None) -> str:
        return labels.department(playbook, code)

    return {
        "name": labels.said(playbook.name),
        "about": labels.said(playbook.about),
        "version": playbook.version,
        "version_id": playbook.version_id[:12],
        "categories": [
            {
                "label": labels.said(c.name),
                "department": department(c.department),
                "checklist": [
                    labels.said(i.name) for i in playbook.checklist_for(category=c.code)
                ],
                "remedies": [labels.said(r.name) for r in playbook.remedies_for(category=c.code)],
            }
            for c in playbook.categories
        ],
        "clocks": [
            {
                "label": labels.said(c.name),
                "calendar": c.calendar,
                "length": c.for_ if isinstance(c.for_, str) else " / ".join(
                    f"{labels.pick(labels.URGENCY_NAMES, u)} {c.length(urgency=u)}"
                    for u in ("low", "normal", "high", "critical")
                ),
                "legal": c.legal,
                "because": labels.said(c.because),
                "source": c.source,
            }
            for c in playbook.clocks
        ],
        "routing": [
            {
                "when": r.when or "",
                "department": department(r.then.department),
                "because": labels.said(r.because),
                "source": r.source,
            }
            for r in playbook.routing
        ],
        "urgency": [
            {
                "when": r.when or "",
                "then": labels.pick(labels.URGENCY_NAMES, r.then.urgency),
                "because": labels.said(r.because),
            }
            for r in playbook.urgency
        ],
        "authority": [
            {"role": labels.role(a.role), "per_case": a.per_case, "per_day": a.per_day}
            for a in playbook.authority
        ],
    }  # fmt: skip

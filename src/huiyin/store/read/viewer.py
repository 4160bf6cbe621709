"""Who looks: a person with his rights; and the complaints he may see, as one filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from huiyin.core.access import ELSEWHERE, Actor, may, scope
from huiyin.store import models
from huiyin.store.read import labels, office

_FEW = 200
"""Up to so many files on service attitude a viewer's hidden complaints are listed."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member of staff looking at pages."""

    id: int
    name: str
    username: str
    role: str
    department: str | None
    language: str
    parties: frozenset[str] = frozenset()
    """What somebody with the role outlet speaks for: his outlet and its couriers."""
    hidden: frozenset[UUID] | None = None
    """Complaints kept apart from him, where they are few; None where each query asks anew."""
    extension: str = ""
    """His telephone: a call that rings there shows on his pages."""

    @property
    def actor(self) -> Actor:
        """The viewer as rights see him."""
        return Actor(id=self.id, role=self.role, department=self.department, parties=self.parties)

    @property
    def role_label(self) -> str:
        """The name of the role."""
        return labels.role(self.role)

    @property
    def can(self) -> Mapping[str, bool]:
        """What the viewer may do that is not about one complaint: {'board_see': True …}."""
        playbook = office.current_playbook()
        return _elsewhere(
            self.actor,
            frozenset(playbook.settlement.paid_by),
            frozenset(playbook.doubts.reviewed_by),
        )


@lru_cache(maxsize=512)
def _elsewhere(
    actor: Actor, paying: frozenset[str], reviewing: frozenset[str]
) -> Mapping[str, bool]:
    """Return the rights; a page asks for them some thirty times."""
    return MappingProxyType(
        {
            action.replace(".", "_"): bool(
                may(
                    actor=actor,
                    action=action,
                    homes=reviewing if action.startswith("doubts.") else paying,
                )
            )
            for action in ELSEWHERE
        }
    )


def viewer_of(*, user: models.User) -> Viewer:
    """Return a person as viewer."""
    return Viewer(
        id=user.id,
        name=user.name,
        username=user.username,
        role=user.role,
        department=user.department_id,
        language=user.language,
        parties=parties_of(party=user.party_id) if user.party_id else frozenset(),
        hidden=_hidden(person=user.id),
        extension=user.extension,
    )


def _hidden(*, person: int) -> frozenset[UUID] | None:
    """Return what :func:`apart` leaves out, asked once for all queries of a page."""
    rows = models.ConductFile.objects.filter(complaint__isnull=False).values_list(
        "complaint_id", "complaint__assignee_id", "employee_id",
        "recorded_by_id", "superior_id", "administration_id",
    )[: _FEW + 1]  # fmt: skip
    found = list(rows)
    if len(found) > _FEW:
        return None
    with_part = {row[0] for row in found if person == row[1] or person in row[3:]}
    about_him = {row[0] for row in found if row[2] == person}
    return frozenset(row[0] for row in found) - with_part | frozenset(about_him)


def parties_of(*, party: str) -> frozenset[str]:
    """Return the parties that people of a party speak for: itself and its couriers.

    One that is out of use still answers for what was claimed before.
    """
    rows = models.Party.objects.filter(Q(code=party) | Q(parent_id=party, kind="courier"))
    return frozenset(rows.values_list("code", flat=True))


def viewer_named(*, username: str) -> Viewer | None:
    """Return an active person by his login name, None when there is none."""
    user = models.User.objects.filter(username__iexact=username, is_active=True).first()
    return viewer_of(user=user) if user else None


def visible(*, viewer: Viewer) -> Q:
    """Return the filter of complaints that the viewer may see."""
    return _reach(actor=viewer.actor) & apart(viewer=viewer)


def on_visible(
    *, viewer: Viewer, column: str = "complaint_id", deputised: Iterable[Actor] = ()
) -> Q:
    """Return the filter of rows whose complaint, named by a column, the viewer may see.

    Asked row by row: as a list of all visible complaints it would read every one of them.
    ``deputised`` adds what those see for whom the viewer decides, but nothing kept apart from him.
    """
    reach = _reach(actor=viewer.actor)
    for absent in deputised:
        other = _reach(actor=absent)
        reach = reach | other if reach and other else Q()
    reach &= apart(viewer=viewer)
    if not reach:
        return reach
    return Q(Exists(models.Complaint.objects.filter(reach, id=OuterRef(column))))


def apart(*, viewer: Viewer) -> Q:
    """Return the filter that leaves out complaints kept apart from the viewer.

    One with a file on service attitude is seen only by those with a part in the file and by who
    handles the complaint, and never by the employee concerned.
    """
    if viewer.hidden is not None:
        return ~Q(id__in=viewer.hidden) if viewer.hidden else Q()
    files = models.ConductFile.objects.filter(complaint__isnull=False)
    part = Q(recorded_by=viewer.id) | Q(superior=viewer.id) | Q(administration=viewer.id)
    own = Q(assignee_id=viewer.id) | Q(id__in=files.filter(part).values("complaint_id"))
    return ~Q(id__in=about(viewer=viewer)) & (~Q(id__in=files.values("complaint_id")) | own)


def about(*, viewer: Viewer) -> QuerySet[Any, Any]:
    """Return the ids of complaints about the viewer himself."""
    files = models.ConductFile.objects.filter(employee=viewer.id, complaint__isnull=False)
    return files.values("complaint_id")


def _reach(*, actor: Actor) -> Q:
    reach = scope(actor=actor)
    if reach.everything:
        return Q()
    filter_ = Q(assignee_id=reach.person)
    if reach.department:
        filter_ |= Q(department_id=reach.department)
    return filter_

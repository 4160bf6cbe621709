"""What rooms need to know of the company: its playbook, its people, their load."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.db.models import Count

from huiyin.core.assignment import Person
from huiyin.core.playbook import Playbook, load_playbook
from huiyin.store import models
from huiyin.store.read import accounts


class CannotFindCompany(LookupError):
    """No company has been set up yet: open the first-run page."""


@lru_cache(maxsize=16)
def _parsed(version_id: str) -> Playbook:
    row = models.PlaybookVersion.objects.get(version_id=version_id)
    return load_playbook(text=row.text, adopted=True)


def playbook(*, version_id: str) -> Playbook:
    """Return a playbook version that this installation has worked under."""
    return _parsed(version_id)


def rank_at(*, level: int, playbook_version: str) -> str:
    """Return the rank that handles a complaint at a level, "" where any may."""
    if not level:
        return ""
    return playbook(version_id=playbook_version).survey.rank_at(level=level)


_KEPT_SECONDS = 5.0
_kept: dict[str, tuple[float, models.Company]] = {}


def company() -> models.Company:
    """Return the company, at most five seconds old. Raises CannotFindCompany before first run."""
    place = str(connection.settings_dict["NAME"])
    known = _kept.get(place)
    if known and time.monotonic() - known[0] < _KEPT_SECONDS:
        return known[1]
    row = models.Company.objects.select_related("playbook").filter(id=1).first()
    if row is None:
        raise CannotFindCompany("no company yet; open /desk/first-run")
    _kept[place] = (time.monotonic(), row)
    return row


def forget() -> None:
    """Forget what is kept of the company (tests, a company just founded)."""
    _kept.clear()


def paying() -> frozenset[str]:
    """Return the departments whose own work paying out is."""
    return frozenset(current_playbook().settlement.paid_by)


def company_exists() -> bool:
    """Tell whether the first run is done."""
    return models.Company.objects.filter(id=1).exists()


def current_playbook() -> Playbook:
    """Return the playbook in force."""
    return _parsed(company().playbook.version_id)


def people() -> tuple[Person, ...]:
    """Return everybody who may handle complaints."""
    active = models.User.objects.filter(is_active=True, party=None).order_by("id")
    return tuple(
        Person(
            id=id,
            name=name,
            role=role,
            department=department,
            team=team,
            skills=frozenset(skills),
            regions=frozenset(regions),
            shifts=tuple(shifts),
            capacity=capacity,
        )
        for id, name, role, department, team, skills, regions, shifts, capacity in (
            active.values_list(
                "id", "name", "role", "department_id", "team_id", "skills", "regions", "shifts",
                "capacity",
            )
        )
    )  # fmt: skip


def load() -> Mapping[int, int]:
    """Return how many complaints each person carries that are neither resolved nor ended."""
    rows = models.Tally.objects.filter(name__gte="load:", name__lt="load;")
    return {int(name[5:]): value for name, value in rows.values_list("name", "value")}


def load_recounted() -> Mapping[int, int]:
    """Return the same counted from the rows themselves: slow, for ``huiyin verify``."""
    rows = models.Complaint.objects.filter(live=True, assignee__isnull=False)
    return dict(rows.exclude(status="resolved").values_list("assignee_id").annotate(n=Count("id")))


def own_addresses() -> frozenset[str]:
    """Return the mail addresses that are ours: mail from them is an echo."""
    own = settings.HUIYIN
    given = [own.smtp_from, own.imap_user, own.mail_bounce_to]
    for account in accounts.known().values():
        if account.code == "email":
            given += [str(account.settings.get(n, "")) for n in ("sender", "user", "bounce_to")]
    return frozenset(a for a in (parseaddr(g)[1].lower() for g in given) if "@" in a)

"""Writing of what hangs on no complaint: company, people, saved views, signs of life."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from huiyin.core.knowledge import shipped_articles
from huiyin.core.playbook import Playbook
from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.ledger import knowledge


def found_company(*, now: datetime, name: str, playbook: Playbook, text: str) -> None:
    """Create the company, its playbook version, departments, teams and first articles; once."""
    with transaction.atomic():
        version = adopt_playbook(now=now, playbook=playbook, text=text)
        models.Company.objects.get_or_create(
            id=1, defaults={"name": name, "playbook": version, "created_at": now}
        )
        knowledge.add_shipped(now=now, articles=shipped_articles())


def adopt_playbook(*, now: datetime, playbook: Playbook, text: str) -> models.PlaybookVersion:
    """Store a playbook version and its departments and teams; known ones stay as they are."""
    version, _created = models.PlaybookVersion.objects.get_or_create(
        version_id=playbook.version_id,
        defaults={"key": playbook.key, "text": text, "created_at": now},
    )
    models.Department.objects.bulk_create(
        [
            models.Department(
                code=department.code,
                name_zh=department.name.zh,
                name_en=department.name.en,
                position=position,
            )
            for position, department in enumerate(playbook.departments)
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name_zh", "name_en", "position"],
    )
    models.Team.objects.bulk_create(
        [
            models.Team(
                code=team.code,
                department_id=department.code,
                name_zh=team.name.zh,
                name_en=team.name.en,
            )
            for department in playbook.departments
            for team in department.teams
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["department", "name_zh", "name_en"],
    )
    return version


def add_person(
    *,
    now: datetime,
    username: str,
    name: str,
    role: str,
    password: str,
    department: str | None = None,
    team: str | None = None,
    skills: Sequence[str] = (),
    regions: Sequence[str] = (),
    shifts: Sequence[dict[str, Any]] = (),
    capacity: int = 40,
    email: str = "",
    party: str | None = None,
    extension: str = "",
) -> int:
    """Create a member of staff; returns the id."""
    return models.User.objects.create(
        username=username,
        name=name,
        role=role,
        password=make_password(password),
        department_id=department,
        team_id=team,
        party_id=party,
        skills=list(skills),
        regions=list(regions),
        shifts=list(shifts),
        capacity=capacity,
        email=email,
        extension=extension,
        created_at=now,
    ).id


def change_person(*, id: int, **changes: Any) -> None:
    """Change a member of staff; a ``password`` is hashed."""
    if "password" in changes:
        changes["password"] = make_password(changes["password"])
    models.User.objects.filter(id=id).update(**changes)


def issue_token(*, now: datetime, user_id: int, name: str) -> str:
    """Create a bearer token and return it; only its hash is kept."""
    token = "hy_" + secrets.token_urlsafe(32)
    models.ApiToken.objects.create(
        name=name,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        user_id=user_id,
        created_at=now,
    )
    return token


def revoke_token(*, now: datetime, id: int) -> bool:
    """Take a bearer token back; False where none of this id is in force."""
    in_force = models.ApiToken.objects.filter(id=id, revoked_at=None)
    return bool(in_force.update(revoked_at=now))


def save_view(*, user_id: int, name: str, query: str) -> None:
    """Keep a filter of the queue under a name."""
    models.SavedView.objects.update_or_create(user_id=user_id, name=name, defaults={"query": query})


def sign_of_life(*, name: str, now: datetime, note: str) -> None:
    """Record that a worker lives."""
    models.Worker.objects.update_or_create(name=name, defaults={"seen_at": now, "note": note})


def record_export(*, what: str, rows: int, user_id: int, now: datetime) -> None:
    """Record who took which list out of the house."""
    models.Export.objects.create(id=new_id(now=now), what=what, rows=rows, by_id=user_id, at=now)

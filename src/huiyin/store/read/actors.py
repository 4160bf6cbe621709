"""Who did something, by name."""

from __future__ import annotations

import time
from typing import Any, Final

from django.db.models.signals import post_save
from django.utils.translation import gettext as _

from huiyin.store import models

KEPT: Final = 30.0
"""Seconds after which names are asked anew: another process may have changed one."""
_names: dict[int, str] = {}
_asked_at = 0.0


def actor_name(actor: str) -> str:
    """Return who did something, by name; kept, so that a page asks once for each person."""
    if actor == "customer":
        return _("客户")
    if actor == "system":
        return _("系统")
    if actor.startswith("user:"):
        return _person(int(actor[5:]))
    return actor.removeprefix("program:")


_HANDLING = ("agent", "handler", "supervisor", "manager")


def names_of_people() -> list[tuple[int, str, str | None]]:
    """Return id, name and department of everybody who may handle complaints."""
    rows = models.User.objects.filter(is_active=True, party=None, role__in=_HANDLING).order_by("id")
    return list(rows.values_list("id", "name", "department_id"))


def _person(id: int) -> str:
    global _asked_at
    now = time.monotonic()
    if now - _asked_at > KEPT:
        _names.clear()
        _asked_at = now
    if id not in _names:
        found = models.User.objects.filter(id=id).values_list("name", flat=True).first()
        _names[id] = found or ""
    return _names[id]


def _forget(**_saved: Any) -> None:
    _names.clear()


post_save.connect(_forget, sender=models.User, dispatch_uid="names of actors")

"""Who did something, by name."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huiyin.store import models

_people_names: dict[int, str] = {}


def actor_name(actor: str) -> str:
    """Return who did something, by name; kept, so that a page asks once for each person."""
    if actor == "customer":
        return _("客户")
    if actor == "system":
        return _("系统")
    if actor.startswith("user:"):
        person = int(actor[5:])
        if person not in _people_names:
            _people_names[person] = (
                models.User.objects.filter(id=person).values_list("name", flat=True).first() or ""
            )
        return _people_names[person]
    return actor.removeprefix("program:")

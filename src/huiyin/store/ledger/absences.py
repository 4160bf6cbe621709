"""Absences and deputies."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from huiyin.store import models
from huiyin.store.ids import new_id


class CannotBeAway(ValueError):
    """The absence is incomplete; ``zh`` and ``en`` say what is wrong."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def add(
    *, now: datetime, person: int, deputy: int | None, first: date | None, last: date | None
) -> UUID:
    """Write down a person's absence and his deputy; returns its id. Raises CannotBeAway."""
    if first is None or last is None or last < first:
        raise CannotBeAway(
            zh="请填写起止日期，结束不早于开始", en="give the first and the last day in order"
        )
    if (last - first).days > 366:
        raise CannotBeAway(zh="一次最长一年", en="a year at most")
    if (
        deputy is None
        or deputy == person
        or not models.User.objects.filter(id=deputy, is_active=True, party=None).exists()
    ):
        raise CannotBeAway(
            zh="请选择代您审批的同事", en="choose the colleague who decides in your place"
        )
    row = models.Absence.objects.create(
        id=new_id(now=now),
        person_id=person,
        deputy_id=deputy,
        first=first,
        last=last,
        created_at=now,
        created_by_id=person,
    )
    return row.id


def end(*, id: UUID, person: int) -> bool:
    """Take a person's own absence back. Returns whether there was one."""
    return models.Absence.objects.filter(id=id, person_id=person).delete()[0] > 0

"""Who has which part in a file: the superior who answers, the manager to whom it is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huiyin.core.conduct.machine import CannotHear

_RANK: dict[str, int] = {
    "outlet": 0, "agent": 0, "handler": 0, "process_owner": 1, "supervisor": 1, "manager": 2,
    "administrator": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Colleague:
    """An active member of staff as far as ranks go."""

    id: int
    role: str
    department: str | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Who may answer and who may be reported to, the fittest first."""

    superiors: tuple[int, ...]
    administration: tuple[int, ...]


def parts(
    *,
    employee: int,
    people: Sequence[Colleague],
    report_to: str | None,
    superior: int | None = None,
    complainant: int | None = None,
) -> Parts:
    """Return who may take part in a file about ``employee``.

    A superior ranks above the employee; of his own department first, then the lowest rank. The
    manager is one of the department ``report_to`` first. Nobody has two parts, and neither the
    employee nor a colleague who complains (``complainant``) has either. With ``superior`` given,
    the managers are those that remain. Raises CannotHear when there is nobody.
    """
    known = {p.id: p for p in people}
    about = known.get(employee)
    if about is None:
        raise CannotHear(zh="请选择在职的当事人", en="choose an active colleague")
    free = [p for p in people if p.id not in {employee, complainant}]
    rank = _RANK.get(about.role, 0)
    above = sorted(
        (p for p in free if _RANK.get(p.role, 0) > rank and p.role != "process_owner"),
        key=lambda p: (p.department != about.department, _RANK[p.role], p.id),
    )
    # Above the highest rank there is nobody: another of it answers then, or a manager.
    highest = [p for p in free if p.role in {"administrator", "manager"}]
    superiors = above or sorted(highest, key=lambda p: (-_RANK[p.role], p.id))
    if not superiors:
        raise CannotHear(
            zh="没有职级高于当事人的同事，请先在“人员”里添加",
            en="nobody ranks above the employee: add somebody first",
        )
    chosen = superior if superior is not None else superiors[0].id
    if chosen not in {p.id for p in superiors}:
        raise CannotHear(
            zh="请选择当事人的上级；当事人和投诉人本人不能处理",
            en="choose a superior of the employee; neither he nor the complainant handles it",
        )
    managers = sorted(
        (p for p in free if p.role in {"manager", "administrator"} and p.id != chosen),
        key=lambda p: (
            p.role != "manager", report_to is not None and p.department != report_to, p.id,
        ),
    )  # fmt: skip
    if not managers:
        raise CannotHear(
            zh="没有可以上报的行政经理（不能是当事人、投诉人或答复的上级）",
            en="there is no manager to report to, other than those who take part already",
        )
    return Parts(
        superiors=tuple(p.id for p in superiors), administration=tuple(p.id for p in managers)
    )

"""Whose authority a batch of remedies needs: each amount and the sum of all.

The sum counts against the limit per day: what somebody may grant in a day is what a batch of his
may come to. Above it somebody else releases the batch, never the one who made it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huiyin.core.access import ON_BULK, OTHERS, ROLE_NAMES, Actor
from huiyin.core.because import Reason
from huiyin.core.remedy.authority import Capacity, Ladder, Limits, Ruling
from huiyin.core.remedy.steps import yuan


class CannotRelease(PermissionError):
    """The batch is not his to release; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(zh)


def _broken(
    *, limits: Limits | None, largest: int, total: int, today: int
) -> tuple[str, int] | None:
    if total == 0:
        return None
    if limits is None:
        return "case", 0
    if limits.per_case is not None and largest > limits.per_case:
        return "case", limits.per_case
    if limits.per_day is not None and today + total > limits.per_day:
        return "day", limits.per_day
    return None


def _rank(*, ladder: Ladder, largest: int, total: int) -> str | None:
    for role, limits in ladder.items():
        if OTHERS in ON_BULK["release"].get(role, ()) and not _broken(
            limits=limits, largest=largest, total=total, today=0
        ):
            return role
    return None


def reach(*, actor: Actor, amounts: Sequence[int], ladder: Ladder, today: int) -> Ruling:
    """Decide whether a batch stands by the authority of one person; ``today`` he granted before.

    All sums in 分.
    """
    total, largest = sum(amounts), max(amounts, default=0)
    broken = _broken(limits=ladder.get(actor.role), largest=largest, total=total, today=today)
    if broken is None:
        return Ruling(
            ok=True,
            owner=actor,
            because=Reason(
                rule="bulk.within",
                zh=f"合计 ¥{yuan(total)}，每笔和合计都在额度内" if total else "不涉及金额",
                en=f"¥{yuan(total)} in all: each and the sum are within the authority"
                if total
                else "carries no money",
                words=(yuan(total),),
            ),
        )
    name, limit = broken
    ask = _rank(ladder=ladder, largest=largest, total=total)
    role = ROLE_NAMES.get(actor.role, (actor.role,) * 2)
    higher = ROLE_NAMES.get(ask or "", ("上一级", "the next rank"))
    zh = f"最大一笔 ¥{yuan(largest)} 超出{role[0]}每件额度 ¥{yuan(limit)}"
    en = f"the largest, ¥{yuan(largest)}, is above the {role[1].lower()}'s limit per case"
    if name == "day":
        zh = f"合计 ¥{yuan(total)} 超出{role[0]}每日额度 ¥{yuan(limit)}"
        zh += f"（今天已用 ¥{yuan(today)}）" if today else ""
        en = f"the sum of ¥{yuan(total)} is above the {role[1].lower()}'s limit per day"
    return Ruling(
        ok=False,
        owner=None,
        because=Reason(
            rule=f"bulk.{name}",
            zh=f"{zh}，需要{higher[0]}放行",
            en=f"{en} of ¥{yuan(limit)}: needs {higher[1].lower()}",
            words=(yuan(largest if name == "case" else total), yuan(limit)),
        ),
        ask=ask,
    )


def release(
    *,
    actor: Actor,
    made_by: int,
    usable: Sequence[Capacity],
    amounts: Sequence[int],
    ladder: Ladder,
    today: Mapping[int, int],
) -> Ruling:
    """Decide whether a person may release a batch that somebody else made.

    ``usable`` are the authorities he may use (his own, and those he deputises for), ``today`` what
    each granted today, 分. Raises CannotRelease.
    """
    if actor.id == made_by:
        raise CannotRelease(
            zh="不能放行自己发起的批次，请别人放行", en="nobody releases a batch he made himself"
        )
    refused: Ruling | None = None
    for capacity in usable:
        owner = capacity.owner
        if owner.id == made_by or OTHERS not in ON_BULK["release"].get(owner.role, ()):
            continue
        ruling = reach(actor=owner, amounts=amounts, ladder=ladder, today=today.get(owner.id, 0))
        if ruling.ok:
            return ruling
        refused = refused or ruling
    if refused is None:
        raise CannotRelease(zh="您的角色不能放行批次", en="your role may not release batches")
    raise CannotRelease(zh=refused.because.zh, en=refused.because.en)
